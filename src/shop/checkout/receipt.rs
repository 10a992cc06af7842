//! A receipt comes: the payment goes under review, and the customer may use a part of what he ordered meanwhile.
use super::job::ReviewCard;
use super::state::{State, Step};
use super::store::{self, Order};
use super::{pending, service, wallet};
use crate::base::{Fault, PaymentId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::Customer;
use crate::shop::payments::{self, NewReceipt, Payment, Purpose, SubmitError, Submitted};
use crate::shop::settings::Settings;
use futures::join;

/// What became of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub payment: Payment,
    /// The order that it pays; a top-up has none.
    pub order: Option<Order>,
    /// Which receipt of this payment it is, counted from 1.
    pub receipt_no: i64,
    /// It is the one that brought the payment under review.
    pub first: bool,
    /// A service is lent until the review.
    pub provisional: bool,
}

/// Takes a receipt for a payment of the customer's, whatever became of the payment but a decision. With the first one of an
/// order a part of it may be lent.
pub async fn receipt(
    tx: &Tx,
    customer: &Customer,
    (payment, new): (PaymentId, &NewReceipt),
    settings: &Settings,
    now: Time,
) -> Result<Received, SubmitError> {
    // All are asked for at once, and locked in this order.
    let (taken, order) = join!(payments::submit(tx, customer.id, payment, new, now), store::locked_of(tx, payment));
    let Submitted { payment, receipt_no, first, replay } = taken?;
    let first_now = first && !replay;
    let mut provisional = false;
    let order = match payment.purpose {
        Purpose::Order(id) => {
            let order = match order? {
                Some(order) if order.id == id => order,
                // The update was taken before, for another payment.
                _ => store::locked(tx, id).await?,
            };
            let order = if first_now { wanted_again(tx, order, now).await? } else { order };
            provisional = first_now && service::lend(tx, customer, (&order, &payment), settings, now).await?;
            Some(order)
        }
        // Nothing is lent for a top-up; an agent's is pending on his account.
        Purpose::Wallet => None,
        Purpose::Credit => {
            if first_now {
                pending::begin(tx, &payment, &format!("u{}", new.update.0), now).await?;
            }
            None
        }
    };
    if !replay {
        jobs::enqueue(tx, &ReviewCard { payment: payment.id }, now, None).await?;
    }
    if let Some(order) = &order
        && !provisional
    {
        provisional = service::is_lent(tx, order).await?;
    }
    Ok(Received { payment, order, receipt_no, first, provisional })
}

/// An order that was closed waits again when its money seems to come after all. If its plan is sold out now, or the wallet
/// does not hold its part any more, it stays closed, and what is approved goes to the wallet.
async fn wanted_again(tx: &Tx, order: Order, now: Time) -> Result<Order, SubmitError> {
    if !matches!(order.state, State::Cancelled | State::Expired) || !wallet::regain(tx, &order, now).await? {
        return Ok(order);
    }
    if !store::step(tx, &order, Step::Reopen, now).await?.is_yes() {
        return Err(Fault::new(format!("order {} changed under its lock", order.id)).into());
    }
    Ok(store::locked(tx, order.id).await?)
}
