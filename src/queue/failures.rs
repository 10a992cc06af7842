//! How often the edges gave something up lately: updates that failed, jobs that will not be tried again.
use crate::base::{Fault, Time};
use crate::db::scalar;
use sea_orm::ConnectionTrait;

/// How many since then. The states are written out as the indexes have them, so only what ended since then is walked.
pub async fn failures(conn: &impl ConnectionTrait, since: Time) -> Result<i64, Fault> {
    let sql = "SELECT (SELECT COUNT(*) FROM inbox WHERE state <> 'new' AND state = 'failed' AND finished_at >= $1)
            + (SELECT COUNT(*) FROM jobs WHERE state IN ('done', 'given_up') AND state = 'given_up' AND finished_at >= $1) AS v";
    Ok(scalar::<i64>(conn, sql, vec![since.into()]).await?.unwrap_or_default())
}
