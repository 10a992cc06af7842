//! What every edge holds: built once in `run.rs` (or by a test's world), cloned cheaply, never changed.
//!
//! It has no state of its own: what may change lies in the database, and what is read often is cached there
//! ([`Db::fresh`]).
use crate::base::{ChatId, Clock, Ids, PersonId};
use crate::db::{Db, Seal};
use std::sync::Arc;

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
