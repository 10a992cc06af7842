//! Taking, keeping, finishing and giving back rows of the inbox.
use super::accept::LANES;
use super::{Held, LEASE, Stored};
use crate::base::{Fault, Time, UpdateId};
use crate::db::{Db, execute, execute_lightly, execute_one, exists, write_in_turn, write_one, write_tx};
use crate::queue::sql::{padded, places};
use crate::queue::{Alarm, AlarmHook, Owner};
use std::collections::HashSet;

#[derive(sea_orm::FromQueryResult)]
struct Row {
    update_id: i64,
    lane: i64,
    payload: String,
    attempts: i64,
    received_at: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct Kept {
    update_id: i64,
}

/// Takes rows that nobody holds, or whose holder fell silent, in the order of their ids; never a row of a lane in which
/// another living process holds an unfinished one.
///
/// A dead holder can have begun only the first row of a lane: that row alone is said to have seen a death.
pub async fn claim(db: &Db, owner: &Owner, now: Time, most: usize) -> Result<Vec<Held>, Fault> {
    let free = "SELECT 1 AS v FROM inbox
                WHERE state = 'new' AND lane IS NOT NULL AND lease_until < $2 AND (owner IS NULL OR owner <> $1) LIMIT 1";
    if !exists(db.read(), free, vec![owner.into(), now.into()]).await? {
        return Ok(Vec::new());
    }
    // `+ 0` keeps the planner from walking the primary key, past all that is finished.
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let sql = "UPDATE inbox SET lease_until = $3, owner = $1,
            attempts = attempts + (CASE WHEN owner IS NULL OR EXISTS (SELECT 1 FROM inbox e
                WHERE e.state = 'new' AND e.lane = inbox.lane AND e.update_id < inbox.update_id) THEN 0 ELSE 1 END)
         WHERE state = 'new' AND update_id IN (
            SELECT i.update_id FROM inbox i
            WHERE i.state = 'new' AND i.lane IS NOT NULL AND i.lease_until < $2 AND (i.owner IS NULL OR i.owner <> $1)
            AND NOT EXISTS (SELECT 1 FROM inbox h WHERE h.state = 'new' AND h.lane = i.lane
                AND h.owner IS NOT NULL AND h.owner <> $1 AND h.lease_until >= $2)
            ORDER BY i.update_id + 0 LIMIT $4)
         RETURNING update_id, lane, payload, attempts, received_at";
    let values = vec![owner.into(), now.into(), now.after(LEASE).into(), most.into()];
    let mut rows: Vec<Row> = write_in_turn(db, LANES, sql.to_owned(), values).await?;
    rows.sort_unstable_by_key(|row| row.update_id);
    Ok(rows
        .into_iter()
        .map(|row| Held {
            update: UpdateId(row.update_id),
            lane: row.lane,
            raw: row.payload,
            deaths: row.attempts,
            received_at: Time(row.received_at),
            stored: Stored::already(),
        })
        .collect())
}

/// Prolongs every lease of `owner`; answers with the rows that are still its own.
pub async fn renew(db: &Db, owner: &Owner, now: Time) -> Result<HashSet<i64>, Fault> {
    let any = "SELECT 1 AS v FROM inbox WHERE state = 'new' AND lane IS NOT NULL AND owner = $1 LIMIT 1";
    if !exists(db.read(), any, vec![owner.into()]).await? {
        return Ok(HashSet::new());
    }
    let sql = "UPDATE inbox SET lease_until = $2 WHERE state = 'new' AND lane IS NOT NULL AND owner = $1 RETURNING update_id";
    let kept: Vec<Kept> = write_one(db, sql.to_owned(), vec![owner.into(), now.after(LEASE).into()]).await?;
    Ok(kept.into_iter().map(|row| row.update_id).collect())
}

/// Marks rows: the done ones in one statement, then the failed ones, each with its reason and its alarm. An update whose mark the
/// server forgets as it dies is handled again, as after our own death.
pub async fn finish(
    db: &Db,
    (done, failed): (Vec<i64>, Vec<(UpdateId, String)>),
    now: Time,
    on_alarm: AlarmHook,
) -> Result<(), Fault> {
    if !done.is_empty() {
        let done = padded(done);
        let sql = format!(
            "UPDATE inbox SET state = 'done', finished_at = $1 WHERE state = 'new' AND update_id IN ({})",
            places(2, done.len())
        );
        let mut values = vec![now.into()];
        values.extend(done.into_iter().map(Into::into));
        execute_lightly(db, sql, values).await?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    write_tx(db, move |tx| {
        Box::pin(async move {
            for (update, why) in failed {
                let sql = "UPDATE inbox SET state = 'failed', finished_at = $2, error = $3
                           WHERE state = 'new' AND update_id = $1";
                if execute(tx, sql, vec![update.into(), now.into(), why.as_str().into()]).await? == 1 {
                    on_alarm(tx, Alarm::Update { update, why }).await?;
                }
            }
            Ok(())
        })
    })
    .await
}

/// Gives back what `owner` holds and has not finished: all of it, or some.
pub async fn release(db: &Db, owner: &Owner, some: Option<Vec<i64>>) -> Result<(), Fault> {
    let some = some.map(padded);
    let only = some.as_ref().map(|ids| format!("AND update_id IN ({})", places(2, ids.len()))).unwrap_or_default();
    let sql =
        format!("UPDATE inbox SET owner = NULL, lease_until = 0 WHERE state = 'new' AND lane IS NOT NULL AND owner = $1 {only}");
    let mut values = vec![owner.into()];
    values.extend(some.unwrap_or_default().into_iter().map(Into::into));
    execute_one(db, sql, values).await.map(drop)
}
