//! What every story must end with: nothing due, nothing failed, the ledger whole, and nobody asked for the impossible.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use souk::db::query;

use super::proofs;
use super::shop::World;

/// What a story ordered to go wrong, and so is no failure of the shop's.
pub struct Ending {
    failures: Arc<Mutex<Vec<String>>>,
    taps: AtomicU64,
    allowed: Mutex<Vec<Allowed>>,
}

/// A trouble that the story orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Calls that Telegram answers with this code.
    Telegram(u16),
    /// An update whose handling fails at first.
    UpdateFails,
    /// A tap that is answered a second time.
    TapAgain,
    /// A tap without an answer.
    TapUnanswered,
    /// A message that is sent again, since nobody heard that it arrived.
    ToldAgain,
    /// A notice that reaches nobody.
    NoticeDropped,
    /// A job that is given up.
    JobGivenUp,
    /// Something that a real panel would refuse or choke on.
    PanelViolation,
}

#[derive(sea_orm::FromQueryResult)]
struct Line {
    line: String,
}

impl Ending {
    pub fn new(failures: Arc<Mutex<Vec<String>>>) -> Self {
        Self { failures, taps: AtomicU64::new(0), allowed: Mutex::default() }
    }

    pub fn tapped(&self) {
        self.taps.fetch_add(1, Ordering::Relaxed);
    }

    /// The story orders this trouble.
    pub fn allow(&self, trouble: Allowed) {
        self.allowed.lock().unwrap_or_else(PoisonError::into_inner).push(trouble);
    }

    pub fn allows(&self, trouble: Allowed) -> bool {
        self.allowed.lock().unwrap_or_else(PoisonError::into_inner).contains(&trouble)
    }
}

impl World {
    /// Demands what every story must end with.
    pub async fn end(&self) {
        let allows = |trouble| self.ending.allows(trouble);
        let failures = self.ending.failures.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert!(failures.is_empty() || allows(Allowed::UpdateFails), "updates failed: {failures:#?}");
        let undone = if allows(Allowed::UpdateFails) { "state = 'new'" } else { "state <> 'done'" };
        let undone = format!("SELECT CAST(update_id AS TEXT) AS line FROM inbox WHERE {undone}");
        self.nothing(&undone, "updates are not done").await;
        let now = self.clock.now().0;
        let due = format!("SELECT kind AS line FROM jobs WHERE state = 'running' OR (state = 'due' AND run_at <= {now})");
        self.nothing(&due, "jobs are due").await;
        let due = format!("SELECT body AS line FROM outbox WHERE state = 'sending' OR (state = 'due' AND send_at <= {now})");
        self.nothing(&due, "notices are due").await;
        if !allows(Allowed::JobGivenUp) {
            let given_up = "SELECT kind || ': ' || COALESCE(error, '') AS line FROM jobs WHERE state = 'given_up'";
            self.nothing(given_up, "jobs were given up").await;
        }
        if !allows(Allowed::NoticeDropped) {
            // What is not true any more when it would go out is rightly not said.
            let dropped = "SELECT body || ': ' || COALESCE(error, '') AS line FROM outbox
                WHERE state = 'dropped' AND COALESCE(error, '') <> 'there is nothing to say any more'";
            self.nothing(dropped, "notices were dropped").await;
        }
        proofs::prove(&self.app.db).await;
        if !allows(Allowed::PanelViolation) {
            assert_eq!(self.panel.violations(), Vec::<String>::new(), "the panel was asked for what it refuses");
        }
        self.telegram_was_asked_well();
    }

    fn telegram_was_asked_well(&self) {
        let allows_again = self.ending.allows(Allowed::TapAgain);
        let refused: Vec<_> = self
            .telegram
            .calls()
            .into_iter()
            .filter(|call| (400..500).contains(&call.code) && !self.ending.allows(Allowed::Telegram(call.code)))
            // A screen that is drawn again is the same screen: Telegram says so, and nothing is lost.
            .filter(|call| !call.answer.to_string().contains("message is not modified"))
            .filter(|call| !(allows_again && call.answer.to_string().contains("query is too old")))
            .map(|call| format!("{} {}: {}", call.method, call.params, call.answer))
            .collect();
        assert!(refused.is_empty(), "Telegram refused: {refused:#?}");
        let (taps, answered) = (self.ending.taps.load(Ordering::Relaxed), self.telegram.counters().presses_answered);
        assert!(taps <= answered || self.ending.allows(Allowed::TapUnanswered), "{taps} taps, {answered} answered");
    }

    async fn nothing(&self, sql: &str, what: &str) {
        let lines: Vec<Line> = query(self.app.db.read(), sql, vec![]).await.expect("rows are read");
        let lines: Vec<String> = lines.into_iter().map(|line| line.line).collect();
        assert!(lines.is_empty(), "{what}: {lines:#?}");
    }

    /// Shows whoever debugs a story where it stood.
    pub fn tell(&self, what: &str) {
        let mut out = std::io::stderr().lock();
        let chats = self.telegram.people().into_iter().map(|person| person.id).chain([self.group_id()]);
        for chat in chats {
            let seen = self.telegram.transcript(chat);
            if !seen.is_empty() {
                drop(writeln!(out, "--- chat {chat}\n{}", self.shown(&seen)));
            }
        }
        let failures = self.ending.failures.lock().unwrap_or_else(PoisonError::into_inner).clone();
        drop(writeln!(out, "--- {what}; failures of updates: {failures:#?}"));
    }
}
