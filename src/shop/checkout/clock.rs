//! What the clock does about payments that nobody reviewed.
use super::approve::approve;
use super::job::ReviewCard;
use super::review::ReviewError;
use crate::base::{Fault, PaymentId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::Admin;
use crate::shop::notices::{self, Notice};
use crate::shop::{payments, settings};
use sea_orm::ConnectionTrait;

/// Payments that the clock may accept: under review for longer than the shop waits, and without a warning. At most
/// `limit`, the oldest first; none when the shop does not do so.
pub async fn auto_accept_due(conn: &impl ConnectionTrait, now: Time, limit: i64) -> Result<Vec<PaymentId>, Fault> {
    match settings::load(conn).await?.auto_accept_ms() {
        Some(wait) => payments::stale(conn, now.after(-wait), false, limit).await,
        None => Ok(Vec::new()),
    }
}

/// Accepts a payment that nobody reviewed, if it is still due: a warning may have been found since it was looked up.
pub async fn auto_accept(tx: &Tx, payment: PaymentId, now: Time) -> Result<bool, ReviewError> {
    let Some(wait) = settings::load(tx).await?.auto_accept_ms() else { return Ok(false) };
    let Some(row) = payments::locked(tx, payment).await? else { return Ok(false) };
    let waited = row.submitted_at.is_some_and(|at| now.since(at) >= wait);
    if row.state != payments::State::Submitted || !row.flags.is_empty() || !waited {
        return Ok(false);
    }
    approve(tx, &Admin::clock(), payment, None, now).await?;
    jobs::enqueue(tx, &ReviewCard { payment }, now, None).await?;
    Ok(true)
}

/// Calls the group, once, for payments that are as old and carry a warning. Says for which.
pub async fn escalate_due(tx: &Tx, now: Time, limit: i64) -> Result<Vec<PaymentId>, Fault> {
    let Some(wait) = settings::load(tx).await?.auto_accept_ms() else { return Ok(Vec::new()) };
    let mut called = Vec::new();
    for payment in payments::stale(tx, now.after(-wait), true, limit).await? {
        if payments::mark_escalated(tx, payment, now).await?.is_yes() {
            notices::tell_group(tx, &Notice::Escalated { payment }, now, None).await?;
            called.push(payment);
        }
    }
    Ok(called)
}
