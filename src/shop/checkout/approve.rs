//! An admin, or the clock, says that the money came.
use super::cancel::close;
use super::review::{ReviewError, decided, to_decide};
use super::state::{State, Step};
use super::store::{self, Order};
use super::{money, pending, service, topup, wallet};
use crate::base::{Fault, Money, OrderId, PaymentId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin};
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Decision, Payment, Purpose};

/// What an approval did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    pub payment: Payment,
    /// The order that it was to pay; a top-up has none.
    pub order: Option<Order>,
    /// The order's price was taken; its service is on the way.
    pub paid: bool,
    /// What stays in the person's wallet, or in an agent's credit account.
    pub kept: Money,
}

/// Approves a payment; `amount` when something else than what was due came.
///
/// All of it goes to the person's account first. If an order waits for it and it covers what is to be paid, the price is taken
/// and the rest stays; if it is too little, the order is cancelled and all of it stays. A top-up stays whole.
pub async fn approve(tx: &Tx, by: &Admin, payment: PaymentId, amount: Option<Money>, now: Time) -> Result<Approved, ReviewError> {
    let payment = to_decide(tx, by, payment).await?;
    let amount = amount.unwrap_or(payment.due);
    if amount.asset != payment.due.asset || amount.minor <= 0 || amount.minor >= Money::LIMIT {
        return Err(ReviewError::BadAmount);
    }
    match payment.purpose {
        Purpose::Order(order) => pay_for(tx, by, (&payment, order), amount, now).await,
        Purpose::Wallet | Purpose::Credit => topup::approve(tx, by, &payment, amount, now).await,
    }
}

async fn pay_for(
    tx: &Tx,
    by: &Admin,
    (payment, order): (&Payment, OrderId),
    amount: Money,
    now: Time,
) -> Result<Approved, ReviewError> {
    let can_be_given = service::can_be_given(tx, &store::unlocked(tx, order).await?).await?;
    let order = store::locked(tx, order).await?;
    book(tx, by, payment, amount, now).await?;
    let came = Came { by, payment, order: &order, amount };
    let kept = match (order.state, can_be_given) {
        (State::Placed, true) if amount.minor >= order.to_pay().minor => pay(tx, &came, now).await?,
        (State::Placed, true) => keep_short(tx, &came, now).await?,
        (State::Placed, false) => {
            close(tx, &order, Step::Cancel, now).await?;
            keep(tx, &came, now).await?
        }
        _ => keep(tx, &came, now).await?,
    };
    let payment = decided(tx, by, payment, now).await?;
    let order = store::locked(tx, order.id).await?;
    Ok(Approved { payment, paid: order.state == State::Paid, order: Some(order), kept })
}

/// Books what came, and writes the decision down.
pub(super) async fn book(tx: &Tx, by: &Admin, payment: &Payment, amount: Money, now: Time) -> Result<(), Fault> {
    let posting = pending::post(tx, by, payment, amount, now).await?;
    let decision = Decision::Approved { amount, posting };
    if !payments::decide(tx, payment, &decision, by.person(), now).await?.is_yes() {
        return Err(Fault::new(format!("payment {} changed under its lock", payment.id)));
    }
    accounts::receipt_was(tx, payment.person, true).await
}

struct Came<'a> {
    by: &'a Admin,
    payment: &'a Payment,
    order: &'a Order,
    amount: Money,
}

impl Came<'_> {
    /// Each round of the review tells its own outcome, once.
    fn once(&self) -> String {
        format!("approved:{}:{}", self.payment.id, self.payment.round)
    }
}

async fn pay(tx: &Tx, came: &Came<'_>, now: Time) -> Result<Money, Fault> {
    let Came { by, payment, order, amount } = came;
    wallet::settle(tx, order, (by.person(), money::charge_key(order, payment.round)), now).await?;
    let to_wallet = amount.minus(order.to_pay())?;
    let told = Notice::PaymentApproved { payment: payment.id, order: order.id, to_wallet };
    notices::tell(tx, order.person, &told, now, Some(came.once())).await?;
    Ok(to_wallet)
}

async fn keep_short(tx: &Tx, came: &Came<'_>, now: Time) -> Result<Money, Fault> {
    let Came { payment, order, amount, .. } = came;
    close(tx, order, Step::Cancel, now).await?;
    service::withdraw(tx, order, service::SHORT, now).await?;
    let told = Notice::PaymentShort { payment: payment.id, order: order.id, got: *amount, needed: order.to_pay() };
    notices::tell(tx, order.person, &told, now, Some(came.once())).await?;
    Ok(*amount)
}

/// Nothing can be bought with it any more: the order was closed before, or its service is gone.
async fn keep(tx: &Tx, came: &Came<'_>, now: Time) -> Result<Money, Fault> {
    let Came { payment, order, amount, .. } = came;
    let told = Notice::PaymentKept { payment: payment.id, order: order.id, amount: *amount };
    notices::tell(tx, order.person, &told, now, Some(came.once())).await?;
    Ok(*amount)
}
