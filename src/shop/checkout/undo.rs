//! A decision is taken back, for so long as the shop sets, while nothing was delivered.
use super::reject::ban_reason;
use super::review::{NotAllowed, decided, may_move_money};
use super::state::{Kind, State, Step};
use super::store::{self, Order};
use super::{money, pending, service, topup, wallet};
use crate::base::{Fault, OrderId, PaymentId, SECOND, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin, PersonError, Right};
use crate::shop::ledger::{self, LedgerError};
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Payment, Purpose};
use crate::shop::settings;

/// The payment under review again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    pub payment: Payment,
    /// The order that it pays; a top-up has none.
    pub order: Option<Order>,
}

#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    #[error("there is no such payment")]
    Unknown,
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    /// Nobody has decided about it.
    #[error("there is no decision to take back")]
    NotDecided,
    #[error("the time for taking it back is over")]
    TooLate,
    #[error("the service was delivered or refunded")]
    Delivered,
    /// A renewal of the service that it made is paid, and cannot stand without it.
    #[error("the service was renewed meanwhile")]
    Renewed,
    /// The wallet does not hold the money any more.
    #[error("the money was spent meanwhile")]
    Spent,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LedgerError> for UndoError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Short { .. } | LedgerError::TooMuch => Self::Spent,
            other => Self::Fault(other.into()),
        }
    }
}

/// Takes a decision back: the money, the order, the service, the counts and a ban that came with it.
pub async fn undo(tx: &Tx, by: &Admin, payment: PaymentId, now: Time) -> Result<Undone, UndoError> {
    if !by.may(Right::Money) {
        return Err(UndoError::NotAllowed(NotAllowed::Role));
    }
    let payment = payments::locked(tx, payment).await?.ok_or(UndoError::Unknown)?;
    may_move_money(by, payment.person).map_err(UndoError::NotAllowed)?;
    if !payment.state.is_decided() {
        return Err(UndoError::NotDecided);
    }
    let limit = settings::load(tx).await?.undo_seconds.saturating_mul(SECOND);
    if payment.decided_at.is_none_or(|at| now.since(at) > limit) {
        return Err(UndoError::TooLate);
    }
    // Its amount is kept for it again, for which it may have to wait: so before anything of the ledger is locked.
    if payments::reopen(tx, &payment).await?.is_none() {
        return Err(Fault::new(format!("payment {} changed under its lock", payment.id)).into());
    }
    match payment.purpose {
        Purpose::Order(order) => undo_order(tx, by, (&payment, order), now).await?,
        Purpose::Wallet | Purpose::Credit => topup::undo(tx, by, &payment, now).await?,
    }
    if payment.posting.is_none() {
        forgive(tx, by, &payment, now).await?;
    }
    accounts::receipt_taken_back(tx, payment.person, payment.posting.is_some()).await?;
    pending::begin(tx, &payment, &topup::again(&payment), now).await?;
    let told = Notice::PaymentReopened { payment: payment.id, order: payment.purpose.order() };
    notices::tell(tx, payment.person, &told, now, Some(format!("reopened:{}:{}", payment.id, payment.round))).await?;
    let is = payments::get(tx, payment.id).await?.ok_or_else(|| Fault::new("a locked payment is gone"))?;
    decided(tx, by, (&payment, &is), now).await?;
    let payment = is;
    let order = match payment.purpose.order() {
        Some(order) => Some(store::locked(tx, order).await?),
        None => None,
    };
    Ok(Undone { payment, order })
}

async fn undo_order(tx: &Tx, by: &Admin, (payment, order): (&Payment, OrderId), now: Time) -> Result<(), UndoError> {
    // The service's lock comes before the order's: the job that delivers takes them in this order.
    let unlocked = store::unlocked(tx, order).await?;
    service::can_be_given(tx, &unlocked).await?;
    let order = store::locked(tx, order).await?;
    if let Some(posting) = payment.posting {
        ledger::lock_first(tx, &money::way_of(tx, payment).await?).await?;
        take_money_back(tx, by, &order, posting, now).await?;
    }
    if matches!(order.state, State::Cancelled | State::Expired | State::Rejected) {
        reopen(tx, &order, now).await?;
    }
    Ok(())
}

async fn take_money_back(tx: &Tx, by: &Admin, order: &Order, posting: i64, now: Time) -> Result<(), UndoError> {
    match order.state {
        State::Delivered | State::Refunded => return Err(UndoError::Delivered),
        State::Paid => {
            unpay(tx, by, order, now).await?;
            wallet::hold_again(tx, order, now).await?;
        }
        State::Placed | State::Cancelled | State::Expired | State::Rejected => {}
    }
    Ok(money::reverse(tx, by.person(), posting, now).await?)
}

/// Gives a paid order's price back and takes its service back: it waits for its money again.
pub(super) async fn unpay(tx: &Tx, by: &Admin, order: &Order, now: Time) -> Result<(), UndoError> {
    if order.kind == Kind::New && !store::paid_after(tx, order).await?.is_empty() {
        return Err(UndoError::Renewed);
    }
    let charge = order.charge.ok_or_else(|| Fault::new(format!("order {} is paid and has no charge", order.id)))?;
    money::reverse(tx, by.person(), charge, now).await?;
    if !store::unpaid(tx, order).await?.is_yes() {
        return Err(Fault::new(format!("order {} changed under its lock", order.id)).into());
    }
    Ok(service::take_back(tx, order, now).await?)
}

async fn forgive(tx: &Tx, by: &Admin, payment: &Payment, now: Time) -> Result<(), UndoError> {
    let person = accounts::person(tx, payment.person).await?;
    if person.and_then(|person| person.banned).is_none_or(|reason| reason != ban_reason(payment.id)) {
        return Ok(());
    }
    match accounts::unban(tx, by, payment.person, now).await {
        Ok(()) | Err(PersonError::Already) => Ok(()),
        Err(PersonError::Fault(fault)) => Err(fault.into()),
        Err(error) => Err(Fault::new(error).context("lifting a ban that came with a rejection").into()),
    }
}

/// The order waits for its money again, and what was lent works again. If its plan is sold out now, or the
/// wallet does not hold its part any more, it stays closed.
async fn reopen(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    if !wallet::regain(tx, order, now).await? {
        return Ok(());
    }
    if !store::step(tx, order, Step::Reopen, now).await?.is_yes() {
        return Err(Fault::new(format!("order {} changed under its lock", order.id)));
    }
    service::lend_again(tx, order, now).await
}
