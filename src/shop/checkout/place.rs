//! Placing an order: its row, its stock and its payment, together and once.
use super::quote::{QuoteError, renewable};
use super::state::{Kind, Payer, State};
use super::store::{self, Order};
use crate::base::{Fault, OrderId, PaymentId, SubscriptionId, Time};
use crate::db::Tx;
use crate::shop::accounts::Customer;
use crate::shop::catalog::{self, Plan, PlanCode};
use crate::shop::payments::{self, Audience, Open, OpenError, Payment, Purpose};
use crate::shop::settings;

/// A person may wait with so many unpaid orders; each keeps an amount and perhaps a piece of stock from others.
pub const OPEN_MAX: i64 = 5;

/// An order to place. All ids were minted with the screen that offered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub order: OrderId,
    pub payment: PaymentId,
    pub plan: PlanCode,
    /// What the person was shown and said yes to.
    pub price_minor: i64,
    /// How the person chose to pay; `None` takes any method.
    pub kind: Option<payments::Kind>,
    pub renew: Option<SubscriptionId>,
    /// The service to make; not used when one is renewed.
    pub subscription: SubscriptionId,
}

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("the plan is sold out")]
    SoldOut,
    #[error("the plan is not on sale")]
    Gone,
    /// It costs something else than the person was shown.
    #[error("the price has changed")]
    PriceChanged,
    #[error("the service or the order is somebody else's")]
    NotYours,
    #[error("this service cannot be renewed")]
    NotRenewable,
    /// No payment method can take it now; `when` one could, if we know.
    #[error("no payment method can take this amount now")]
    NoMethod { when: Option<Time> },
    /// The person has as many unpaid orders as he may.
    #[error("too many unpaid orders")]
    TooManyOpen { most: i64 },
    /// This very order was placed before and is not open any more.
    #[error("the order is {} already", .0.state.code())]
    AlreadyClosed(Box<Order>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<QuoteError> for PlaceError {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::SoldOut => Self::SoldOut,
            QuoteError::Gone => Self::Gone,
            QuoteError::NotYours => Self::NotYours,
            QuoteError::NotRenewable => Self::NotRenewable,
            QuoteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<OpenError> for PlaceError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NoMethod { when } => Self::NoMethod { when },
            OpenError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Places an order and opens its payment. The same order again gives what was placed.
pub async fn place(tx: &Tx, customer: &Customer, place: &Place, now: Time) -> Result<(Order, Payment), PlaceError> {
    if let Some(known) = store::get(tx, place.order).await? {
        return again(tx, customer, known).await;
    }
    let plan = catalog::plan(tx, &place.plan).await?.filter(|plan| plan.on).ok_or(PlaceError::Gone)?;
    if plan.price.minor != place.price_minor {
        return Err(PlaceError::PriceChanged);
    }
    let order = draft(tx, customer, place, &plan, now).await?;
    if !store::insert(tx, &order).await?.is_yes() {
        let known = store::get(tx, place.order).await?.ok_or_else(|| Fault::new("an order's id is taken and its row absent"))?;
        return again(tx, customer, known).await;
    }
    // What refuses comes after the row: whoever places this very order at the same time must find it, not a refusal.
    if payments::open_of(tx, customer.id).await? >= OPEN_MAX {
        return Err(PlaceError::TooManyOpen { most: OPEN_MAX });
    }
    if order.took_stock && !catalog::take_stock(tx, &plan.code).await?.is_yes() {
        return Err(PlaceError::SoldOut);
    }
    let ttl = settings::load(tx).await?.order_ms();
    let (id, purpose, price) = (place.payment, Purpose::Order(order.id), order.price);
    let (kind, audience) = (place.kind, Audience::of(customer));
    let open = Open { id, purpose, person: customer.id, price, kind, audience, now, ttl };
    let payment = payments::open(tx, open).await?;
    if payment.purpose != Purpose::Order(order.id) {
        return Err(Fault::new(format!("payment {} belongs to another order", payment.id)).into());
    }
    Ok((order, payment))
}

async fn draft(tx: &Tx, customer: &Customer, place: &Place, plan: &Plan, now: Time) -> Result<Order, PlaceError> {
    let (kind, subscription) = match place.renew {
        Some(id) => (Kind::Renew, renewable(tx, customer, id, &plan.code).await?.id),
        None => (Kind::New, place.subscription),
    };
    Ok(Order {
        id: place.order,
        person: customer.id,
        kind,
        plan: plan.code.clone(),
        subscription,
        price: plan.price,
        payer: Payer::Wallet,
        label: None,
        traffic_bytes: None,
        state: State::Placed,
        placed_at: now,
        paid_at: None,
        finished_at: None,
        late_told_at: None,
        took_stock: kind == Kind::New && plan.stock.is_some(),
        charge: None,
        service_was: None,
    })
}

async fn again(tx: &Tx, customer: &Customer, known: Order) -> Result<(Order, Payment), PlaceError> {
    if known.person != customer.id {
        return Err(PlaceError::NotYours);
    }
    if known.state != State::Placed {
        return Err(PlaceError::AlreadyClosed(Box::new(known)));
    }
    let payment = payments::of_order(tx, known.id).await?;
    Ok((known, payment.ok_or_else(|| Fault::new("a placed order has no payment"))?))
}
