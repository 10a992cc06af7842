//! Disturbances on order: refusals, silence, cut answers, slow lines, double deliveries, and optionally Telegram's
//! flood limits. While a 429 penalty of a chat runs, every call for that chat gets 429 with what is left of it.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::answer::Refusal;
use super::state::State;

/// A disturbance, and when it strikes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// Only calls of this method; of any, when absent.
    #[serde(default)]
    pub method: Option<String>,
    #[serde(default)]
    pub chat: Option<i64>,
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How often it strikes before it is spent.
    #[serde(default)]
    pub times: Option<u32>,
    /// Strikes only each n-th matching call.
    #[serde(default)]
    pub every: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// 429, and a penalty for the chat that lasts as long. Seconds.
    TooMany {
        retry_after: u64,
    },
    Status {
        code: u16,
        description: String,
    },
    /// Silence, then 504; nothing is done.
    Hang {
        ms: u64,
    },
    /// The thing is done, and the connection is cut instead of an answer.
    DropAnswer,
    /// Each update is delivered once more after it was confirmed.
    DeliverTwice,
    /// Everything takes this much longer.
    SlowRtt {
        ms: u64,
    },
}

impl Fault {
    pub fn new(kind: FaultKind) -> Self {
        Self { method: None, chat: None, kind, times: None, every: None }
    }

    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    #[must_use]
    pub fn for_chat(mut self, chat: i64) -> Self {
        self.chat = Some(chat);
        self
    }

    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    #[must_use]
    pub fn every(mut self, calls: u32) -> Self {
        self.every = Some(calls);
        self
    }
}

/// An ordered fault, as listed.
#[derive(Debug, Clone, Serialize)]
pub struct Ordered {
    pub id: u64,
    #[serde(flatten)]
    pub fault: Fault,
    pub matched: u32,
    pub struck: u32,
}

struct Penalty {
    /// By the world's clock, in unix seconds, and by the machine's: over as soon as either says so, since a story moves
    /// the one and a running shop waits for the other.
    until: i64,
    start: Instant,
    span: Duration,
}

impl Penalty {
    fn left(&self, now: i64) -> Option<u64> {
        let passed = self.start.elapsed();
        let left = self.span.checked_sub(passed).filter(|left| !left.is_zero() && now < self.until)?;
        Some(left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }
}

#[derive(Default)]
pub struct Faults {
    ordered: Vec<Ordered>,
    count: u64,
    penalties: HashMap<i64, Penalty>,
    pub flood: Option<Flood>,
}

/// What becomes of one call.
#[derive(Debug, Default)]
pub struct Verdict {
    pub delay_ms: u64,
    pub act: Act,
}

#[derive(Debug, Default)]
pub enum Act {
    #[default]
    Pass,
    Refuse(Refusal),
    Hang,
    DropAnswer,
}

impl Faults {
    pub fn order(&mut self, fault: Fault) -> u64 {
        self.count += 1;
        self.ordered.push(Ordered { id: self.count, fault, matched: 0, struck: 0 });
        self.count
    }

    /// Takes one fault back, or all of them and all penalties.
    pub fn clear(&mut self, id: Option<u64>) {
        if let Some(id) = id {
            self.ordered.retain(|fault| fault.id != id);
        } else {
            self.ordered.clear();
            self.penalties.clear();
        }
    }

    pub fn list(&self) -> &[Ordered] {
        &self.ordered
    }

    /// Should this update be delivered once more? Counts as a strike.
    pub fn repeats(&mut self, chat: i64) -> bool {
        self.strike(|fault| fault.kind == FaultKind::DeliverTwice && fault.chat.is_none_or(|only| only == chat)).is_some()
    }

    fn strike(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<FaultKind> {
        let mut struck = None;
        for ordered in self.ordered.iter_mut().filter(|ordered| fits(&ordered.fault)) {
            ordered.matched += 1;
            if ordered.matched % ordered.fault.every.unwrap_or(1).max(1) == 0 {
                ordered.struck += 1;
                struck = Some(ordered.fault.kind.clone());
                break;
            }
        }
        self.ordered.retain(|ordered| ordered.fault.times.is_none_or(|times| ordered.struck < times));
        struck
    }
}

impl State {
    /// Judges a call before it is done. `method` is in lower case.
    pub fn judge(&mut self, method: &str, chat: Option<i64>) -> Verdict {
        let (now, mut verdict) = (self.now, Verdict::default());
        if let Some(chat) = chat
            && let Some(penalty) = self.faults.penalties.get(&chat)
        {
            if let Some(left) = penalty.left(now) {
                self.counters.sent_while_penalised += 1;
                verdict.act = Act::Refuse(Refusal::too_many(left));
                return verdict;
            }
            self.faults.penalties.remove(&chat);
        }
        let fits = |fault: &Fault| {
            fault.method.as_ref().is_none_or(|only| only.eq_ignore_ascii_case(method))
                && fault.chat.is_none_or(|only| Some(only) == chat)
        };
        let slow = |fault: &Fault| matches!(fault.kind, FaultKind::SlowRtt { .. });
        if let Some(FaultKind::SlowRtt { ms }) = self.faults.strike(|fault| slow(fault) && fits(fault)) {
            verdict.delay_ms = ms;
        }
        let polls = method == "getupdates";
        let loud = |fault: &Fault| {
            !slow(fault) && fault.kind != FaultKind::DeliverTwice && fits(fault) && (!polls || fault.method.is_some())
        };
        match self.faults.strike(loud) {
            Some(FaultKind::TooMany { retry_after }) => {
                self.penalise(chat, retry_after);
                verdict.act = Act::Refuse(Refusal::too_many(retry_after));
            }
            Some(FaultKind::Status { code, description }) => {
                verdict.act = Act::Refuse(Refusal { code, description, parameters: None });
            }
            Some(FaultKind::Hang { ms }) => {
                verdict.delay_ms += ms;
                verdict.act = Act::Hang;
            }
            Some(FaultKind::DropAnswer) => verdict.act = Act::DropAnswer,
            Some(FaultKind::DeliverTwice | FaultKind::SlowRtt { .. }) | None => {}
        }
        if matches!(verdict.act, Act::Pass)
            && let Some(chat) = chat.filter(|_| is_sending(method))
            && let Some(wait) = self.faults.flood.as_mut().and_then(|flood| flood.take(chat))
        {
            self.penalise(Some(chat), wait);
            verdict.act = Act::Refuse(Refusal::too_many(wait));
        }
        verdict
    }

    fn penalise(&mut self, chat: Option<i64>, seconds: u64) {
        let until = self.now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        if let Some(chat) = chat {
            let penalty = Penalty { until, start: Instant::now(), span: Duration::from_secs(seconds) };
            self.faults.penalties.insert(chat, penalty);
        }
    }
}

fn is_sending(method: &str) -> bool {
    (method.starts_with("send") && method != "sendchataction")
        || ["copy", "forward", "edit"].iter().any(|prefix| method.starts_with(prefix))
}

/// Telegram's documented limits as a leaky bucket: 30 a second in all, one a second in a chat with short bursts,
/// 20 a minute in a group.
pub struct Flood {
    start: Instant,
    /// When the bucket of a chat (0: all chats) is empty again, in milliseconds since the start.
    empty_at_ms: HashMap<i64, u64>,
}

impl Default for Flood {
    fn default() -> Self {
        Self { start: Instant::now(), empty_at_ms: HashMap::new() }
    }
}

impl Flood {
    /// Takes a place, or says how many seconds to wait.
    fn take(&mut self, chat: i64) -> Option<u64> {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (step_ms, burst_ms) = if chat < 0 { (3_000, 60_000) } else { (1_000, 4_000) };
        self.take_from(chat, now, step_ms, burst_ms).or_else(|| self.take_from(0, now, 33, 1_000))
    }

    fn take_from(&mut self, key: i64, now: u64, step_ms: u64, burst_ms: u64) -> Option<u64> {
        let empty_at = self.empty_at_ms.entry(key).or_insert(now);
        let next = (*empty_at).max(now) + step_ms;
        if next - now > burst_ms {
            return Some((next - now - burst_ms).div_ceil(1_000));
        }
        *empty_at = next;
        None
    }
}
