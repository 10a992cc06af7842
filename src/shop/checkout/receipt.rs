//! A receipt comes: the payment goes under review, and the customer may use a part of the service meanwhile.
use super::job::ReviewCard;
use super::service;
use super::state::{State, Step};
use super::store::{self, Order};
use crate::base::{PaymentId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::Customer;
use crate::shop::payments::{self, NewReceipt, Payment, SubmitError, Submitted};

/// What became of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub payment: Payment,
    pub order: Order,
    /// Which receipt of this payment it is, counted from 1.
    pub receipt_no: i64,
    /// It is the one that brought the payment under review.
    pub first: bool,
    /// A service is lent until the review.
    pub provisional: bool,
}

/// Takes a receipt for a payment of the customer's, whatever became of the payment but a decision.
pub async fn receipt(
    tx: &Tx,
    customer: &Customer,
    payment: PaymentId,
    new: &NewReceipt,
    now: Time,
) -> Result<Received, SubmitError> {
    let taken = payments::submit(tx, customer.id, payment, new, now).await?;
    let Submitted { payment, receipt_no, first, replay } = taken;
    let mut order = store::locked(tx, payment.order).await?;
    if !replay {
        if first {
            order = wanted_again(tx, order, now).await?;
            service::lend(tx, customer, &order, &payment, now).await?;
        }
        jobs::enqueue(tx, &ReviewCard { payment: payment.id }, now, None).await?;
    }
    let provisional = service::is_lent(tx, &order).await?;
    Ok(Received { payment, order, receipt_no, first, provisional })
}

/// An order that was closed waits again when its money seems to come after all. If its plan is sold out now it stays
/// closed, and what is approved goes to the wallet.
async fn wanted_again(tx: &Tx, order: Order, now: Time) -> Result<Order, SubmitError> {
    if !matches!(order.state, State::Cancelled | State::Expired) || !service::retake_stock(tx, &order).await? {
        return Ok(order);
    }
    if !store::step(tx, &order, Step::Reopen, now).await?.is_yes() {
        return Err(crate::base::Fault::new(format!("order {} changed under its lock", order.id)).into());
    }
    Ok(store::locked(tx, order.id).await?)
}
