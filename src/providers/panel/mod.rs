//! What a shop asks of any panel, in neutral words; one folder a vendor.
//! Always: every change names absolute targets, so it may be repeated; an account is ours only when its note is ours; times
//! are unix seconds, traffic is bytes, absent means unlimited.
//! Never: a retry with a pause, a decision about money or people.

pub mod account;
pub mod marzban;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use futures::future::BoxFuture;
use secrecy::SecretString;

pub use account::{Account, AccountName, AccountSpec, AccountState, BadAccountName, Wanted};

use super::http::ProviderError;

/// What a call to a panel gives, boxed so that vendors are interchangeable.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// A machine that carries accounts. Refusal codes that every vendor uses: `name_taken` (an account of that name is not
/// ours), `no_servers` (the link opens, and is empty), `invalid` (the panel or we do not accept a value), `forbidden` (our
/// login may not), `config` (what we were told about the panel cannot be right).
pub trait Panel: Send + Sync {
    /// Our code of the panel.
    fn code(&self) -> &str;
    /// Makes the account, or finds the one we made before, and brings it to the targets. Looks before it repeats.
    fn ensure<'a>(&'a self, spec: &'a AccountSpec) -> Asked<'a, Account>;
    /// Brings an existing account of ours to the targets. `Absent` when there is none.
    fn apply<'a>(&'a self, spec: &'a AccountSpec) -> Asked<'a, Account>;
    /// Sets the used traffic to nothing, then asserts the targets again.
    fn reset_usage<'a>(&'a self, spec: &'a AccountSpec) -> Asked<'a, Account>;
    /// `Absent` when there is none. Whose it is, is for the caller to compare.
    fn get<'a>(&'a self, name: &'a AccountName) -> Asked<'a, Account>;
    /// All accounts of the panel, `PAGE_ACCOUNTS` at a time, from page 0, in a stable order.
    fn list(&self, page: u32) -> Asked<'_, AccountsPage>;
    /// Those of these that exist, in any order.
    fn get_many<'a>(&'a self, names: &'a [AccountName]) -> Asked<'a, Vec<Account>>;
    /// Gives the account new credentials and a new link; the old ones stop working. Repeating it makes yet newer ones.
    fn revoke_link<'a>(&'a self, name: &'a AccountName) -> Asked<'a, Account>;
    /// Deletes the account if its note is this one. An account that is not there counts as deleted.
    fn delete<'a>(&'a self, name: &'a AccountName, note: &'a str) -> Asked<'a, Deleted>;
    /// Fetches the subscription link as an app would: the servers that a customer will see. Secrets, all of them.
    fn links<'a>(&'a self, account: &'a Account) -> Asked<'a, Vec<String>>;
    fn health(&self) -> Asked<'_, Health>;
}

/// Accounts a page of `Panel::list`.
pub const PAGE_ACCOUNTS: u32 = 100;

/// A page of all accounts.
#[derive(Debug, Clone)]
pub struct AccountsPage {
    pub accounts: Vec<Account>,
    /// All accounts of the panel, not of the page.
    pub total: u64,
    /// The page to ask for next, unless this was the last.
    pub next: Option<u32>,
}

/// How an account went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    Now,
    /// It was not there.
    Before,
    /// Gone, though the panel answered with a failure: its running core may carry the account until it restarts.
    Uncleanly,
}

/// How a panel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub version: String,
    pub accounts_total: u64,
    pub accounts_active: u64,
    pub core_running: bool,
    pub latency_ms: u64,
    /// Something an operator should put right, though the panel works.
    pub warning: Option<String>,
}

/// Which vendor a panel is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelKind {
    Marzban,
    ThreeXUi,
    Hiddify,
}

impl PanelKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marzban => "marzban",
            Self::ThreeXUi => "3x-ui",
            Self::Hiddify => "hiddify",
        }
    }
}

impl fmt::Display for PanelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a vendor that we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no kind of panel; known kinds: marzban")]
pub struct BadPanelKind(String);

impl FromStr for PanelKind {
    type Err = BadPanelKind;

    fn from_str(text: &str) -> Result<Self, BadPanelKind> {
        [Self::Marzban, Self::ThreeXUi, Self::Hiddify]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| BadPanelKind(text.to_owned()))
    }
}

/// All that is needed to speak with one panel.
#[derive(Clone)]
pub struct PanelConfig {
    /// Our name of it, for logs and alarms.
    pub code: String,
    pub kind: PanelKind,
    /// Where its API is, as we reach it.
    pub base_url: String,
    /// Where customers reach its subscription links, when that is elsewhere.
    pub sub_base_url: Option<String>,
    pub username: String,
    pub password: SecretString,
    pub proxy: Option<String>,
    pub timeout_ms: u64,
    /// Protocols that an account gets: `vless`, `vmess`, `trojan`, `shadowsocks`. Empty means `vless`.
    pub protocols: Vec<String>,
    /// Inbound tags by protocol. A protocol without an entry gets all its inbounds.
    pub inbounds: BTreeMap<String, Vec<String>>,
    /// The `flow` of vless and trojan (`xtls-rprx-vision`), if any.
    pub flow: Option<String>,
}

impl fmt::Debug for PanelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanelConfig").field("code", &self.code).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A panel of the right vendor. Says nothing to the machine yet: a panel that is down can be connected to.
pub fn connect(config: PanelConfig) -> Result<Arc<dyn Panel>, ProviderError> {
    match config.kind {
        PanelKind::Marzban => Ok(Arc::new(marzban::Marzban::new(config)?)),
        PanelKind::ThreeXUi | PanelKind::Hiddify => Err(ProviderError::refused(
            "config",
            format!("panel {}: panels of kind {} are not supported by this version", config.code, config.kind),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(kind: PanelKind) -> PanelConfig {
        PanelConfig {
            code: "de1".into(),
            kind,
            base_url: "https://panel.example".into(),
            sub_base_url: None,
            username: "shop".into(),
            password: "hidden-word".to_owned().into(),
            proxy: Some("socks5://u:hidden-word@proxy.example:1080".into()),
            timeout_ms: 1_000,
            protocols: vec![],
            inbounds: BTreeMap::new(),
            flow: None,
        }
    }

    #[test]
    fn a_kind_reads_back_as_it_is_written() {
        for kind in [PanelKind::Marzban, PanelKind::ThreeXUi, PanelKind::Hiddify] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("Marzban".parse::<PanelKind>().is_err());
    }

    #[test]
    fn connecting_chooses_the_vendor_or_says_clearly_that_there_is_none() {
        assert_eq!(connect(config(PanelKind::Marzban)).ok().map(|p| p.code().to_owned()), Some("de1".to_owned()));
        for kind in [PanelKind::ThreeXUi, PanelKind::Hiddify] {
            let Err(ProviderError::Refused { code: "config", say }) = connect(config(kind)) else { panic!("{kind}") };
            assert!(say.contains("de1") && say.contains(kind.as_str()), "{say}");
        }
    }

    #[test]
    fn a_config_does_not_print_its_secrets() {
        assert!(!format!("{:?}", config(PanelKind::Marzban)).contains("hidden-word"));
    }
}
