//! The rows of services, and the questions asked of them.
//!
//! Always: a question for a person's service names the person. Never: a query that walks over all services.
use super::service::Subscription;
use super::state::{Kind, OffFor, State};
use crate::base::{Fault, Page, PersonId, SubscriptionId, Time};
use crate::db::{Tx, locking, one, query, scalar};
use crate::shop::catalog::PanelCode;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

#[derive(FromQueryResult)]
pub(super) struct Row {
    id: SubscriptionId,
    person: PersonId,
    plan: String,
    panel: String,
    account: String,
    token: Option<String>,
    kind: String,
    state: String,
    days: i64,
    until: Time,
    traffic_bytes: i64,
    devices: i64,
    used_bytes: i64,
    used_base: i64,
    period: i64,
    revision: i64,
    applied: i64,
    link_sealed: Option<String>,
    why: Option<String>,
    agent: Option<PersonId>,
    label: Option<String>,
    memo: Option<String>,
    off_for: Option<String>,
    off_since: Option<Time>,
    revoke_due: i64,
    online_at: Option<Time>,
    synced_at: Option<Time>,
    waits_since: Option<Time>,
    ready_at: Option<Time>,
    created_at: Time,
}

pub(super) const COLUMNS: &str = "id, person, plan, panel, account, token, kind, state, days, until, traffic_bytes, devices,
    used_bytes, used_base, period, revision, applied, link_sealed, why, agent, label, memo, off_for, off_since, revoke_due,
    online_at, synced_at, waits_since, ready_at, created_at";

impl Row {
    pub(super) fn read(self) -> Result<Subscription, Fault> {
        let wrong = |what: &str| Fault::new(format!("an impossible row in subscriptions ({}): {what}", self.id));
        Ok(Subscription {
            plan: self.plan.parse().map_err(|_| wrong("plan"))?,
            panel: self.panel.parse().map_err(|_| wrong("panel"))?,
            kind: Kind::read(&self.kind)?,
            state: State::read(&self.state)?,
            id: self.id,
            person: self.person,
            account: self.account,
            token: self.token,
            days: self.days,
            until: self.until,
            traffic_bytes: self.traffic_bytes,
            devices: self.devices,
            used_bytes: self.used_bytes,
            used_base: self.used_base,
            period: self.period,
            revision: self.revision,
            applied: self.applied,
            why: self.why,
            agent: self.agent,
            label: self.label,
            memo: self.memo,
            off: self.off_for.as_deref().map(OffFor::read).transpose()?.zip(self.off_since),
            revoke_due: self.revoke_due != 0,
            online_at: self.online_at,
            synced_at: self.synced_at,
            waits_since: self.waits_since,
            ready_at: self.ready_at,
            created_at: self.created_at,
            link_sealed: self.link_sealed,
        })
    }
}

pub(super) async fn first(conn: &impl ConnectionTrait, tail: &str, values: Vec<Value>) -> Result<Option<Subscription>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM subscriptions {tail}");
    one::<Row>(conn, &sql, values).await?.map(Row::read).transpose()
}

pub(super) async fn many(conn: &impl ConnectionTrait, tail: &str, values: Vec<Value>) -> Result<Vec<Subscription>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM subscriptions {tail}");
    query::<Row>(conn, &sql, values).await?.into_iter().map(Row::read).collect()
}

/// What a statement that writes one service made of it; `None` when it wrote none.
pub(super) async fn written(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<Option<Subscription>, Fault> {
    one::<Row>(tx, &format!("{sql} RETURNING {COLUMNS}"), values).await?.map(Row::read).transpose()
}

/// Whoever's it is: for jobs and admins.
pub async fn get(conn: &impl ConnectionTrait, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    first(conn, "WHERE id = $1", vec![id.into()]).await
}

/// The service as it is just now, and nobody else changes it until this transaction ends.
pub(super) async fn get_to_change(tx: &Tx, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    let lock = format!("WHERE id = $1{}", locking(tx, " FOR UPDATE"));
    first(tx, &lock, vec![id.into()]).await
}

/// The person's own service; a deleted one is nobody's.
pub async fn get_for(conn: &impl ConnectionTrait, person: PersonId, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    first(conn, "WHERE id = $1 AND person = $2 AND state <> 'deleted'", vec![id.into(), person.into()]).await
}

/// The service that our own link names.
pub async fn by_token(conn: &impl ConnectionTrait, token: &str) -> Result<Option<Subscription>, Fault> {
    first(conn, "WHERE token = $1 AND state <> 'deleted'", vec![token.into()]).await
}

/// The service behind an account of a panel.
pub async fn by_account(conn: &impl ConnectionTrait, panel: &PanelCode, account: &str) -> Result<Option<Subscription>, Fault> {
    first(conn, "WHERE panel = $1 AND account = $2", vec![panel.as_str().into(), account.into()]).await
}

/// A person's own: what he sold as an agent and nobody took over is not, until his agency is closed.
const OWN: &str = "person = $1 AND state <> 'deleted' AND (agent IS NULL OR agent <> person
    OR EXISTS (SELECT 1 FROM agents a WHERE a.person = subscriptions.agent AND a.state = 'closed'))";

/// A person's services, the newest first, and how many there are.
pub async fn of_person(conn: &impl ConnectionTrait, person: PersonId, page: Page) -> Result<(Vec<Subscription>, i64), Fault> {
    let tail = format!("WHERE {OWN} ORDER BY created_at DESC, id LIMIT $2 OFFSET $3");
    let found = many(conn, &tail, vec![person.into(), page.limit().into(), page.offset().into()]).await?;
    let total: Option<i64> =
        scalar(conn, &format!("SELECT COUNT(*) AS v FROM subscriptions WHERE {OWN}"), vec![person.into()]).await?;
    Ok((found, total.unwrap_or(0)))
}

/// What a person has or sold, deleted ones too, the newest first, and how much there is: for admins.
pub async fn of_person_or_agent(
    conn: &impl ConnectionTrait,
    person: PersonId,
    page: Page,
) -> Result<(Vec<Subscription>, i64), Fault> {
    let tail = "WHERE person = $1 OR agent = $1 ORDER BY created_at DESC, id LIMIT $2 OFFSET $3";
    let found = many(conn, tail, vec![person.into(), page.limit().into(), page.offset().into()]).await?;
    let sql = "SELECT COUNT(*) AS v FROM subscriptions WHERE person = $1 OR agent = $1";
    let total: Option<i64> = scalar(conn, sql, vec![person.into()]).await?;
    Ok((found, total.unwrap_or(0)))
}

pub(super) const WAITING: &str = "WHERE state = 'pending' AND created_at <= $1 ORDER BY created_at LIMIT $2";

/// Services that wait for their panel, the oldest first.
pub async fn pending_since(conn: &impl ConnectionTrait, before: Time, limit: i64) -> Result<Vec<Subscription>, Fault> {
    many(conn, WAITING, vec![before.into(), limit.into()]).await
}
