//! One call of Telegram's API, and what its refusals mean.
//!
//! The payloads and their types are teloxide's; the transport is not. Its own sleeps ten seconds inside the call on any
//! 5xx (0.17, read in its source), which would hold a person's lane for nothing; it also parses whole messages back
//! where we need an id. So the payload is posted on the client that the [`Bot`] holds, and every refusal gets a name.
use crate::base::Fault;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use teloxide::Bot;
use teloxide::requests::Payload;
use tokio::sync::Semaphore;
use url::Url;

/// A call that is not answered by then counts as down; the client's own limit may be shorter.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A file on its way up may take longer, the more so the larger it is: a poor line still carries so many bytes a second.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(45);
const UPLOAD_PACE: usize = 128 * 1024;

/// How many calls may be under way: each that is has a connection, with tens of kilobytes of buffers. At a tenth of a
/// second a call these carry twenty times what Telegram lets a bot send.
static CALLS: Semaphore = Semaphore::const_new(64);

/// Why Telegram did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The person blocked the bot, is gone, or the bot was put out of the group.
    Blocked,
    /// The message shows this already.
    NotModified,
    /// Too old, deleted, or of another kind: it must be sent anew.
    CannotEdit,
    /// The tap is too old to be answered.
    TapTooOld,
    /// The group became a supergroup of this id.
    Moved(i64),
    /// Not before so long.
    Wait(Duration),
    /// No answer, or one of theirs went wrong. It may have been done.
    Down(String),
    /// We asked for something impossible.
    Refused(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blocked => f.write_str("the chat is closed to the bot"),
            Self::NotModified => f.write_str("the message shows this already"),
            Self::CannotEdit => f.write_str("the message cannot be edited"),
            Self::TapTooOld => f.write_str("the tap is too old"),
            Self::Moved(to) => write!(f, "the group is now {to}"),
            Self::Wait(pause) => write!(f, "told to wait {pause:?}"),
            Self::Down(why) => write!(f, "no good answer: {why}"),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}

/// Telegram's silence and its pauses are no failures of what was asked.
impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Wait(pause) => Self::wait(pause, refusal),
            Refusal::Down(_) => Self::away(refusal),
            Refusal::Blocked
            | Refusal::NotModified
            | Refusal::CannotEdit
            | Refusal::TapTooOld
            | Refusal::Moved(_)
            | Refusal::Refused(_) => Self::new(refusal),
        }
    }
}

/// A message as far as we need it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Sent {
    pub message_id: i32,
}

#[derive(Deserialize)]
struct Envelope<R> {
    ok: bool,
    result: Option<R>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// The address of what lies at `path` under the API's own. Only the path is parsed: a call has one each time.
fn url(bot: &Bot, path: &str) -> Url {
    let mut url = bot.api_url();
    let path = format!("{}/{path}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

fn method_url(bot: &Bot, method: &str) -> Url {
    url(bot, &format!("bot{}/{method}", bot.token()))
}

/// Posts a payload as JSON, once it is its turn.
pub async fn call<P, R>(bot: &Bot, payload: &P) -> Result<R, Refusal>
where
    P: Payload + Serialize + Sync,
    R: DeserializeOwned,
{
    // The semaphore is never closed.
    let _turn = CALLS.acquire().await.ok();
    let request = bot.client().post(method_url(bot, P::NAME)).timeout(TIMEOUT).json(payload);
    read(request.send().await).await
}

/// Posts a form with a file of so many bytes.
pub async fn upload<R: DeserializeOwned>(
    bot: &Bot,
    method: &str,
    (form, bytes): (reqwest::multipart::Form, usize),
) -> Result<R, Refusal> {
    let seconds = u64::try_from(bytes / UPLOAD_PACE).unwrap_or_default();
    let timeout = UPLOAD_TIMEOUT.saturating_add(Duration::from_secs(seconds));
    let request = bot.client().post(method_url(bot, method)).timeout(timeout).multipart(form);
    read(request.send().await).await
}

/// Fetches a file by the path that `getFile` gave, unless it is larger than `bytes_max`.
pub async fn fetch(bot: &Bot, path: &str, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let down = |error: reqwest::Error| Refusal::Down(error.without_url().to_string());
    let url = url(bot, &format!("file/bot{}/{path}", bot.token()));
    let mut answer = bot.client().get(url).timeout(UPLOAD_TIMEOUT).send().await.map_err(down)?;
    if !answer.status().is_success() {
        return Err(Refusal::Down(format!("HTTP {} for a file", answer.status())));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(down)? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Refusal::Refused(format!("a file of more than {bytes_max} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn read<R: DeserializeOwned>(answer: Result<reqwest::Response, reqwest::Error>) -> Result<R, Refusal> {
    // The token is part of the address, so an address never gets into an error.
    let down = |error: reqwest::Error| Refusal::Down(error.without_url().to_string());
    let answer = answer.map_err(down)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(down)?;
    let Ok(envelope) = serde_json::from_slice::<Envelope<R>>(&body) else {
        return Err(Refusal::Down(format!("HTTP {status} without a readable body")));
    };
    match envelope {
        Envelope { ok: true, result: Some(result), .. } => Ok(result),
        Envelope { error_code, description, parameters, .. } => {
            Err(meaning(error_code.unwrap_or(status.as_u16()), &description.unwrap_or_default(), parameters))
        }
    }
}

fn meaning(code: u16, description: &str, parameters: Option<Parameters>) -> Refusal {
    let parameters = parameters.unwrap_or(Parameters { retry_after: None, migrate_to_chat_id: None });
    if let Some(to) = parameters.migrate_to_chat_id {
        return Refusal::Moved(to);
    }
    if code == 429 {
        return Refusal::Wait(Duration::from_secs(parameters.retry_after.unwrap_or(1).max(1)));
    }
    if code >= 500 {
        return Refusal::Down(format!("{code} {description}"));
    }
    let said = description.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if code == 403 || says(&["chat not found", "user is deactivated", "peer_id_invalid"]) {
        Refusal::Blocked
    } else if says(&["message is not modified"]) {
        Refusal::NotModified
    } else if says(&[
        "message to edit not found",
        "can't be edited",
        "no text in the message",
        "no caption in the message",
        "message_id_invalid",
    ]) {
        Refusal::CannotEdit
    } else if says(&["query is too old", "query_id_invalid"]) {
        Refusal::TapTooOld
    } else {
        Refusal::Refused(format!("{code} {description}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Parameters, Refusal, meaning};

    #[test]
    fn refusals_have_their_names() {
        let no = || None::<Parameters>;
        for (code, said, means) in [
            (403, "Forbidden: bot was blocked by the user", Refusal::Blocked),
            (400, "Bad Request: chat not found", Refusal::Blocked),
            (400, "Bad Request: message is not modified: specified new ...", Refusal::NotModified),
            (400, "Bad Request: message to edit not found", Refusal::CannotEdit),
            (400, "Bad Request: there is no text in the message to edit", Refusal::CannotEdit),
            (400, "Bad Request: message can't be edited", Refusal::CannotEdit),
            (400, "Bad Request: query is too old and response timeout expired", Refusal::TapTooOld),
            (502, "Bad Gateway", Refusal::Down("502 Bad Gateway".to_owned())),
            (400, "Bad Request: can't parse entities", Refusal::Refused("400 Bad Request: can't parse entities".to_owned())),
        ] {
            assert_eq!(meaning(code, said, no()), means);
        }
        let wait = Parameters { retry_after: Some(7), migrate_to_chat_id: None };
        assert_eq!(meaning(429, "", Some(wait)), Refusal::Wait(Duration::from_secs(7)));
        assert_eq!(meaning(429, "", no()), Refusal::Wait(Duration::from_secs(1)));
        let moved = Parameters { retry_after: None, migrate_to_chat_id: Some(-100) };
        assert_eq!(meaning(400, "", Some(moved)), Refusal::Moved(-100));
    }
}
