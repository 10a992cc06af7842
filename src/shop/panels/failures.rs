//! How many calls to panels failed, minute by minute, for whoever watches the rate. Old minutes are forgotten.
use crate::base::{Fault, HOUR, MINUTE, Time};
use crate::db::{Tx, scalar, submit};
use sea_orm::ConnectionTrait;

/// Minutes older than this are forgotten.
const KEPT: i64 = HOUR;

/// A call failed.
pub async fn count_failure(tx: &Tx, now: Time) -> Result<(), Fault> {
    let sql = "INSERT INTO panel_failures (minute, count) VALUES ($1, 1)
               ON CONFLICT (minute) DO UPDATE SET count = panel_failures.count + 1";
    submit(tx, sql, vec![now.0.div_euclid(MINUTE).into()]).await?;
    let old = now.after(-KEPT).0.div_euclid(MINUTE);
    submit(tx, "DELETE FROM panel_failures WHERE minute < $1", vec![old.into()]).await
}

/// How many failed in the minutes since then.
pub async fn failures(conn: &impl ConnectionTrait, since: Time) -> Result<i64, Fault> {
    let sql = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS v FROM panel_failures WHERE minute > $1";
    Ok(scalar::<i64>(conn, sql, vec![since.0.div_euclid(MINUTE).into()]).await?.unwrap_or_default())
}
