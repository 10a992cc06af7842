//! Which card is offered: the one with most room left in the shop's day, counting what was approved and what is pending.
use super::method::{COLUMNS, Method, Row};
use super::rules::{day_of, rank, room};
use crate::base::{Fault, Money, Time};
use crate::db;
use crate::shop::settings;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashMap;

/// The cards that can take an amount now, and when others can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Most room first.
    pub methods: Vec<Method>,
    /// When a card that is full today could take it, if one could.
    pub again: Option<Time>,
}

/// What lies on a card today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub taken: i64,
    pub pending: i64,
}

#[derive(FromQueryResult)]
struct LoadRow {
    method: String,
    sum: i64,
}

async fn sums(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<LoadRow>, Fault> {
    db::query(conn, sql, values).await
}

/// What was approved on each card since `since`, and what is pending on it.
pub(super) async fn loads(conn: &impl ConnectionTrait, since: Time) -> Result<HashMap<String, Load>, Fault> {
    let mut loads: HashMap<String, Load> = HashMap::new();
    let approved = "SELECT m.code AS method, CAST(COALESCE((SELECT SUM(p.approved) FROM payments p WHERE p.method = m.code \
                    AND p.state = 'approved' AND p.decided_at >= $1), 0) AS BIGINT) AS sum FROM payment_methods m";
    for row in sums(conn, approved, vec![since.into()]).await? {
        loads.entry(row.method).or_default().taken = row.sum;
    }
    let pending = "SELECT method, CAST(SUM(due) AS BIGINT) AS sum FROM payments \
                   WHERE state IN ('open', 'submitted') GROUP BY method";
    for row in sums(conn, pending, vec![]).await? {
        loads.entry(row.method).or_default().pending = row.sum;
    }
    Ok(loads)
}

/// The cards that can take `amount` now.
pub async fn methods_for(conn: &impl ConnectionTrait, amount: Money, now: Time) -> Result<Offer, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM payment_methods m WHERE m.state = 'on' ORDER BY m.place, m.code");
    let on: Vec<Method> = db::query::<Row>(conn, &sql, vec![]).await?.into_iter().map(Method::from).collect();
    if on.len() <= 1 && on.iter().all(|method| method.daily_limit.is_none()) {
        return Ok(Offer { methods: on, again: None });
    }
    let today = day_of(settings::load(conn).await?.zone(), now);
    let loads = loads(conn, today.start).await?;
    let again = on.iter().any(|method| method.daily_limit.is_some_and(|limit| limit >= amount.minor)).then_some(today.end);
    let mut free = Vec::with_capacity(on.len());
    for method in on {
        let load = loads.get(method.code.as_str()).copied().unwrap_or_default();
        let room = room(method.daily_limit, load.taken, load.pending);
        if room.is_none_or(|room| room >= amount.minor) {
            free.push((rank(room, load.taken.saturating_add(load.pending), method.place), method));
        }
    }
    free.sort_by_key(|(rank, _)| *rank);
    Ok(Offer { methods: free.into_iter().map(|(_, method)| method).collect(), again })
}
