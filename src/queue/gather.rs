//! What nobody waits for is written together.
//!
//! A commit costs the same whatever it holds. So a write follows another after [`PACE`] at least, and meanwhile things
//! gather; with nothing before it, a write is not put off.
use crate::base::task;
use std::future::Future;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How many things share a write at most.
const MOST: usize = 512;
/// From the beginning of a write to the beginning of the next, unless [`MOST`] have gathered.
const PACE: Duration = Duration::from_millis(50);

#[derive(Debug)]
enum Put<T> {
    This(T),
    /// Answers when everything before it is written.
    Flush(oneshot::Sender<()>),
}

/// Where things are put to be written; all its clones are one.
#[derive(Debug)]
pub(super) struct Gather<T> {
    name: &'static str,
    queue: mpsc::UnboundedSender<Put<T>>,
}

impl<T> Clone for Gather<T> {
    fn clone(&self) -> Self {
        Self { name: self.name, queue: self.queue.clone() }
    }
}

impl<T: Send + 'static> Gather<T> {
    /// `write` returns when all of it is written: it tries again by itself.
    pub fn start<W>(name: &'static str, write: impl Fn(Vec<T>) -> W + Send + 'static) -> Self
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (queue, inbox) = mpsc::unbounded_channel();
        task::spawn(name, serve(inbox, write));
        Self { name, queue }
    }

    pub fn put(&self, this: T) {
        if self.queue.send(Put::This(this)).is_err() {
            tracing::error!(task = self.name, "the task that writes is gone; what it should write will be done again");
        }
    }

    /// Waits until everything that was put is written.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Put::Flush(done)).is_ok() {
            let _gone = wait.await;
        }
    }
}

async fn serve<T, W: Future<Output = ()>>(mut inbox: mpsc::UnboundedReceiver<Put<T>>, write: impl Fn(Vec<T>) -> W) {
    let mut batch = Vec::new();
    let mut next = Instant::now();
    while inbox.recv_many(&mut batch, MOST).await > 0 {
        let _full = tokio::time::timeout_at(next, fill(&mut inbox, &mut batch)).await;
        next = Instant::now() + PACE;
        let (mut these, mut waiting) = (Vec::new(), Vec::new());
        for put in batch.drain(..) {
            match put {
                Put::This(this) => these.push(this),
                Put::Flush(answer) => waiting.push(answer),
            }
        }
        if !these.is_empty() {
            write(these).await;
        }
        for answer in waiting {
            let _told = answer.send(());
        }
    }
}

/// Until the batch is full or somebody waits for it.
async fn fill<T>(inbox: &mut mpsc::UnboundedReceiver<Put<T>>, batch: &mut Vec<Put<T>>) {
    while batch.len() < MOST && !batch.iter().any(|put| matches!(put, Put::Flush(_))) {
        let room = MOST - batch.len();
        if inbox.recv_many(batch, room).await == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Gather, MOST};
    use std::sync::{Arc, Mutex};

    #[tokio::test]
    async fn what_comes_during_a_write_shares_the_next_one() {
        let written = Arc::new(Mutex::new(Vec::<Vec<usize>>::new()));
        let gather = Gather::start("test", {
            let written = Arc::clone(&written);
            move |these| {
                let written = Arc::clone(&written);
                async move { written.lock().expect("nobody panicked").push(these) }
            }
        });
        for this in 0..2 * MOST {
            gather.put(this);
        }
        gather.flush().await;
        let written = written.lock().expect("nobody panicked").clone();
        assert_eq!(written.concat(), (0..2 * MOST).collect::<Vec<_>>(), "all of it, in its order");
        assert!(written.len() <= 3, "{} writes", written.len());
    }
}
