//! An admin, or the clock, says that the money came.
use super::cancel::close;
use super::review::{ReviewError, decided, to_decide};
use super::state::{State, Step};
use super::store::{self, Order};
use super::{money, pending, service, topup, wallet};
use crate::base::{Fault, Money, PaymentId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin};
use crate::shop::ledger::LedgerError;
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Decision, Payment, Purpose};
use crate::shop::subscriptions::{self, Subscription};
use futures::join;

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
    // All are asked for at once, and locked in this order.
    let (payment, service, order) =
        join!(to_decide(tx, by, payment), subscriptions::locked_of(tx, payment), store::locked_of(tx, payment));
    let payment = payment?;
    let (service, order) = (service?, order?);
    let amount = amount.unwrap_or(payment.due);
    if amount.asset != payment.due.asset || amount.minor <= 0 || amount.minor >= Money::LIMIT {
        return Err(ReviewError::BadAmount);
    }
    match payment.purpose {
        Purpose::Order(_) => {
            let order = order.ok_or_else(|| Fault::new(format!("payment {} names an order that is gone", payment.id)))?;
            pay_for(tx, by, (&payment, &order, service.as_ref()), amount, now).await
        }
        Purpose::Wallet | Purpose::Credit => topup::approve(tx, by, &payment, amount, now).await,
    }
}

async fn pay_for(
    tx: &Tx,
    by: &Admin,
    (payment, order, service): (&Payment, &Order, Option<&Subscription>),
    amount: Money,
    now: Time,
) -> Result<Approved, ReviewError> {
    let can_be_given = service::can_be_given_with(order, service);
    let came = Came { by, payment, order, amount };
    if order.state == State::Placed && can_be_given && amount.minor >= order.to_pay().minor {
        return Ok(pay(tx, &came, service, now).await?);
    }
    let approved = book(tx, by, payment, amount, now).await?;
    let kept = match (order.state, can_be_given) {
        (State::Placed, true) => keep_short(tx, &came, now).await?,
        (State::Placed, false) => {
            close(tx, order, Step::Cancel, now).await?;
            keep(tx, &came, now).await?
        }
        _ => keep(tx, &came, now).await?,
    };
    decided(tx, by, (payment, &approved), now).await?;
    let order = store::locked(tx, order.id).await?;
    Ok(Approved { payment: approved, paid: order.state == State::Paid, order: Some(order), kept })
}

/// Books what came, and writes the decision down.
pub(super) async fn book(tx: &Tx, by: &Admin, payment: &Payment, amount: Money, now: Time) -> Result<Payment, Fault> {
    let posting = pending::post(tx, by, payment, amount, now).await?;
    let approved = write_down(tx, by, payment, (amount, posting), now).await?;
    accounts::receipt_was(tx, payment.person, true).await?;
    Ok(approved)
}

async fn write_down(
    tx: &Tx,
    by: &Admin,
    payment: &Payment,
    (amount, posting): (Money, i64),
    now: Time,
) -> Result<Payment, Fault> {
    let decision = Decision::Approved { amount, posting };
    let approved = payments::decide(tx, payment, &decision, by.person(), now).await?;
    approved.ok_or_else(|| Fault::new(format!("payment {} changed under its lock", payment.id)))
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

/// It pays its order. The accounts that all sales share are locked last, after all that can be done before.
async fn pay(tx: &Tx, came: &Came<'_>, service: Option<&Subscription>, now: Time) -> Result<Approved, Fault> {
    let Came { by, payment, order, amount } = *came;
    let was = service::give_with(tx, order, service, now).await?;
    let kept = amount.minus(order.to_pay())?;
    let told = Notice::PaymentApproved { payment: payment.id, order: order.id, to_wallet: kept };
    notices::tell(tx, order.person, &told, now, Some(came.once())).await?;
    let approved = Payment { state: payments::State::Approved, approved: Some(amount), ..payment.clone() };
    decided(tx, by, (payment, &approved), now).await?;
    wallet::release_for(tx, order, payment, now).await?;
    let meanwhile = async |posting: i64, charge: i64| {
        let payment = write_down(tx, by, payment, (amount, posting), now).await?;
        Ok::<_, LedgerError>((payment, store::paid(tx, order, (charge, was), now).await?))
    };
    let (payment, order) = money::receive_and_charge(tx, by, (payment, order), (amount, now), meanwhile).await?;
    accounts::receipt_was(tx, payment.person, true).await?;
    Ok(Approved { payment, order: Some(order), paid: true, kept })
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
