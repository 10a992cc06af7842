//! The panels' rows, and how their secrets are sealed.
use super::state::{Health, Intake};
use crate::base::{Fault, Time};
use crate::db::{Db, Seal, Tx, one, query, submit};
use crate::providers::panel::{PanelConfig, PanelKind};
use crate::shop::catalog::PanelCode;
use sea_orm::{ConnectionTrait, FromQueryResult};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A panel as we know it. Its secrets stay sealed.
#[derive(Clone)]
pub struct Panel {
    pub code: PanelCode,
    pub kind: PanelKind,
    pub base_url: String,
    /// Where customers reach its subscription links, when that is elsewhere.
    pub sub_base_url: Option<String>,
    pub username: String,
    pub timeout_ms: i64,
    /// Accounts it may hold; `None` = no end.
    pub capacity: Option<i64>,
    pub protocols: Vec<String>,
    pub inbounds: BTreeMap<String, Vec<String>>,
    pub flow: Option<String>,
    pub intake: Intake,
    pub health: Health,
    /// Since when it is so.
    pub since: Time,
    pub checked_at: Option<Time>,
    pub version: Option<String>,
    /// All accounts on it, as it last said.
    pub accounts: Option<i64>,
    pub last_error: Option<String>,
    /// When that was.
    pub error_at: Option<Time>,
    /// The group was told that it is lost, and not yet that it is back.
    pub alarmed_at: Option<Time>,
    password_sealed: String,
    proxy_sealed: Option<String>,
}

impl std::fmt::Debug for Panel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Panel").field("code", &self.code).field("health", &self.health).finish_non_exhaustive()
    }
}

impl Panel {
    /// What a client of this panel depends on: when it is unchanged, a client that was made may be used again.
    pub fn fingerprint(&self) -> String {
        format!(
            "{} {} {:?} {} {} {:?} {} {:?} {:?} {:?}",
            self.kind,
            self.base_url,
            self.sub_base_url,
            self.username,
            self.password_sealed,
            self.proxy_sealed,
            self.timeout_ms,
            self.protocols,
            self.inbounds,
            self.flow
        )
    }

    /// Does it work, and has the group nothing more to hear of it?
    pub fn is_well(&self) -> bool {
        self.health == Health::Well && self.alarmed_at.is_none()
    }

    pub fn has_room(&self) -> bool {
        self.capacity.is_none_or(|capacity| self.accounts.unwrap_or(0) < capacity)
    }
}

#[derive(FromQueryResult)]
struct Row {
    code: String,
    kind: String,
    base_url: String,
    sub_base_url: Option<String>,
    username: String,
    password_sealed: String,
    proxy_sealed: Option<String>,
    timeout_ms: i64,
    capacity: Option<i64>,
    protocols: String,
    inbounds: String,
    flow: Option<String>,
    state: String,
    health: String,
    health_since: i64,
    checked_at: Option<i64>,
    version: Option<String>,
    accounts: Option<i64>,
    last_error: Option<String>,
    error_at: Option<i64>,
    alarmed_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Panel, Fault> {
        let wrong = |what: String| Fault::new(format!("an impossible row in panels ({}): {what}", self.code));
        Ok(Panel {
            kind: self.kind.parse().map_err(|error| wrong(format!("{error}")))?,
            intake: Intake::parse(&self.state).ok_or_else(|| wrong(self.state.clone()))?,
            health: Health::read(&self.health)?,
            protocols: serde_json::from_str(&self.protocols)?,
            inbounds: serde_json::from_str(&self.inbounds)?,
            code: self.code.parse().map_err(|error| wrong(format!("{error}")))?,
            base_url: self.base_url,
            sub_base_url: self.sub_base_url,
            username: self.username,
            timeout_ms: self.timeout_ms,
            capacity: self.capacity,
            flow: self.flow,
            since: Time(self.health_since),
            checked_at: self.checked_at.map(Time),
            version: self.version,
            accounts: self.accounts,
            last_error: self.last_error,
            error_at: self.error_at.map(Time),
            alarmed_at: self.alarmed_at.map(Time),
            password_sealed: self.password_sealed,
            proxy_sealed: self.proxy_sealed,
        })
    }
}

const COLUMNS: &str = "code, kind, base_url, sub_base_url, username, password_sealed, proxy_sealed, timeout_ms, capacity,
    protocols, inbounds, flow, state, health, health_since, checked_at, version, accounts, last_error, error_at, alarmed_at";

/// All panels, also those that are off.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Panel>, Fault> {
    let rows: Vec<Row> = query(conn, &format!("SELECT {COLUMNS} FROM panels ORDER BY code"), vec![]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// All panels as they were at most five seconds ago.
pub(super) struct Lately(pub Vec<Panel>);

pub(super) async fn all_lately(db: &Db) -> Result<Arc<Lately>, Fault> {
    db.fresh(|| async { all(db.read()).await.map(Lately) }).await
}

/// A panel as it was at most five seconds ago.
pub async fn lately(db: &Db, code: &PanelCode) -> Result<Option<Panel>, Fault> {
    match all_lately(db).await?.0.iter().find(|panel| panel.code == *code) {
        Some(panel) => Ok(Some(panel.clone())),
        // It is newer than what is remembered.
        None => get(db.read(), code).await,
    }
}

pub async fn get(conn: &impl ConnectionTrait, code: &PanelCode) -> Result<Option<Panel>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM panels WHERE code = $1");
    one::<Row>(conn, &sql, vec![code.as_str().into()]).await?.map(Row::read).transpose()
}

fn place(code: &PanelCode, what: &str) -> String {
    format!("panels:{what}:{code}")
}

/// A panel's secrets, opened.
#[derive(Clone)]
pub struct Secrets {
    pub password: SecretString,
    pub proxy: Option<SecretString>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    pub fn is_same(&self, other: &Self) -> bool {
        let proxy = |secrets: &Self| secrets.proxy.as_ref().map(|proxy| proxy.expose_secret().to_owned());
        self.password.expose_secret() == other.password.expose_secret() && proxy(self) == proxy(other)
    }
}

/// Opens a panel's secrets.
pub fn secrets_of(panel: &Panel, seal: &Seal) -> Result<Secrets, Fault> {
    let open = |what: &str, sealed: &str| {
        seal.open(&place(&panel.code, what), sealed)
            .map_err(|error| Fault::new(error).context(format!("panel {}, its {what}", panel.code)))
    };
    let proxy = panel.proxy_sealed.as_deref().map(|sealed| open("proxy", sealed)).transpose()?;
    Ok(Secrets { password: open("password", &panel.password_sealed)?, proxy })
}

/// All that is needed to speak with it.
pub fn config_of(panel: &Panel, seal: &Seal) -> Result<PanelConfig, Fault> {
    let secrets = secrets_of(panel, seal)?;
    Ok(PanelConfig {
        code: panel.code.to_string(),
        kind: panel.kind,
        base_url: panel.base_url.clone(),
        sub_base_url: panel.sub_base_url.clone(),
        username: panel.username.clone(),
        password: secrets.password,
        proxy: secrets.proxy.map(|proxy| proxy.expose_secret().to_owned()),
        timeout_ms: u64::try_from(panel.timeout_ms).unwrap_or(10_000),
        protocols: panel.protocols.clone(),
        inbounds: panel.inbounds.clone(),
        flow: panel.flow.clone(),
    })
}

/// How a panel is to be reached, from the operator's file.
#[derive(Debug, Clone)]
pub struct Wish {
    pub code: PanelCode,
    pub kind: PanelKind,
    pub base_url: String,
    pub sub_base_url: Option<String>,
    pub username: String,
    pub timeout_ms: i64,
    pub capacity: Option<i64>,
    pub protocols: Vec<String>,
    pub inbounds: BTreeMap<String, Vec<String>>,
    pub flow: Option<String>,
    pub intake: Intake,
    pub secrets: Secrets,
}

/// Makes the panel what the operator wants; what we saw of its health stays.
pub async fn put(tx: &Tx, wish: &Wish, seal: &Seal) -> Result<(), Fault> {
    let shut = |what: &str, secret: &SecretString| {
        seal.seal(&place(&wish.code, what), secret.expose_secret())
            .map_err(|error| Fault::new(error).context(format!("panel {}, its {what}", wish.code)))
    };
    let proxy = wish.secrets.proxy.as_ref().map(|proxy| shut("proxy", proxy)).transpose()?;
    let sql = "INSERT INTO panels (code, kind, base_url, sub_base_url, username, password_sealed, proxy_sealed, timeout_ms,
            capacity, protocols, inbounds, flow, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, base_url = excluded.base_url,
            sub_base_url = excluded.sub_base_url, username = excluded.username, password_sealed = excluded.password_sealed,
            proxy_sealed = excluded.proxy_sealed, timeout_ms = excluded.timeout_ms, capacity = excluded.capacity,
            protocols = excluded.protocols, inbounds = excluded.inbounds, flow = excluded.flow, state = excluded.state";
    let values = vec![
        wish.code.as_str().into(),
        wish.kind.as_str().into(),
        wish.base_url.as_str().into(),
        wish.sub_base_url.clone().into(),
        wish.username.as_str().into(),
        shut("password", &wish.secrets.password)?.into(),
        proxy.into(),
        wish.timeout_ms.into(),
        wish.capacity.into(),
        serde_json::to_string(&wish.protocols)?.into(),
        serde_json::to_string(&wish.inbounds)?.into(),
        wish.flow.clone().into(),
        wish.intake.as_str().into(),
    ];
    tx.forget_cached();
    submit(tx, sql, values).await
}

/// The operator's file names it no more: it is not spoken to.
pub async fn switch_off(tx: &Tx, code: &PanelCode) -> Result<(), Fault> {
    tx.forget_cached();
    submit(tx, "UPDATE panels SET state = 'off' WHERE code = $1", vec![code.as_str().into()]).await
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    /// A panel that takes accounts, never asked yet.
    pub fn panel(code: &str) -> Panel {
        Panel {
            code: code.parse().unwrap(),
            kind: PanelKind::Marzban,
            base_url: "https://panel.example".to_owned(),
            sub_base_url: None,
            username: "shop".to_owned(),
            timeout_ms: 1_000,
            capacity: None,
            protocols: vec![],
            inbounds: BTreeMap::new(),
            flow: None,
            intake: Intake::On,
            health: Health::Unknown,
            since: Time(0),
            checked_at: None,
            version: None,
            accounts: None,
            last_error: None,
            error_at: None,
            alarmed_at: None,
            password_sealed: String::new(),
            proxy_sealed: None,
        }
    }
}
