//! The double held against what a real Marzban answered (`replay`), and the adapter held against the double (`adapter`,
//! `trouble`).

mod adapter;
mod replay;
mod trouble;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::{Clock, Fault, FaultKind, Marzban};
use crate::providers::http::ProviderError;
use crate::providers::panel::{Account, AccountSpec, Panel, PanelConfig, PanelKind, Wanted, connect};

/// Where time stands at the beginning of a test.
const START: i64 = 1_795_166_104;
const DAY: i64 = 86_400;
const GIB: i64 = 1 << 30;
/// Longer than any client here waits.
const TOO_LONG_MS: u64 = 30_000;

/// A clock that stands still until it is moved.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    fn clock(&self) -> Clock {
        let hand = Arc::clone(&self.0);
        Arc::new(move || hand.load(Ordering::SeqCst))
    }

    fn set(&self, at: i64) {
        self.0.store(at, Ordering::SeqCst);
    }

    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A panel, and a client that is logged in to it as an admin of its database.
struct Stage {
    sim: Marzban,
    hand: Hand,
    panel: Arc<dyn Panel>,
}

impl Stage {
    async fn new() -> Self {
        Self::with_timeout(10_000).await
    }

    /// For stories in which the panel says nothing.
    async fn impatient() -> Self {
        Self::with_timeout(1_000).await
    }

    async fn with_timeout(timeout_ms: u64) -> Self {
        let hand = Hand::new();
        let sim = Marzban::new(hand.clock());
        sim.add_admin("shop", "pass-word");
        let panel = client(&sim, "shop", timeout_ms).await;
        Self { sim, hand, panel }
    }

    fn fault(&self, method: &'static str, path_prefix: &str, kind: FaultKind) {
        self.sim.fault(Fault { path_prefix: path_prefix.to_owned(), method: Some(method), kind, times: 1 });
    }

    /// The calls so far, and that none of them would have been refused.
    fn assert_clean(&self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }

    /// The only account there is.
    fn only(&self) -> super::Row {
        let mut all = self.sim.accounts();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

async fn client(sim: &Marzban, username: &str, timeout_ms: u64) -> Arc<dyn Panel> {
    connect(config(&sim.start().await.unwrap(), username, timeout_ms)).unwrap()
}

fn config(url: &str, username: &str, timeout_ms: u64) -> PanelConfig {
    PanelConfig {
        code: "de1".to_owned(),
        kind: PanelKind::Marzban,
        base_url: url.to_owned(),
        sub_base_url: None,
        username: username.to_owned(),
        password: "pass-word".to_owned().into(),
        proxy: None,
        timeout_ms,
        protocols: vec!["vless".to_owned()],
        inbounds: std::collections::BTreeMap::new(),
        flow: None,
    }
}

fn spec(name: &str) -> AccountSpec {
    AccountSpec {
        name: name.parse().unwrap(),
        note: format!("subscription of {name}"),
        state: Wanted::Enabled,
        expires_at: Some(START + 30 * DAY),
        traffic_bytes: Some(10 * GIB),
        device_limit: None,
    }
}

fn disabled(name: &str) -> AccountSpec {
    AccountSpec { state: Wanted::Disabled, ..spec(name) }
}

fn refusal(outcome: Result<Account, ProviderError>) -> &'static str {
    match outcome {
        Err(ProviderError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}
