//! What an agent does with a service that he sold: pause, resume, a new link, his own words, and deleting it, with what is left
//! of its price back when it is young enough. Each leaves a row in its history.
use super::handover::tell_holder;
use super::refund::{self, Back, Part};
use super::sell::label_of;
use super::state::{Payer, State};
use super::store::{self, Order};
use crate::base::{Fault, HOUR, Money, SubscriptionId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Deed};
use crate::shop::agents::{self, Agent};
use crate::shop::ledger;
use crate::shop::settings::{self, Settings};
use crate::shop::subscriptions::{self, ChangeError, Reason, Subscription};
use sea_orm::ConnectionTrait;

#[derive(Debug, thiserror::Error)]
pub enum AgentServiceError {
    #[error("the service is somebody else's, or there is none")]
    NotYours,
    /// It is not in a state from which this can be done.
    #[error("this cannot be done with the service now")]
    NotNow,
    /// His account stands below zero: nothing is switched on.
    #[error("the credit is below zero")]
    Negative { left: Money, since: Time },
    /// Something else would be paid back than he was shown.
    #[error("{} would be paid back", .refund.minor)]
    RefundChanged { refund: Money },
    #[error("no such name or note")]
    BadLabel,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ChangeError> for AgentServiceError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Absent => Self::NotYours,
            ChangeError::NotNow { .. } => Self::NotNow,
            ChangeError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// His own service, and nobody else changes it until this transaction ends.
async fn mine(tx: &Tx, agent: &Agent, id: SubscriptionId) -> Result<Subscription, AgentServiceError> {
    subscriptions::locked(tx, id).await?;
    subscriptions::get_of_agent(tx, agent.person, id).await?.ok_or(AgentServiceError::NotYours)
}

async fn note(tx: &Tx, agent: &Agent, of: &Subscription, act: &str, now: Time) -> Result<(), Fault> {
    let became = subscriptions::get(tx, of.id).await?.map(|service| service.state.code().to_owned());
    let subject = format!("service:{}", of.id);
    let was = Some(of.state.code().to_owned());
    accounts::audit(tx, &Deed { by: agent.person, act, subject, was, became, origin: "agent" }, now).await
}

/// Switches a service off until he resumes it.
pub async fn pause(tx: &Tx, agent: &Agent, id: SubscriptionId, now: Time) -> Result<(), AgentServiceError> {
    let service = mine(tx, agent, id).await?;
    // After the end of an agency nobody could resume it.
    if !agents::stays_open(tx, agent.person).await? {
        return Err(AgentServiceError::NotYours);
    }
    subscriptions::pause(tx, id, now).await?;
    Ok(note(tx, agent, &service, "service.pause", now).await?)
}

/// Switches on again what he paused; the time that it was off is given back if the shop does so.
pub async fn resume(tx: &Tx, agent: &Agent, id: SubscriptionId, now: Time) -> Result<(), AgentServiceError> {
    let service = mine(tx, agent, id).await?;
    let settings = settings::load(tx).await?;
    let standing = ledger::standing(tx, &agent.account(settings.asset)).await?;
    if let Some(since) = standing.negative_since {
        return Err(AgentServiceError::Negative { left: standing.left, since });
    }
    subscriptions::resume(tx, id, settings.pause_time_kept, now).await?;
    Ok(note(tx, agent, &service, "service.resume", now).await?)
}

/// Gives a service a new link; the old ones stop working. Whoever has the service is told the new one.
pub async fn revoke_link(tx: &Tx, agent: &Agent, id: SubscriptionId, now: Time) -> Result<(), AgentServiceError> {
    let service = mine(tx, agent, id).await?;
    subscriptions::revoke_link(tx, id, now).await?;
    Ok(note(tx, agent, &service, "service.revoke_link", now).await?)
}

/// His own words about a service.
pub async fn relabel(
    tx: &Tx,
    agent: &Agent,
    id: SubscriptionId,
    (label, memo): (&str, Option<&str>),
) -> Result<(), AgentServiceError> {
    const MEMO_CHARS_MAX: usize = 500;
    mine(tx, agent, id).await?;
    let label = label_of(label).ok_or(AgentServiceError::BadLabel)?;
    let memo = memo.map(str::trim).filter(|memo| !memo.is_empty());
    if memo.is_some_and(|memo| memo.chars().count() > MEMO_CHARS_MAX) {
        return Err(AgentServiceError::BadLabel);
    }
    Ok(subscriptions::relabel(tx, id, &label, memo).await?)
}

/// The orders of a service whose price its agent gets back if he deletes it now: those that he bought a short time ago.
async fn young(
    conn: &impl ConnectionTrait,
    agent: &Agent,
    id: SubscriptionId,
    settings: &Settings,
    now: Time,
) -> Result<Vec<Order>, Fault> {
    let since = now.after(-settings.delete_refund_hours.saturating_mul(HOUR));
    let orders = store::of_subscription(conn, id).await?;
    let is_young = |order: &Order| {
        order.payer == Payer::Credit
            && order.person == agent.person
            && matches!(order.state, State::Paid | State::Delivered)
            && order.paid_at.is_some_and(|at| at > since)
    };
    Ok(orders.into_iter().filter(is_young).collect())
}

/// What deleting a service gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refundable {
    /// By what is left of it.
    pub back: Money,
    /// What was paid for it a short time ago.
    pub paid: Money,
}

impl Refundable {
    fn of(parts: &[Part], settings: &Settings) -> Result<Self, Fault> {
        let nothing = Money::new(0, settings.asset);
        let mut sum = Self { back: nothing, paid: nothing };
        for part in parts {
            sum = Self { back: sum.back.plus(part.back)?, paid: sum.paid.plus(part.order.price)? };
        }
        Ok(sum)
    }
}

/// What the agent would get back if he deleted a service of his now.
pub async fn refundable(
    conn: &impl ConnectionTrait,
    agent: &Agent,
    service: &Subscription,
    now: Time,
) -> Result<Refundable, Fault> {
    let settings = settings::load(conn).await?;
    let orders = young(conn, agent, service.id, &settings, now).await?;
    Refundable::of(&refund::parts(conn, service, orders, now).await?, &settings)
}

/// Deletes a service, on its panel too; what was paid for it a short time ago goes back to his credit, by what is left of it.
/// `refund_minor` is what he was shown and said yes to. A customer who had taken it over is told. A service that is gone
/// already was deleted by this very act.
pub async fn delete_sold(
    tx: &Tx,
    agent: &Agent,
    id: SubscriptionId,
    refund_minor: i64,
    now: Time,
) -> Result<Money, AgentServiceError> {
    let service = mine(tx, agent, id).await?;
    store::lock_of_subscription(tx, id).await?;
    let settings = settings::load(tx).await?;
    let orders = young(tx, agent, id, &settings, now).await?;
    let parts = refund::parts(tx, &service, orders, now).await?;
    let Refundable { back, .. } = Refundable::of(&parts, &settings)?;
    if back.minor != refund_minor {
        return Err(AgentServiceError::RefundChanged { refund: back });
    }
    for part in parts.iter().filter(|part| part.back.minor > 0) {
        refund::give_back(tx, &part.order, Back::part(agent.person, part), now).await.map_err(Fault::from)?;
    }
    if !subscriptions::delete(tx, id, Reason::DeletedByAgent.words(), now).await?.is_yes() {
        return Err(AgentServiceError::NotNow);
    }
    tell_holder(tx, &service, agent.person, now).await?;
    note(tx, agent, &service, "service.delete", now).await?;
    Ok(back)
}
