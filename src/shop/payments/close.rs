//! Closing a payment without a decision: by the customer, or by the clock.
use super::state::{State, Step};
use super::store::{Payment, select};
use crate::base::{Fault, PersonId, Time};
use crate::db::{self, Moved, Tx};

/// The customer gives up a payment that is open or under review.
pub async fn cancel(tx: &Tx, payment: &Payment, now: Time) -> Result<Moved, Fault> {
    close(tx, payment, Step::Cancel, payment.person, now).await
}

async fn close(tx: &Tx, payment: &Payment, step: Step, by: PersonId, now: Time) -> Result<Moved, Fault> {
    let Some(state) = payment.state.after(step) else { return Ok(Moved::LostRace) };
    let sql = "UPDATE payments SET state = $3, decided_at = $4, decided_by = $5, hold = NULL WHERE id = $1 AND state = $2";
    let values = vec![payment.id.into(), payment.state.code().into(), state.code().into(), now.into(), by.into()];
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}

/// Expires open payments whose time is over, at most `limit`; those that did.
pub async fn expire_due(tx: &Tx, now: Time, limit: i64) -> Result<Vec<Payment>, Fault> {
    let lock = db::locking(tx, " FOR UPDATE SKIP LOCKED");
    let rest = format!("WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2{lock}");
    let mut expired = Vec::new();
    for mut payment in select(tx, &rest, vec![now.into(), limit.into()]).await? {
        if close(tx, &payment, Step::Expire, PersonId(0), now).await?.is_yes() {
            payment.state = State::Expired;
            expired.push(payment);
        }
    }
    Ok(expired)
}
