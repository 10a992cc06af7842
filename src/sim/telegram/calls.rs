//! What the bot did, for whoever judges it: the log of calls (bounded, or off), counters, and how long people waited
//! for their first sign of life.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

/// One call of the Bot API.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    pub number: u64,
    /// Unix seconds of the world's clock.
    pub at: i64,
    /// Milliseconds since the log began.
    pub ms: u64,
    pub method: String,
    pub params: Value,
    /// 200, or Telegram's error code; 0 when the answer was never sent.
    pub code: u16,
    pub answer: Value,
}

pub struct CallLog {
    calls: VecDeque<Call>,
    keep: usize,
    count: u64,
    start: Instant,
}

impl Default for CallLog {
    fn default() -> Self {
        Self { calls: VecDeque::new(), keep: 10_000, count: 0, start: Instant::now() }
    }
}

impl CallLog {
    pub fn is_on(&self) -> bool {
        self.keep > 0
    }

    /// How many calls are kept; 0 switches the log off.
    pub fn keep(&mut self, calls: usize) {
        self.keep = calls;
        self.calls.truncate(calls);
    }

    /// Milliseconds since the log began.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub fn push(&mut self, mut call: Call) {
        self.count += 1;
        (call.number, call.ms) = (self.count, self.ms());
        if self.calls.len() >= self.keep {
            self.calls.pop_front();
        }
        if self.is_on() {
            self.calls.push_back(call);
        }
    }

    pub fn since(&self, number: u64) -> Vec<Call> {
        self.calls.iter().filter(|call| call.number > number).cloned().collect()
    }
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Counters {
    pub calls: u64,
    pub by_method: BTreeMap<String, u64>,
    /// Error code to count.
    pub refused: BTreeMap<u16, u64>,
    pub messages_sent: u64,
    /// Calls for a chat whose 429 penalty was still running.
    pub sent_while_penalised: u64,
    pub updates_made: u64,
    pub updates_confirmed: u64,
    /// Deliveries of updates, repeated ones included.
    pub updates_delivered: u64,
    pub webhook_failures: u64,
    pub presses_answered: u64,
    pub answers_dropped: u64,
}

/// From each update of a chat to the screen the bot shows there: its updates and its screens are paired in their order.
#[derive(Default)]
pub struct Latency {
    waiting: HashMap<i64, VecDeque<Instant>>,
    done_us: Vec<u64>,
    is_on: bool,
}

/// What `Latency` measured, in microseconds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LatencyReport {
    pub answered: usize,
    /// Updates that have seen nothing yet.
    pub waiting: usize,
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
}

impl Latency {
    pub fn switch(&mut self, is_on: bool) {
        *self = Self { is_on, ..Self::default() };
    }

    /// Counts all that waits as asked at this moment: the bot was held back until now.
    pub fn begin_now(&mut self) {
        let now = Instant::now();
        self.waiting.values_mut().flatten().for_each(|since| *since = now);
    }

    pub fn asked(&mut self, chat: i64) {
        if self.is_on {
            self.waiting.entry(chat).or_default().push_back(Instant::now());
        }
    }

    pub fn answered(&mut self, chat: i64) {
        if self.is_on
            && let Some(since) = self.waiting.get_mut(&chat).and_then(VecDeque::pop_front)
        {
            self.done_us.push(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
    }

    pub fn report(&self) -> LatencyReport {
        let mut sorted = self.done_us.clone();
        sorted.sort_unstable();
        let part = |percent: usize| {
            sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        LatencyReport {
            answered: sorted.len(),
            waiting: self.waiting.values().map(VecDeque::len).sum(),
            p50_us: part(50),
            p99_us: part(99),
            max_us: sorted.last().copied().unwrap_or_default(),
        }
    }
}
