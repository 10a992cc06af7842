//! Durable background acts. A job is a row written in the transaction that causes it; every job may run twice.
use crate::base::{Fault, Time};
use crate::db::{self, Tx, Wake};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a job carries.
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: &'static str;
}

/// Queues a job for `run_at` or later. With a `dedupe` key a second one is a no-op.
pub async fn enqueue<P: Payload>(tx: &Tx, payload: &P, run_at: Time, dedupe: Option<String>) -> Result<(), Fault> {
    let sql = "INSERT INTO jobs (kind, dedupe, payload, state, run_at, created_at) VALUES ($1, $2, $3, 'due', $4, $4) \
               ON CONFLICT (dedupe) DO NOTHING";
    let values = vec![P::KIND.into(), dedupe.into(), serde_json::to_string(payload)?.into(), run_at.into()];
    db::execute(tx, sql, values).await?;
    tx.wake(Wake::Jobs);
    Ok(())
}
