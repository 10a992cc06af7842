//! Opening a payment: the method with most room, and an amount that nobody else is asked for on it.
use super::audience::Audience;
use super::kind::Kind;
use super::limits::Need;
use super::method::Method;
use super::purpose::Purpose;
use super::rotation::offer;
use super::store::{Payment, get};
use super::tail::{free_due, own_due};
use crate::base::{Fault, Money, PaymentId, PersonId, Time};
use crate::db::{self, Moved, Tx};
use sea_orm::{ConnectionTrait, DbBackend};

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

/// Opens a payment, once: the same id again gives the same payment, whatever became of it.
pub async fn open(tx: &Tx, new: Open) -> Result<Payment, OpenError> {
    if let Some(known) = get(tx, new.id).await? {
        return Ok(known);
    }
    lock_limited(tx).await?;
    let need = Need { amount: new.price, kind: new.kind, audience: new.audience, now: new.now };
    let offer = offer(tx, &need).await?;
    let again = offer.again;
    for method in &offer.for_payment(new.id) {
        if let Some(payment) = open_on(tx, &new, method).await? {
            return Ok(payment);
        }
    }
    Err(OpenError::NoMethod { when: again })
}

/// Two that open at once must not both take a method's last room, so methods with a limit of the day are counted one at a time.
pub(super) async fn lock_limited(tx: &Tx) -> Result<(), Fault> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT code AS v FROM payment_methods WHERE state = 'on' AND (daily_limit IS NOT NULL OR daily_count IS NOT NULL) \
                   ORDER BY code FOR NO KEY UPDATE";
        db::scalar::<String>(tx, sql, vec![]).await?;
    }
    Ok(())
}

/// `None` when all tails of this price are taken on this method.
async fn open_on(tx: &Tx, new: &Open, method: &Method) -> Result<Option<Payment>, Fault> {
    let mut due = Some(own_due(new.id, new.price)?);
    while let Some(wanted) = due {
        if insert(tx, new, method, wanted).await?.is_yes() {
            return get(tx, new.id).await;
        }
        // Another process may have opened this very payment meanwhile.
        if let Some(known) = get(tx, new.id).await? {
            return Ok(Some(known));
        }
        // Should the amount found here be taken in this very moment, the next round finds another.
        due = free_due(tx, &method.code, (new.id, new.price)).await?;
    }
    Ok(None)
}

async fn insert(tx: &Tx, new: &Open, method: &Method, due: Money) -> Result<Moved, Fault> {
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
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}
