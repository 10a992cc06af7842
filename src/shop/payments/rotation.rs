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
struct Sum {
    sum: i64,
    count: i64,
}

/// What was approved on a method since `since`, and what is pending on it.
async fn load_since(conn: &impl ConnectionTrait, method: &MethodCode, since: Time) -> Result<Load, Fault> {
    let approved = "SELECT CAST(COALESCE(SUM(approved), 0) AS BIGINT) AS sum, COUNT(*) AS count FROM payments \
                    WHERE method = $1 AND state = 'approved' AND decided_at >= $2";
    let pending = "SELECT CAST(COALESCE(SUM(due), 0) AS BIGINT) AS sum, COUNT(*) AS count FROM payments \
                   WHERE method = $1 AND state IN ('open', 'submitted')";
    let taken: Option<Sum> = db::one(conn, approved, vec![method.as_str().into(), since.into()]).await?;
    let waiting: Option<Sum> = db::one(conn, pending, vec![method.as_str().into()]).await?;
    let (taken, taken_count) = taken.map(|row| (row.sum, row.count)).unwrap_or_default();
    let (pending, pending_count) = waiting.map(|row| (row.sum, row.count)).unwrap_or_default();
    Ok(Load { taken, taken_count, pending, pending_count })
}

/// What lies on a method in the shop's day that holds `now`.
pub async fn load(conn: &impl ConnectionTrait, method: &MethodCode, now: Time) -> Result<Load, Fault> {
    let today = day_of(settings::load(conn).await?.zone(), now);
    load_since(conn, method, today.start).await
}

/// The methods that can take it now.
pub async fn offer(conn: &impl ConnectionTrait, need: &Need) -> Result<Offer, Fault> {
    let mut on = select(conn, "WHERE m.state = 'on' ORDER BY m.place, m.code", vec![]).await?;
    on.retain(|method| need.kind.is_none_or(|kind| method.kind == kind));
    // What takes whatever comes needs no counting, and no clock.
    let zone =
        if on.iter().all(|method| method.limits.are_timeless()) { chrono_tz::UTC } else { settings::load(conn).await?.zone() };
    let today = day_of(zone, need.now).start;
    let (mut free, mut again) = (Vec::with_capacity(on.len()), None::<Time>);
    for method in on {
        let counts = method.limits.count_the_day();
        let load = if counts { load_since(conn, &method.code, today).await? } else { Load::default() };
        match chance((&method.limits, method.place), &load, need, zone) {
            Chance::Now(rank) => free.push((rank, method)),
            Chance::Later(at) => again = Some(again.map_or(at, |known| known.min(at))),
            Chance::Never => {}
        }
    }
    free.sort_by_key(|(rank, _)| *rank);
    Ok(Offer { methods: free.into_iter().map(|(_, method)| method).collect(), again })
}
