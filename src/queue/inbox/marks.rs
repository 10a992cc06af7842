//! The marks of what was handled: collected, and written together.
//!
//! Nobody waits for a mark, so a write follows another after [`PACE`] at least: a commit costs the same whatever it holds,
//! and meanwhile marks gather. A mark that cannot be written is kept and tried again.
use super::claim;
use crate::base::{Clock, UpdateId, task};
use crate::db::Db;
use crate::queue::AlarmHook;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How many marks share a write at most.
const MOST: usize = 128;
/// From the beginning of a write to the beginning of the next, unless [`MOST`] have gathered.
const PACE: Duration = Duration::from_millis(8);

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
    let mut next = Instant::now();
    while inbox.recv_many(&mut batch, MOST).await > 0 {
        gather(&mut inbox, &mut batch, next).await;
        next = Instant::now() + PACE;
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

/// Until then, or until the batch is full or somebody waits for it.
async fn gather(inbox: &mut mpsc::UnboundedReceiver<Mark>, batch: &mut Vec<Mark>, until: Instant) {
    let gather = async {
        while batch.len() < MOST && !batch.iter().any(|mark| matches!(mark, Mark::Flush(_))) {
            let room = MOST - batch.len();
            if inbox.recv_many(batch, room).await == 0 {
                return;
            }
        }
    };
    let _full = tokio::time::timeout_at(until, gather).await;
}
