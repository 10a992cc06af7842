//! Receipts that came unasked while several payments could be meant: kept, then taken for the one that is named, by the customer or,
//! after [`PATIENCE`], by the shop, which warns the reviewer. None is forgotten with an order that ends meanwhile.
use super::job::NameReceipts;
use super::receipt::{Received, receipt};
use crate::base::{Fault, MINUTE, PersonId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::Customer;
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Flag, NewReceipt, Payment, SubmitError, Unnamed, add_flags, keep_unnamed, locked_unnamed};
use crate::shop::settings::Settings;

/// How long a customer may take to name the payment.
const PATIENCE: i64 = 10 * MINUTE;
/// So many receipts are kept of a person.
const KEPT_MAX: usize = 40;

/// What became of a receipt that is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    Kept,
    /// Others of its album are there already, so its customer was asked.
    WithItsAlbum,
    /// There are too many.
    Full,
}

/// Keeps a receipt until its payment is named; once for a message, as it was said last.
pub async fn keep_receipt(tx: &Tx, person: PersonId, mut new: Unnamed) -> Result<Keeping, Fault> {
    let mut kept = locked_unnamed(tx, person).await?;
    let is_same = |known: &NewReceipt| {
        known.update == new.receipt.update || known.message.is_some() && known.message == new.receipt.message
    };
    let before = kept.iter().position(|known| is_same(&known.receipt)).map(|at| kept.remove(at));
    if let Some(before) = &before {
        new.came_at = new.came_at.min(before.came_at);
        // The same update comes again: its job is there, and its time is not put off.
        if before.receipt.update == new.receipt.update {
            new.kept_at = before.kept_at;
        }
    }
    if kept.len() >= KEPT_MAX {
        return Ok(Keeping::Full);
    }
    let album = |known: &Unnamed| known.receipt.album.is_some() && known.receipt.album == new.receipt.album;
    let keeping = if kept.iter().any(album) { Keeping::WithItsAlbum } else { Keeping::Kept };
    let (due, occasion) = (new.kept_at.after(PATIENCE), format!("name_receipts:{}", new.receipt.update));
    kept.push(new);
    keep_unnamed(tx, person, &kept).await?;
    jobs::enqueue(tx, &NameReceipts { person }, due, Some(occasion)).await?;
    Ok(keeping)
}

/// Takes what is kept for this payment, as far as it came after that was opened, and `also`; `None` when that is nothing.
pub async fn receipts_for(
    tx: &Tx,
    customer: &Customer,
    (payment, also): (&Payment, Option<&NewReceipt>),
    settings: &Settings,
    now: Time,
) -> Result<Option<Received>, SubmitError> {
    let kept = locked_unnamed(tx, customer.id).await?;
    let (mine, others): (Vec<_>, Vec<_>) = kept.into_iter().partition(|kept| payment.opened_at <= kept.came_at);
    if !mine.is_empty() {
        keep_unnamed(tx, customer.id, &others).await?;
    }
    let mut first = None;
    for new in mine.iter().map(|kept| &kept.receipt).chain(also) {
        let received = receipt(tx, customer, (payment.id, new), settings, now).await?;
        first.get_or_insert(received);
    }
    Ok(first)
}

/// Nobody said for which payment they are: those of one payment go to it, and customer and reviewer hear of it. Says whether
/// there are more, of another: each is a transaction of its own, since it locks all that belongs to a payment. Nothing is done
/// while the customer was asked for one of them only lately: that one has its own job.
pub async fn name_receipts(tx: &Tx, customer: &Customer, settings: &Settings, now: Time) -> Result<bool, SubmitError> {
    let kept = locked_unnamed(tx, customer.id).await?;
    if kept.is_empty() || kept.iter().any(|kept| now.since(kept.kept_at) < PATIENCE) {
        return Ok(false);
    }
    let mut meant = Vec::with_capacity(kept.len());
    for kept in &kept {
        meant.push(payments::meant(tx, customer.id, (kept.came_at, now)).await?);
    }
    let ids = payments::assigned(&kept, &meant);
    let first = ids.iter().flatten().next().copied();
    let Some(payment) = first.and_then(|id| meant.iter().flatten().find(|payment| payment.id == id)) else {
        tracing::warn!(person.id = %customer.id, count = kept.len(), "receipts are dropped whose payments were all decided");
        keep_unnamed(tx, customer.id, &[]).await?;
        return Ok(false);
    };
    let (mine, others): (Vec<_>, Vec<_>) = kept.into_iter().zip(ids).partition(|(_, id)| *id == Some(payment.id));
    let others: Vec<Unnamed> = others.into_iter().map(|(kept, _)| kept).collect();
    for (kept, _) in &mine {
        receipt(tx, customer, (payment.id, &kept.receipt), settings, now).await?;
    }
    add_flags(tx, payment.id, &[Flag::Unnamed]).await?;
    let once = mine.first().map(|(kept, _)| format!("named:{}:{}", payment.id, kept.receipt.update));
    let notice = Notice::ReceiptNamed { payment: payment.id, order: payment.purpose.order() };
    notices::tell(tx, customer.id, &notice, now, once).await?;
    keep_unnamed(tx, customer.id, &others).await?;
    Ok(!others.is_empty())
}
