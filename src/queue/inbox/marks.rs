//! The marks of what was handled: collected, and written together.
//!
//! Nobody waits for a mark. While one write is under way the next marks gather; when many come at once they are given a few
//! milliseconds more, since a commit costs the same whatever it holds. A mark that cannot be written is kept and tried again.
use super::claim;
use crate::base::{Clock, UpdateId, task};
use crate::db::Db;
use crate::queue::AlarmHook;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many marks share a write at most, and from how many on it is worth a wait.
const MOST: usize = 128;
const MANY: usize = 8;
const LINGER: Duration = Duration::from_millis(4);

/// What became of an update.
#[derive(Debug)]
pub(super) enum Mark {
    Done(UpdateId),
    Failed(UpdateId, String),
    /// Answers when every mark before it is on disk.
    Flush(oneshot::Sender<()>),
}

#[derive(Debug, Clone)]
pub(super) struct Marks {
    queue: mpsc::UnboundedSender<Mark>,
}

impl Marks {
    pub fn start(db: Db, clock: Clock, on_alarm: AlarmHook) -> Self {
        let (queue, inbox) = mpsc::unbounded_channel();
        task::spawn("inbox marks", serve(db, clock, on_alarm, inbox));
        Self { queue }
    }

    pub fn put(&self, mark: Mark) {
        if self.queue.send(mark).is_err() {
            tracing::error!("the task that marks updates is gone; they will be handled again");
        }
    }

    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        self.put(Mark::Flush(done));
        let _gone = wait.await;
    }
}

async fn serve(db: Db, clock: Clock, on_alarm: AlarmHook, mut inbox: mpsc::UnboundedReceiver<Mark>) {
    let mut batch = Vec::with_capacity(MOST);
    while inbox.recv_many(&mut batch, MOST).await > 0 {
        if batch.len() >= MANY {
            linger(&mut inbox, &mut batch).await;
        }
        let (mut done, mut failed, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for mark in batch.drain(..) {
            match mark {
                Mark::Done(update) => done.push(update.0),
                Mark::Failed(update, why) => failed.push((update, why)),
                Mark::Flush(answer) => waiting.push(answer),
            }
        }
        while !(done.is_empty() && failed.is_empty()) {
            let written = claim::finish(&db, (done.clone(), failed.clone()), clock.now(), Arc::clone(&on_alarm)).await;
            let Err(fault) = written else { break };
            tracing::error!(error = %fault, marks = done.len(), "marking updates failed; trying again");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        for answer in waiting {
            let _told = answer.send(());
        }
    }
}

async fn linger(inbox: &mut mpsc::UnboundedReceiver<Mark>, batch: &mut Vec<Mark>) {
    let gather = async {
        while batch.len() < MOST && !batch.iter().any(|mark| matches!(mark, Mark::Flush(_))) {
            let room = MOST - batch.len();
            if inbox.recv_many(batch, room).await == 0 {
                return;
            }
        }
    };
    let _full = tokio::time::timeout(LINGER, gather).await;
}
