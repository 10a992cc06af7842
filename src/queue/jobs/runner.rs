//! Running due jobs.
use super::registry::{Kind, Registry};
use super::store::{self, End, Row};
use super::{Attempt, JobError, backoff};
use crate::base::{Clock, Fault, SECOND, Time, task};
use crate::db::Db;
use crate::queue::gather::Gather;
use crate::queue::inbox::{Crowd, words};
use crate::queue::{AlarmHook, CancellationToken, Owner, STOP_GRACE, log_alarms, reap};
use futures::FutureExt;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How many jobs one process runs at once.
const AT_ONCE: usize = 16;
/// How long to sleep at most: another process may have enqueued something.
const NAP_MS: i64 = 500;
const NAP: Duration = Duration::from_millis(NAP_MS.unsigned_abs());
/// From one claim to the next, so that one takes what several commits left, and fills the room that several jobs left: it costs
/// nearly the same for many as for one.
const PACE: Duration = Duration::from_millis(10);
/// How long jobs give way to a crowd that waits for its answers: a screen that stands still is seen by somebody, a job that begins
/// a moment later by nobody.
const GIVE_WAY: i64 = 2 * SECOND;
/// How soon to look whether the crowd is gone.
const LOOK: Duration = Duration::from_millis(20);
/// How soon to look whether a job ended and left room for others.
const ROOM: Duration = Duration::from_millis(2);
const RENEW: Duration = Duration::from_secs(15);
const REAP: Duration = Duration::from_secs(2);
/// How many times a process may die over a job before that is given up.
const DEATHS: i64 = 12;
/// How long a stop waits for the ends of jobs to be written.
const ENDS_GRACE: Duration = Duration::from_secs(1);

/// Runs the jobs of the kinds it knows.
pub struct Runner<C> {
    inner: Arc<Inner<C>>,
}

struct Inner<C> {
    db: Db,
    registry: Registry<C>,
    /// A list in SQL; empty when it knows none.
    kinds: String,
    app: C,
    clock: Clock,
    owner: Owner,
    on_alarm: AlarmHook,
    twice: bool,
    crowd: Option<Crowd>,
    /// The jobs in hand.
    running: Mutex<HashSet<i64>>,
}

/// What a turn is followed by.
enum Rest {
    /// So long, whoever wakes us.
    Short(Duration),
    /// At most so long: there is nothing to do.
    UntilWoken(Duration),
}

impl<C: Send + Sync + 'static> Runner<C> {
    /// `app` is what every job is given.
    pub fn new(db: Db, registry: Registry<C>, app: C, clock: Clock, owner: Owner) -> Self {
        let kinds = store::listed(registry.kinds());
        let (on_alarm, running) = (log_alarms(), Mutex::default());
        let inner = Inner { db, registry, kinds, app, clock, owner, on_alarm, twice: false, crowd: None, running };
        Self { inner: Arc::new(inner) }
    }

    /// Who hears of jobs that were given up. To be called before anything runs.
    #[must_use]
    pub fn on_alarm(mut self, hook: AlarmHook) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.on_alarm = hook;
        }
        self
    }

    /// Those whom jobs leave most of the machine to. To be called before anything runs.
    #[must_use]
    pub fn after(mut self, crowd: Option<Crowd>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.crowd = crowd;
        }
        self
    }

    /// Runs every job that went well a second time, as after a crash before its mark. For tests.
    #[must_use]
    pub fn twice(mut self) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.twice = true;
        }
        self
    }

    /// Runs jobs as they become due, until told to stop.
    pub async fn run(&self, shutdown: CancellationToken) {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let ends = self.gather_ends();
        let wake = self.inner.db.jobs_wake();
        let mut renew = tokio::time::interval(RENEW);
        let mut reaping = tokio::time::interval(REAP);
        loop {
            let rest = self.turn(&slots, &ends).await.unwrap_or_else(|fault| {
                tracing::error!(error = %fault, "claiming jobs failed");
                Rest::UntilWoken(Duration::from_secs(2))
            });
            let (pause, wakes) = match rest {
                Rest::Short(pause) => (pause, false),
                Rest::UntilWoken(pause) => (pause, true),
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = wake.notified(), if wakes => {}
                () = tokio::time::sleep(pause) => {}
                _ = reaping.tick() => {
                    if let Err(fault) = reap(&self.inner.db, &self.inner.owner).await {
                        tracing::error!(error = %fault, "looking for dead processes failed");
                    }
                    if let Err(fault) = self.inner.rescue().await {
                        tracing::error!(error = %fault, "taking up the jobs of dead processes failed");
                    }
                }
                _ = renew.tick() => {
                    if let Err(fault) = self.inner.renew().await {
                        tracing::error!(error = %fault, "renewing the running jobs failed");
                    }
                }
            }
        }
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        if tokio::time::timeout(STOP_GRACE, slots.acquire_many(all)).await.is_err() {
            tracing::warn!("some jobs did not finish in time; they will run again");
        }
        if tokio::time::timeout(ENDS_GRACE, ends.flush()).await.is_err() {
            tracing::warn!("the ends of some jobs could not be written in time; they will run again");
        }
        if let Err(fault) = store::release(&self.inner.db, &self.inner.owner).await {
            tracing::error!(error = %fault, "giving back the running jobs failed");
        }
    }

    /// Jobs go on to others while the ends of those before them gather for a write.
    fn gather_ends(&self) -> Gather<(Row, End)> {
        let inner = Arc::clone(&self.inner);
        Gather::start("job ends", move |ended| {
            let inner = Arc::clone(&inner);
            async move { inner.end_all(ended).await }
        })
    }

    /// Starts what is due and fits; says how long to rest.
    async fn turn(&self, slots: &Arc<Semaphore>, ends: &Gather<(Row, End)>) -> Result<Rest, Fault> {
        let inner = &self.inner;
        if inner.kinds.is_empty() {
            return Ok(Rest::UntilWoken(Duration::from_mins(1)));
        }
        let free = slots.available_permits();
        if free == 0 {
            return Ok(Rest::Short(ROOM));
        }
        let now = inner.clock.now();
        match store::next_due(&inner.db, &inner.kinds, now.after(NAP_MS)).await? {
            Some(at) if at <= now && inner.is_crowded() && now.since(at) < GIVE_WAY => return Ok(Rest::Short(LOOK)),
            Some(at) if at <= now => {}
            Some(at) => return Ok(Rest::UntilWoken(Duration::from_millis(u64::try_from(at.since(now)).unwrap_or_default()))),
            None => return Ok(Rest::UntilWoken(NAP)),
        }
        for row in inner.claim(now, free).await? {
            let Ok(slot) = Arc::clone(slots).acquire_owned().await else { break };
            let (inner, ends) = (Arc::clone(inner), ends.clone());
            task::spawn("job", async move {
                ends.put(inner.one(row).await);
                drop(slot);
            });
        }
        Ok(Rest::Short(PACE))
    }

    /// Runs everything that is due now, one after another, until nothing is; says how many. For tests.
    pub async fn run_due(&self) -> Result<usize, Fault> {
        let inner = &self.inner;
        let mut count = 0;
        if inner.kinds.is_empty() {
            return Ok(0);
        }
        loop {
            inner.rescue().await?;
            let rows = inner.claim(inner.clock.now(), AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(count);
            }
            for row in rows {
                let ended = inner.one(row).await;
                inner.end(ended).await;
                count += 1;
            }
        }
    }
}

impl<C: Send + Sync + 'static> Inner<C> {
    fn running(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_crowded(&self) -> bool {
        self.crowd.as_ref().is_some_and(Crowd::is_there)
    }

    async fn claim(&self, now: Time, most: usize) -> Result<Vec<Row>, Fault> {
        let rows = store::claim(&self.db, &self.kinds, &self.owner, (now, most)).await?;
        self.running().extend(rows.iter().map(|row| row.id));
        Ok(rows)
    }

    async fn renew(&self) -> Result<(), Fault> {
        let running = self.running().iter().copied().collect();
        store::renew(&self.db, &self.owner, self.clock.now(), running).await
    }

    async fn rescue(&self) -> Result<(), Fault> {
        let running = self.running().iter().copied().collect();
        store::rescue(&self.db, &self.owner, self.clock.now(), running).await
    }

    /// Runs a job to the end of this try; says how it ended, which is to be written.
    async fn one(&self, row: Row) -> (Row, End) {
        let end = match self.registry.get(&row.kind) {
            Some(kind) => self.tried(&*kind, &row).await,
            None => {
                End::Later { at: self.clock.now().after(backoff(1)), why: "unknown kind".to_owned(), free: true, stuck: false }
            }
        };
        let outcome = match &end {
            End::Done => "done",
            End::Later { .. } => "later",
            End::GivenUp { .. } => "given up",
        };
        metrics::counter!("souk_jobs", "kind" => row.kind.clone(), "outcome" => outcome).increment(1);
        let (id, kind) = (row.id, &row.kind);
        match &end {
            End::Done => tracing::debug!(job.id = id, job.kind = kind, "a job is done"),
            End::Later { why, .. } => tracing::warn!(job.id = id, job.kind = kind, why, "a job will be tried again"),
            End::GivenUp { why } => tracing::error!(job.id = id, job.kind = kind, why, "a job was given up"),
        }
        (row, end)
    }

    /// The common ends in one write, the others each by itself.
    async fn end_all(&self, ended: Vec<(Row, End)>) {
        let is_plain = |(row, end): &(Row, End)| matches!(end, End::Done) && row.line.is_none();
        let (plain, rest): (Vec<_>, Vec<_>) = ended.into_iter().partition(is_plain);
        let ids: Vec<i64> = plain.iter().map(|(row, _)| row.id).collect();
        while let Err(fault) = store::done_all(&self.db, &self.owner, ids.clone(), self.clock.now()).await {
            tracing::error!(jobs = ids.len(), error = %fault, "the ends of jobs could not be written; trying again");
            tokio::time::sleep(NAP).await;
        }
        self.running().retain(|id| !ids.contains(id));
        for ended in rest {
            self.end(ended).await;
        }
    }

    /// Writes how one ended.
    async fn end(&self, (row, end): (Row, End)) {
        let (id, kind) = (row.id, row.kind.clone());
        let written = store::end(&self.db, &self.owner, (row, end), self.clock.now(), Arc::clone(&self.on_alarm)).await;
        if let Err(fault) = written {
            tracing::error!(job.id = id, job.kind = kind, error = %fault, "a job's end could not be written; it will run again");
        }
        self.running().remove(&id);
    }

    async fn tried(&self, kind: &dyn Kind<C>, row: &Row) -> End {
        let tries = kind.tries();
        if row.tries() > tries || row.deaths >= DEATHS {
            // It took the process down each time, or the business could not be told.
            let why = row.error.clone().unwrap_or_else(|| "its process died each time".to_owned());
            return self.give_up(kind, row, why).await;
        }
        let mut outcome = self.run(kind, row).await;
        if self.twice && outcome.is_ok() {
            outcome = self.run(kind, row).await;
        }
        let now = self.clock.now();
        let end = match outcome {
            Ok(()) => End::Done,
            Err(JobError::Retry { why }) => store::after_failure(row, tries, now, why),
            Err(JobError::RetryAt { at, why }) => End::Later { at, why, free: true, stuck: false },
            Err(JobError::RetryIn { pause, why }) => {
                let at = now.after(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
                End::Later { at, why, free: true, stuck: false }
            }
            Err(JobError::GiveUp { why }) => End::GivenUp { why },
        };
        match end {
            End::GivenUp { why } => self.give_up(kind, row, why).await,
            other => other,
        }
    }

    async fn run(&self, kind: &dyn Kind<C>, row: &Row) -> Result<(), JobError> {
        let number = u32::try_from(row.tries()).unwrap_or(u32::MAX);
        let attempt = Attempt { job: row.id, number, now: self.clock.now() };
        match AssertUnwindSafe(kind.run(&row.payload, &self.app, attempt)).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(panic) => Err(JobError::Retry { why: format!("panic: {}", words(&*panic)) }),
        }
    }

    /// The row is given up only when the business was told; until then it is asked again.
    async fn give_up(&self, kind: &dyn Kind<C>, row: &Row, why: String) -> End {
        let told = AssertUnwindSafe(kind.gave_up(&row.payload, &self.app, &why)).catch_unwind().await;
        let failed = match told {
            Ok(Ok(())) => return End::GivenUp { why },
            Ok(Err(fault)) => fault.chain(),
            Err(panic) => format!("panic: {}", words(&*panic)),
        };
        tracing::error!(job.id = row.id, job.kind = row.kind, error = failed, "telling the business of a give-up failed");
        if row.tries() > kind.tries() + 8 {
            return End::GivenUp { why };
        }
        End::Later { at: later(self.clock.now()), why, free: false, stuck: false }
    }
}

fn later(now: Time) -> Time {
    now.after(backoff(3))
}
