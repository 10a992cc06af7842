//! Receipts that came unasked while several payments could be meant: kept, then taken for the one that is named, by the customer or,
//! after [`PATIENCE`], by the shop, which warns the reviewer. None is forgotten with an order that ends meanwhile.
use super::job::NameReceipts;
use super::receipt::{Received, receipt};
use crate::base::{Fault, MINUTE, PersonId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::Customer;
use crate::shop::notices::{self, Notice};
use crate::shop::payments::{self, Flag, NewReceipt, Payment, SubmitError, Unnamed, add_flags, keep_unnamed, take_unnamed};
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

/// Keeps a receipt until its payment is named; once for an update.
pub async fn keep_receipt(tx: &Tx, person: PersonId, new: Unnamed, now: Time) -> Result<Keeping, Fault> {
    let mut kept = take_unnamed(tx, person).await?;
    kept.retain(|known| known.receipt.update != new.receipt.update);
    if kept.len() >= KEPT_MAX {
        keep_unnamed(tx, person, &kept).await?;
        return Ok(Keeping::Full);
    }
    let album = |known: &Unnamed| known.receipt.album.is_some() && known.receipt.album == new.receipt.album;
    let keeping = if kept.iter().any(album) { Keeping::WithItsAlbum } else { Keeping::Kept };
    let occasion = format!("name_receipts:{}", new.receipt.update);
    kept.push(new);
    keep_unnamed(tx, person, &kept).await?;
    jobs::enqueue(tx, &NameReceipts { person }, now.after(PATIENCE), Some(occasion)).await?;
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
    let kept = take_unnamed(tx, customer.id).await?;
    let (mine, others): (Vec<_>, Vec<_>) = kept.into_iter().partition(|kept| payment.opened_at <= kept.came_at);
    keep_unnamed(tx, customer.id, &others).await?;
    let mut first = None;
    for new in mine.iter().map(|kept| &kept.receipt).chain(also) {
        let received = receipt(tx, customer, (payment.id, new), settings, now).await?;
        first.get_or_insert(received);
    }
    Ok(first)
}

/// Nobody said for which payment they are: those of one payment go to it, and customer and reviewer hear of it. Says whether
/// there may be more, of another: each is a transaction of its own, since it locks all that belongs to a payment.
pub async fn name_receipts(tx: &Tx, customer: &Customer, settings: &Settings, now: Time) -> Result<bool, SubmitError> {
    let (mut named, mut others): (Option<Payment>, Vec<Unnamed>) = (None, Vec::new());
    for kept in take_unnamed(tx, customer.id).await? {
        let meant = payments::meant(tx, customer.id, (kept.came_at, now)).await?;
        let likeliest = payments::likeliest(&meant, &kept.receipt);
        match (likeliest, &named) {
            (None, _) => {
                let update = kept.receipt.update;
                tracing::warn!(person.id = %customer.id, %update, "a receipt is dropped whose payments were all decided");
                continue;
            }
            (Some(payment), Some(named)) if payment.id != named.id => {
                others.push(kept);
                continue;
            }
            (Some(_), Some(_)) => {}
            (Some(payment), None) => {
                let once = format!("named:{}:{}", payment.id, kept.receipt.update);
                let notice = Notice::ReceiptNamed { payment: payment.id, order: payment.purpose.order() };
                notices::tell(tx, customer.id, &notice, now, Some(once)).await?;
                named = Some(payment.clone());
            }
        }
        let Some(payment) = &named else { continue };
        receipt(tx, customer, (payment.id, &kept.receipt), settings, now).await?;
    }
    if let Some(payment) = &named {
        add_flags(tx, payment.id, &[Flag::Unnamed]).await?;
    }
    keep_unnamed(tx, customer.id, &others).await?;
    Ok(!others.is_empty())
}
