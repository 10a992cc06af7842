//! What every edge holds: built once in `run.rs` (or by a test's world), cloned cheaply, never changed.
//!
//! It has no state of its own: what may change lies in the database, and what is read often is cached there
//! ([`Db::fresh`]).
use crate::base::{ChatId, Clock, Fault, Ids, PersonId};
use crate::db::{Db, Seal, write_tx};
use futures::future::BoxFuture;
use std::sync::Arc;

pub use crate::db::Tx;

/// Handles on everything an edge needs.
#[derive(Clone, Debug)]
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub seal: Seal,
    /// Telegram's client; only `bot/reply.rs` and the intake call it.
    pub telegram: teloxide::Bot,
    /// The process's name among others on the same database: who holds a lease.
    pub owner: Arc<str>,
    /// Who is an owner by the environment.
    pub owners: Arc<[PersonId]>,
    /// The admin group as the environment names it; the database may know that it moved.
    pub admin_chat: Option<ChatId>,
    /// Where our own pages can be reached, without a slash at the end.
    pub public_url: Option<Arc<str>>,
}

impl App {
    /// Runs a verb in a write transaction, see [`write_tx`]: the edges' way to it.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        write_tx(&self.db, work).await
    }
}
