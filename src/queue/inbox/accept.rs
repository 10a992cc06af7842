//! Storing a batch of updates, with one statement.
use super::{Held, Incoming, LEASE, Stored};
use crate::base::{Fault, Time};
use crate::db::{Db, begin_in_turn};
use crate::queue::Owner;
use crate::queue::sql::{places, roomy};
use sea_orm::Value;
use std::collections::HashSet;
use std::mem;

/// How many rows one statement stores at most; Telegram gives a hundred at once.
const ROWS: usize = 128;
/// The turn of those who give out lanes.
pub(super) const LANES: i64 = 7_368_551;

#[derive(sea_orm::FromQueryResult)]
struct Row {
    update_id: i64,
    owner: Option<String>,
}

/// Stores what is new and answers with those rows that `owner` holds now and handles itself.
///
/// A row is born in the hands of `owner` unless its lane has an unfinished row that somebody else holds or that waits for
/// somebody: then it waits too, for whoever claims that lane next. Without an owner all rows wait.
///
/// # Errors
/// After one, a part of a batch of more than [`ROWS`] may be stored; renewing finds it.
pub async fn accept(db: &Db, updates: Vec<Incoming>, owner: Option<&Owner>, now: Time) -> Result<Vec<Held>, Fault> {
    let mut all = Vec::with_capacity(updates.len());
    store(db, updates, (owner, now), |held| all.extend(held)).await?;
    Ok(all)
}

/// As [`accept`]; `hand_on` gets the rows while they are on their way to the disk.
pub(super) async fn store(
    db: &Db,
    updates: Vec<Incoming>,
    (owner, now): (Option<&Owner>, Time),
    mut hand_on: impl FnMut(Vec<Held>) + Send,
) -> Result<(), Fault> {
    let mut rest = updates;
    while !rest.is_empty() {
        let tail = rest.split_off(rest.len().min(ROWS));
        let updates = mem::replace(&mut rest, tail);
        let places = roomy(updates.len());
        let values = values(&updates, places, owner, now);
        let (rows, kept) = begin_in_turn::<Row>(db, LANES, statement(places), values).await?;
        metrics::counter!("souk_updates_stored").increment(u64::try_from(rows.len()).unwrap_or_default());
        let mut ours: HashSet<i64> = rows.into_iter().filter(|row| row.owner.is_some()).map(|row| row.update_id).collect();
        // An update that stands twice in the batch is stored, and handed on, once.
        let held = updates.into_iter().filter(|row| ours.remove(&row.update.0));
        let (tell, stored) = Stored::on_its_way();
        let held = held.map(|row| Held {
            update: row.update,
            lane: row.lane,
            raw: row.raw,
            deaths: 0,
            received_at: now,
            stored: stored.clone(),
        });
        hand_on(held.collect());
        let kept = kept.await;
        tell.tell(kept.is_ok());
        kept?;
    }
    Ok(())
}

/// Places for three values of each row come after three for all. Places that are left over hold nothing, and store nothing.
fn statement(rows: usize) -> String {
    let tuples: Vec<String> = (0..rows).map(|row| format!("({})", places(row * 3 + 4, 3))).collect();
    let lanes: Vec<String> = (0..rows).map(|row| format!("${}", row * 3 + 5)).collect();
    format!(
        "WITH come (update_id, lane, payload) AS (VALUES {}),
            foreign_lanes (lane) AS (SELECT DISTINCT lane FROM inbox
                WHERE state = 'new' AND (owner IS NULL OR owner <> $1) AND lane IN ({}))
         INSERT INTO inbox (update_id, lane, payload, owner, lease_until, state, received_at)
         SELECT c.update_id, c.lane, c.payload, CASE WHEN f.lane IS NULL THEN $1 END,
            CASE WHEN f.lane IS NULL THEN $2 ELSE 0 END, 'new', $3
         FROM come c LEFT JOIN foreign_lanes f ON f.lane = c.lane WHERE c.update_id IS NOT NULL
         ON CONFLICT (update_id) DO NOTHING RETURNING update_id, owner",
        tuples.join(", "),
        lanes.join(", ")
    )
}

fn values(updates: &[Incoming], places: usize, owner: Option<&Owner>, now: Time) -> Vec<Value> {
    let mut values = Vec::with_capacity(3 + places * 3);
    values.push(owner.map(|owner| owner.as_str().to_owned()).into());
    values.push(owner.map_or(0, |_| now.after(LEASE).0).into());
    values.push(now.into());
    for row in updates {
        values.extend([row.update.into(), row.lane.into(), row.raw.as_str().into()]);
    }
    for _ in updates.len()..places {
        values.extend([Value::BigInt(None), Value::BigInt(None), Value::String(None)]);
    }
    values
}
