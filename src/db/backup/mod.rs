//! The whole database as one sealed file, and back.
//!
//! What always holds: a backup is one moment of the database, taken while the shop writes; it is compressed, sealed under
//! a key that comes from `SECRET_KEY`, read back once before it gets its name, and only then does a file of that name
//! exist. Nothing is restored from a file that does not open to its last byte, nor into a database that holds anything;
//! a restore that fails leaves an empty database empty. Memory does not grow with the database.
//! It does not decide when backups are made nor who hears of them, and it does not bring an old schema up to date.
mod envelope;
mod folder;
mod postgres;
mod restore;
mod save;
mod sqlite;

use super::connect::{Db, DbKind};
use super::query::query;
use crate::base::Fault;
use sea_orm::ConnectionTrait;
use std::path::PathBuf;

pub use super::sqlite::file as sqlite_file;
pub use envelope::{Header, Unreadable};
pub use folder::{kept, place, prune, try_out};
pub use postgres::{Tool, tools};
pub use restore::{inspect, restore};
pub use save::{Saved, save};

/// Why a backup was not made or not restored, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("There is nothing to back up: the database holds no shop. Run: souk migrate")]
    NothingThere,
    #[error("The folder {0} cannot be used: {1}")]
    Folder(PathBuf, std::io::Error),
    #[error("The file {0} cannot be read: {1}")]
    File(PathBuf, std::io::Error),
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("This backup is of a database of another kind: it was taken from {file}, and DATABASE_URL names {here}")]
    OtherKind { file: &'static str, here: &'static str },
    #[error("This backup was taken by a newer souk ({souk}), whose schema this one does not know: {unknown}. Use that souk")]
    NewerSchema { souk: String, unknown: String },
    #[error("The database is not empty: {0}. A backup is restored only into an empty one; give DATABASE_URL another place")]
    NotEmpty(String),
    #[error("{0}")]
    Tool(String),
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl BackupError {
    /// A failed read or write, unless it says that the sealed file is not as it should be.
    fn of_io(error: std::io::Error, doing: &'static str) -> Self {
        match error.downcast::<Unreadable>() {
            Ok(unreadable) => Self::Unreadable(unreadable),
            Err(error) => Self::Fault(Fault::from(error).context(doing)),
        }
    }
}

impl DbKind {
    pub(super) const fn product(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Named {
    v: String,
}

/// The tables that people made, of whatever schema.
async fn tables(db: &Db) -> Result<Vec<String>, Fault> {
    let sql = match db.kind() {
        DbKind::Sqlite => "SELECT name AS v FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        DbKind::Postgres => {
            "SELECT CAST(c.relname AS TEXT) AS v FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1"
        }
    };
    names(db.read(), sql).await
}

async fn names(conn: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, Fault> {
    Ok(query::<Named>(conn, sql, vec![]).await?.into_iter().map(|row| row.v).collect())
}
