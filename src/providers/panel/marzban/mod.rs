//! Marzban 0.8.4 behind the neutral trait.
//! Always: names, notes and times are checked here before they are sent, since Marzban commits a row that it cannot read back
//! (an expiry in milliseconds, a user without proxies) and then fails every page that holds it.
//! Never: its `next_plan` (its calls are broken), device limits (it has none), a change by a relative amount.

mod client;
mod links;
#[cfg(test)]
mod recorded;
mod session;
mod verbs;
mod wire;

use std::collections::BTreeMap;
use std::time::Instant;

use client::{Ask, Client};
use futures::FutureExt as _;

use super::super::http::{Http, ProviderError, Way};
use super::{Account, AccountName, AccountSpec, AccountsPage, Asked, Deleted, Health, PAGE_ACCOUNTS, Panel, PanelConfig};

/// Names in one `get_many` question: the names travel in the query.
const NAMES_AT_ONCE: usize = 50;

/// One Marzban.
pub struct Marzban {
    code: String,
    client: Client,
    link_base: String,
    proxies: BTreeMap<String, wire::Proxy>,
    inbounds: BTreeMap<String, Vec<String>>,
}

impl Marzban {
    pub fn new(config: PanelConfig) -> Result<Self, ProviderError> {
        let wrong = |what: &str| ProviderError::refused("config", format!("panel {}: {what}", config.code));
        let base = trimmed(&config.base_url).ok_or_else(|| wrong("the address is not an http(s) address"))?;
        let link_base = match &config.sub_base_url {
            Some(url) => trimmed(url).ok_or_else(|| wrong("the address of links is not an http(s) address"))?,
            None => base.clone(),
        };
        let mut protocols = config.protocols.clone();
        if protocols.is_empty() {
            protocols.push("vless".to_owned());
        }
        let mut proxies = BTreeMap::new();
        for protocol in &protocols {
            let flow = match protocol.as_str() {
                "vless" | "trojan" => config.flow.clone(),
                "vmess" | "shadowsocks" => None,
                other => return Err(wrong(&format!("Marzban has no protocol \"{other}\""))),
            };
            proxies.insert(protocol.clone(), wire::Proxy { flow });
        }
        // An empty list would mean "all" when a user is made and "none" when one is changed: it is not sent.
        let inbounds: BTreeMap<_, _> = config.inbounds.into_iter().filter(|(_, tags)| !tags.is_empty()).collect();
        if let Some(lost) = inbounds.keys().find(|protocol| !proxies.contains_key(*protocol)) {
            return Err(ProviderError::refused(
                "config",
                format!("panel {}: inbounds are named for \"{lost}\", which is not among the protocols", config.code),
            ));
        }
        let way = Way { code: config.code.clone(), proxy: config.proxy, timeout_ms: config.timeout_ms };
        let client = Client {
            http: Http::new(&way)?,
            base,
            username: config.username,
            password: config.password,
            session: session::Session::default(),
        };
        Ok(Self { code: config.code, client, link_base, proxies, inbounds })
    }

    async fn page(&self, page: u32) -> Result<AccountsPage, ProviderError> {
        let offset = u64::from(page) * u64::from(PAGE_ACCOUNTS);
        // Without an order Marzban gives none. By creation: accounts made meanwhile come last, so none is skipped.
        let ask = Ask::get("/api/users", "/api/users")
            .query("offset", &offset)
            .query("limit", &PAGE_ACCOUNTS)
            .query("sort", &"created_at,username");
        let users: wire::Users = self.client.ask(&ask).await?;
        let more = !users.users.is_empty() && offset + u64::from(PAGE_ACCOUNTS) < users.total;
        Ok(AccountsPage {
            total: users.total,
            next: if more { page.checked_add(1) } else { None },
            accounts: users.users.into_iter().map(|user| user.into_account(&self.link_base)).collect(),
        })
    }

    async fn those(&self, names: &[AccountName]) -> Result<Vec<Account>, ProviderError> {
        let mut found = Vec::with_capacity(names.len());
        for chunk in names.chunks(NAMES_AT_ONCE) {
            let ask = Ask::get("/api/users", "/api/users").query("sort", &"username");
            let ask = chunk.iter().fold(ask, |ask, name| ask.query("username", name));
            let users: wire::Users = self.client.ask(&ask).await?;
            found.extend(users.users.into_iter().map(|user| user.into_account(&self.link_base)));
        }
        Ok(found)
    }

    async fn look_well(&self) -> Result<Health, ProviderError> {
        let begun = Instant::now();
        let system: wire::System = self.client.ask(&Ask::get("/api/system", "/api/system")).await?;
        let latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let core: wire::Core = self.client.ask(&Ask::get("/api/core", "/api/core")).await?;
        let admin: wire::Admin = self.client.ask(&Ask::get("/api/admin", "/api/admin")).await?;
        let warning = admin.users_usage.is_none().then(|| {
            "our login exists only in the panel's environment: deleted accounts stay in its running core; \
             make an admin in the panel's database for the shop"
                .to_owned()
        });
        Ok(Health {
            version: system.version,
            accounts_total: system.total_user,
            accounts_active: system.users_active,
            core_running: core.started,
            latency_ms,
            warning,
        })
    }
}

/// An address without the slash at its end, if it is one.
fn trimmed(url: &str) -> Option<String> {
    let parsed: url::Url = url.trim().parse().ok()?;
    let is_web = matches!(parsed.scheme(), "http" | "https") && parsed.host().is_some();
    (is_web && parsed.query().is_none() && parsed.fragment().is_none()).then(|| parsed.as_str().trim_end_matches('/').to_owned())
}

impl Panel for Marzban {
    fn code(&self) -> &str {
        &self.code
    }

    fn ensure<'a>(&'a self, spec: &'a AccountSpec) -> Asked<'a, Account> {
        self.make(spec).boxed()
    }

    fn apply<'a>(&'a self, spec: &'a AccountSpec) -> Asked<'a, Account> {
        self.bring(spec).boxed()
    }

    fn reset_usage<'a>(&'a self, spec: &'a AccountSpec) -> Asked<'a, Account> {
        self.reset(spec).boxed()
    }

    fn get<'a>(&'a self, name: &'a AccountName) -> Asked<'a, Account> {
        async move { Ok(self.user(name).await?.into_account(&self.link_base)) }.boxed()
    }

    fn list(&self, page: u32) -> Asked<'_, AccountsPage> {
        self.page(page).boxed()
    }

    fn get_many<'a>(&'a self, names: &'a [AccountName]) -> Asked<'a, Vec<Account>> {
        self.those(names).boxed()
    }

    fn revoke_link<'a>(&'a self, name: &'a AccountName) -> Asked<'a, Account> {
        self.revoke(name).boxed()
    }

    fn delete<'a>(&'a self, name: &'a AccountName, note: &'a str) -> Asked<'a, Deleted> {
        self.remove(name, note).boxed()
    }

    fn links<'a>(&'a self, account: &'a Account) -> Asked<'a, Vec<String>> {
        links::servers(&self.client.http, &account.subscription_url).boxed()
    }

    fn health(&self) -> Asked<'_, Health> {
        self.look_well().boxed()
    }
}
