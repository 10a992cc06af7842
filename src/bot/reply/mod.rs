//! The only caller of Telegram for what people see.
//!
//! What always holds: a tap is answered exactly once; a screen takes the place of the tapped one where Telegram lets it,
//! and is sent anew where not; a person who blocked the bot is written down and left alone, which is no error; a wait
//! that Telegram asks for is kept by this chat alone. Everything may run twice for the same update: then a message may
//! come twice, and nothing else.
//!
//! Jobs and notices do not wait here, but for the last word about a file (`upload`) and for a group that moved: they are rows, and
//! come again when Telegram says. For the rest,
//! a wait longer than [`WAIT_MAX`], or no good answer from Telegram, is a fault that says so: the update stays in the inbox
//! and is tried again, after the wait, without that being held against it.
mod message;
mod rest;
mod wire;

pub use message::Place;
pub use wire::{Refusal, Sent};

use self::rest::unless_resting;
use super::group;
use super::screen::{Answer, Media, Screen, Toast};
use super::turn::{Tapped, Turn};
use crate::app::App;
use crate::base::texts::escape;
use crate::base::{ChatId, Fault, PersonId};
use crate::shop::accounts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::time::Duration;
use teloxide::payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters, GetFile, SendChatAction};
use teloxide::requests::Payload;
use teloxide::types::{CallbackQueryId, ChatAction, ChatId as TgChatId, FileId, MessageId, Recipient, ThreadId};

/// How long a lane may be held because Telegram asked for it.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Letters that fit the answer to a tap.
const TOAST_MAX: usize = 200;

/// Gives the answer of one update.
pub async fn answer(turn: &Turn, answer: Answer) -> Result<(), Fault> {
    let (told, shown) = tokio::join!(answer_tap(turn, answer.toast.as_ref()), show_all(turn, &answer.screens));
    told.and(shown)
}

async fn show_all(turn: &Turn, screens: &[Screen]) -> Result<(), Fault> {
    for (place, screen) in screens.iter().enumerate() {
        let in_place = turn.at.tapped.filter(|_| place == 0 && !screen.keep);
        let done = match in_place {
            Some(tapped) => edit(&turn.app, turn.at.chat, tapped, screen).await?,
            None => false,
        };
        if !done {
            send(&turn.app, turn.place(), screen).await?;
        }
    }
    Ok(())
}

/// A tap must be answered, else its button spins; what is not said here is an empty answer.
async fn answer_tap(turn: &Turn, toast: Option<&Toast>) -> Result<(), Fault> {
    let Some(tap) = &turn.at.tap else {
        // Words for a tap reach a typed command too.
        return match toast {
            Some(Toast::Brief(text) | Toast::Alert(text)) => {
                send(&turn.app, turn.place(), &Screen::new(escape(text))).await.map(drop)
            }
            None => Ok(()),
        };
    };
    let mut payload = AnswerCallbackQuery::new(CallbackQueryId(tap.clone()));
    match toast {
        Some(Toast::Brief(text)) => payload = payload.text(super::kit::shorten(text, TOAST_MAX)),
        Some(Toast::Alert(text)) => payload = payload.text(super::kit::shorten(text, TOAST_MAX)).show_alert(true),
        None => {}
    }
    match patiently(|| wire::call::<_, bool>(&turn.app.telegram, &payload)).await {
        Ok(_) => Ok(()),
        // An unanswered tap is a spinner that ends by itself; it is no reason to do the update again.
        Err(refusal) => {
            tracing::debug!(%refusal, "a tap was not answered");
            Ok(())
        }
    }
}

/// Shows the screen in the place of a message. `false`: it cannot be edited, so it must be sent.
pub async fn edit(app: &App, chat: ChatId, message: Tapped, screen: &Screen) -> Result<bool, Fault> {
    edited(app, chat, patiently(|| put(app, chat, message, screen)).await).await
}

/// The same from a job, which does not wait: it comes again when Telegram says.
pub async fn redraw(app: &App, chat: ChatId, message: Tapped, screen: &Screen) -> Result<bool, Fault> {
    edited(app, chat, unless_resting(app, chat, put(app, chat, message, screen)).await).await
}

async fn put(app: &App, chat: ChatId, message: Tapped, screen: &Screen) -> Result<(), Refusal> {
    let Tapped { message, has_media } = message;
    match (&screen.media, has_media) {
        (None, false) => message::edit_text(&app.telegram, chat, message, screen).await,
        (Some(Media::Same), true) => message::edit_caption(&app.telegram, chat, message, screen).await,
        _ => Err(Refusal::CannotEdit),
    }
}

async fn edited(app: &App, chat: ChatId, outcome: Result<(), Refusal>) -> Result<bool, Fault> {
    match outcome {
        Ok(()) | Err(Refusal::NotModified) => Ok(true),
        Err(Refusal::CannotEdit | Refusal::Moved(_)) => Ok(false),
        Err(Refusal::Blocked) => blocked(app, chat).await.map(|()| true),
        Err(refusal) => Err(Fault::from(refusal).context("editing a message")),
    }
}

/// Sends the screen as a new message; its id, or `None` when the chat is closed to us.
pub async fn send(app: &App, to: Place, screen: &Screen) -> Result<Option<i32>, Fault> {
    let outcome = match patiently(|| message::send(&app.telegram, to, screen)).await {
        Err(Refusal::Moved(new)) => {
            let to = follow(app, to, new).await;
            patiently(|| message::send(&app.telegram, to, screen)).await
        }
        outcome => outcome,
    };
    match outcome {
        Ok(sent) => Ok(Some(sent.message_id)),
        Err(Refusal::Blocked) => blocked(app, to.chat).await.map(|()| None),
        Err(refusal) => Err(Fault::from(refusal).context("sending a message")),
    }
}

/// Sends the screen from a job, following a group that moved; other refusals are the caller's. It does not wait: a job that does
/// holds up all others, and can come again.
pub async fn deliver(app: &App, to: Place, screen: &Screen) -> Result<Sent, Refusal> {
    match unless_resting(app, to.chat, message::send(&app.telegram, to, screen)).await {
        Err(Refusal::Moved(new)) => {
            let to = follow(app, to, new).await;
            unless_resting(app, to.chat, message::send(&app.telegram, to, screen)).await
        }
        outcome => outcome,
    }
}

/// The same place in the group that took over.
async fn follow(app: &App, to: Place, new: i64) -> Place {
    let new = ChatId(new);
    if let Err(fault) = group::moved(app, to.chat, new).await {
        tracing::error!(error = %fault, "the group's new id could not be kept");
    }
    Place { chat: new, ..to }
}

/// Sends the screen once, without waiting: whoever calls knows how to come again (a notice is a row with a time).
pub async fn attempt(app: &App, to: Place, screen: &Screen) -> Result<Sent, Refusal> {
    message::send(&app.telegram, to, screen).await
}

/// Any other method: commands, topics, files. Waits as Telegram asks, so it is not for jobs.
pub async fn ask<P, R>(app: &App, payload: &P) -> Result<R, Refusal>
where
    P: Payload + Serialize + Sync,
    R: DeserializeOwned,
{
    patiently(|| wire::call(&app.telegram, payload)).await
}

/// The same without waiting.
pub async fn ask_once<P, R>(app: &App, payload: &P) -> Result<R, Refusal>
where
    P: Payload + Serialize + Sync,
    R: DeserializeOwned,
{
    wire::call(&app.telegram, payload).await
}

/// A file that Telegram holds, unless it is larger than `bytes_max`. Does not wait.
pub async fn download(app: &App, file_id: &str, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    #[derive(serde::Deserialize)]
    struct Found {
        file_path: Option<String>,
        file_size: Option<usize>,
    }
    let found: Found = ask_once(app, &GetFile::new(FileId(file_id.to_owned()))).await?;
    if found.file_size.is_some_and(|size| size > bytes_max) {
        return Err(Refusal::Refused(format!("a file of more than {bytes_max} bytes")));
    }
    let path = found.file_path.ok_or_else(|| Refusal::Refused("a file without a path".to_owned()))?;
    wire::fetch(&app.telegram, &path, bytes_max).await
}

/// Says that something slow is going on. It is a courtesy: its failure is nobody's concern.
pub async fn busy(turn: &Turn, action: ChatAction) {
    let mut payload = SendChatAction::new(Recipient::Id(TgChatId(turn.at.chat.0)), action);
    payload.message_thread_id = turn.at.thread.map(|thread| ThreadId(MessageId(thread)));
    if let Err(refusal) = wire::call::<_, bool>(&turn.app.telegram, &payload).await {
        tracing::debug!(%refusal, "a chat action was not shown");
    }
}

/// A closed private chat is a fact about its person; a closed group is one for the operator.
async fn blocked(app: &App, chat: ChatId) -> Result<(), Fault> {
    if chat.0 < 0 {
        tracing::warn!(chat = chat.0, "the group is closed to the bot");
        return Ok(());
    }
    let now = app.clock.now();
    app.write(move |tx| Box::pin(async move { accounts::blocked(tx, PersonId(chat.0), now).await })).await
}

/// Repeats a call as long as Telegram asks to wait, within [`WAIT_MAX`] altogether.
async fn patiently<T, F, C>(call: C) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>>,
    C: Fn() -> F,
{
    let mut waited = Duration::ZERO;
    loop {
        match call().await {
            Err(Refusal::Wait(pause)) if waited.saturating_add(pause) <= WAIT_MAX => {
                waited += pause;
                tokio::time::sleep(pause).await;
            }
            outcome => return outcome,
        }
    }
}
