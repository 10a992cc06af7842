//! Placing an order: its row, its stock and what pays it, together and once.
use super::quote::{QuoteError, renewable};
use super::state::{Kind, Payer, State};
use super::store::{self, Order};
use super::{money, saved, service, wallet};
use crate::base::{Fault, Money, OrderId, PaymentId, SubscriptionId, Time};
use crate::db::Tx;
use crate::shop::accounts::Customer;
use crate::shop::catalog::{self, Mark, Plan, PlanCode};
use crate::shop::ledger::{self, Account, LedgerError};
use crate::shop::payments::{self, Audience, Open, OpenError, Payment, Purpose};
use crate::shop::settings::Settings;
use chrono_tz::Tz;
use futures::join;

/// A person may wait with so many unpaid orders; each keeps an amount and perhaps a piece of stock from others.
pub const OPEN_MAX: i64 = 5;

/// How an order is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pay {
    /// By a method, all of it.
    Method,
    /// From the wallet, all of it, at once.
    Wallet,
    /// From the wallet as far as that goes, the rest by a method.
    WalletAndMethod,
    /// From the wallet, by itself, after a top-up.
    Save,
}

/// An order to place. All ids were minted with the screen that offered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub order: OrderId,
    pub payment: PaymentId,
    pub plan: PlanCode,
    /// What the person was shown and said yes to: the price, and what the plan gives.
    pub price_minor: i64,
    pub gives: Mark,
    /// How the person chose to pay; `None` takes any method.
    pub kind: Option<payments::Kind>,
    pub renew: Option<SubscriptionId>,
    /// The service to make; not used when one is renewed.
    pub subscription: SubscriptionId,
    pub pay: Pay,
}

/// An order that was placed: it is paid, or it has a payment, or it is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub order: Order,
    pub payment: Option<Payment>,
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
    /// It gives something else than the person was shown.
    #[error("what the plan gives has changed")]
    PromiseChanged,
    #[error("the service or the order is somebody else's")]
    NotYours,
    #[error("this service cannot be renewed")]
    NotRenewable,
    /// No payment method can take it now; `when` one could, if we know.
    #[error("no payment method can take this amount now")]
    NoMethod { when: Option<Time> },
    /// The wallet does not cover it.
    #[error("the wallet holds {} only", .available.minor)]
    Short { available: Money },
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

impl From<LedgerError> for PlaceError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Short { available, .. } => Self::Short { available },
            other => Self::Fault(other.into()),
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

/// Places an order and does what pays it. The same order again gives what was placed.
pub async fn place(tx: &Tx, customer: &Customer, place: &Place, settings: &Settings, now: Time) -> Result<Placed, PlaceError> {
    let kind = if place.renew.is_some() { Kind::Renew } else { Kind::New };
    let (before, plan, open_now) = join!(
        store::known_and_saved(tx, place.order, customer.id),
        service::sold(tx, kind, &place.plan),
        payments::open_of(tx, customer.id)
    );
    let (known, saved) = before?;
    if let Some(known) = known {
        return again(tx, customer, known).await;
    }
    let plan = plan?.ok_or(PlaceError::Gone)?;
    if plan.price.minor != place.price_minor {
        return Err(PlaceError::PriceChanged);
    }
    if plan.promise().mark() != place.gives {
        return Err(PlaceError::PromiseChanged);
    }
    let mut order = draft(tx, customer, place, &plan, now).await?;
    // The service's lock comes before the order's, and before those of the ledger. What is new has no service yet.
    if kind != Kind::New && !service::can_be_given(tx, &order).await? {
        return Err(PlaceError::NotRenewable);
    }
    if place.pay == Pay::Save {
        order.saved_until = Some(now.after(settings.saved_order_ms()));
        order.took_stock = false;
    }
    saved::give_up(tx, saved, &order, now).await?;
    if !store::insert(tx, &order).await?.is_yes() {
        let known = store::get(tx, place.order).await?.ok_or_else(|| Fault::new("an order's id is taken and its row absent"))?;
        return again(tx, customer, known).await;
    }
    // What refuses comes after the row: whoever places this very order at the same time must find it, not a refusal.
    // The payment comes before the stock, and that before what all share in the ledger: who waits for an amount that just
    // expires holds nothing that its expiry takes.
    let way = Way {
        id: place.payment,
        kind: place.kind,
        audience: Audience::of(customer),
        zone: settings.zone(),
        ttl: settings.order_ms(),
        open_now: open_now?,
    };
    let from_wallet = part_of_wallet(tx, &order, place.pay).await?;
    let payment = match place.pay {
        Pay::Method | Pay::WalletAndMethod if from_wallet.minor < order.price.minor => {
            Some(open(tx, &order, way, (order.price.minus(from_wallet).map_err(Fault::from)?, now)).await?)
        }
        _ => None,
    };
    if order.took_stock && !catalog::take_stock(tx, &plan.code).await?.is_yes() {
        return Err(PlaceError::SoldOut);
    }
    match place.pay {
        Pay::Save | Pay::Method => return Ok(Placed { order, payment }),
        Pay::WalletAndMethod if payment.is_some() => keep(tx, &order, from_wallet, now).await?,
        // A wallet that covers it all by now pays it.
        Pay::Wallet | Pay::WalletAndMethod => {
            order = wallet::settle(tx, &order, (order.person, money::charge_key(&order, 0)), now).await?;
            return Ok(Placed { order, payment });
        }
    }
    Ok(Placed { order: store::locked(tx, order.id).await?, payment })
}

/// What the wallet pays of an order that a method pays too. A wallet that pays is locked from here on, so that two at once do not
/// both count on the same money, and before the stock.
async fn part_of_wallet(tx: &Tx, order: &Order, pay: Pay) -> Result<Money, Fault> {
    let asset = order.price.asset;
    if !matches!(pay, Pay::Wallet | Pay::WalletAndMethod) {
        return Ok(Money::new(0, asset));
    }
    ledger::lock_first(tx, &[Account::wallet(order.person, asset)]).await?;
    if pay == Pay::Wallet {
        return Ok(Money::new(0, asset));
    }
    let available = money::wallet(tx, order.person, asset).await?;
    Ok(Money::new(available.minor.clamp(0, order.price.minor.max(0)), asset))
}

async fn keep(tx: &Tx, order: &Order, part: Money, now: Time) -> Result<(), PlaceError> {
    if part.minor > 0 { Ok(wallet::hold(tx, order, part, now).await?) } else { Ok(()) }
}

/// How the payment of an order is opened.
#[derive(Debug, Clone, Copy)]
struct Way {
    id: PaymentId,
    kind: Option<payments::Kind>,
    audience: Audience,
    zone: Tz,
    ttl: i64,
    /// How many the person has already.
    open_now: i64,
}

/// Opens the payment of what the wallet does not pay.
async fn open(tx: &Tx, order: &Order, way: Way, (price, now): (Money, Time)) -> Result<Payment, PlaceError> {
    let Way { id, kind, audience, zone, ttl, open_now } = way;
    if open_now >= OPEN_MAX {
        return Err(PlaceError::TooManyOpen { most: OPEN_MAX });
    }
    let purpose = Purpose::Order(order.id);
    let open = Open { id, purpose, person: order.person, price, kind, audience, now, zone, ttl };
    let payment = payments::open(tx, open).await?;
    if payment.purpose != Purpose::Order(order.id) {
        return Err(Fault::new(format!("payment {} belongs to something else", payment.id)).into());
    }
    Ok(payment)
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
        promised: plan.promise(),
        payer: Payer::Wallet,
        label: None,
        traffic_bytes: None,
        state: State::Placed,
        placed_at: now,
        paid_at: None,
        finished_at: None,
        late_told_at: None,
        from_wallet: Money::new(0, plan.price.asset),
        saved_until: None,
        refunded: Money::new(0, plan.price.asset),
        hold: None,
        took_stock: kind == Kind::New && plan.stock.is_some(),
        charge: None,
        service_was: None,
    })
}

async fn again(tx: &Tx, customer: &Customer, known: Order) -> Result<Placed, PlaceError> {
    if known.person != customer.id {
        return Err(PlaceError::NotYours);
    }
    if known.state != State::Placed {
        return Err(PlaceError::AlreadyClosed(Box::new(known)));
    }
    let payment = payments::of_order(tx, known.id).await?;
    if payment.is_none() && known.saved_until.is_none() {
        return Err(Fault::new("a placed order has no payment").into());
    }
    Ok(Placed { order: known, payment })
}
