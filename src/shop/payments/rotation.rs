//! Which methods are offered: those that can take an amount, the one with most room left in the shop's day first, counting what
//! was approved and what is pending. It opens nothing: between an offer and a payment the room may go.
use super::kind::Kind;
use super::limits::{Chance, Load, Need, chance};
use super::method::{Method, MethodCode, select};
use super::rules::day_of;
use crate::base::{Fault, PaymentId, Time};
use crate::db;
use crate::shop::settings;
use sea_orm::{ConnectionTrait, FromQueryResult};
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
    /// The methods for this payment. Those without a limit of the day come first and have the same room: the payment's id says
    /// whose turn it is, which spreads payments evenly and counts nothing.
    pub fn for_payment(mut self, id: PaymentId) -> Vec<Method> {
        let unlimited = self.methods.iter().take_while(|method| !method.limits.count_the_day()).count();
        if let Some(turn) = usize::try_from(id.0).unwrap_or(0).checked_rem(unlimited) {
            self.methods[..unlimited].rotate_left(turn);
        }
        self.methods
    }

    /// The kinds among them, in the order in which kinds are offered.
    pub fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| self.methods.iter().any(|method| method.kind == *kind)).collect()
    }
}

#[derive(FromQueryResult)]
struct Row {
    method: String,
    sum: i64,
    count: i64,
    is_taken: i64,
}

/// What was approved on each of these methods since `since`, and what is pending on it; one on which nothing lies is absent.
async fn loads(conn: &impl ConnectionTrait, methods: &[&MethodCode], since: Time) -> Result<HashMap<String, Load>, Fault> {
    if methods.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> = (0..methods.len()).map(|i| format!("${}", i + 2)).collect();
    let places = places.join(", ");
    let sql = format!(
        "SELECT method, CAST(SUM(approved) AS BIGINT) AS sum, COUNT(*) AS count, CAST(1 AS BIGINT) AS is_taken FROM payments
         WHERE method IN ({places}) AND state = 'approved' AND decided_at >= $1 GROUP BY method
         UNION ALL SELECT method, CAST(SUM(due) AS BIGINT), COUNT(*), CAST(0 AS BIGINT) FROM payments
         WHERE method IN ({places}) AND state IN ('open', 'submitted') GROUP BY method"
    );
    let mut values = vec![since.into()];
    values.extend(methods.iter().map(|method| method.as_str().into()));
    let mut loads: HashMap<String, Load> = HashMap::new();
    for row in db::query::<Row>(conn, &sql, values).await? {
        let load = loads.entry(row.method).or_default();
        if row.is_taken == 1 {
            (load.taken, load.taken_count) = (row.sum, row.count);
        } else {
            (load.pending, load.pending_count) = (row.sum, row.count);
        }
    }
    Ok(loads)
}

/// What lies on a method in the shop's day that holds `now`.
pub async fn load(conn: &impl ConnectionTrait, method: &MethodCode, now: Time) -> Result<Load, Fault> {
    let today = day_of(settings::load(conn).await?.zone(), now);
    Ok(loads(conn, &[method], today.start).await?.remove(method.as_str()).unwrap_or_default())
}

/// The methods that can take it now.
pub async fn offer(conn: &impl ConnectionTrait, need: &Need) -> Result<Offer, Fault> {
    let mut on = select(conn, "WHERE m.state = 'on' ORDER BY m.place, m.code", vec![]).await?;
    on.retain(|method| need.kind.is_none_or(|kind| method.kind == kind));
    // What takes whatever comes needs no counting, and no clock.
    let zone =
        if on.iter().all(|method| method.limits.are_timeless()) { chrono_tz::UTC } else { settings::load(conn).await?.zone() };
    let today = day_of(zone, need.now).start;
    let counted: Vec<&MethodCode> = on.iter().filter(|method| method.limits.count_the_day()).map(|method| &method.code).collect();
    let loads = loads(conn, &counted, today).await?;
    let (mut free, mut again) = (Vec::with_capacity(on.len()), None::<Time>);
    for method in on {
        let load = loads.get(method.code.as_str()).copied().unwrap_or_default();
        match chance((&method.limits, method.place), &load, need, zone) {
            Chance::Now(rank) => free.push((rank, method)),
            Chance::Later(at) => again = Some(again.map_or(at, |known| known.min(at))),
            Chance::Never => {}
        }
    }
    free.sort_by_key(|(rank, _)| *rank);
    Ok(Offer { methods: free.into_iter().map(|(_, method)| method).collect(), again })
}
