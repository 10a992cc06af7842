//! What a person must hear of when the edges give something up, or get no further.
use crate::base::{ChatId, Fault, UpdateId};
use crate::db::Tx;
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// Something that was given up, or does not get done. Written in the same transaction as the row that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// An update whose handler panicked, or failed again and again.
    Update { update: UpdateId, why: String },
    /// A job that will not be tried again.
    Job { id: i64, kind: String, why: String },
    /// A job that fails again and again, and is not given up.
    JobStuck { id: i64, kind: String, why: String },
    /// A notice that could not be delivered, though the chat is there.
    Notice { id: i64, chat: ChatId, why: String },
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Update { update, why } => write!(f, "update {update} failed: {why}"),
            Self::Job { id, kind, why } => write!(f, "job {kind} #{id} was given up: {why}"),
            Self::JobStuck { id, kind, why } => write!(f, "job {kind} #{id} fails again and again: {why}"),
            Self::Notice { id, why, .. } => write!(f, "notice #{id} was dropped: {why}"),
        }
    }
}

/// Called inside that transaction; it enqueues whatever tells the admins.
pub type AlarmHook = Arc<dyn for<'t> Fn(&'t Tx, Alarm) -> BoxFuture<'t, Result<(), Fault>> + Send + Sync>;

/// A hook that only logs.
pub fn log_alarms() -> AlarmHook {
    Arc::new(|_, alarm| {
        Box::pin(async move {
            tracing::error!(%alarm, "something was given up, or fails again and again");
            Ok(())
        })
    })
}
