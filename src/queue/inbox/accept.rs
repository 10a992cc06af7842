//! Storing a batch of updates in one transaction.
use super::{Held, Incoming, LEASE};
use crate::base::{Fault, Time};
use crate::db::{Db, DbKind, Tx, query, submit, write_tx};
use crate::queue::Owner;
use crate::queue::sql::{chunk, padded, places};
use std::collections::HashSet;

/// How many rows one statement inserts at most.
const ROWS: usize = 64;

#[derive(sea_orm::FromQueryResult)]
struct Number {
    v: i64,
}

/// Stores what is new and answers with those rows that `owner` holds now and handles itself.
///
/// A row is born in the hands of `owner` unless its lane has an unfinished row that somebody else holds or that waits for
/// somebody: then it waits too, for whoever claims that lane next. Without an owner all rows wait.
pub async fn accept(db: &Db, updates: Vec<Incoming>, owner: Option<&Owner>, now: Time) -> Result<Vec<Held>, Fault> {
    if updates.is_empty() {
        return Ok(Vec::new());
    }
    let (owner, kind) = (owner.cloned(), db.kind());
    write_tx(db, move |tx| {
        Box::pin(async move {
            serialise(tx, kind).await?;
            let foreign = match &owner {
                Some(owner) => foreign_lanes(tx, &updates, owner).await?,
                None => HashSet::new(),
            };
            let owner_of = |lane: i64| owner.as_ref().filter(|_| !foreign.contains(&lane));
            let mut stored = HashSet::with_capacity(updates.len());
            let mut rest = &updates[..];
            while !rest.is_empty() {
                let (rows, tail) = rest.split_at(chunk(rest.len(), ROWS));
                stored.extend(insert(tx, rows, owner_of, now).await?);
                rest = tail;
            }
            metrics::counter!("souk_updates_stored").increment(u64::try_from(stored.len()).unwrap_or_default());
            // An update that stands twice in the batch is stored, and handed on, once.
            Ok(updates
                .into_iter()
                .filter(|row| stored.remove(&row.update.0) && owner.is_some() && !foreign.contains(&row.lane))
                .map(|row| Held { update: row.update, lane: row.lane, raw: row.raw, deaths: 0, received_at: now })
                .collect())
        })
    })
    .await
}

/// Lets one transaction at a time give out lanes. SQLite has one writer anyhow.
pub(super) async fn serialise(tx: &Tx, kind: DbKind) -> Result<(), Fault> {
    if kind == DbKind::Postgres {
        submit(tx, "SELECT pg_advisory_xact_lock(7368551)", vec![]).await?;
    }
    Ok(())
}

async fn foreign_lanes(tx: &Tx, updates: &[Incoming], owner: &Owner) -> Result<HashSet<i64>, Fault> {
    let lanes: HashSet<i64> = updates.iter().map(|update| update.lane).collect();
    let lanes = padded(lanes.into_iter().collect());
    let sql = format!(
        "SELECT DISTINCT lane AS v FROM inbox WHERE state = 'new' AND (owner IS NULL OR owner <> $1) AND lane IN ({})",
        places(2, lanes.len())
    );
    let mut values = vec![owner.into()];
    values.extend(lanes.into_iter().map(Into::into));
    Ok(query::<Number>(tx, &sql, values).await?.into_iter().map(|row| row.v).collect())
}

async fn insert<'o>(
    tx: &Tx,
    rows: &[Incoming],
    owner_of: impl Fn(i64) -> Option<&'o Owner>,
    now: Time,
) -> Result<impl Iterator<Item = i64>, Fault> {
    let tuples: Vec<String> = (0..rows.len()).map(|row| format!("({}, 'new', $1)", places(row * 5 + 2, 5))).collect();
    let sql = format!(
        "INSERT INTO inbox (update_id, lane, payload, owner, lease_until, state, received_at) VALUES {}
         ON CONFLICT (update_id) DO NOTHING RETURNING update_id AS v",
        tuples.join(", ")
    );
    let mut values = Vec::with_capacity(rows.len() * 5 + 1);
    values.push(now.into());
    for row in rows {
        let owner = owner_of(row.lane);
        values.push(row.update.into());
        values.push(row.lane.into());
        values.push(row.raw.as_str().into());
        values.push(owner.map(|owner| owner.as_str().to_owned()).into());
        values.push(owner.map_or(0, |_| now.after(LEASE).0).into());
    }
    Ok(query::<Number>(tx, &sql, values).await?.into_iter().map(|row| row.v))
}
