//! Sending due notices, one process at a time.
use super::pace::Pace;
use super::store::{self, Row};
use super::{Sender, Sent};
use crate::base::{ChatId, Clock, Fault, SECOND, Time, task};
use crate::db::Db;
use crate::queue::inbox::words;
use crate::queue::{AlarmHook, CancellationToken, Lease, Owner, STOP_GRACE, log_alarms};
use futures::FutureExt;
use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// How many notices are taken at a time: about a second's worth.
const BATCH: usize = 25;
/// How many sends may be under way.
const AT_ONCE: usize = 64;
const NAP_MS: i64 = 500;
const NAP: Duration = Duration::from_millis(NAP_MS.unsigned_abs());

/// Sends notices as they become due.
pub struct Pacer<S> {
    inner: Arc<Inner<S>>,
    lease: Lease,
}

struct Inner<S> {
    db: Db,
    clock: Clock,
    owner: Owner,
    sender: S,
    on_alarm: AlarmHook,
    state: Mutex<State>,
    landed: Notify,
}

#[derive(Default)]
struct State {
    pace: Pace,
    /// Taken, and waiting for their turn; never two of one chat.
    taken: VecDeque<Row>,
    /// On their way.
    going: HashSet<i64>,
}

impl State {
    fn in_hand(&self) -> Vec<i64> {
        self.taken.iter().map(|row| row.id).chain(self.going.iter().copied()).collect()
    }
}

impl<S: Sender> Pacer<S> {
    pub fn new(db: Db, clock: Clock, owner: Owner, sender: S) -> Self {
        let lease = Lease::new(db.clone(), clock.clone(), owner.clone(), "outbox");
        let (state, landed) = (Mutex::default(), Notify::new());
        Self { inner: Arc::new(Inner { db, clock, owner, sender, on_alarm: log_alarms(), state, landed }), lease }
    }

    /// Who hears of notices that were dropped. To be called before anything is sent.
    #[must_use]
    pub fn on_alarm(mut self, hook: AlarmHook) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.on_alarm = hook;
        }
        self
    }

    /// Sends until told to stop, while this process is the one that may.
    pub async fn run(&self, shutdown: CancellationToken) {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let wake = self.inner.db.outbox_wake();
        let mut beat = tokio::time::interval(Lease::BEAT);
        let mut ours = false;
        loop {
            let nap = if ours { self.step(&slots).await } else { self.put_back().await };
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = beat.tick() => ours = self.may_send().await,
                () = wake.notified() => {}
                () = self.inner.landed.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        if tokio::time::timeout(STOP_GRACE, self.inner.all_landed()).await.is_err() {
            tracing::warn!("some notices were not answered in time; they will be sent again");
        }
        let going: Vec<i64> = self.inner.lock().going.drain().collect();
        if let Err(fault) = store::release(&self.inner.db, &self.inner.owner, going).await {
            tracing::error!(error = %fault, "giving back notices on their way failed; they wait for their lease to end");
        }
        self.put_back().await;
        if let Err(fault) = self.lease.release().await {
            tracing::error!(error = %fault, "giving back the right to send notices failed");
        }
    }

    /// Gives back what was taken and not begun: its lease would end before its turn comes.
    async fn put_back(&self) -> Duration {
        let taken: Vec<i64> = self.inner.lock().taken.drain(..).map(|row| row.id).collect();
        if let Err(fault) = store::release(&self.inner.db, &self.inner.owner, taken).await {
            tracing::error!(error = %fault, "giving back notices failed; they wait for their lease to end");
        }
        Lease::BEAT
    }

    async fn may_send(&self) -> bool {
        self.lease.hold().await.unwrap_or_else(|fault| {
            tracing::error!(error = %fault, "asking for the right to send notices failed");
            false
        })
    }

    /// Starts what may go now; says how long nothing may.
    async fn step(&self, slots: &Arc<Semaphore>) -> Duration {
        match self.turn().await {
            Ok((rows, next)) => {
                for row in rows {
                    let (inner, slots) = (Arc::clone(&self.inner), Arc::clone(slots));
                    task::spawn("notice", async move {
                        let _slot = slots.acquire_owned().await;
                        inner.one(row).await;
                        inner.landed.notify_one();
                    });
                }
                let now = self.inner.clock.now();
                next.map_or(NAP, |at| Duration::from_millis(u64::try_from(at.since(now)).unwrap_or_default()).min(NAP))
            }
            Err(fault) => {
                tracing::error!(error = %fault, "taking notices failed");
                Duration::from_secs(2)
            }
        }
    }

    /// What goes at this moment, and when to look again.
    async fn turn(&self) -> Result<(Vec<Row>, Option<Time>), Fault> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let (free_at, empty, resting) = {
            let mut state = inner.lock();
            (state.pace.free_at(), state.taken.is_empty(), state.pace.resting(now))
        };
        if free_at > now {
            if free_at.since(now) > 5 * SECOND {
                self.put_back().await;
            }
            return Ok((Vec::new(), Some(free_at)));
        }
        let in_hand = inner.lock().in_hand();
        store::rescue(&inner.db, &inner.owner, now, in_hand).await?;
        if empty {
            match store::next_due(&inner.db, now.after(NAP_MS)).await? {
                Some(at) if at <= now => {
                    let rows = store::claim(&inner.db, &inner.owner, (now, BATCH), resting).await?;
                    inner.lock().taken.extend(rows);
                }
                next => return Ok((Vec::new(), next)),
            }
        }
        let mut state = inner.lock();
        let mut rows = Vec::new();
        while state.pace.free_at() <= now {
            let Some(row) = state.taken.pop_front() else { break };
            state.pace.went(ChatId(row.chat), now);
            state.going.insert(row.id);
            rows.push(row);
        }
        // Due, but all its chats rest: look again soon.
        let next = if state.taken.is_empty() { now.after(100) } else { state.pace.free_at() };
        Ok((rows, Some(next)))
    }

    /// Sends what may go at this moment at our pace, and waits for the answers; says how many. For tests with a stopped clock.
    pub async fn beat(&self) -> Result<usize, Fault> {
        let (rows, _) = self.turn().await?;
        let count = rows.len();
        for row in rows {
            self.inner.one(row).await;
        }
        Ok(count)
    }

    /// Sends everything that is due now, in order, without a pause; says how many went. For tests.
    pub async fn run_due(&self) -> Result<usize, Fault> {
        let inner = &self.inner;
        let mut count = 0;
        loop {
            let now = inner.clock.now();
            store::rescue(&inner.db, &inner.owner, now, Vec::new()).await?;
            let rows = store::claim(&inner.db, &inner.owner, (now, BATCH), Vec::new()).await?;
            if rows.is_empty() {
                return Ok(count);
            }
            for row in rows {
                inner.one(row).await;
                count += 1;
            }
        }
    }
}

impl<S: Sender> Inner<S> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for those on their way; of one that begins only now, too.
    async fn all_landed(&self) {
        while !self.lock().going.is_empty() {
            self.landed.notified().await;
        }
    }

    /// Sends one notice and records what became of it.
    async fn one(&self, row: Row) {
        let chat = ChatId(row.chat);
        let began = self.clock.now();
        let sent = match serde_json::from_str(&row.body) {
            Ok(body) => AssertUnwindSafe(self.sender.send(chat, body))
                .catch_unwind()
                .await
                .unwrap_or_else(|panic| Sent::Refused { why: format!("panic: {}", words(&*panic)) }),
            Err(error) => Sent::Refused { why: format!("the body cannot be read: {error}") },
        };
        let now = self.clock.now();
        metrics::counter!("souk_notices", "outcome" => word(&sent)).increment(1);
        let flooded = match &sent {
            Sent::Later { seconds } => {
                self.lock().pace.flood(chat, now.after(i64::from(*seconds) * SECOND));
                true
            }
            _ => false,
        };
        // What Telegram has accepted must be recorded, or it would be sent again.
        while let Err(fault) = store::record(&self.db, row.clone(), sent.clone(), now, Arc::clone(&self.on_alarm)).await {
            tracing::error!(notice.id = row.id, error = %fault, "recording a notice failed; trying again");
            tokio::time::sleep(NAP).await;
        }
        let mut state = self.lock();
        state.going.remove(&row.id);
        if !flooded {
            state.pace.landed(chat, began);
        }
    }
}

fn word(sent: &Sent) -> &'static str {
    match sent {
        Sent::Ok { .. } => "sent",
        Sent::Gone => "gone",
        Sent::Moot => "moot",
        Sent::Later { .. } => "later",
        Sent::Moved { .. } => "moved",
        Sent::Refused { .. } => "refused",
        Sent::Down { .. } => "down",
        Sent::Unknown { .. } => "unknown",
    }
}
