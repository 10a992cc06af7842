//! Notices on their way out. A notice is a row written in the transaction of what it tells.
use crate::base::{ChatId, Fault, Time};
use crate::db::{self, Tx, Wake};
use serde::Serialize;

/// Queues a notice for `chat`, to be sent at `at` or later. With a `dedupe` key a second push is a no-op.
pub async fn push(tx: &Tx, chat: ChatId, body: &impl Serialize, at: Time, dedupe: Option<String>) -> Result<(), Fault> {
    let sql = "INSERT INTO outbox (dedupe, chat, body, state, send_at, created_at) VALUES ($1, $2, $3, 'due', $4, $4) \
               ON CONFLICT (dedupe) DO NOTHING";
    db::execute(tx, sql, vec![dedupe.into(), chat.into(), serde_json::to_string(body)?.into(), at.into()]).await?;
    tx.wake(Wake::Outbox);
    Ok(())
}
