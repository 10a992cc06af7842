//! SQLite: one moment of the file, copied by SQLite itself while the shop writes.
use super::BackupError;
use super::folder::{self, Partial};
use crate::base::{Fault, Time};
use crate::db::connect::{Db, sqlite_pool};
use crate::db::seal::Seal;
use sea_orm::ConnectionTrait;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use std::path::{Path, PathBuf};

/// The file that a URL names.
pub fn file(url: &str) -> Result<PathBuf, BackupError> {
    let options: SqliteConnectOptions = url.parse().map_err(Fault::new)?;
    let file = options.get_filename().to_owned();
    if url.contains(":memory:") || url.contains("mode=memory") { Err(BackupError::InMemory) } else { Ok(file) }
}

/// The folder of a file; a bare name lies in the working directory.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A plain copy beside the database, as safe there as the database itself. A connection of its own reads: the shop's
/// readers are free, and its writer is not held up.
pub(super) async fn copy(db: &Db, seal: &Seal, now: Time) -> Result<Partial, BackupError> {
    let file = file(&db.inner.url)?;
    let beside = folder_of(&file);
    folder::prepare(beside, now)?;
    // The copy goes into an empty file that is already closed to others.
    let (partial, _) = Partial::create(beside, seal, now)?;
    let target = partial.path().to_str().ok_or_else(|| Fault::new("the path of the database is no plain text"))?;
    let sql = format!("VACUUM INTO '{}'", target.replace('\'', "''"));
    let reader = sqlite_pool(&db.inner.url, 1, false).await?;
    let copied = reader.execute_unprepared(&sql).await;
    reader.close_by_ref().await.map_err(Fault::from)?;
    copied.map_err(|error| Fault::from(error).context("copying the SQLite file"))?;
    Ok(partial)
}
