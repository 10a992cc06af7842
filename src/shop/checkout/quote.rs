//! What will be charged, and for what, before anything is written.
use crate::base::{Fault, Money, SubscriptionId, Time};
use crate::shop::accounts::Customer;
use crate::shop::agents;
use crate::shop::catalog::{Catalog, Plan, PlanCode};
use crate::shop::subscriptions::{self, Subscription, Terms, preview_extend};
use sea_orm::ConnectionTrait;

/// What somebody asks the price of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub plan: PlanCode,
    /// The service to renew, when it is not a new one.
    pub renew: Option<SubscriptionId>,
}

/// What the confirm screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub plan: Plan,
    pub price: Money,
    /// The service as it is, and what it will be.
    pub renew: Option<(Subscription, Terms)>,
}

#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    #[error("the plan is sold out")]
    SoldOut,
    /// Switched off, or never there.
    #[error("the plan is not on sale")]
    Gone,
    #[error("the service is somebody else's, or there is none")]
    NotYours,
    /// A trial or a service that is lent, or it was bought with another plan.
    #[error("this service cannot be renewed")]
    NotRenewable,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The price of a plan, or of a renewal, as the catalogue has it. A renewal takes nothing from the stock.
pub async fn quote(
    conn: &impl ConnectionTrait,
    catalog: &Catalog,
    customer: &Customer,
    ask: &Ask,
    now: Time,
) -> Result<Quote, QuoteError> {
    let plan = catalog.plan(&ask.plan).ok_or(QuoteError::Gone)?;
    let renew = match ask.renew {
        None => {
            if plan.on && plan.is_sold_out() {
                return Err(QuoteError::SoldOut);
            }
            if !catalog.is_on_sale(&plan.code) {
                return Err(QuoteError::Gone);
            }
            None
        }
        Some(id) => {
            if !plan.on {
                return Err(QuoteError::Gone);
            }
            let service = renewable(conn, customer, id, &plan.code).await?;
            let terms = preview_extend(&service, &plan.promise(), now);
            Some((service, terms))
        }
    };
    Ok(Quote { plan: plan.clone(), price: plan.price, renew })
}

/// The person's own service, if it is one that was bought with this plan.
pub(super) async fn renewable(
    conn: &impl ConnectionTrait,
    customer: &Customer,
    id: SubscriptionId,
    plan: &PlanCode,
) -> Result<Subscription, QuoteError> {
    let service = subscriptions::get_for(conn, customer.id, id).await?.ok_or(QuoteError::NotYours)?;
    // What an agent sold is renewed by him, as long as he is one.
    if let Some(agent) = service.agent
        && agents::agency(conn, agent).await?.is_some_and(|agency| agency.state != agents::State::Closed)
    {
        return Err(QuoteError::NotRenewable);
    }
    if service.kind == subscriptions::Kind::Full && service.plan == *plan { Ok(service) } else { Err(QuoteError::NotRenewable) }
}
