//! The clock: cron lines, each a job for each slot of time.
//!
//! What always holds: a slot of a line is one job, whatever the number of processes that tick; after a pause the newest missed
//! slot is caught up, once; a line does not begin while its last run goes on or waits for another try; a line that does not end well in time is
//! found by [`late_lines`]; what a clock that was ahead wrote down stops nothing once it is set back. The scheduler below only ticks: what is due is decided here, from rows.
use super::CancellationToken;
use super::jobs::{self, New, Payload};
use crate::base::{Clock, Fault, MINUTE, Time};
use crate::db::{Db, Tx, execute, exists, query, scalar, submit, write_tx};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_cron_scheduler::{Job, JobScheduler};

/// The clocks of two machines may stand so far apart.
const APART: i64 = 5 * MINUTE;
/// After what stopped the clock of a process.
const PAUSE: Duration = Duration::from_secs(2);

type Make = Box<dyn Fn(Time) -> Result<String, Fault> + Send + Sync>;

/// A line of the timetable.
pub struct Line {
    name: &'static str,
    every: i64,
    phase: i64,
    kind: &'static str,
    make: Make,
}

impl Line {
    /// A job each `every` milliseconds; `make` is given the beginning of the slot.
    pub fn every<P: Payload>(name: &'static str, every: i64, make: impl Fn(Time) -> P + Send + Sync + 'static) -> Self {
        let make = move |slot| Ok(serde_json::to_string(&make(slot))?);
        Self { name, every: every.max(1), phase: 0, kind: P::KIND, make: Box::new(make) }
    }

    /// Slots begin so many milliseconds after the round ones: `every(DAY).at(3 * HOUR)` is 03:00 UTC.
    #[must_use]
    pub fn at(mut self, phase: i64) -> Self {
        self.phase = phase;
        self
    }

    /// Is this later than any clock that goes right can have written?
    fn is_ahead(&self, slot: i64, now: Time) -> bool {
        slot > now.after(self.every.max(APART)).0
    }

    fn slot(&self, now: Time) -> Time {
        now.after(-(now.0.saturating_sub(self.phase)).rem_euclid(self.every))
    }
}

/// All lines of this shop.
pub struct Timetable {
    db: Db,
    clock: Clock,
    lines: Vec<Line>,
}

#[derive(sea_orm::FromQueryResult)]
struct Beat {
    line: String,
    every_ms: i64,
    last_slot: i64,
    last_ok: i64,
    since: i64,
    alarmed_at: Option<i64>,
}

const BEATS: &str = "SELECT line, every_ms, last_slot, last_ok, since, alarmed_at FROM heartbeats";

impl Timetable {
    pub fn new(db: Db, clock: Clock, lines: Vec<Line>) -> Self {
        Self { db, clock, lines }
    }

    /// Enqueues what is due at `now`; says how many jobs that were.
    pub async fn tick(self: &Arc<Self>, now: Time) -> Result<usize, Fault> {
        let beats: HashMap<String, i64> =
            query::<Beat>(self.db.read(), BEATS, vec![]).await?.into_iter().map(|beat| (beat.line, beat.last_slot)).collect();
        let newer = |line: &Line| beats.get(line.name).is_none_or(|last| *last < line.slot(now).0 || line.is_ahead(*last, now));
        let due: Vec<usize> = (0..self.lines.len()).filter(|index| newer(&self.lines[*index])).collect();
        if due.is_empty() {
            return Ok(0);
        }
        let table = Arc::clone(self);
        write_tx(&self.db, move |tx| {
            Box::pin(async move {
                let mut count = 0;
                for index in due {
                    count += usize::from(begin(tx, &table.lines[index], now).await?);
                }
                Ok(count)
            })
        })
        .await
    }

    /// Ticks once a second until told to stop, whatever goes wrong meanwhile.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        while let Err(fault) = Arc::clone(&self).tick_until(&shutdown).await {
            tracing::error!(error = %fault, "the clock stopped; it is started again");
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    async fn tick_until(self: Arc<Self>, shutdown: &CancellationToken) -> Result<(), Fault> {
        self.forget_others().await?;
        let failed = |error| Fault::new(error).context("the cron scheduler");
        let mut scheduler = JobScheduler::new().await.map_err(failed)?;
        let busy = Arc::new(AtomicBool::new(false));
        let tick = Job::new_async("* * * * * *", move |_, _| {
            let (table, busy) = (Arc::clone(&self), Arc::clone(&busy));
            Box::pin(async move {
                if busy.swap(true, Ordering::AcqRel) {
                    return;
                }
                if let Err(fault) = table.tick(table.clock.now()).await {
                    tracing::error!(error = %fault, "a tick failed");
                }
                busy.store(false, Ordering::Release);
            })
        })
        .map_err(failed)?;
        scheduler.add(tick).await.map_err(failed)?;
        scheduler.start().await.map_err(failed)?;
        shutdown.cancelled().await;
        scheduler.shutdown().await.map_err(failed)
    }

    /// Lines that are no longer in the table are not missed.
    async fn forget_others(self: &Arc<Self>) -> Result<(), Fault> {
        let table = Arc::clone(self);
        write_tx(&self.db, move |tx| {
            Box::pin(async move {
                for beat in query::<Beat>(tx, BEATS, vec![]).await? {
                    if !table.lines.iter().any(|line| line.name == beat.line) {
                        submit(tx, "DELETE FROM heartbeats WHERE line = $1", vec![beat.line.into()]).await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }
}

/// Enqueues the newest slot of a line unless another process did, or the last run still goes on.
async fn begin(tx: &Tx, line: &Line, now: Time) -> Result<bool, Fault> {
    let last = scalar::<i64>(tx, "SELECT last_slot AS v FROM heartbeats WHERE line = $1", vec![line.name.into()]).await?;
    match last {
        Some(last) if line.is_ahead(last, now) => forget_ahead(tx, line, now).await?,
        Some(last) if goes_on(tx, line, last).await? => return Ok(false),
        _ => {}
    }
    let slot = line.slot(now);
    // After a gap nobody was there to run it: the wait for a good end begins anew.
    let rows = execute(
        tx,
        "INSERT INTO heartbeats (line, every_ms, last_slot, since) VALUES ($1, $2, $3, $4)
         ON CONFLICT (line) DO UPDATE SET every_ms = excluded.every_ms, last_slot = excluded.last_slot,
            since = CASE WHEN excluded.last_slot - heartbeats.last_slot > 2 * excluded.every_ms
                THEN excluded.since ELSE heartbeats.since END
         WHERE heartbeats.last_slot < excluded.last_slot",
        vec![line.name.into(), line.every.into(), slot.into(), now.into()],
    )
    .await?;
    if rows == 0 {
        return Ok(false);
    }
    let payload = (line.make)(slot)?;
    let dedupe = Some(occasion(line, slot.0));
    jobs::insert(tx, New { kind: line.kind, payload, run_at: now, dedupe, line: Some(line.name) }).await?;
    Ok(true)
}

/// The clock was ahead and was set back. What it wrote of the time to come is forgotten: the beat, and the jobs whose keys
/// would keep those slots from being run when they come.
async fn forget_ahead(tx: &Tx, line: &Line, now: Time) -> Result<(), Fault> {
    tracing::warn!(line = line.name, "the clock was ahead and was set back; the line begins anew");
    submit(tx, "DELETE FROM heartbeats WHERE line = $1", vec![line.name.into()]).await?;
    let sql = "DELETE FROM jobs WHERE line = $1 AND wanted_at > $2 AND state <> 'running'";
    submit(tx, sql, vec![line.name.into(), now.into()]).await
}

/// Is the job of the line's last slot not over? One that failed and waits for its next try goes on too: or each slot
/// would add another that fails, with an alarm of its own.
async fn goes_on(tx: &Tx, line: &Line, last: i64) -> Result<bool, Fault> {
    let open = "SELECT 1 AS v FROM jobs WHERE dedupe = $1 AND state IN ('due', 'running')";
    let key = jobs::dedupe_key(line.kind, &occasion(line, last));
    exists(tx, open, vec![key.into()]).await
}

fn occasion(line: &Line, slot: i64) -> String {
    format!("{}:{slot}", line.name)
}

/// A line that should have ended well by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    pub line: String,
    /// When it last ended well; `None` when it never did.
    pub last_ok: Option<Time>,
    /// When the admins were told, if they were.
    pub alarmed_at: Option<Time>,
}

/// The lines that have not ended well for two of their periods and two minutes.
pub async fn late_lines(conn: &impl ConnectionTrait, now: Time) -> Result<Vec<Late>, Fault> {
    let beats: Vec<Beat> = query(conn, BEATS, vec![]).await?;
    Ok(beats
        .into_iter()
        .filter(|beat| now.0 - beat.last_ok.max(beat.since) > 2 * beat.every_ms + 2 * MINUTE)
        .map(|beat| Late {
            line: beat.line,
            last_ok: (beat.last_ok > 0).then_some(Time(beat.last_ok)),
            alarmed_at: beat.alarmed_at.map(Time),
        })
        .collect())
}

/// Remembers that the admins were told of a late line; its next good end forgets it.
pub async fn alarmed(tx: &Tx, line: &str, now: Time) -> Result<(), Fault> {
    submit(tx, "UPDATE heartbeats SET alarmed_at = $2 WHERE line = $1", vec![line.into(), now.into()]).await
}
