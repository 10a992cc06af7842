//! An agent sells: an order that his credit pays at once, at his own price. A new service for a customer of his, or more
//! time or traffic for one that he sold before.
use super::state::{Kind, Payer, State};
use super::store::{self, Order};
use super::{money, service};
use crate::base::{Fault, Money, OrderId, SubscriptionId, Time};
use crate::db::Tx;
use crate::shop::agents::{self, Agent};
use crate::shop::catalog::{self, Mark, Plan, PlanCode, Promise};
use crate::shop::ledger::{self, LedgerError};
use crate::shop::subscriptions::{self, Subscription, Terms, preview_extend, preview_traffic};
use sea_orm::ConnectionTrait;

/// What an agent calls a service has at most so many characters.
pub const LABEL_CHARS_MAX: usize = 64;
const GIGABYTE: i64 = 1 << 30;

/// What is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sale {
    New { plan: PlanCode, subscription: SubscriptionId, label: String },
    Renew { subscription: SubscriptionId },
    Traffic { subscription: SubscriptionId, gigabytes: i64 },
}

/// A sale to make. Its ids were minted with the screen that offered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sell {
    pub order: OrderId,
    pub sale: Sale,
    /// What the agent was shown and said yes to: the price, and what the plan gives; added traffic speaks for itself.
    pub price_minor: i64,
    pub gives: Option<Mark>,
}

/// What the confirm screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleQuote {
    pub plan: Plan,
    /// The agent's own.
    pub price: Money,
    /// What he may still spend, before this.
    pub left: Money,
    /// The service as it is, and what it will be.
    pub change: Option<(Subscription, Terms)>,
}

/// What was sold; `replay`: it had been before, and nothing was done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    pub order: Order,
    pub replay: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum SellError {
    /// An admin stopped him.
    #[error("the agency is frozen")]
    Frozen,
    #[error("the agency has ended")]
    Over { at: Time },
    /// His account stands below zero: nothing is sold until it is paid.
    #[error("the credit is below zero")]
    Negative { left: Money, since: Time },
    /// The price is more than he may spend.
    #[error("the credit is too small")]
    Short { left: Money, price: Money },
    /// His tier does not sell this plan.
    #[error("the tier does not sell this plan")]
    NotAllowed,
    #[error("the plan is not on sale")]
    Gone,
    #[error("the plan is sold out")]
    SoldOut,
    #[error("the price has changed")]
    PriceChanged { price: Money },
    /// It gives something else than he was shown.
    #[error("what the plan gives has changed")]
    PromiseChanged,
    #[error("the service or the order is somebody else's, or there is none")]
    NotYours,
    /// The service is paused, switched off, not a bought one, or (for traffic) over or without a limit.
    #[error("the service cannot be changed so now")]
    NotNow,
    /// Empty, or too long.
    #[error("no such name for a service")]
    BadLabel,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LedgerError> for SellError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Short { available, wanted, .. } => Self::Short { left: available, price: wanted },
            LedgerError::Frozen(_) => Self::Frozen,
            other => Self::Fault(other.into()),
        }
    }
}

/// What a sale would cost and do, and whether the agent may make it.
pub async fn quote_sale(conn: &impl ConnectionTrait, agent: &Agent, sale: &Sale, now: Time) -> Result<SaleQuote, SellError> {
    if agent.state != agents::State::Active {
        return Err(SellError::Frozen);
    }
    if let Some(at) = agent.until.filter(|until| *until <= now) {
        return Err(SellError::Over { at });
    }
    let (plan, change) = match sale {
        Sale::New { plan, .. } => (plan_of(conn, Kind::New, plan).await?, None),
        Sale::Renew { subscription } | Sale::Traffic { subscription, .. } => {
            let service = mine(conn, agent, *subscription).await?;
            (plan_of(conn, Kind::Renew, &service.plan).await?, Some(service))
        }
    };
    let price = match sale {
        Sale::Traffic { gigabytes, .. } => agent.price(&plan).map(|_| agent.traffic_price(&plan, *gigabytes)),
        Sale::New { .. } | Sale::Renew { .. } => agent.price(&plan).map(Some),
    };
    let price = price.ok_or(SellError::NotAllowed)?.ok_or(SellError::NotNow)?;
    let change = match (change, sale) {
        (Some(service), Sale::Traffic { gigabytes, .. }) => {
            let terms = preview_traffic(&service, gigabytes.saturating_mul(GIGABYTE), now).ok_or(SellError::NotNow)?;
            Some((service, terms))
        }
        (Some(service), _) => {
            let terms = preview_extend(&service, &plan.promise(), now);
            Some((service, terms))
        }
        (None, _) => None,
    };
    let standing = ledger::standing(conn, &agent.account(price.asset)).await?;
    if let Some(since) = standing.negative_since {
        return Err(SellError::Negative { left: standing.left, since });
    }
    Ok(SaleQuote { plan, price, left: standing.left, change })
}

async fn plan_of(conn: &impl ConnectionTrait, kind: Kind, code: &PlanCode) -> Result<Plan, SellError> {
    service::sold(conn, kind, code).await?.ok_or(SellError::Gone)
}

/// A service that this agent sold and that works, or has ended.
async fn mine(conn: &impl ConnectionTrait, agent: &Agent, id: SubscriptionId) -> Result<Subscription, SellError> {
    let service = subscriptions::get_of_agent(conn, agent.person, id).await?.ok_or(SellError::NotYours)?;
    let is_off = service.off.is_some() || service.state == subscriptions::State::Disabled;
    if is_off || service.kind != subscriptions::Kind::Full { Err(SellError::NotNow) } else { Ok(service) }
}

/// A label as it is stored.
pub(super) fn label_of(text: &str) -> Option<String> {
    let label: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!label.is_empty() && label.chars().count() <= LABEL_CHARS_MAX).then_some(label)
}

/// Sells, once: the same order again is what was sold.
pub async fn sell(tx: &Tx, agent: &Agent, sell: &Sell, now: Time) -> Result<Sold, SellError> {
    sell_as(tx, agent, sell, None, now).await
}

/// Sells what was promised before, when it was; else what the plan promises now.
pub(super) async fn sell_as(
    tx: &Tx,
    agent: &Agent,
    sell: &Sell,
    promised: Option<Promise>,
    now: Time,
) -> Result<Sold, SellError> {
    if let Some(known) = store::get(tx, sell.order).await? {
        return again(agent, known);
    }
    // The service's lock comes before the order's.
    if let Sale::Renew { subscription } | Sale::Traffic { subscription, .. } = sell.sale {
        subscriptions::locked(tx, subscription).await?;
    }
    let quote = quote_sale(tx, agent, &sell.sale, now).await?;
    if quote.price.minor != sell.price_minor {
        return Err(SellError::PriceChanged { price: quote.price });
    }
    if sell.gives.is_some_and(|gives| gives != quote.plan.promise().mark()) {
        return Err(SellError::PromiseChanged);
    }
    let mut order = draft(agent, sell, &quote, now)?;
    order.promised = promised.unwrap_or(order.promised);
    if !store::insert(tx, &order).await?.is_yes() {
        let known = store::get(tx, sell.order).await?.ok_or_else(|| Fault::new("an order's id is taken and its row absent"))?;
        return again(agent, known);
    }
    // The agent's account, the plan's stock, then what all sales share.
    ledger::lock_first(tx, &[money::purse(&order)]).await?;
    if order.took_stock && !catalog::take_stock(tx, &order.plan).await?.is_yes() {
        return Err(SellError::SoldOut);
    }
    // Before the ledger's lock: the service's rows are locked first everywhere.
    let was = service::give(tx, &order, now).await?;
    let charge = money::charge_agent(tx, &order, now).await?;
    let order = store::paid(tx, &order, (charge, was), now).await?;
    Ok(Sold { order, replay: false })
}

fn again(agent: &Agent, known: Order) -> Result<Sold, SellError> {
    let is_his = known.person == agent.person && known.payer == Payer::Credit;
    if is_his { Ok(Sold { order: known, replay: true }) } else { Err(SellError::NotYours) }
}

fn draft(agent: &Agent, sell: &Sell, quote: &SaleQuote, now: Time) -> Result<Order, SellError> {
    let (kind, subscription, label, traffic_bytes) = match &sell.sale {
        Sale::New { subscription, label, .. } => {
            (Kind::New, *subscription, Some(label_of(label).ok_or(SellError::BadLabel)?), None)
        }
        Sale::Renew { subscription } => (Kind::Renew, *subscription, None, None),
        Sale::Traffic { subscription, gigabytes } => {
            (Kind::Traffic, *subscription, None, Some(gigabytes.saturating_mul(GIGABYTE)))
        }
    };
    Ok(Order {
        id: sell.order,
        person: agent.person,
        kind,
        plan: quote.plan.code.clone(),
        subscription,
        price: quote.price,
        promised: quote.plan.promise(),
        payer: Payer::Credit,
        label,
        traffic_bytes,
        state: State::Placed,
        placed_at: now,
        paid_at: None,
        finished_at: None,
        late_told_at: None,
        from_wallet: Money::new(0, quote.price.asset),
        saved_until: None,
        refunded: Money::new(0, quote.price.asset),
        hold: None,
        took_stock: kind == Kind::New && quote.plan.stock.is_some(),
        charge: None,
        service_was: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{LABEL_CHARS_MAX, label_of};

    #[test]
    fn a_label_is_a_line_of_words() {
        assert_eq!(label_of("  Sara \n's  phone "), Some("Sara 's phone".to_owned()));
        assert_eq!(label_of(" \n "), None);
        assert_eq!(label_of(&"x".repeat(LABEL_CHARS_MAX + 1)), None);
    }
}
