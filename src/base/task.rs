//! The one door to a background task: it has a name, and a panic in it is heard of.
use futures::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// As many pictures are drawn or read at once as there are processors: more would not be faster, and each takes memory.
static TURNS: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))));

/// Starts a task; a panic is logged under the task's name and ends that task only.
#[expect(clippy::disallowed_methods, reason = "the one door to tokio::spawn")]
pub fn spawn<F>(name: &'static str, work: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        if AssertUnwindSafe(work).catch_unwind().await.is_err() {
            tracing::error!(task = name, "a background task panicked");
        }
    })
}

/// Starts work for the processor on a thread of its own, once it is its turn.
pub async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    // The semaphore is never closed; without a permit the work is done all the same.
    let turn = Arc::clone(&TURNS).acquire_owned().await.ok();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
}
