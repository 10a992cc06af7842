//! An admin says that the money did not come.
use super::cancel::close;
use super::review::{ReviewError, decided, to_decide};
use super::service;
use super::state::{State, Step};
use super::store::{self, Order};
use crate::base::{Fault, PaymentId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin, PersonError};
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Decision, Payment, RejectReason};

/// What a rejection did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub payment: Payment,
    pub order: Order,
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
    if !payments::decide(tx, &payment, &decision, by.person(), now).await?.is_yes() {
        return Err(Fault::new(format!("payment {} changed under its lock", payment.id)).into());
    }
    let order = store::unlocked(tx, payment.order).await?;
    service::withdraw(tx, &order, service::REJECTED, now).await?;
    let order = store::locked(tx, payment.order).await?;
    if order.state == State::Placed {
        close(tx, &order, Step::Reject, now).await?;
    }
    accounts::receipt_was(tx, payment.person, false).await?;
    if ban {
        bar(tx, by, &payment, now).await?;
    }
    let told = Notice::PaymentRejected { payment: payment.id, order: order.id, reason: code };
    notices::tell(tx, order.person, &told, now, Some(format!("rejected:{}:{}", payment.id, payment.round))).await?;
    let payment = decided(tx, by, &payment, now).await?;
    Ok(Rejected { payment, order: store::locked(tx, order.id).await?, banned: ban })
}

async fn bar(tx: &Tx, by: &Admin, payment: &Payment, now: Time) -> Result<(), ReviewError> {
    match accounts::ban(tx, by, payment.person, &ban_reason(payment.id), now).await {
        // Somebody banned him before: that ban stays whatever becomes of this decision.
        Ok(()) | Err(PersonError::Already) => Ok(()),
        Err(PersonError::Fault(fault)) => Err(fault.into()),
        Err(PersonError::Unknown | PersonError::NotAllowed | PersonError::Staff) => Err(ReviewError::CannotBan),
    }
}
