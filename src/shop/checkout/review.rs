//! Who may decide about a payment, and what each decision leaves behind.
use super::job::ReviewCard;
use crate::base::{Fault, PaymentId, PersonId, SECOND, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Deed, Right};
use crate::shop::payments::{self, Payment, State};
use crate::shop::settings;

/// Why an act is not this admin's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAllowed {
    /// His role does not decide about money.
    Role,
    /// It is about his own money.
    Own,
}

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("there is no such payment")]
    Unknown,
    /// Somebody was faster: an admin, the clock (0), or the customer who cancelled.
    #[error("the payment is {} already", .state.code())]
    AlreadyDecided { by: PersonId, at: Time, state: State },
    #[error("no receipt has come yet")]
    NotSubmitted,
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    /// Nothing, less than nothing, or of another asset.
    #[error("no such amount can have come")]
    BadAmount,
    /// Staff is not banned.
    #[error("the person cannot be banned")]
    CannotBan,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// May this admin move this person's money?
pub(super) fn may_move_money(by: &Admin, of: PersonId) -> Result<(), NotAllowed> {
    if !by.may(Right::Money) {
        return Err(NotAllowed::Role);
    }
    if by.person() == of { Err(NotAllowed::Own) } else { Ok(()) }
}

/// The payment, locked, if it waits for a decision and this admin may make it.
pub(super) async fn to_decide(tx: &Tx, by: &Admin, id: PaymentId) -> Result<Payment, ReviewError> {
    if !by.may(Right::Money) {
        return Err(ReviewError::NotAllowed(NotAllowed::Role));
    }
    let payment = payments::locked(tx, id).await?.ok_or(ReviewError::Unknown)?;
    may_move_money(by, payment.person).map_err(ReviewError::NotAllowed)?;
    match payment.state {
        State::Submitted => Ok(payment),
        State::Open => Err(ReviewError::NotSubmitted),
        state => Err(ReviewError::AlreadyDecided {
            by: payment.decided_by.unwrap_or(PersonId(0)),
            at: payment.decided_at.unwrap_or(payment.opened_at),
            state,
        }),
    }
}

/// What changed, for the audit log.
pub(super) struct Change<'a> {
    pub act: &'a str,
    pub subject: String,
    pub was: Option<String>,
    pub became: Option<String>,
}

/// Writes down who did it.
pub(super) async fn note(tx: &Tx, by: &Admin, change: Change<'_>, now: Time) -> Result<(), Fault> {
    let Change { act, subject, was, became } = change;
    accounts::audit(tx, &Deed { by: by.person(), act, subject, was, became, origin: by.origin() }, now).await
}

/// Writes a decision about a payment down: what the payment was, and what it is now. Its card is drawn without the button that
/// takes the decision back when the time for that is over, and sooner when it is delivered; until then the answer to the tap has
/// drawn it, and who decides otherwise has it drawn. A decision that was taken back is drawn at once.
pub(super) async fn decided(tx: &Tx, by: &Admin, (was, is): (&Payment, &Payment), now: Time) -> Result<(), Fault> {
    let act = match is.state {
        State::Approved => "payment.approve",
        State::Rejected => "payment.reject",
        _ => "payment.undo",
    };
    let change = Change { act, subject: format!("payment:{}", is.id), was: Some(said(was)), became: Some(said(is)) };
    note(tx, by, change, now).await?;
    let (at, once) = if is.state.is_decided() {
        let undo_seconds = settings::current(tx.db()).await?.undo_seconds;
        (now.after((undo_seconds + 1).saturating_mul(SECOND)), Some(ReviewCard::when_undo_ends(is)))
    } else {
        (now, None)
    };
    jobs::enqueue(tx, &ReviewCard { payment: is.id }, at, once).await
}

fn said(payment: &Payment) -> String {
    let state = payment.state.code();
    match (&payment.approved, &payment.reason) {
        (Some(amount), _) => format!("{state} {} {}", amount.minor, amount.asset),
        (None, Some(reason)) => format!("{state} {}", reason.code()),
        (None, None) => state.to_owned(),
    }
}
