//! The one door to a background task: it has a name, and a panic in it is heard of.
use futures::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use tokio::task::JoinHandle;

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
