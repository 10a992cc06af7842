//! The commands that do one thing and end: migrate, apply, ledger verify, check.
use super::{Failed, quiet_logging, say};
use crate::base::{Clock, Ids};
use crate::config::Config;
use crate::db::{Db, Seal, write_tx};
use crate::shop::ledger;
use crate::shop::shopfile::{self, ShopFile};
use secrecy::ExposeSecret;
use std::path::Path;

pub use super::check::check;

/// `souk migrate`
pub async fn migrate() -> Result<(), Failed> {
    let (database, log) = Config::database_only()?;
    quiet_logging(&log)?;
    let db = Db::connect(database.url()).await?;
    let count = db.pending_migrations().await?;
    db.migrate().await?;
    db.close().await?;
    say(&match count {
        0 => "The schema is up to date; nothing to do.".to_owned(),
        count => format!("{count} migrations applied; the schema is up to date."),
    });
    Ok(())
}

/// `souk apply FILE`
pub async fn apply(file: &Path, dry_run: bool) -> Result<(), Failed> {
    let (database, key, log) = Config::sealing_only()?;
    quiet_logging(&log)?;
    let key: [u8; 32] = *key.expose_secret();
    let db = Db::connect(database.url()).await?;
    db.migrate().await?;
    let ids = Ids::system(key);
    let changes = apply_to(&db, &Seal::new(&key, ids), &Clock::system(), file, dry_run).await?;
    db.close().await?;
    for change in &changes {
        say(&format!("  {change}"));
    }
    say(&match (changes.len(), dry_run) {
        (0, _) => "The shop is as the file says; nothing to change.".to_owned(),
        (count, true) => format!("{count} changes would be made; nothing was changed."),
        (count, false) => format!("{count} changes made."),
    });
    Ok(())
}

/// Makes the shop what the file says; answers with what changed (or would).
pub async fn apply_to(db: &Db, seal: &Seal, clock: &Clock, file: &Path, dry_run: bool) -> Result<Vec<String>, Failed> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failed::Told(format!("The shop file {} cannot be read: {error}", file.display())))?;
    let wanted =
        ShopFile::parse(&text).map_err(|mistakes| Failed::Told(format!("The shop file {}:\n{mistakes}", file.display())))?;
    let changes = shopfile::changes(db.read(), &wanted, seal).await?;
    let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
    if dry_run || lines.is_empty() {
        return Ok(lines);
    }
    let (seal, now) = (seal.clone(), clock.now());
    write_tx::<_, crate::base::Fault, _>(db, move |tx| Box::pin(async move { shopfile::apply(tx, &wanted, &seal, now).await }))
        .await?;
    db.forget_cached();
    Ok(lines)
}

/// `souk ledger verify`
pub async fn verify() -> Result<(), Failed> {
    let (database, log) = Config::database_only()?;
    quiet_logging(&log)?;
    let db = Db::connect(database.url()).await?;
    if db.pending_migrations().await? > 0 {
        return Err(Failed::Told("The database has no ledger of this version yet: `souk migrate` makes it.".to_owned()));
    }
    let findings = ledger::verify(db.read()).await?;
    db.close().await?;
    if findings.is_empty() {
        say("The ledger holds: I1 to I10 and I12 checked, nothing found.");
        return Ok(());
    }
    for finding in &findings {
        say(&format!("  {finding}"));
    }
    Err(Failed::Told(format!("The ledger does not hold: {} findings.", findings.len())))
}
