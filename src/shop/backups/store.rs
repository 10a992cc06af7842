//! What the shop remembers of its backups: two facts.
use super::rules;
use crate::base::{Fault, Time};
use crate::db::Tx;
use crate::shop::settings::{self, Settings};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

const NEWEST: &str = "backup.newest";
/// Since when the clock is expected to make them.
const SINCE: &str = "backup.since";

/// The newest backup in the shop's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    pub at: Time,
    pub path: String,
    pub bytes: i64,
}

pub async fn newest(conn: &impl ConnectionTrait) -> Result<Option<Newest>, Fault> {
    let Some(text) = settings::fact(conn, NEWEST).await? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&text).map_err(|error| Fault::from(error).context("reading the newest backup's fact"))?))
}

/// Remembers a backup, unless a newer one is known.
pub async fn record(tx: &Tx, made: &Newest, now: Time) -> Result<(), Fault> {
    if newest(tx).await?.is_some_and(|known| known.at > made.at && !rules::is_ahead(known.at, now)) {
        return Ok(());
    }
    settings::set_fact(tx, NEWEST, &serde_json::to_string(made)?).await
}

/// When the newest was taken, or since when they are expected.
async fn last(conn: &impl ConnectionTrait) -> Result<Option<Time>, Fault> {
    if let Some(newest) = newest(conn).await? {
        return Ok(Some(newest.at));
    }
    let since = settings::fact(conn, SINCE).await?;
    Ok(since.and_then(|at| at.parse().ok()).map(Time))
}

/// Whether the clock owes a backup now. A shop that opens today owes its first at the next hour of backups.
pub async fn is_owed(tx: &Tx, settings: &Settings, now: Time) -> Result<bool, Fault> {
    if settings.backups_kept == 0 {
        return Ok(false);
    }
    let Some(last) = last(tx).await? else {
        settings::set_fact(tx, SINCE, &now.0.to_string()).await?;
        return Ok(false);
    };
    Ok(rules::is_owed(rules::owed_since(settings.zone(), settings.backup_hour, now), last, now))
}

/// The time of the last backup and the hours without one, once they are too many.
pub async fn missing(conn: &impl ConnectionTrait, settings: &Settings, now: Time) -> Result<Option<(Time, i64)>, Fault> {
    if settings.backups_kept == 0 {
        return Ok(None);
    }
    Ok(last(conn).await?.and_then(|last| Some((last, rules::missing_hours(last, now)?))))
}
