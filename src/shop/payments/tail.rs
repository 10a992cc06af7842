//! The tail of an amount: a few units more than the price, so that a transfer names its payment.
//!
//! It looks for a free amount and promises nothing: the unique index on method and amount decides.
use super::method::MethodCode;
use super::rules::{TAIL_MAX, first_tail};
use crate::base::{Fault, Money, PaymentId};
use crate::db;
use sea_orm::ConnectionTrait;

/// The amount that a payment asks for first.
pub(super) fn own_due(id: PaymentId, price: Money) -> Result<Money, Fault> {
    Ok(price.plus(Money::new(first_tail(id), price.asset))?)
}

/// An amount that nobody is asked for on this method: the payment's own, or the next that is free. `None` when all tails of
/// this price are taken.
pub(super) async fn free_due(
    conn: &impl ConnectionTrait,
    method: &MethodCode,
    (id, price): (PaymentId, Money),
) -> Result<Option<Money>, Fault> {
    let (least, most) = (price.minor.saturating_add(1), price.minor.saturating_add(TAIL_MAX));
    let own = own_due(id, price)?.minor;
    let found = match gap(conn, method, own, most).await? {
        None if own > least => gap(conn, method, least, own - 1).await?,
        found => found,
    };
    Ok(found.map(|due| Money::new(due, price.asset)))
}

/// The least free amount between two, which are meant too: the first, or one right after an amount that is taken.
async fn gap(conn: &impl ConnectionTrait, method: &MethodCode, from: i64, to: i64) -> Result<Option<i64>, Fault> {
    let sql = "SELECT c.due AS v FROM (SELECT CAST($2 AS BIGINT) AS due UNION ALL SELECT due + 1 FROM payments \
                   WHERE method = $1 AND due >= $2 AND due < $3 AND state IN ('open', 'submitted')) c \
               WHERE NOT EXISTS (SELECT 1 FROM payments q WHERE q.method = $1 AND q.due = c.due AND q.state IN ('open', 'submitted')) \
               ORDER BY c.due LIMIT 1";
    db::scalar(conn, sql, vec![method.as_str().into(), from.into(), to.into()]).await
}
