//! What must be done: durable background acts.
//!
//! What always holds: a job is enqueued in the transaction that wants it, once for each dedupe key; one process runs it at a
//! time; it ends in done, in a later try, or in a give-up of which the business and the admins are told. A job whose
//! process died runs again, so every job may run twice.
//! It does not know what the jobs do, nor who wants them.
mod registry;
mod runner;
mod store;

use super::sql;
use crate::base::{Cause, Fault, MINUTE, SECOND, Time};
use crate::db::{Tx, Wake, submit};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::time::Duration;

pub use registry::Registry;
pub use runner::Runner;

/// What a job is about; written to its row as JSON.
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The word in the row; never changed once a shop has run.
    const KIND: &'static str;
}

/// How a kind of job is run. `C` is whatever the process gives its jobs: the app.
pub trait Act<C>: Payload {
    /// How many times it is tried before it is given up.
    const TRIES: u32 = 8;

    fn run(self, app: &C, attempt: Attempt) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Tells the business that it will not happen. It may be called twice.
    fn gave_up(self, app: &C, why: &str) -> impl Future<Output = Result<(), Fault>> + Send {
        let _ = (app, why);
        std::future::ready(Ok(()))
    }
}

/// Which try this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The row: the same for each try.
    pub job: i64,
    /// From 1.
    pub number: u32,
    pub now: Time,
}

/// Why a job did not get done this time. The author must choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// Try again after the usual pause.
    Retry { why: String },
    /// Try again then; this uses up no try, so the author sees to an end.
    RetryAt { at: Time, why: String },
    /// Whom we asked told us to come again after so long; this uses up no try either.
    RetryIn { pause: Duration, why: String },
    /// It makes no sense to try again.
    GiveUp { why: String },
}

impl From<Fault> for JobError {
    fn from(fault: Fault) -> Self {
        let why = fault.chain();
        match fault.cause() {
            Cause::Wait(pause) => Self::RetryIn { pause, why },
            Cause::Away | Cause::Ours => Self::Retry { why },
        }
    }
}

/// Wants a job done at `run_at`. `dedupe` names the occasion: as long as the row is remembered (for days after its end), the same
/// kind with the same key is not enqueued again.
pub async fn enqueue<P: Payload>(tx: &Tx, payload: &P, run_at: Time, dedupe: Option<String>) -> Result<(), Fault> {
    let job = New { kind: P::KIND, payload: serde_json::to_string(payload)?, run_at, dedupe, line: None };
    insert(tx, job).await
}

/// Has a job that waits for its time done sooner; nothing happens when it is not there, runs, or is due before.
pub async fn hasten<P: Payload>(tx: &Tx, occasion: &str, run_at: Time) -> Result<(), Fault> {
    // COALESCE keeps PostgreSQL from looking for the job among all that are due.
    let sql = "UPDATE jobs SET run_at = $2 WHERE dedupe = $1 AND state = 'due' AND COALESCE(run_at, 0) > $2";
    submit(tx, sql, vec![dedupe_key(P::KIND, occasion).into(), run_at.into()]).await?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// A job before it is a row. `line` is the cron line that wants it.
pub(super) struct New {
    pub kind: &'static str,
    pub payload: String,
    pub run_at: Time,
    pub dedupe: Option<String>,
    pub line: Option<&'static str>,
}

pub(super) async fn insert(tx: &Tx, job: New) -> Result<(), Fault> {
    submit(
        tx,
        "INSERT INTO jobs (kind, dedupe, payload, line, state, run_at, wanted_at) VALUES ($1, $2, $3, $4, 'due', $5, $5)
         ON CONFLICT (dedupe) DO NOTHING",
        vec![
            job.kind.into(),
            job.dedupe.map(|occasion| dedupe_key(job.kind, &occasion)).into(),
            job.payload.into(),
            job.line.map(str::to_owned).into(),
            job.run_at.into(),
        ],
    )
    .await?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// As the column has it.
pub(super) fn dedupe_key(kind: &str, occasion: &str) -> String {
    format!("{kind}:{occasion}")
}

/// The pause before the next try, after so many.
pub(super) fn backoff(tries: i64) -> i64 {
    match tries {
        ..=1 => 10 * SECOND,
        2 => 30 * SECOND,
        3 => MINUTE,
        4 => 2 * MINUTE,
        5 => 5 * MINUTE,
        _ => 10 * MINUTE,
    }
}
