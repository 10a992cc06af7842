//! Taking a receipt: for an open payment, for one under review, and for one that was closed without a decision.
use super::amount::{names_due, other_amount};
use super::flag::{self, Flag};
use super::method::method_lately;
use super::receipt::{NewReceipt, ReceiptKind, before, insert};
use super::rotation::load;
use super::rules::plain;
use super::state::{State, Step};
use super::store::{Payment, get, locked};
use super::twin::{same_file, same_number};
use crate::base::{Fault, Money, PaymentId, PersonId, Time};
use crate::db::{self, Tx};
use futures::join;

/// What became of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    pub payment: Payment,
    /// Which receipt of this payment it is, counted from 1.
    pub receipt_no: i64,
    /// The payment waits for the review because of it, and did not before.
    pub first: bool,
    /// It had been taken before, with the same update.
    pub replay: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("the payment is somebody else's, or there is none")]
    NotYours,
    /// A reviewer has decided; a receipt changes nothing any more.
    #[error("the payment is {} already", .state.code())]
    Decided { state: State, at: Option<Time> },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Takes a receipt, once for an update.
pub async fn submit(
    tx: &Tx,
    person: PersonId,
    payment: PaymentId,
    new: &NewReceipt,
    now: Time,
) -> Result<Submitted, SubmitError> {
    // All are asked for at once; the payment is locked first.
    let (row, before, alike) = join!(locked(tx, payment), before(tx, payment, new.update), like(tx, payment, new));
    let row = row?.filter(|row| row.person == person).ok_or(SubmitError::NotYours)?;
    let ((known, count), alike) = (before?, alike?);
    if let Some(known) = known {
        let payment = get(tx, known.payment).await?.filter(|row| row.person == person).ok_or(SubmitError::NotYours)?;
        return Ok(Submitted { payment, receipt_no: known.number, first: known.number == 1, replay: true });
    }
    let Some(state) = row.state.after(Step::Submit) else {
        return Err(SubmitError::Decided { state: row.state, at: row.decided_at });
    };
    insert(tx, payment, new, now).await?;
    let mut flags = alike;
    flags.extend(found(tx, &row, new, now).await?);
    let due = if row.state == State::Open || row.state == State::Submitted {
        row.due
    } else {
        flags.push(Flag::Late);
        free_due(tx, &row).await?
    };
    let first = row.state != State::Submitted;
    // Of what the receipts say of the amount, the last word counts; every other warning stays.
    let corrects = new.text.as_deref().is_some_and(|text| names_due(new.kind, text, row.due));
    flags.extend(row.flags.iter().copied().filter(|flag| !(corrects && *flag == Flag::AmountDiffers)));
    let payment = step(tx, &Taken { row: &row, state, due, flags }, now).await?;
    Ok(Submitted { payment, receipt_no: count + 1, first, replay: false })
}

struct Taken<'a> {
    row: &'a Payment,
    state: State,
    due: Money,
    flags: Vec<Flag>,
}

async fn step(tx: &Tx, taken: &Taken<'_>, now: Time) -> Result<Payment, Fault> {
    let Taken { row, state, due, flags } = taken;
    let since = row.submitted_at.filter(|_| row.state == State::Submitted).unwrap_or(now);
    let sql = "UPDATE payments SET state = $3, due = $4, flags = $5, submitted_at = $6, decided_at = NULL, decided_by = NULL, \
               escalated_at = CASE WHEN state = 'submitted' THEN escalated_at ELSE NULL END WHERE id = $1 AND state = $2";
    let values = vec![
        row.id.into(),
        row.state.code().into(),
        state.code().into(),
        due.minor.into(),
        flag::write(flags).into(),
        since.into(),
    ];
    db::submit_exactly(tx, 1, sql, values).await?;
    Ok(Payment {
        state: *state,
        due: *due,
        flags: flag::read(&flag::write(flags))?,
        submitted_at: Some(since),
        decided_at: None,
        decided_by: None,
        escalated_at: row.escalated_at.filter(|_| row.state == State::Submitted),
        ..(*row).clone()
    })
}

/// The warnings that other payments with such a receipt give rise to.
async fn like(tx: &Tx, payment: PaymentId, new: &NewReceipt) -> Result<Vec<Flag>, Fault> {
    let mut flags = Vec::new();
    if let Some(key) = &new.file_key
        && !same_file(tx, payment, key).await?.is_empty()
    {
        flags.push(Flag::SamePhoto);
    }
    if let Some(text) = &new.text
        && !same_number(tx, payment, &plain(text)).await?.is_empty()
    {
        flags.push(Flag::SameNumber);
    }
    Ok(flags)
}

/// Those of the receipt itself.
async fn found(tx: &Tx, row: &Payment, new: &NewReceipt, now: Time) -> Result<Vec<Flag>, Fault> {
    let mut flags = Vec::new();
    if let Some(text) = &new.text
        && other_amount(new.kind, text, row.due).is_some()
    {
        flags.push(Flag::AmountDiffers);
    }
    if new.kind == ReceiptKind::Pdf {
        flags.push(Flag::NotCompared);
    }
    if new.edited {
        flags.push(Flag::Edited);
    }
    if over_limit(tx, row, now).await? {
        flags.push(Flag::DailyLimit);
    }
    Ok(flags)
}

async fn over_limit(tx: &Tx, row: &Payment, now: Time) -> Result<bool, Fault> {
    let Some(limits) = method_lately(tx.db(), &row.method).await?.map(|method| method.limits) else { return Ok(false) };
    if !limits.count_the_day() {
        return Ok(false);
    }
    let mut load = load(tx, &row.method, now).await?;
    if !matches!(row.state, State::Open | State::Submitted) {
        load.pending = load.pending.saturating_add(row.due.minor);
        load.pending_count = load.pending_count.saturating_add(1);
    }
    let room = limits.room(&load);
    // The limit counts prices; a tail may pass it, and is no reason to warn.
    Ok(room.amount.is_some_and(|left| left < -super::rules::TAIL_MAX) || room.count.is_some_and(|left| left < 0))
}

/// The amount under which a closed payment may stand again: its own, or the next that nobody is asked for.
pub(super) async fn free_due(tx: &Tx, row: &Payment) -> Result<Money, Fault> {
    let mut due = row.due;
    loop {
        let sql = "SELECT COUNT(*) AS v FROM payments WHERE method = $1 AND due = $2 AND state IN ('open', 'submitted')";
        let taken: Option<i64> = db::scalar(tx, sql, vec![row.method.as_str().into(), due.minor.into()]).await?;
        if taken.unwrap_or_default() == 0 {
            return Ok(due);
        }
        due = due.plus(Money::new(1, due.asset))?;
    }
}
