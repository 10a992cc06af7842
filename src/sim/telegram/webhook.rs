//! Delivery by webhook: up to `max_connections` updates under way at once, in no promised order, each repeated with a
//! growing pause until the bot says 2xx. Plain HTTP addresses are taken too, since the simulated world has no
//! certificates; Telegram takes only HTTPS on 443, 80, 88 or 8443.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Telegram;
use super::answer::{Answer, Refusal};
use super::params::Params;
use super::state::State;
use super::updates::Waiting;
use crate::base::task::spawn;

#[derive(Debug, Clone)]
pub struct Webhook {
    url: String,
    secret: Option<String>,
    max_connections: i64,
    under_way: usize,
    last_error: Option<(i64, String)>,
}

/// A webhook's first pause after a failed delivery, and its longest.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long the bot may take to answer a delivery.
const ANSWER_MAX: Duration = Duration::from_secs(30);

impl State {
    /// Sets, replaces or (with an empty address) removes the webhook. Workers must be started after a set.
    pub fn set_webhook(&mut self, params: &Params) -> Answer {
        let url = params.str("url").unwrap_or_default();
        if url.is_empty() {
            return Ok(self.delete_webhook(params));
        }
        let parsed = url::Url::parse(url).map_err(|_| Refusal::bad("bad webhook: invalid webhook URL specified"))?;
        if !matches!(parsed.scheme(), "https" | "http") {
            return Err(Refusal::bad("bad webhook: An HTTPS URL must be provided for webhook"));
        }
        let secret = params.str("secret_token").filter(|secret| !secret.is_empty());
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if secret.is_some_and(|secret| secret.len() > 256 || !secret.chars().all(is_plain)) {
            return Err(Refusal::bad("secret token contains unallowed characters"));
        }
        if params.has("allowed_updates") {
            let kinds = params.list("allowed_updates")?;
            self.queue.allowed = Some(kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect());
        }
        if params.flag("drop_pending_updates") {
            self.queue.drop_all();
        }
        self.queue.webhook = Some(Webhook {
            url: url.to_owned(),
            secret: secret.map(str::to_owned),
            max_connections: params.int("max_connections").unwrap_or(40).clamp(1, 100),
            under_way: 0,
            last_error: None,
        });
        self.end_waiters();
        Ok(true.into())
    }

    pub fn delete_webhook(&mut self, params: &Params) -> Value {
        if params.flag("drop_pending_updates") {
            self.queue.drop_all();
        }
        self.queue.webhook = None;
        self.end_waiters();
        true.into()
    }

    fn end_waiters(&mut self) {
        self.queue.generation += 1;
        self.poll.notify_waiters();
        self.hook.notify_waiters();
    }

    pub fn webhook_info(&self) -> Value {
        let Some(hook) = &self.queue.webhook else {
            return json!({ "url": "", "has_custom_certificate": false, "pending_update_count": self.queue.pending.len() });
        };
        let mut info = json!({
            "url": hook.url,
            "has_custom_certificate": false,
            "pending_update_count": self.queue.pending.len() + hook.under_way,
            "ip_address": "127.0.0.1",
            "max_connections": hook.max_connections,
        });
        if let Some((at, message)) = &hook.last_error {
            info["last_error_date"] = (*at).into();
            info["last_error_message"] = message.clone().into();
        }
        if let Some(kinds) = &self.queue.allowed {
            info["allowed_updates"] = json!(kinds);
        }
        info
    }

    /// The next update to deliver, unless the webhook changed meanwhile (then the worker must end).
    fn take_for(&mut self, generation: u64) -> Result<Option<(i64, Waiting, Webhook)>, Gone> {
        let hook = self.queue.webhook.as_mut().filter(|_| self.queue.generation == generation).ok_or(Gone)?;
        let Some((id, waiting)) = self.queue.pending.pop_first() else { return Ok(None) };
        hook.under_way += 1;
        self.counters.updates_delivered += 1;
        Ok(Some((id, waiting, hook.clone())))
    }

    fn delivered(&mut self, generation: u64, id: i64, mut waiting: Waiting, error: Option<&str>) {
        if let Some(hook) = self.queue.webhook.as_mut().filter(|_| self.queue.generation == generation) {
            hook.under_way = hook.under_way.saturating_sub(1);
            if let Some(error) = error {
                hook.last_error = Some((self.now, error.to_owned()));
            }
        }
        if error.is_some() {
            self.counters.webhook_failures += 1;
            self.queue.pending.insert(id, waiting);
            return;
        }
        self.counters.updates_confirmed += 1;
        if !waiting.is_repeat && self.faults.repeats(waiting.chat) {
            waiting.is_repeat = true;
            self.queue.pending.insert(id, waiting);
            self.hook.notify_one();
        }
    }
}

struct Gone;

impl Telegram {
    /// Starts as many delivery workers as the webhook allows; they end when it is changed.
    #[expect(clippy::disallowed_methods, reason = "the simulated world shares nothing with the shop's clients")]
    pub(super) fn start_webhook_workers(&self) {
        let (generation, count) = {
            let state = self.lock();
            (state.queue.generation, state.queue.webhook.as_ref().map_or(0, |hook| hook.max_connections))
        };
        let client = reqwest::ClientBuilder::new().timeout(ANSWER_MAX).no_proxy().build().unwrap_or_default();
        for _ in 0..count {
            let (telegram, client) = (self.clone(), client.clone());
            drop(spawn("sim-webhook", telegram.deliver(generation, client)));
        }
    }

    async fn deliver(self, generation: u64, client: reqwest::Client) {
        let hook = Arc::clone(&self.lock().hook);
        let mut pause = PAUSE_MIN;
        loop {
            let woken = hook.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let taken = self.lock().take_for(generation);
            match taken {
                Err(Gone) => return,
                Ok(None) => woken.await,
                Ok(Some((id, waiting, to))) => {
                    let error = post(&client, &to, &waiting.json).await.err();
                    let failed = error.is_some();
                    self.lock().delivered(generation, id, waiting, error.as_deref());
                    if failed {
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(PAUSE_MAX);
                    } else {
                        pause = PAUSE_MIN;
                    }
                }
            }
        }
    }
}

async fn post(client: &reqwest::Client, hook: &Webhook, update: &Arc<str>) -> Result<(), String> {
    let mut request = client.post(&hook.url).header("content-type", "application/json").body(update.to_string());
    if let Some(secret) = &hook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let answer = request.send().await.map_err(|error| format!("Connection failed: {}", error.without_url()))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    Err(format!("Wrong response from the webhook: {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()))
}
