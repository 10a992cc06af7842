//! What goes out unasked: notices, sent at the pace that Telegram bears.
//!
//! What always holds: a notice is written in the transaction that has something to tell; it is never sent again once a success
//! is recorded; a chat that asked us to wait gets nothing until then, and holds nobody else up. A send whose answer
//! is unknown (a timeout, a crash) is made again, so a message may come twice: Telegram has no key that would prevent it.
//! Nor does a Telegram that is away cost a notice a try: for a day it waits.
//! It does not know what a notice says: the sender turns the body into a message.
mod pace;
mod pacer;
mod store;

use super::sql;
use crate::base::{ChatId, Fault, Time};
use crate::db::{Tx, Wake, submit};
use serde::Serialize;
use std::future::Future;

pub use pacer::Pacer;

/// Puts one notice into a chat.
pub trait Sender: Send + Sync + 'static {
    fn send(&self, chat: ChatId, body: serde_json::Value) -> impl Future<Output = Sent> + Send;
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    Ok {
        message_id: i64,
    },
    /// Blocked, deactivated, no such chat: nothing will ever arrive there.
    Gone,
    /// What it spoke of is gone: there is nothing to say any more.
    Moot,
    /// Telegram wants us to wait (429).
    Later {
        seconds: u32,
    },
    /// The group became a supergroup.
    Moved {
        to: ChatId,
    },
    /// Refused for what it is; sending it again would be refused again.
    Refused {
        why: String,
    },
    /// Nobody answered, or the answer was that their side is broken.
    Down {
        why: String,
    },
    /// It went wrong, and nobody knows for whom it would go right.
    Unknown {
        why: String,
    },
}

/// Wants a notice sent at `at`. The same `dedupe` key is not sent again as long as its row is remembered.
pub async fn push(tx: &Tx, chat: ChatId, body: &(impl Serialize + Sync), at: Time, dedupe: Option<String>) -> Result<(), Fault> {
    submit(
        tx,
        "INSERT INTO outbox (dedupe, chat, body, state, send_at, wanted_at) VALUES ($1, $2, $3, 'due', $4, $4)
         ON CONFLICT (dedupe) DO NOTHING",
        vec![dedupe.into(), chat.into(), serde_json::to_string(body)?.into(), at.into()],
    )
    .await?;
    tx.wake(Wake::Outbox);
    Ok(())
}
