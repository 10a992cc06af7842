//! An admin says that the money did not come.
use super::cancel::close;
use super::pending;
use super::review::{ReviewError, decided, to_decide};
use super::service;
use super::state::{State, Step};
use super::store::{self, Order};
use crate::base::{Fault, OrderId, PaymentId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin, PersonError};
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Decision, Payment, Purpose, RejectReason};

/// What a rejection did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub payment: Payment,
    /// The order that it was to pay; a top-up has none.
    pub order: Option<Order>,
    pub banned: bool,
}

/// Why a person is banned who was banned with a rejection: an undo lifts this ban and no other.
pub(super) fn ban_reason(payment: PaymentId) -> String {
    format!("receipt #{payment}")
}

/// Rejects a payment, and bars the person too when `ban`. The order ends, what was lent is switched off.
pub async fn reject(
    tx: &Tx,
    by: &Admin,
    payment: PaymentId,
    (reason, ban): (RejectReason, bool),
    now: Time,
) -> Result<Rejected, ReviewError> {
    let payment = to_decide(tx, by, payment).await?;
    let code = reason.code();
    let decision = Decision::Rejected { reason };
    let rejected = payments::decide(tx, &payment, &decision, by.person(), now).await?;
    let rejected = rejected.ok_or_else(|| Fault::new(format!("payment {} changed under its lock", payment.id)))?;
    pending::give_up(tx, &payment, now).await?;
    let order = match payment.purpose {
        Purpose::Order(order) => Some(end(tx, order, now).await?),
        // What was pending for it is gone already.
        Purpose::Wallet | Purpose::Credit => None,
    };
    accounts::receipt_was(tx, payment.person, false).await?;
    if ban {
        bar(tx, by, &payment, now).await?;
    }
    let told = Notice::PaymentRejected { payment: payment.id, order: payment.purpose.order(), reason: code };
    notices::tell(tx, payment.person, &told, now, Some(format!("rejected:{}:{}", payment.id, payment.round))).await?;
    decided(tx, by, (&payment, &rejected), now).await?;
    Ok(Rejected { payment: rejected, order, banned: ban })
}

/// The order ends, if it still waits, and what was lent is switched off.
async fn end(tx: &Tx, order: OrderId, now: Time) -> Result<Order, Fault> {
    let unlocked = store::unlocked(tx, order).await?;
    service::withdraw(tx, &unlocked, service::REJECTED, now).await?;
    let locked = store::locked(tx, order).await?;
    if locked.state == State::Placed {
        close(tx, &locked, Step::Reject, now).await?;
    }
    store::locked(tx, order).await
}

async fn bar(tx: &Tx, by: &Admin, payment: &Payment, now: Time) -> Result<(), ReviewError> {
    match accounts::ban(tx, by, payment.person, &ban_reason(payment.id), now).await {
        // Somebody banned him before: that ban stays whatever becomes of this decision.
        Ok(()) | Err(PersonError::Already) => Ok(()),
        Err(PersonError::Fault(fault)) => Err(fault.into()),
        Err(PersonError::Unknown | PersonError::NotAllowed | PersonError::Staff) => Err(ReviewError::CannotBan),
    }
}
