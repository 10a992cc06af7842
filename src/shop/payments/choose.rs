//! Paying another way: an open payment moves to a method of another kind, with an amount that nobody else is asked for there.
use super::audience::Audience;
use super::kind::Kind;
use super::limits::Need;
use super::method::method;
use super::open::lock_limited;
use super::rotation::offer;
use super::state::State;
use super::store::{Payment, get, locked};
use super::tail::free_due;
use crate::base::{Fault, PaymentId, Time};
use crate::db::{self, Tx};
use crate::shop::accounts::Customer;

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
pub async fn choose(tx: &Tx, customer: &Customer, (payment, kind): (PaymentId, Kind), now: Time) -> Result<Payment, ChooseError> {
    let row = locked(tx, payment).await?.filter(|row| row.person == customer.id).ok_or(ChooseError::NotYours)?;
    if row.state != State::Open {
        return Err(ChooseError::NotOpen(Box::new(row)));
    }
    if method(tx, &row.method).await?.is_some_and(|method| method.kind == kind) {
        return Ok(row);
    }
    lock_limited(tx).await?;
    let audience = Audience::who_pays(row.purpose, customer);
    let offer = offer(tx, &Need { amount: row.price, kind: Some(kind), audience, now }).await?;
    let again = offer.again;
    for method in &offer.for_payment(payment) {
        // Should another process ask for it in this very moment, the unique index refuses ours, and the tap is handled again.
        let Some(due) = free_due(tx, &method.code, (row.id, row.price)).await? else { continue };
        let sql = "UPDATE payments SET method = $2, due = $3 WHERE id = $1 AND state || '' = 'open'";
        db::execute(tx, sql, vec![payment.into(), method.code.as_str().into(), due.minor.into()]).await?;
        return get(tx, payment).await?.ok_or_else(|| Fault::new("a locked payment is gone").into());
    }
    Err(ChooseError::NoMethod { when: again })
}
