//! SQLite: one moment of the file, copied by SQLite itself while the shop writes.
use super::BackupError;
use super::folder::{self, Partial};
use crate::base::{Fault, Time};
use crate::db::connect::Db;
use crate::db::seal::Seal;
use crate::db::sqlite::{Access, Connection, file};
use std::path::Path;

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
    let beside = folder_of(&file).to_owned();
    folder::prepare(&beside, now)?;
    // The copy goes into an empty file that is already closed to others.
    let (partial, _) = Partial::create(&beside, seal, now)?;
    let target = partial.path().to_str().ok_or_else(|| Fault::new("the path of the database is no plain text"))?;
    let sql = format!("VACUUM INTO '{}'", target.replace('\'', "''"));
    // It waits for the disk more than for the processor: pictures need not wait for it.
    let copied = tokio::task::spawn_blocking(move || Connection::open(&file, Access::Write)?.batch(&sql)).await;
    copied.map_err(Fault::new)?.map_err(|error| Fault::from(error).context("copying the SQLite file"))?;
    Ok(partial)
}
