//! The decision about a receipt, and taking it back. The caller holds the payment's lock, and moves the money.
use super::flag::{self, Flag};
use super::state::{RejectReason, State, Step};
use super::store::{Payment, written};
use super::submit::free_due;
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::{self, Tx};

/// What a reviewer decided.
#[derive(Debug, Clone)]
pub(in crate::shop) enum Decision {
    /// So much came; `posting` is the ledger transaction that brought it.
    Approved {
        amount: Money,
        posting: i64,
    },
    Rejected {
        reason: RejectReason,
    },
}

/// Writes a decision down; `None` when the payment does not wait for one.
pub(in crate::shop) async fn decide(
    tx: &Tx,
    payment: &Payment,
    decision: &Decision,
    by: PersonId,
    now: Time,
) -> Result<Option<Payment>, Fault> {
    let (step, approved, posting, reason) = match decision {
        Decision::Approved { amount, posting } => (Step::Approve, Some(amount.minor), Some(*posting), None),
        Decision::Rejected { reason } => (Step::Reject, None, None, Some(reason.code())),
    };
    let Some(state) = payment.state.after(step) else { return Ok(None) };
    let sql = "UPDATE payments SET state = $2, approved = $3, posting = $4, reason = $5, decided_at = $6, decided_by = $7, \
               hold = NULL \
               WHERE id = $1 AND state = 'submitted'";
    let values =
        vec![payment.id.into(), state.code().into(), approved.into(), posting.into(), reason.into(), now.into(), by.into()];
    db::submit_exactly(tx, 1, sql, values).await?;
    let (approved, reason) = match decision {
        Decision::Approved { amount, .. } => (Some(*amount), None),
        Decision::Rejected { reason } => (None, Some(reason.clone())),
    };
    let (decided_at, decided_by) = (Some(now), Some(by));
    Ok(Some(Payment { state, approved, posting, reason, decided_at, decided_by, hold: None, ..payment.clone() }))
}

/// Puts a decided payment back under review, in a new round. If its amount was given to somebody else meanwhile, it
/// moves to the next free one and is marked as late.
pub(in crate::shop) async fn reopen(tx: &Tx, payment: &Payment) -> Result<Option<Payment>, Fault> {
    let Some(State::Submitted) = payment.state.after(Step::Reopen) else { return Ok(None) };
    let due = free_due(tx, payment).await?;
    let mut flags = payment.flags.clone();
    if due != payment.due {
        flags.push(Flag::Late);
    }
    let sql = "UPDATE payments SET state = 'submitted', due = $3, flags = $4, approved = NULL, posting = NULL, reason = NULL, \
               decided_at = NULL, decided_by = NULL, round = round + 1 WHERE id = $1 AND state = $2";
    let values = vec![payment.id.into(), payment.state.code().into(), due.minor.into(), flag::write(&flags).into()];
    written(tx, sql, values).await
}
