//! A finished file on its way to where it was asked for, and the line there that said that it is being made.
//!
//! Always: who blocked the bot is left alone; a topic that is gone does not keep the file back. It knows nothing of what is in a file.
use super::reply::{self, Place, Refusal};
use super::screen::{Media, Screen};
use super::turn::Tapped;
use crate::app::App;
use crate::base::{ChatId, Fault};
use crate::queue::jobs::JobError;
use crate::shop::reports::Made;

/// Telegram takes 50 MB from a bot; the rest is room for the envelope.
pub const BYTES_MAX: u64 = 49_000_000;

/// Where a file was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub chat: ChatId,
    pub thread: Option<i32>,
    /// The message that says that it is being made, if it can be edited.
    pub message: Option<i32>,
}

impl Spot {
    /// Sends the file with these words under it.
    pub async fn send(self, app: &App, made: Made, caption: String) -> Result<(), JobError> {
        let name = made.name.clone();
        let read = tokio::task::spawn_blocking(move || made.read()).await;
        let bytes = read.map_err(|error| Fault::new(format!("reading a file: {error}")))??;
        let screen = Screen::new(caption).with(Media::Upload(name, bytes));
        let place = Place { chat: self.chat, thread: self.thread, silent: false };
        let sent = match reply::deliver(app, place, &screen).await {
            // Its topic may be gone: it is sent without one.
            Err(Refusal::Refused(why)) if place.thread.is_some() => {
                tracing::warn!(why, "a file could not be sent to its topic");
                reply::deliver(app, Place { thread: None, ..place }, &screen).await
            }
            outcome => outcome,
        };
        match sent {
            // Nobody is there to read it.
            Ok(_) | Err(Refusal::Blocked) => Ok(()),
            Err(refusal @ (Refusal::Wait(_) | Refusal::Down(_))) => Err(Fault::from(refusal).into()),
            Err(refusal) => Err(JobError::GiveUp { why: refusal.to_string() }),
        }
    }

    /// Puts a screen in the place of the line that says that the file is being made. Waits as Telegram asks.
    pub async fn show(self, app: &App, screen: Screen) -> Result<(), Fault> {
        let Some(message) = self.message else { return Ok(()) };
        reply::edit(app, self.chat, Tapped { message, has_media: false }, &screen).await.map(drop)
    }

    /// The same once the file is there. A line that stays as it was is no reason to send the file again.
    pub async fn close(self, app: &App, screen: Screen) {
        if let Err(fault) = self.show(app, screen).await {
            tracing::warn!(error = %fault, "the line over a file that was sent stays as it was");
        }
    }
}
