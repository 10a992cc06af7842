//! Opening a payment: the method with most room, and an amount that nobody else is asked for on it.
use super::audience::Audience;
use super::kind::Kind;
use super::limits::Need;
use super::method::Method;
use super::purpose::Purpose;
use super::rotation::Search;
use super::store::{Payment, get, written};
use super::tail::{free_due, own_due};
use crate::base::{Fault, Money, PaymentId, PersonId, Time};
use crate::db::Tx;
use chrono_tz::Tz;

/// A payment to open.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    pub id: PaymentId,
    pub purpose: Purpose,
    pub person: PersonId,
    /// What is to come; the tail comes on top.
    pub price: Money,
    /// The kind that the person chose; `None` takes any.
    pub kind: Option<Kind>,
    pub audience: Audience,
    pub now: Time,
    /// The shop's.
    pub zone: Tz,
    /// Milliseconds until it expires.
    pub ttl: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No method can take it; `when` one could, if we know.
    #[error("no payment method can take this amount now")]
    NoMethod { when: Option<Time> },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Opens a payment, once: whoever opens the same id again gets the same payment.
pub async fn open(tx: &Tx, new: Open) -> Result<Payment, OpenError> {
    let need = Need { amount: new.price, kind: new.kind, audience: new.audience, now: new.now, zone: new.zone };
    let (unlimited, search) = Search::begin(tx, &need, new.id).await?;
    if let Some(payment) = open_on_one(tx, &new, &unlimited).await? {
        return Ok(payment);
    }
    let limited = search.go_on(tx).await?;
    let payment = open_on_one(tx, &new, &limited.methods).await?;
    payment.ok_or(OpenError::NoMethod { when: limited.again })
}

async fn open_on_one(tx: &Tx, new: &Open, methods: &[Method]) -> Result<Option<Payment>, Fault> {
    for method in methods {
        if let Some(payment) = open_on(tx, new, method).await? {
            return Ok(Some(payment));
        }
    }
    Ok(None)
}

/// `None` when all tails of this price are taken on this method.
async fn open_on(tx: &Tx, new: &Open, method: &Method) -> Result<Option<Payment>, Fault> {
    let mut due = Some(own_due(new.id, new.price)?);
    while let Some(wanted) = due {
        if let Some(payment) = insert(tx, new, method, wanted).await? {
            return Ok(Some(payment));
        }
        // It was opened before, or another process opens it now.
        if let Some(known) = get(tx, new.id).await? {
            return Ok(Some(known));
        }
        // Should the amount found here be taken in this very moment, the next round finds another.
        due = free_due(tx, &method.code, (new.id, new.price)).await?;
    }
    Ok(None)
}

async fn insert(tx: &Tx, new: &Open, method: &Method, due: Money) -> Result<Option<Payment>, Fault> {
    let sql = "INSERT INTO payments (id, purpose, order_id, person, method, price, due, asset, state, opened_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10) ON CONFLICT DO NOTHING";
    let values = vec![
        new.id.into(),
        new.purpose.code().into(),
        new.purpose.order().into(),
        new.person.into(),
        method.code.as_str().into(),
        new.price.minor.into(),
        due.minor.into(),
        due.asset.code().into(),
        new.now.into(),
        new.now.after(new.ttl).into(),
    ];
    written(tx, sql, values).await
}
