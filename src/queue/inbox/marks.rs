//! The marks of what was handled. A mark that cannot be written is kept and tried again.
use super::claim;
use crate::base::{Clock, UpdateId};
use crate::db::Db;
use crate::queue::AlarmHook;
use crate::queue::gather::Gather;
use std::sync::Arc;
use std::time::Duration;

const AGAIN: Duration = Duration::from_millis(500);

/// What became of an update.
#[derive(Debug)]
pub(super) enum Mark {
    Done(UpdateId),
    Failed(UpdateId, String),
}

#[derive(Debug, Clone)]
pub(super) struct Marks(Gather<Mark>);

impl Marks {
    pub fn start(db: Db, clock: Clock, on_alarm: AlarmHook) -> Self {
        Self(Gather::start("inbox marks", move |marks| {
            let (db, clock, on_alarm) = (db.clone(), clock.clone(), Arc::clone(&on_alarm));
            async move { write(&db, &clock, &on_alarm, marks).await }
        }))
    }

    pub fn put(&self, mark: Mark) {
        self.0.put(mark);
    }

    /// Waits until every mark is on disk.
    pub async fn flush(&self) {
        self.0.flush().await;
    }
}

async fn write(db: &Db, clock: &Clock, on_alarm: &AlarmHook, marks: Vec<Mark>) {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for mark in marks {
        match mark {
            Mark::Done(update) => done.push(update.0),
            Mark::Failed(update, why) => failed.push((update, why)),
        }
    }
    while let Err(fault) = claim::finish(db, (done.clone(), failed.clone()), clock.now(), Arc::clone(on_alarm)).await {
        tracing::error!(error = %fault, marks = done.len(), "marking updates failed; trying again");
        tokio::time::sleep(AGAIN).await;
    }
}
