//! An agent hands a service to its customer by a one-time link; whoever opens it first has the service among his own, and is
//! told when it ends for good by what happens between the agent and the shop.
use crate::base::{DAY, Fault, PersonId, SubscriptionId, Time};
use crate::db::{self, Tx};
use crate::shop::accounts::Customer;
use crate::shop::agents::Agent;
use crate::shop::notices::{self, AgentNotice, Notice};
use crate::shop::subscriptions::{self, Subscription};
use sea_orm::FromQueryResult;

/// A link that nobody opens ends by itself.
const LASTS: i64 = 7 * DAY;

#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// No link of ours, one that was withdrawn, or a service that is gone.
    #[error("there is no such link")]
    Unknown,
    #[error("the link was used")]
    Used,
    #[error("the link has ended")]
    Expired,
    /// The agent opened it himself.
    #[error("the link is for the customer")]
    Own,
    /// The service has a customer.
    #[error("the service was taken over before")]
    Taken,
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[derive(FromQueryResult)]
struct Row {
    subscription: SubscriptionId,
    agent: PersonId,
    state: String,
    expires_at: Time,
    used_by: Option<PersonId>,
}

/// Makes a one-time link: `give_<token>` behind the bot's name. The one made before for this service ends; the same token again
/// is the link that it was, and ends none.
pub async fn hand_over(tx: &Tx, agent: &Agent, id: SubscriptionId, token: &str, now: Time) -> Result<(), HandOverError> {
    subscriptions::locked(tx, id).await?;
    let service = subscriptions::get_of_agent(tx, agent.person, id).await?.ok_or(HandOverError::Unknown)?;
    if service.person != agent.person {
        return Err(HandOverError::Taken);
    }
    if db::scalar::<i64>(tx, "SELECT subscription AS v FROM handovers WHERE token = $1", vec![token.into()]).await?.is_some() {
        return Ok(());
    }
    let sql = "UPDATE handovers SET state = 'withdrawn' WHERE subscription = $1 AND state = 'open'";
    db::submit(tx, sql, vec![id.into()]).await?;
    let sql =
        "INSERT INTO handovers (token, subscription, agent, state, made_at, expires_at) VALUES ($1, $2, $3, 'open', $4, $5)";
    let values = vec![token.into(), id.into(), agent.person.into(), now.into(), now.after(LASTS).into()];
    db::submit(tx, sql, values).await?;
    Ok(())
}

/// The customer takes the service over. The same customer again finds what he took.
pub async fn take_over(tx: &Tx, customer: &Customer, token: &str, now: Time) -> Result<Subscription, HandOverError> {
    let sql = "SELECT subscription, agent, state, expires_at, used_by FROM handovers WHERE token = $1";
    let row: Row = db::one(tx, sql, vec![token.into()]).await?.ok_or(HandOverError::Unknown)?;
    if row.agent == customer.id {
        return Err(HandOverError::Own);
    }
    // The service's lock: of two who open the link at once, the second waits here, and then finds it used.
    subscriptions::locked(tx, row.subscription).await?;
    let row: Row = db::one(tx, sql, vec![token.into()]).await?.ok_or(HandOverError::Unknown)?;
    match (row.state.as_str(), row.used_by) {
        ("open", _) if row.expires_at <= now => return Err(HandOverError::Expired),
        ("open", _) => {}
        ("used", Some(by)) if by == customer.id => return his(tx, customer, row.subscription).await,
        ("used", _) => return Err(HandOverError::Used),
        _ => return Err(HandOverError::Unknown),
    }
    if !subscriptions::take_over(tx, row.subscription, row.agent, customer.id).await? {
        return Err(HandOverError::Unknown);
    }
    let sql = "UPDATE handovers SET state = 'used', used_by = $2, used_at = $3 WHERE token = $1 AND state = 'open'";
    if db::execute(tx, sql, vec![token.into(), customer.id.into(), now.into()]).await? != 1 {
        return Err(HandOverError::Used);
    }
    let told = AgentNotice::TakenOver { subscription: row.subscription };
    notices::tell(tx, row.agent, &told.into(), now, Some(format!("taken:{}", row.subscription))).await?;
    his(tx, customer, row.subscription).await
}

/// The service was ended for good, which `told` knows: whoever else has it hears of it.
pub(super) async fn tell_holder(tx: &Tx, service: &Subscription, told: PersonId, now: Time) -> Result<(), Fault> {
    if service.person == told {
        return Ok(());
    }
    let gone = Notice::ServiceGone { subscription: service.id };
    notices::tell(tx, service.person, &gone, now, Some(format!("gone:{}", service.id))).await
}

async fn his(tx: &Tx, customer: &Customer, id: SubscriptionId) -> Result<Subscription, HandOverError> {
    subscriptions::get_for(tx, customer.id, id).await?.ok_or(HandOverError::Unknown)
}
