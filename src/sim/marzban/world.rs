//! The double's state: admins, inbounds and users, and what time does to them.
//! Always: changed under one lock, so that of eight creates of one name exactly one succeeds; nothing is random.
//! Never: HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::faults::Watch;
use super::gate::Gate;

/// Unix seconds, wherever they come from.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Marzban reviews its users this often.
const REVIEW_SECONDS: i64 = 10;

/// All there is of one simulated Marzban.
pub(super) struct World {
    pub clock: Clock,
    pub gate: Gate,
    state: Mutex<State>,
    watch: Mutex<Watch>,
}

impl World {
    pub fn new(clock: Clock) -> Self {
        let now = clock();
        Self { clock, gate: Gate::default(), state: Mutex::new(State::new(now)), watch: Mutex::default() }
    }

    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account has used so many bytes since its last reset, and is reviewed at once. False when there is none.
    pub fn use_up(&self, username: &str, bytes: i64) -> bool {
        let now = self.now();
        let mut state = self.state();
        let Some(user) = state.user_mut(username) else { return false };
        user.used = bytes;
        state.review(now);
        true
    }

    pub fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct State {
    pub admins: Vec<Admin>,
    pub inbounds: Vec<Inbound>,
    pub users: Vec<User>,
    /// Users that were deleted while the running core carried them, and that it still carries.
    pub ghosts: Vec<String>,
    pub core_running: bool,
    pub token_life: i64,
    /// What links name as their server.
    pub host: String,
    pub secret: String,
    /// The second that the newest subscription token carries.
    pub issued: i64,
    reviewed_at: i64,
    next_id: i64,
    drawn: u64,
}

#[derive(Clone)]
pub(super) struct Admin {
    pub username: String,
    pub password: String,
    pub is_sudo: bool,
    /// False for the admin that exists in the environment only.
    pub in_database: bool,
    /// Tokens of an earlier one are void.
    pub generation: u32,
}

#[derive(Clone)]
pub(super) struct Inbound {
    pub tag: &'static str,
    pub protocol: &'static str,
    pub network: &'static str,
    pub tls: &'static str,
    pub port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Disabled,
    Limited,
    Expired,
    OnHold,
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Active, Self::Disabled, Self::Limited, Self::Expired, Self::OnHold];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Limited => "limited",
            Self::Expired => "expired",
            Self::OnHold => "on_hold",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

#[derive(Clone)]
pub(super) struct User {
    pub id: i64,
    pub username: String,
    pub status: Status,
    pub used: i64,
    /// What earlier resets took away from `used`.
    pub used_before: i64,
    pub data_limit: Option<i64>,
    pub strategy: String,
    pub expire: Option<i64>,
    pub note: Option<String>,
    /// `None` is the poisoned row: committed, and unreadable.
    pub proxies: Option<Map<String, Value>>,
    pub excluded: BTreeMap<String, Vec<&'static str>>,
    pub created_at: i64,
    pub online_at: Option<i64>,
    pub sub_updated_at: Option<i64>,
    pub sub_agent: Option<String>,
    pub hold_duration: Option<i64>,
    pub hold_timeout: Option<i64>,
    pub auto_delete: Option<i64>,
    pub next_plan: Option<Value>,
    pub owner: Option<String>,
    /// Subscription tokens up to this one are void.
    pub void_until: i64,
}

impl User {
    /// Rows that Marzban commits and then cannot turn into an answer.
    pub fn is_poisoned(&self) -> bool {
        const LAST_SECOND_OF_9999: i64 = 253_402_300_799;
        self.proxies.is_none() || self.expire.is_some_and(|at| at > LAST_SECOND_OF_9999)
    }

    pub fn is_carried(&self) -> bool {
        matches!(self.status, Status::Active | Status::OnHold)
    }

    fn has_ended(&self, now: i64) -> bool {
        self.expire.is_some_and(|at| at <= now)
    }

    fn is_used_up(&self) -> bool {
        self.data_limit.is_some_and(|limit| self.used >= limit)
    }

    /// The limit was set: the second step of a change.
    pub fn limit_was_set(&mut self) {
        if !matches!(self.status, Status::Expired | Status::Disabled) {
            if self.is_used_up() {
                self.status = Status::Limited;
            } else if self.status != Status::OnHold {
                self.status = Status::Active;
            }
        }
    }

    /// The expiry was set: the third step of a change.
    pub fn expire_was_set(&mut self, now: i64) {
        if matches!(self.status, Status::Active | Status::Expired) {
            self.status = if self.has_ended(now) { Status::Expired } else { Status::Active };
        }
    }

    fn review(&mut self, now: i64) {
        if self.status == Status::OnHold && self.hold_timeout.is_some_and(|at| at <= now) {
            self.begin(now);
        }
        if self.status == Status::Active {
            if self.is_used_up() {
                self.status = Status::Limited;
            } else if self.has_ended(now) {
                self.status = Status::Expired;
            }
        }
    }

    /// A user on hold starts its time.
    pub fn begin(&mut self, now: i64) {
        self.status = Status::Active;
        self.expire = self.hold_duration.map(|seconds| now + seconds);
        self.hold_duration = None;
        self.hold_timeout = None;
    }
}

impl State {
    fn new(now: i64) -> Self {
        let inbound = |tag, protocol, network, tls, port| Inbound { tag, protocol, network, tls, port };
        Self {
            admins: Vec::new(),
            inbounds: vec![
                inbound("VLESS TCP", "vless", "tcp", "none", 20_443),
                inbound("VLESS WS", "vless", "ws", "none", 20_444),
                inbound("VLESS REALITY", "vless", "tcp", "reality", 20_445),
                inbound("VMESS WS", "vmess", "ws", "none", 20_446),
                inbound("TROJAN TCP", "trojan", "tcp", "none", 20_447),
                inbound("SS TCP", "shadowsocks", "tcp", "none", 20_448),
            ],
            users: Vec::new(),
            ghosts: Vec::new(),
            core_running: true,
            token_life: 86_400,
            host: "panel.example".to_owned(),
            secret: "the panel's own".to_owned(),
            issued: now,
            reviewed_at: now,
            next_id: 0,
            drawn: 0,
        }
    }

    /// What the panel's job has done by now.
    pub fn review_if_due(&mut self, now: i64) {
        if now.abs_diff(self.reviewed_at) >= REVIEW_SECONDS.unsigned_abs() {
            self.review(now);
        }
    }

    pub fn review(&mut self, now: i64) {
        self.reviewed_at = now;
        for user in &mut self.users {
            user.review(now);
        }
    }

    pub fn user(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }

    pub fn user_mut(&mut self, username: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.username == username)
    }

    pub fn next_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    /// The second for a new subscription token: later than that of every one before it.
    pub fn issue(&mut self, now: i64) -> i64 {
        self.issued = now.max(self.issued + 1);
        self.issued
    }

    pub fn tags(&self, protocol: &str) -> Vec<&'static str> {
        self.inbounds.iter().filter(|inbound| inbound.protocol == protocol).map(|inbound| inbound.tag).collect()
    }

    /// 32 bytes that were not drawn before.
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::digest(format!("{}/{}", self.secret, self.drawn)).into()
    }

    pub fn new_uuid(&mut self) -> String {
        use std::fmt::Write as _;
        let mut bytes = self.draw();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let mut text = String::with_capacity(36);
        for (at, byte) in bytes.iter().take(16).enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    pub fn new_password(&mut self) -> String {
        use base64::Engine as _;
        let bytes = self.draw();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&bytes[..16])
    }
}
