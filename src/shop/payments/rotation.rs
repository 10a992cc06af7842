//! Which methods are offered: those that can take an amount, the one with most room left in the shop's day first, counting what
//! was approved and what is pending. It opens nothing: between an offer and a payment the room may go.
//!
//! A method without a limit of the day has more room than any other, so what lies on the others is only asked when none of
//! those takes it.
use super::kind::Kind;
use super::limits::{Chance, Load, Need, chance};
use super::method::{Method, MethodCode, lately, method, select};
use super::rules::day_of;
use crate::base::{Fault, PaymentId, Time};
use crate::db::{self, Db, Tx};
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
    /// Those among `on` that take it now; `loads` says what lies on those with a limit of the day.
    fn of(on: Vec<Method>, loads: &HashMap<String, Load>, need: &Need) -> Self {
        let (mut free, mut again) = (Vec::with_capacity(on.len()), None);
        for method in on {
            let load = loads.get(method.code.as_str()).copied().unwrap_or_default();
            match chance((&method.limits, method.place), &load, need) {
                Chance::Now(rank) => free.push((rank, method)),
                Chance::Later(at) => again = earliest(again, Some(at)),
                Chance::Never => {}
            }
        }
        free.sort_by_key(|(rank, _)| *rank);
        Self { methods: free.into_iter().map(|(_, method)| method).collect(), again }
    }

    /// The kinds among them, in the order in which kinds are offered.
    pub fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| self.methods.iter().any(|method| method.kind == *kind)).collect()
    }
}

fn earliest(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    a.into_iter().chain(b).min()
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
    let places = db::places(2, methods.len());
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

/// The methods that are on and of the kind that is needed, as they were at most five seconds ago: those without a limit of the day,
/// and those with one.
async fn on(db: &Db, need: &Need) -> Result<(Vec<Method>, Vec<Method>), Fault> {
    let all = lately(db).await?;
    let on = all.0.iter().filter(|method| method.on && need.kind.is_none_or(|kind| method.kind == kind));
    Ok(on.cloned().partition(|method| !method.limits.count_the_day()))
}

async fn counted(conn: &impl ConnectionTrait, methods: Vec<Method>, need: &Need) -> Result<Offer, Fault> {
    if methods.is_empty() {
        return Ok(Offer { methods, again: None });
    }
    let codes: Vec<&MethodCode> = methods.iter().map(|method| &method.code).collect();
    let loads = loads(conn, &codes, day_of(need.zone, need.now).start).await?;
    Ok(Offer::of(methods, &loads, need))
}

/// The methods that can take it now.
pub async fn offer(db: &Db, need: &Need) -> Result<Offer, Fault> {
    let (unlimited, limited) = on(db, need).await?;
    let (first, then) = (Offer::of(unlimited, &HashMap::new(), need), counted(db.read(), limited, need).await?);
    Ok(Offer { methods: [first.methods, then.methods].concat(), again: earliest(first.again, then.again) })
}

/// The kinds by which a payment that lies on the method `own` can be paid now, its own among them, in the order in which kinds
/// are offered.
pub async fn kinds(db: &Db, need: &Need, own: &MethodCode) -> Result<Vec<Kind>, Fault> {
    let (unlimited, mut limited) = on(db, need).await?;
    let known = unlimited.iter().chain(&limited).find(|method| method.code == *own).map(|method| method.kind);
    let mut kinds = Offer::of(unlimited, &HashMap::new(), need).kinds();
    kinds.extend(match known {
        Some(kind) => Some(kind),
        None => method(db.read(), own).await?.map(|method| method.kind),
    });
    limited.retain(|method| !kinds.contains(&method.kind));
    kinds.extend(counted(db.read(), limited, need).await?.kinds());
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

/// The search for one payment's method.
pub(super) struct Search<'n> {
    need: &'n Need,
    limited: Vec<Method>,
    again: Option<Time>,
}

impl<'n> Search<'n> {
    /// The methods without a limit of the day that can take it now. They have the same room: the payment's id says whose turn
    /// it is, which spreads payments evenly and counts nothing. The search goes on when none of them will do.
    pub async fn begin(tx: &Tx, need: &'n Need, id: PaymentId) -> Result<(Vec<Method>, Self), Fault> {
        let (unlimited, limited) = on(tx.db(), need).await?;
        let Offer { mut methods, again } = Offer::of(unlimited, &HashMap::new(), need);
        if let Some(turn) = usize::try_from(id.0).unwrap_or(0).checked_rem(methods.len()) {
            methods.rotate_left(turn);
        }
        Ok((methods, Self { need, limited, again }))
    }

    /// The methods with a limit of the day. Two that open at once must not both take a method's last room: the rows of those
    /// that could take it stay locked until the transaction ends.
    pub async fn go_on(self, tx: &Tx) -> Result<Offer, Fault> {
        let Self { need, limited, again } = self;
        let could: Vec<Value> =
            limited.iter().filter(|method| method.limits.could(need)).map(|method| method.code.as_str().into()).collect();
        if could.is_empty() {
            return Ok(Offer { methods: Vec::new(), again });
        }
        let lock = db::locking(tx, " FOR NO KEY UPDATE");
        let rest = format!("WHERE m.code IN ({}) AND m.state = 'on' ORDER BY m.code{lock}", db::places(1, could.len()));
        let offer = counted(tx, select(tx, &rest, could).await?, need).await?;
        Ok(Offer { again: earliest(again, offer.again), ..offer })
    }
}
