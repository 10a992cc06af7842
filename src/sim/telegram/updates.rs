//! The queue of updates: made, delivered, confirmed. An update leaves only when a later offset confirms it or a webhook
//! said 2xx, and until then it is delivered again and again. Long polling lives here, the webhook in `webhook`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::Telegram;
use super::answer::Refusal;
use super::params::Params;
use super::state::State;
use super::webhook::Webhook;

#[derive(Debug, Clone)]
pub struct Waiting {
    pub chat: i64,
    pub json: Arc<str>,
    pub is_repeat: bool,
}

#[derive(Default)]
pub struct Queue {
    last_id: i64,
    pub pending: BTreeMap<i64, Waiting>,
    /// Confirmed already, and to be delivered once more.
    again: VecDeque<Arc<str>>,
    /// Kinds the bot asked for; the default set when absent.
    pub allowed: Option<Vec<String>>,
    pub webhook: Option<Webhook>,
    /// Grows with each poll and each change of the webhook: an older one that still waits is thereby ended.
    pub generation: u64,
}

/// Kinds that are not delivered unless asked for by name.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

impl Queue {
    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(kinds) if !kinds.is_empty() => kinds.iter().any(|wanted| wanted == kind),
            _ => !ON_REQUEST.contains(&kind),
        }
    }

    fn batch(&mut self, limit: usize) -> Option<(String, usize)> {
        let mut out = String::from("[");
        let mut count = 0;
        let repeated = self.again.drain(..self.again.len().min(limit)).collect::<Vec<_>>();
        let left = limit.saturating_sub(repeated.len());
        for json in repeated.iter().chain(self.pending.values().take(left).map(|waiting| &waiting.json)) {
            if count > 0 {
                out.push(',');
            }
            out.push_str(json);
            count += 1;
        }
        out.push(']');
        (count > 0).then_some((out, count))
    }

    pub fn drop_all(&mut self) {
        self.pending.clear();
        self.again.clear();
    }
}

impl State {
    /// Makes an update of a kind and puts it into the queue. Returns its id, or `None` when the bot does not want its kind.
    pub fn push_update(&mut self, kind: &str, chat: i64, value: &Value) -> Option<i64> {
        if !self.queue.wants(kind) {
            return None;
        }
        self.queue.last_id += 1;
        let id = self.queue.last_id;
        self.enqueue(id, chat, &json!({ "update_id": id, kind: value }));
        Some(id)
    }

    /// Puts a ready update into the queue; one without an id gets the next.
    pub fn push_raw(&mut self, mut update: Value, chat: i64) -> i64 {
        let id = update.get("update_id").and_then(Value::as_i64).unwrap_or(self.queue.last_id + 1);
        self.queue.last_id = self.queue.last_id.max(id);
        update["update_id"] = id.into();
        self.enqueue(id, chat, &update);
        id
    }

    fn enqueue(&mut self, id: i64, chat: i64, update: &Value) {
        self.counters.updates_made += 1;
        self.latency.asked(chat);
        let waiting = Waiting { chat, json: update.to_string().into(), is_repeat: false };
        self.queue.pending.insert(id, waiting);
        if self.queue.webhook.is_some() {
            self.hook.notify_one();
        } else {
            self.poll.notify_waiters();
        }
    }

    /// Everything below the offset is confirmed. A negative offset keeps only that many of the newest.
    fn confirm(&mut self, offset: i64) {
        let below = if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            self.queue.pending.keys().rev().nth(keep.saturating_sub(1)).copied().unwrap_or(i64::MIN)
        } else {
            offset
        };
        let rest = self.queue.pending.split_off(&below);
        let confirmed = std::mem::replace(&mut self.queue.pending, rest);
        for waiting in confirmed.into_values() {
            self.counters.updates_confirmed += 1;
            if self.faults.repeats(waiting.chat) {
                self.queue.again.push_back(waiting.json);
            }
        }
    }

    pub fn take_updates(&mut self) -> Vec<Value> {
        let repeated = std::mem::take(&mut self.queue.again);
        let fresh: Vec<_> = self.queue.pending.values().map(|waiting| Arc::clone(&waiting.json)).collect();
        self.confirm(i64::MAX);
        let taken: Vec<_> = repeated.into_iter().chain(fresh).collect();
        self.counters.updates_delivered += u64::try_from(taken.len()).unwrap_or_default();
        taken.iter().filter_map(|json| serde_json::from_str(json).ok()).collect()
    }

    /// Starts a poll: confirms, remembers the wanted kinds, ends the poll before it. Returns its generation.
    fn start_poll(&mut self, params: &Params) -> Result<u64, Refusal> {
        if self.queue.webhook.is_some() {
            return Err(Refusal::conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            ));
        }
        if params.has("allowed_updates") {
            let kinds = params.list("allowed_updates")?;
            self.queue.allowed = Some(kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect());
        }
        self.confirm(params.int("offset").unwrap_or(0));
        self.queue.generation += 1;
        self.poll.notify_waiters();
        Ok(self.queue.generation)
    }

    fn poll_once(&mut self, generation: u64, limit: usize) -> Result<Option<String>, Refusal> {
        if self.queue.webhook.is_some() {
            return Err(Refusal::conflict("terminated by setWebhook request"));
        }
        if self.queue.generation != generation {
            return Err(Refusal::conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running",
            ));
        }
        let Some((json, count)) = self.queue.batch(limit) else { return Ok(None) };
        self.counters.updates_delivered += u64::try_from(count).unwrap_or_default();
        Ok(Some(json))
    }
}

impl Telegram {
    /// `getUpdates`: answers as soon as something waits, at the latest after `timeout` seconds. Returns a JSON array.
    pub(super) async fn poll(&self, params: &Params) -> Result<String, Refusal> {
        let limit = usize::try_from(params.int("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
        let seconds = u64::try_from(params.int("timeout").unwrap_or(0).clamp(0, 50)).unwrap_or(0);
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let (generation, poll) = {
            let mut state = self.lock();
            (state.start_poll(params)?, Arc::clone(&state.poll))
        };
        loop {
            let woken = poll.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            if let Some(batch) = self.lock().poll_once(generation, limit)? {
                return Ok(batch);
            }
            if seconds == 0 || timeout_at(deadline, woken).await.is_err() {
                return Ok("[]".into());
            }
        }
    }
}
