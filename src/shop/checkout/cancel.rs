//! An order ends unpaid: the customer gives it up, or its time is over.
use super::job::ReviewCard;
use super::state::{State, Step};
use super::store::{self, Order};
use super::{money, service, wallet};
use crate::base::{Fault, OrderId, PaymentId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::Customer;
use crate::shop::ledger;
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Purpose};

#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    #[error("the order is somebody else's, or there is none")]
    NotYours,
    /// It is not open any more; how it ended is in the order.
    #[error("the order is {} already", .0.state.code())]
    AlreadyClosed(Box<Order>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The customer gives up an order that is not paid, even while its receipt is under review. A receipt that comes later
/// is still taken.
pub async fn cancel(tx: &Tx, customer: &Customer, order: OrderId, now: Time) -> Result<Order, CancelError> {
    let known = store::get_for(tx, customer.id, order).await?.ok_or(CancelError::NotYours)?;
    let payment = match payments::of_order(tx, known.id).await? {
        Some(payment) => payments::locked(tx, payment.id).await?,
        None => None,
    };
    // The service's lock comes before the order's.
    service::can_be_given(tx, &known).await?;
    let order = store::locked(tx, known.id).await?;
    if order.state == State::Cancelled {
        return Ok(order);
    }
    if order.state != State::Placed {
        return Err(CancelError::AlreadyClosed(Box::new(order)));
    }
    if let Some(payment) = payment
        && payments::cancel(tx, &payment, now).await?.is_yes()
        && payment.state == payments::State::Submitted
    {
        jobs::enqueue(tx, &ReviewCard { payment: payment.id }, now, None).await?;
    }
    close(tx, &order, Step::Cancel, now).await?;
    service::withdraw(tx, &order, service::CANCELLED, now).await?;
    Ok(store::locked(tx, known.id).await?)
}

/// Takes the order's last step without money, and gives back its stock and what the wallet kept for it.
pub(super) async fn close(tx: &Tx, order: &Order, step: Step, now: Time) -> Result<(), Fault> {
    if !store::step(tx, order, step, now).await?.is_yes() {
        return Err(Fault::new(format!("order {} changed under its lock", order.id)));
    }
    if order.hold.is_some() {
        ledger::lock_first(tx, &[money::purse(order)]).await?;
    }
    service::return_stock(tx, order).await?;
    Ok(wallet::release(tx, order, now).await?)
}

/// Expires payments whose time is over, at most `limit`, with the orders that wait for them; says which. More than one at
/// a time only where nobody buys meanwhile.
pub async fn expire_due(tx: &Tx, now: Time, limit: i64) -> Result<Vec<PaymentId>, Fault> {
    let mut expired = Vec::new();
    for payment in payments::expire_due(tx, now, limit).await? {
        let told = match payment.purpose {
            Purpose::Order(order) => expire(tx, order, now).await?,
            Purpose::Wallet | Purpose::Credit => Some(Notice::TopUpExpired { payment: payment.id }),
        };
        if let Some(told) = told {
            notices::tell(tx, payment.person, &told, now, Some(format!("expired:{}", payment.id))).await?;
        }
        expired.push(payment.id);
    }
    Ok(expired)
}

/// The order ends, if it still waits; what its customer is told.
async fn expire(tx: &Tx, order: OrderId, now: Time) -> Result<Option<Notice>, Fault> {
    let order = store::locked(tx, order).await?;
    if order.state != State::Placed {
        return Ok(None);
    }
    close(tx, &order, Step::Expire, now).await?;
    Ok(Some(Notice::OrderExpired { order: order.id }))
}
