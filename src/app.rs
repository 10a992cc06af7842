//! What every edge holds: built once in `run::serve` (or by a test's world), cloned cheaply, never changed.
//!
//! It has no state of its own: what may change lies in the database, and what is read often is cached there
//! ([`Db::fresh`]).
use crate::base::{ChatId, Clock, Fault, Ids, PersonId};
use crate::db::{Db, Seal, write_tx};
use crate::queue::inbox::Stored;
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
    /// Telegram's client; only `bot/reply`, the intake and `run` (the bot's name, `souk check`) call it.
    pub telegram: teloxide::Bot,
    /// The process's name among others on the same database: who holds a lease.
    pub owner: Arc<str>,
    /// Who is an owner by the environment.
    pub owners: Arc<[PersonId]>,
    /// The admin group as the environment names it; the database may know that it moved.
    pub admin_chat: Option<ChatId>,
    /// Where our own pages can be reached, without a slash at the end.
    pub public_url: Option<Arc<str>>,
    /// What every write waits for: that the update by which it comes is on disk. Of nothing that comes by an update, nothing.
    pub stored: Stored,
}

impl App {
    /// The same, for the handling of an update that may be on its way to the disk.
    #[must_use]
    pub fn storing(&self, stored: &Stored) -> Self {
        Self { stored: stored.clone(), ..self.clone() }
    }

    /// Runs a verb in a write transaction, see [`write_tx`]: the edges' way to it. An update that could not be stored writes nothing.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        if !self.stored.wait().await {
            return Err(E::from(Fault::away("the update could not be stored")));
        }
        write_tx(&self.db, work).await
    }
}
