//! `souk backup` and `souk restore`.
use super::{Failed, quiet_logging, say};
use crate::base::{Clock, Fault, Ids, Time};
use crate::config::Config;
use crate::db::{Db, Seal, write_tx};
use crate::shop::backups::{self, BackupError, Contents};
use crate::shop::{ledger, settings};
use chrono::DateTime;
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};

impl From<BackupError> for Failed {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Fault(fault) => Self::Fault(fault),
            told => Self::Told(told.to_string()),
        }
    }
}

/// What both need: where the database is, and the key.
fn means() -> Result<(String, Seal), Failed> {
    let (database, key, log) = Config::sealing_only()?;
    quiet_logging(&log)?;
    let key: [u8; 32] = *key.expose_secret();
    Ok((database.url().to_owned(), Seal::new(&key, Ids::system(key))))
}

/// `souk backup [--to DIR]`. The schema may be an old one: before an upgrade is when a backup is wanted.
pub async fn backup(to: Option<PathBuf>) -> Result<(), Failed> {
    let (url, seal) = means()?;
    if url.starts_with("sqlite:") {
        must_exist(&url)?;
    }
    let db = Db::connect(&url).await?;
    let now = Clock::system().now();
    let made = if let Some(folder) = to {
        backups::make_in(&db, &seal, &folder, now).await?
    } else {
        let settings = settings::load(db.read()).await.map_err(|_| BackupError::NothingThere)?;
        let made = backups::make(&db, &seal, &settings, now).await?;
        let newest = made.clone();
        write_tx::<_, Fault, _>(&db, move |tx| Box::pin(async move { backups::record(tx, &newest, now).await })).await?;
        made
    };
    db.close().await?;
    say(&format!("The backup lies at {} ({} bytes).", made.path, made.bytes));
    say("It opens with this SECRET_KEY only; keep a copy of the key elsewhere.");
    Ok(())
}

/// A file that is absent would be made, empty, by opening it.
fn must_exist(url: &str) -> Result<(), Failed> {
    match crate::db::backup::sqlite_file(url)? {
        file if file.exists() => Ok(()),
        file => Err(Failed::Told(format!("There is no database {}; look at DATABASE_URL.", file.display()))),
    }
}

/// `souk restore FILE`
pub async fn restore(file: &Path) -> Result<(), Failed> {
    let (url, seal) = means()?;
    let (header, db) = backups::restore(&url, &seal, file, Clock::system().now()).await?;
    let Contents { people, services, transactions } = backups::contents(db.read()).await?;
    say(&format!("Restored what was taken on {}, by souk {}:", utc(header.taken_at), header.souk));
    say(&format!("  {people} people, {services} services, {transactions} ledger transactions"));
    let findings = ledger::verify(db.read()).await?;
    db.close().await?;
    if findings.is_empty() {
        say("The ledger holds. What happened after that moment is not in it.");
        return Ok(());
    }
    for finding in &findings {
        say(&format!("  {finding}"));
    }
    Err(Failed::Told(format!("The restored ledger does not hold: {} findings.", findings.len())))
}

fn utc(at: Time) -> String {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default().format("%Y-%m-%d %H:%M UTC").to_string()
}
