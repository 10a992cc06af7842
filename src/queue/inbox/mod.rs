//! What came in: raw updates, on disk before they are acknowledged.
//!
//! What always holds: an update is stored once, whatever the number of deliveries; the updates of one lane (a person, else a
//! chat) are handled one after another in the order of their ids, never two at once, whatever the number of processes;
//! lanes go on in parallel; a row whose process died is taken again. A mark is written up to a tenth of a second after the
//! handling, so a handler may see an update twice and must know its own work again. On PostgreSQL a handler is called while its
//! update is on its way to the disk: it may read and show what it read meanwhile, and writes nothing before [`Stored`] lets it. What
//! is away (the database, Telegram) costs an update nothing but time: it waits, first in its lane, until that is back, or as long as
//! it was told to wait.
//! It does not parse updates: a handler gets the raw JSON.
mod accept;
mod claim;
mod lanes;
mod marks;
mod peek;
mod stored;

use super::{AlarmHook, CancellationToken, Owner, reap};
use crate::base::{Clock, Fault, MINUTE, SECOND, Time, UpdateId, task};
use crate::db::{Db, scalar};
use futures::future::BoxFuture;
use lanes::Lanes;
use marks::Marks;
use sea_orm::ConnectionTrait;
use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{RwLock, oneshot};

pub use accept::accept;
pub use lanes::Crowd;
pub(super) use lanes::words;
pub use peek::Incoming;
pub use stored::Stored;

/// How long a silent process keeps its rows.
pub(super) const LEASE: i64 = 30 * SECOND;
/// How often a living one renews them.
const RENEW: Duration = Duration::from_secs(8);
/// How many times an update may fail by itself before it is set aside: with the pauses between, a minute and a half.
const TRIES: u32 = 6;
/// How many times it may fail because something else was away: with the pauses between, a day and more. An update that alone
/// finds Telegram broken must end too, for its person waits behind it.
const AWAY_TRIES: u32 = 1_440;
/// How many times its process may die while it is handled, and for how long at least that must go on. More than tries: a
/// process dies of other things too (a deploy, a power cut), and an update that waits for Telegram at that moment is innocent.
const DEATHS: i64 = 10;
const DEATHS_LAST: i64 = 5 * MINUTE;

/// An update that this process holds.
#[derive(Debug)]
pub struct Held {
    pub update: UpdateId,
    pub lane: i64,
    pub raw: String,
    /// How many times its process died while it was first in its lane.
    pub deaths: i64,
    pub received_at: Time,
    pub stored: Stored,
}

/// What is done with an update. It may be called again for an update that it has done already.
///
/// It is called while the update is on its way to the disk, so that a look at a menu does not wait for the disk. Nothing may be
/// written before `stored` says that it is there, and so nobody is told that something was done; what was only shown will be shown
/// again when the update could not be stored and comes again. Then the call's outcome counts for nothing.
pub trait Handle: Send + Sync + 'static {
    fn handle(&self, update: UpdateId, raw: &str, stored: &Stored) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Where intake and webhooks put updates: once this returns, they are on disk.
pub trait Accept: Send + Sync + 'static {
    fn accept(&self, updates: Vec<Incoming>) -> BoxFuture<'_, Result<(), Fault>>;
    /// Waits while too much is in hand already.
    fn room(&self) -> BoxFuture<'_, ()>;
}

/// Limits of one process.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many lanes at once.
    pub workers: usize,
    /// How many updates in memory.
    pub in_hand: usize,
    /// How long to wait before an update that failed is tried again; longer after each failure.
    pub retry: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { workers: 64, in_hand: 2_000, retry: Duration::from_millis(300) }
    }
}

/// The inbox of a process that handles updates.
pub struct Inbox<H: Handle> {
    db: Db,
    clock: Clock,
    owner: Owner,
    limits: Limits,
    on_alarm: AlarmHook,
    lanes: Lanes<H>,
    marks: Marks,
    /// Rows that the last renewal found under our name and not in memory.
    unknown: Mutex<HashSet<i64>>,
    /// Whoever puts rows under our name holds it open meanwhile; once it is shut, nobody does.
    door: Arc<RwLock<Door>>,
}

/// Whether rows may still be put under our name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Shut,
}

impl<H: Handle> Inbox<H> {
    /// Starts the workers; [`Inbox::run`] does the rest.
    pub fn new(db: &Db, clock: &Clock, owner: &Owner, on_alarm: AlarmHook, handler: H) -> Self {
        Self::with_limits((db, clock, owner), on_alarm, handler, Limits::default())
    }

    pub fn with_limits((db, clock, owner): (&Db, &Clock, &Owner), on_alarm: AlarmHook, handler: H, limits: Limits) -> Self {
        let marks = Marks::start(db.clone(), clock.clone(), Arc::clone(&on_alarm));
        let lanes = Lanes::new(handler, marks.clone(), limits.clone());
        Self {
            db: db.clone(),
            clock: clock.clone(),
            owner: owner.clone(),
            limits,
            on_alarm,
            lanes,
            marks,
            unknown: Mutex::default(),
            door: Arc::new(RwLock::new(Door::Open)),
        }
    }

    /// How many updates are in memory, waiting or being handled.
    pub fn in_hand(&self) -> usize {
        self.lanes.in_hand()
    }

    /// Says whether many wait for their answers here.
    pub fn crowd(&self) -> Crowd {
        self.lanes.crowd()
    }

    /// Takes what other processes stored or left behind, as far as there is room; says how many rows.
    pub async fn claim(&self) -> Result<usize, Fault> {
        let door = self.door.read().await;
        if *door == Door::Shut {
            return Ok(0);
        }
        let room = self.limits.in_hand.saturating_sub(self.in_hand()).min(500);
        if room == 0 {
            return Ok(0);
        }
        let now = self.clock.now();
        let claimed = claim::claim(&self.db, &self.owner, now, room).await?;
        let count = claimed.len();
        let is_poison = |held: &Held| held.deaths >= DEATHS && now.since(held.received_at) >= DEATHS_LAST;
        let (poison, good): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_poison);
        if !poison.is_empty() {
            let why = "the process died each time it was handled";
            let failed = poison.into_iter().map(|held| (held.update, why.to_owned())).collect();
            claim::finish(&self.db, (Vec::new(), failed), self.clock.now(), Arc::clone(&self.on_alarm)).await?;
        }
        self.lanes.push(good);
        Ok(count)
    }

    /// Says that this process lives; lets go of rows that another has taken meanwhile, and of rows that bear its name though
    /// it does not know them: a commit whose answer was lost.
    pub async fn renew(&self) -> Result<(), Fault> {
        let known = self.lanes.known();
        let ours = claim::renew(&self.db, &self.owner, self.clock.now()).await?;
        let lost: Vec<i64> = known.waiting.difference(&ours).copied().collect();
        if !lost.is_empty() {
            tracing::warn!(updates = lost.len(), "another process has taken updates that waited here");
            self.lanes.forget(&lost);
        }
        // A row may be on its way into memory, or its mark on the way out: only what is unknown twice in a row is lost.
        let unknown: HashSet<i64> =
            ours.into_iter().filter(|update| !known.waiting.contains(update) && !known.busy.contains(update)).collect();
        let before = std::mem::replace(&mut *self.unknown.lock().unwrap_or_else(PoisonError::into_inner), unknown.clone());
        let strays: Vec<i64> = unknown.intersection(&before).copied().collect();
        if !strays.is_empty() {
            tracing::warn!(updates = strays.len(), "giving back updates that bear our name and are not here");
            claim::release(&self.db, &self.owner, Some(strays)).await?;
        }
        Ok(())
    }

    /// Renews, claims and frees what dead processes held, until told to stop.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut renew = tokio::time::interval(RENEW);
        let mut pause = Duration::from_millis(1);
        let mut rounds: u32 = 0;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = renew.tick() => report("renewing the updates in hand", self.renew().await),
                () = tokio::time::sleep(pause) => {
                    if rounds.is_multiple_of(8) {
                        report("looking for dead processes", reap(&self.db, &self.owner).await.map(drop));
                    }
                    rounds = rounds.wrapping_add(1);
                    pause = match self.claim().await {
                        Ok(0) => (pause * 2).clamp(Duration::from_millis(25), Duration::from_millis(400)),
                        Ok(_) => Duration::from_millis(1),
                        Err(fault) => {
                            report("claiming updates", Err(fault));
                            Duration::from_secs(2)
                        }
                    };
                }
            }
        }
    }

    /// Waits until nothing is in hand and every mark is on disk.
    pub async fn settle(&self) {
        self.lanes.idle().await;
        self.marks.flush().await;
    }

    /// Lets what runs finish within `grace`, writes the marks, and gives the rest back.
    pub async fn stop(&self, grace: Duration) -> Result<(), Fault> {
        self.lanes.stop();
        if tokio::time::timeout(grace, self.lanes.quiet()).await.is_err() {
            tracing::warn!("some updates did not finish in time; they will be handled again");
        }
        self.marks.flush().await;
        // What is being claimed or stored under our name at this moment is given back too; what comes later is nobody's.
        *self.door.write().await = Door::Shut;
        claim::release(&self.db, &self.owner, None).await
    }
}

fn report(doing: &'static str, outcome: Result<(), Fault>) {
    if let Err(fault) = outcome {
        tracing::error!(error = %fault, "{doing} failed");
    }
}

impl<H: Handle> Accept for Inbox<H> {
    fn accept(&self, updates: Vec<Incoming>) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move {
            // What does not fit into memory is stored without an owner, and claimed when there is room.
            let owner = (self.in_hand() < self.limits.in_hand).then(|| self.owner.clone());
            let (db, lanes, now) = (self.db.clone(), self.lanes.clone(), self.clock.now());
            let (door, (done, wait)) = (Arc::clone(&self.door), oneshot::channel());
            // In a task of its own: when the caller goes away (a webhook that hangs up), what is stored is still handled.
            task::spawn("inbox accept", async move {
                let door = door.read().await;
                let owner = owner.filter(|_| *door == Door::Open);
                let stored = accept::store(&db, updates, (owner.as_ref(), now), |held| lanes.push(held)).await;
                let _gone = done.send(stored);
            });
            wait.await.unwrap_or_else(|_| Err(Fault::new("storing updates panicked")))
        })
    }

    fn room(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.lanes.below(self.limits.in_hand))
    }
}

/// The inbox of a process that only stores: another one handles.
pub struct Letterbox {
    db: Db,
    clock: Clock,
}

impl Letterbox {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }
}

impl Accept for Letterbox {
    fn accept(&self, updates: Vec<Incoming>) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move { accept(&self.db, updates, None, self.clock.now()).await.map(drop) })
    }

    fn room(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Whose turn an update was: a person, else a chat, else 0. `None` when it is not stored.
pub async fn lane_of(conn: &impl ConnectionTrait, update: UpdateId) -> Result<Option<i64>, Fault> {
    scalar(conn, "SELECT lane AS v FROM inbox WHERE update_id = $1", vec![update.into()]).await
}

/// Runs an inbox in the background.
pub fn spawn<H: Handle>(inbox: &Arc<Inbox<H>>, shutdown: CancellationToken) -> tokio::task::JoinHandle<()> {
    let inbox = Arc::clone(inbox);
    task::spawn("inbox", async move { inbox.run(shutdown).await })
}
