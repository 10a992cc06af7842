//! Paying another way: an open payment moves to a method of another kind, with an amount that nobody else is asked for there.
use super::audience::Audience;
use super::kind::Kind;
use super::limits::Need;
use super::method::{Method, method};
use super::rotation::Search;
use super::state::State;
use super::store::{Payment, locked, written};
use super::tail::free_due;
use crate::base::{Fault, PaymentId, Time};
use crate::db::Tx;
use crate::shop::accounts::Customer;
use chrono_tz::Tz;

#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    #[error("the payment is somebody else's, or there is none")]
    NotYours,
    /// A receipt came, or it was closed: it stays where it is.
    #[error("the payment is {} already", .0.state.code())]
    NotOpen(Box<Payment>),
    /// No method of this kind can take it; `when` one could, if we know.
    #[error("no payment method of this kind can take this amount now")]
    NoMethod { when: Option<Time> },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Moves a payment that waits for its receipt to the emptiest method of a kind. One that is of this kind stays as it is.
pub async fn choose(
    tx: &Tx,
    customer: &Customer,
    (payment, kind): (PaymentId, Kind),
    (zone, now): (Tz, Time),
) -> Result<Payment, ChooseError> {
    let row = locked(tx, payment).await?.filter(|row| row.person == customer.id).ok_or(ChooseError::NotYours)?;
    if row.state != State::Open {
        return Err(ChooseError::NotOpen(Box::new(row)));
    }
    if method(tx, &row.method).await?.is_some_and(|method| method.kind == kind) {
        return Ok(row);
    }
    let audience = Audience::who_pays(row.purpose, customer);
    let need = Need { amount: row.price, kind: Some(kind), audience, now, zone };
    let (unlimited, search) = Search::begin(tx, &need, payment).await?;
    if let Some(moved) = move_to_one(tx, &row, &unlimited).await? {
        return Ok(moved);
    }
    let limited = search.go_on(tx).await?;
    let moved = move_to_one(tx, &row, &limited.methods).await?;
    moved.ok_or(ChooseError::NoMethod { when: limited.again })
}

async fn move_to_one(tx: &Tx, row: &Payment, methods: &[Method]) -> Result<Option<Payment>, Fault> {
    for method in methods {
        // Should another process ask for it in this very moment, the unique index refuses ours, and the tap is handled again.
        let Some(due) = free_due(tx, &method.code, (row.id, row.price)).await? else { continue };
        let sql = "UPDATE payments SET method = $2, due = $3 WHERE id = $1 AND state = 'open'";
        let moved = written(tx, sql, vec![row.id.into(), method.code.as_str().into(), due.minor.into()]).await?;
        return moved.map(Some).ok_or_else(|| Fault::new("a locked payment is gone"));
    }
    Ok(None)
}
