//! From Telegram to the inbox: long polling, and the registration of webhooks.
//!
//! What always holds: a page of updates is on disk before the next page is asked for, which is what confirms it; so a crash loses
//! nothing and at most doubles a page, and a double is a no-op. One process polls at a time. Nothing is dropped because it
//! is old: a payment may be among it.
//! It parses no update: only ids and lanes are read.
use crate::base::{Clock, Fault, Time};
use crate::queue::inbox::{Accept, Incoming};
use crate::queue::{CancellationToken, Lease};
use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use teloxide::Bot;
use url::Url;

/// What we ask Telegram to send us; everything else it keeps to itself.
pub const ALLOWED: [&str; 5] = ["message", "edited_message", "callback_query", "my_chat_member", "pre_checkout_query"];

/// How long Telegram holds a poll that has nothing to tell.
const HOLD: Duration = Duration::from_secs(20);
/// How much longer we wait for its answer.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Answers a `pre_checkout_query`, given its raw update, at once: Telegram waits ten seconds for it and no longer.
pub type PreCheckout = Arc<dyn Fn(String) -> BoxFuture<'static, ()> + Send + Sync>;

/// When intake last did its work, for `/readyz`.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<AtomicI64>);

impl Pulse {
    fn beat(&self, now: Time) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// The last time that Telegram answered, or that another process was seen to poll; zero before the first.
    pub fn last(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}

/// Polls Telegram.
pub struct Intake {
    pub bot: Bot,
    pub clock: Clock,
    pub inbox: Arc<dyn Accept>,
    /// Who may poll.
    pub lease: Lease,
    pub pre_checkout: PreCheckout,
    pub pulse: Pulse,
}

/// What went wrong with a call, as far as it tells what to do next.
#[derive(Debug)]
enum Trouble {
    /// Telegram wants us to wait.
    Wait(Duration),
    /// A webhook is set, or somebody else polls with our token.
    Conflict(String),
    /// Anything else; its words hold no token.
    Other(String),
}

#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    result: Option<Box<RawValue>>,
    error_code: Option<i64>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u64,
    allowed_updates: [&'static str; 5],
}

impl Intake {
    /// Polls until told to stop, whenever this process is the one that may.
    pub async fn run(self, shutdown: CancellationToken) {
        let work = async {
            loop {
                match self.lease.hold().await {
                    Ok(true) => self.poll().await,
                    Ok(false) => self.pulse.beat(self.clock.now()),
                    Err(fault) => tracing::error!(error = %fault, "asking for the right to poll failed"),
                }
                tokio::time::sleep(Lease::BEAT).await;
            }
        };
        tokio::select! {
            () = work => {}
            () = shutdown.cancelled() => {}
        }
        if let Err(fault) = self.lease.release().await {
            tracing::error!(error = %fault, "giving back the right to poll failed");
        }
    }

    /// Polls as long as the right to do so is ours.
    async fn poll(&self) {
        let work = async {
            self.without_webhook().await;
            let (mut offset, mut pause) = (None, PAUSE_MIN);
            loop {
                self.inbox.room().await;
                match self.page(offset).await {
                    Ok(next) => {
                        self.pulse.beat(self.clock.now());
                        (offset, pause) = (next, PAUSE_MIN);
                    }
                    Err(trouble) => {
                        pause = self.sit_out(trouble, pause).await;
                    }
                }
            }
        };
        let keep = async {
            let mut beat = tokio::time::interval(Lease::BEAT);
            loop {
                beat.tick().await;
                match self.lease.hold().await {
                    Ok(true) => {}
                    Ok(false) => return tracing::warn!("another process polls now"),
                    Err(fault) => return tracing::error!(error = %fault, "the right to poll could not be renewed"),
                }
            }
        };
        tokio::select! {
            () = work => {}
            () = keep => {}
        }
    }

    /// Fetches a page and stores it; answers with the offset that confirms it.
    async fn page(&self, offset: Option<i64>) -> Result<Option<i64>, Trouble> {
        let ask = GetUpdates { offset, limit: 100, timeout: HOLD.as_secs(), allowed_updates: ALLOWED };
        let result = call(&self.bot, "GetUpdates", &ask, HOLD + PATIENCE).await?;
        let raws: Vec<Box<RawValue>> =
            serde_json::from_str(result.get()).map_err(|error| Trouble::Other(format!("no list of updates: {error}")))?;
        let count = raws.len();
        let updates: Vec<Incoming> =
            raws.into_iter().filter_map(|raw| Incoming::read(String::from(Box::<str>::from(raw)))).collect();
        if updates.len() < count {
            // Without its id an update can be neither stored nor confirmed.
            tracing::error!(count = count - updates.len(), "Telegram sent updates without an id");
        }
        let Some(last) = updates.iter().map(|update| update.update.0).max() else {
            return if count == 0 { Ok(offset) } else { Err(Trouble::Other("a page of updates without ids".to_owned())) };
        };
        answer_at_once(&updates, &self.pre_checkout);
        self.inbox.accept(updates).await.map_err(|fault| Trouble::Other(format!("storing a page: {fault}")))?;
        Ok(Some(last + 1))
    }

    async fn sit_out(&self, trouble: Trouble, pause: Duration) -> Duration {
        match trouble {
            Trouble::Wait(wait) => {
                tracing::warn!(seconds = wait.as_secs(), "Telegram wants us to poll later");
                tokio::time::sleep(wait).await;
                PAUSE_MIN
            }
            Trouble::Conflict(why) => {
                tracing::warn!(why, "a webhook is set, or somebody else polls with this token");
                tokio::time::sleep(pause.max(Duration::from_secs(1))).await;
                self.without_webhook().await;
                (pause * 2).min(PAUSE_MAX)
            }
            Trouble::Other(why) => {
                tracing::warn!(why, "polling failed; trying again");
                tokio::time::sleep(pause).await;
                (pause * 2).min(PAUSE_MAX)
            }
        }
    }

    /// While a webhook is set Telegram answers no poll. What waits stays: it may be a payment.
    async fn without_webhook(&self) {
        let ask = serde_json::json!({ "drop_pending_updates": false });
        if let Err(trouble) = call(&self.bot, "DeleteWebhook", &ask, PATIENCE).await {
            tracing::warn!(?trouble, "the webhook could not be taken away; polling will tell");
        }
    }
}

/// Starts the answers to what cannot wait in line.
pub fn answer_at_once(updates: &[Incoming], pre_checkout: &PreCheckout) {
    for update in updates.iter().filter(|update| update.pre_checkout) {
        crate::base::task::spawn("pre-checkout", pre_checkout(update.raw.clone()));
    }
}

/// Asks Telegram to send updates to `url`, with `secret` in a header.
pub async fn set_webhook(bot: &Bot, url: &Url, secret: &SecretString) -> Result<(), Fault> {
    let ask = serde_json::json!({
        "url": url.as_str(),
        "secret_token": secret.expose_secret(),
        "allowed_updates": ALLOWED,
        "max_connections": 100,
        "drop_pending_updates": false,
    });
    match call(bot, "SetWebhook", &ask, PATIENCE).await {
        Ok(_) => Ok(()),
        Err(trouble) => Err(Fault::new(format!("setting the webhook: {trouble:?}"))),
    }
}

/// Sets the webhook, again and again until it is set or we are told to stop.
pub async fn keep_webhook(bot: Bot, url: Url, secret: SecretString, shutdown: CancellationToken) {
    let work = async {
        let mut pause = PAUSE_MIN;
        while let Err(fault) = set_webhook(&bot, &url, &secret).await {
            tracing::error!(error = %fault, "no updates will come until the webhook is set; trying again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    };
    tokio::select! {
        () = work => {}
        () = shutdown.cancelled() => {}
    }
}

async fn call(bot: &Bot, method: &str, ask: &(impl Serialize + Sync), timeout: Duration) -> Result<Box<RawValue>, Trouble> {
    let url = format!("{}/bot{}/{method}", bot.api_url().as_str().trim_end_matches('/'), bot.token());
    // The URL holds the token: no error may carry it.
    let words = |error: reqwest::Error| Trouble::Other(error.without_url().to_string());
    let answer = bot.client().post(url).json(ask).timeout(timeout).send().await.map_err(words)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(words)?;
    let Ok(envelope) = serde_json::from_slice::<Envelope>(&body) else {
        return Err(Trouble::Other(format!("{method} was answered {status} without JSON")));
    };
    match envelope {
        Envelope { ok: true, result: Some(result), .. } => Ok(result),
        Envelope { parameters: Some(Parameters { retry_after: Some(seconds) }), .. } => {
            Err(Trouble::Wait(Duration::from_secs(seconds)))
        }
        Envelope { error_code: Some(409), description, .. } => Err(Trouble::Conflict(description.unwrap_or_default())),
        Envelope { description, .. } => {
            Err(Trouble::Other(format!("{method} was answered {status}: {}", description.unwrap_or_default())))
        }
    }
}
