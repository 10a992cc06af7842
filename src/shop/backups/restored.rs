//! A restored shop: put back, brought up to date, counted.
use super::{BackupError, Header};
use crate::base::{Fault, Time};
use crate::db::{Db, Seal, backup, scalar};
use sea_orm::ConnectionTrait;
use std::path::Path;

/// How much a shop holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    pub people: i64,
    pub services: i64,
    pub transactions: i64,
}

pub async fn contents(conn: &impl ConnectionTrait) -> Result<Contents, Fault> {
    let count = async |table: &str| -> Result<i64, Fault> {
        let sql = format!("SELECT COUNT(*) AS v FROM {table}");
        Ok(scalar(conn, &sql, vec![]).await?.unwrap_or_default())
    };
    Ok(Contents {
        people: count("people").await?,
        services: count("subscriptions").await?,
        transactions: count("ledger_transactions").await?,
    })
}

/// Puts a backup into the empty database that the URL names, opens it, and brings its schema up to date.
pub async fn restore(url: &str, seal: &Seal, file: &Path, now: Time) -> Result<(Header, Db), BackupError> {
    let header = backup::restore(url, seal, file, now).await?;
    let db = Db::connect(url).await?;
    db.migrate().await?;
    Ok((header, db))
}
