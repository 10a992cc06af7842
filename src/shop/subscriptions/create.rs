//! A service begins: a row, the name of its account, and the job that makes it.
use super::job::provision_soon;
use super::rules::NEVER;
use super::service::Subscription;
use super::state::{Kind, State};
use super::store::{get, written};
use crate::base::{DAY, Fault, PersonId, SubscriptionId, Time};
use crate::db::Tx;
use crate::shop::catalog::{PanelCode, PlanCode, Promise};

/// What is promised; it is not always what the plan promises (a trial, a lent service, an order from before the plan was
/// changed).
#[derive(Debug, Clone)]
pub struct New<'a> {
    pub id: SubscriptionId,
    pub person: PersonId,
    pub plan: &'a PlanCode,
    pub panel: &'a PanelCode,
    pub kind: Kind,
    pub promised: Promise,
    /// The agent who sold it, and what he calls it.
    pub sold_by: Option<(PersonId, &'a str)>,
    pub now: Time,
}

/// Promises a service, pending until its panel has it. The same id again gives the service that is there.
pub async fn create(tx: &Tx, new: &New<'_>) -> Result<Subscription, Fault> {
    if let Some(made) = make(tx, new).await? {
        return Ok(made);
    }
    let known = get(tx, new.id).await?.ok_or_else(|| Fault::new(format!("subscription {} is taken and absent", new.id)))?;
    if known.person != new.person {
        return Err(Fault::new(format!("subscription {} is somebody else's", new.id)));
    }
    provision_soon(tx, known.id, known.revision, new.now).await?;
    Ok(known)
}

/// The same; `None`, and nothing happens, when one of this id is there.
pub async fn make(tx: &Tx, new: &New<'_>) -> Result<Option<Subscription>, Fault> {
    let sql = "INSERT INTO subscriptions (id, person, plan, panel, account, kind, state, days, until, traffic_bytes, devices,
            waits_since, check_due, created_at, agent, label)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12, $14, $15)
        ON CONFLICT (id) DO NOTHING";
    let values = vec![
        new.id.into(),
        new.person.into(),
        new.plan.as_str().into(),
        new.panel.as_str().into(),
        account_name(new.id).into(),
        new.kind.code().into(),
        State::Pending.code().into(),
        new.promised.days.into(),
        new.now.after(new.promised.days.saturating_mul(DAY)).into(),
        new.promised.traffic_bytes.into(),
        new.promised.devices.into(),
        new.now.into(),
        NEVER.into(),
        new.sold_by.map(|(agent, _)| agent.0).into(),
        new.sold_by.map(|(_, label)| label.to_owned()).into(),
    ];
    let Some(made) = written(tx, sql, values).await? else { return Ok(None) };
    provision_soon(tx, made.id, made.revision, new.now).await?;
    Ok(Some(made))
}

/// Lower case only: not every panel tells cases apart.
fn account_name(id: SubscriptionId) -> String {
    format!("s{}", id.to_string().to_lowercase())
}
