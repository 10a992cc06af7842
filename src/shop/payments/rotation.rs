//! Which methods are offered: those that can take an amount, the one with most room left in the shop's day first, counting what
//! was approved and what is pending. It opens nothing: between an offer and a payment the room may go.
use super::kind::Kind;
use super::limits::{Chance, Load, Need, chance};
use super::method::{Method, MethodCode, select};
use super::rules::day_of;
use crate::base::{Fault, Time};
use crate::db;
use crate::shop::settings;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashMap;

/// The methods that can take an amount now, and when others could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Most room first.
    pub methods: Vec<Method>,
    /// The earliest moment at which one that cannot now could: the day ends, or its hours begin.
    pub again: Option<Time>,
}

impl Offer {
    /// The kinds among them, in the order in which kinds are offered.
    pub fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| self.methods.iter().any(|method| method.kind == *kind)).collect()
    }
}

#[derive(FromQueryResult)]
struct LoadRow {
    method: String,
    sum: i64,
    count: i64,
}

async fn sums(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<LoadRow>, Fault> {
    db::query(conn, sql, values).await
}

/// What was approved on each method since `since`, and what is pending on it.
async fn loads_since(conn: &impl ConnectionTrait, since: Time) -> Result<HashMap<MethodCode, Load>, Fault> {
    let mut loads: HashMap<MethodCode, Load> = HashMap::new();
    let approved = "SELECT method, CAST(SUM(approved) AS BIGINT) AS sum, COUNT(*) AS count FROM payments \
                    WHERE state = 'approved' AND decided_at >= $1 GROUP BY method";
    for row in sums(conn, approved, vec![since.into()]).await? {
        let load = loads.entry(MethodCode::stored(row.method)).or_default();
        (load.taken, load.taken_count) = (row.sum, row.count);
    }
    let pending = "SELECT method, CAST(SUM(due) AS BIGINT) AS sum, COUNT(*) AS count FROM payments \
                   WHERE state IN ('open', 'submitted') GROUP BY method";
    for row in sums(conn, pending, vec![]).await? {
        let load = loads.entry(MethodCode::stored(row.method)).or_default();
        (load.pending, load.pending_count) = (row.sum, row.count);
    }
    Ok(loads)
}

/// What lies on each method in the shop's day that holds `now`; a method that is not named has nothing on it.
pub async fn loads(conn: &impl ConnectionTrait, now: Time) -> Result<HashMap<MethodCode, Load>, Fault> {
    let today = day_of(settings::load(conn).await?.zone(), now);
    loads_since(conn, today.start).await
}

/// The methods that can take it now.
pub async fn offer(conn: &impl ConnectionTrait, need: &Need) -> Result<Offer, Fault> {
    let mut on = select(conn, "WHERE m.state = 'on' ORDER BY m.place, m.code", vec![]).await?;
    on.retain(|method| need.kind.is_none_or(|kind| method.kind == kind));
    // One method that takes whatever comes needs no counting, and no clock.
    let (zone, loads) = if on.len() <= 1 && on.iter().all(|method| method.limits.are_timeless()) {
        (chrono_tz::UTC, HashMap::new())
    } else {
        let zone = settings::load(conn).await?.zone();
        (zone, loads_since(conn, day_of(zone, need.now).start).await?)
    };
    let (mut free, mut again) = (Vec::with_capacity(on.len()), None::<Time>);
    for method in on {
        let load = loads.get(&method.code).copied().unwrap_or_default();
        match chance((&method.limits, method.place), &load, need, zone) {
            Chance::Now(rank) => free.push((rank, method)),
            Chance::Later(at) => again = Some(again.map_or(at, |known| known.min(at))),
            Chance::Never => {}
        }
    }
    free.sort_by_key(|(rank, _)| *rank);
    Ok(Offer { methods: free.into_iter().map(|(_, method)| method).collect(), again })
}
