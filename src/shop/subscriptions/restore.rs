//! Putting a service back to what it was, when the decision that changed it is taken back.
//!
//! Always: what is put back is a new wish with a new revision, so whatever the panel did meanwhile is brought in line.
use super::change::ChangeError;
use super::job::provision_soon;
use super::rules::next_check;
use super::service::Subscription;
use super::state::{Kind, State};
use super::store::{first, get_to_change};
use crate::base::{Fault, PaymentId, SubscriptionId, Time};
use crate::db::{Moved, Tx, execute, locking};
use serde::{Deserialize, Serialize};

/// What a decision may change of a service. It is stored with the order that changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    kind: String,
    state: String,
    days: i64,
    until: Time,
    traffic_bytes: i64,
    devices: i64,
    used_base: i64,
    period: i64,
    why: Option<String>,
    waits_since: Option<Time>,
    ready_at: Option<Time>,
}

impl Before {
    pub fn of(service: &Subscription) -> Self {
        Self {
            kind: service.kind.code().to_owned(),
            state: service.state.code().to_owned(),
            days: service.days,
            until: service.until,
            traffic_bytes: service.traffic_bytes,
            devices: service.devices,
            used_base: service.used_base,
            period: service.period,
            why: service.why.clone(),
            waits_since: service.waits_since,
            ready_at: service.ready_at,
        }
    }

    /// The same, but switched off, and lent: it becomes full when it is paid.
    #[must_use]
    pub fn lent_and_off(self, why: &str) -> Self {
        Self {
            kind: Kind::Provisional.code().to_owned(),
            state: State::Disabled.code().to_owned(),
            why: Some(why.to_owned()),
            ..self
        }
    }
}

/// The service as it is just now, and nobody else changes it until this transaction ends.
pub async fn locked(tx: &Tx, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    get_to_change(tx, id).await
}

/// The same, of the service whose order a payment is for.
pub async fn locked_of(tx: &Tx, payment: PaymentId) -> Result<Option<Subscription>, Fault> {
    let its = "SELECT o.subscription FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id = $1";
    first(tx, &format!("WHERE id = ({its}){}", locking(tx, " FOR UPDATE")), vec![payment.into()]).await
}

/// Puts a service back. A deleted one stays deleted, and what its agent or his credit has switched off meanwhile stays off.
pub async fn restore(tx: &Tx, id: SubscriptionId, before: &Before, now: Time) -> Result<(), ChangeError> {
    let service = get_to_change(tx, id).await?.ok_or(ChangeError::Absent)?;
    if service.state == State::Deleted {
        return Err(ChangeError::NotNow { kind: service.kind, state: service.state });
    }
    let mut after = service.clone();
    after.kind = Kind::read(&before.kind)?;
    let (mut why, mut waits_since) = (before.why.clone(), before.waits_since);
    if service.off.is_some() {
        // Nobody waits for what is off.
        (why, waits_since) = (service.why.clone(), None);
    } else {
        after.state = State::read(&before.state)?;
    }
    (after.days, after.until, after.period, after.ready_at) = (before.days, before.until, before.period, before.ready_at);
    let sql = "UPDATE subscriptions SET kind = $3, state = $4, days = $5, until = $6, traffic_bytes = $7, devices = $8, \
               used_base = $9, period = $10, why = $11, waits_since = $12, ready_at = $13, check_due = $14, \
               revision = revision + 1 WHERE id = $1 AND revision = $2";
    let values = vec![
        id.into(),
        service.revision.into(),
        before.kind.clone().into(),
        after.state.code().into(),
        before.days.into(),
        before.until.into(),
        before.traffic_bytes.into(),
        before.devices.into(),
        before.used_base.into(),
        before.period.into(),
        why.into(),
        waits_since.map(|at| at.0).into(),
        before.ready_at.map(|at| at.0).into(),
        next_check(&after, now).into(),
    ];
    if !Moved::from_rows(execute(tx, sql, values).await?).is_yes() {
        return Err(Fault::new(format!("subscription {id} changed while it was locked")).into());
    }
    Ok(provision_soon(tx, id, service.revision + 1, now).await?)
}
