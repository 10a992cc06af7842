//! Whether an update is on disk, for those who begin with it while it is being written.
use tokio::sync::watch;

/// Of one update. Clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Stored(Option<watch::Receiver<Option<bool>>>);

/// Says, once, what became of the writing; dropped without a word, it has failed.
#[derive(Debug)]
pub(super) struct Tell(watch::Sender<Option<bool>>);

impl Stored {
    /// Of an update that was on disk before anybody had it.
    pub fn already() -> Self {
        Self(None)
    }

    pub(super) fn on_its_way() -> (Tell, Self) {
        let (tell, told) = watch::channel(None);
        (Tell(tell), Self(Some(told)))
    }

    /// Whether it is on disk by now.
    pub(super) fn is_there(&self) -> bool {
        self.0.as_ref().is_none_or(|told| *told.borrow() == Some(true))
    }

    /// Waits until the update is on disk. `false`: it is not, nobody has been told that we have it, and it will be sent again.
    pub async fn wait(&self) -> bool {
        let Some(mut told) = self.0.clone() else { return true };
        let told = told.wait_for(Option::is_some).await;
        told.is_ok_and(|told| *told == Some(true))
    }
}

impl Tell {
    pub fn tell(self, is_there: bool) {
        self.0.send_replace(Some(is_there));
    }
}
