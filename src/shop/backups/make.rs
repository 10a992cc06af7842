//! Making a backup, and forgetting the oldest.
use super::{BackupError, Newest};
use crate::base::Time;
use crate::db::backup::{self, Tool};
use crate::db::{Db, Seal};
use crate::shop::settings::Settings;
use std::path::{Path, PathBuf};

/// The shop's own folder of backups.
pub fn folder(db: &Db, settings: &Settings) -> PathBuf {
    match settings.backup_folder.trim() {
        "" => backup::place(db),
        folder => PathBuf::from(folder),
    }
}

/// Makes one in the shop's own folder, and removes the oldest there. It calls PostgreSQL's tools: never in a transaction.
pub async fn make(db: &Db, seal: &Seal, settings: &Settings, now: Time) -> Result<Newest, BackupError> {
    let folder = folder(db, settings);
    let made = make_in(db, seal, &folder, now).await?;
    if let Ok(keep @ 1..) = usize::try_from(settings.backups_kept) {
        for old in backup::prune(&folder, seal, keep) {
            tracing::info!(backup.path = %old.display(), "an old backup was removed");
        }
    }
    Ok(made)
}

/// Makes one anywhere, and removes nothing there.
pub async fn make_in(db: &Db, seal: &Seal, folder: &Path, now: Time) -> Result<Newest, BackupError> {
    let saved = backup::save(db, seal, folder, now).await?;
    let path = std::path::absolute(&saved.path).unwrap_or(saved.path).display().to_string();
    let bytes = i64::try_from(saved.bytes).unwrap_or(i64::MAX);
    tracing::info!(backup.path = path, backup.bytes = bytes, "a backup was made");
    Ok(Newest { at: saved.taken_at, path, bytes })
}

/// What backups of this database need to be installed; an error in plain words when it is not.
pub async fn tools(db: &Db) -> Result<Vec<Tool>, BackupError> {
    backup::tools(db).await
}
