//! SQLite, called where the caller stands: a statement takes some microseconds, and a thread of its own for each
//! connection, with a message there and one back, takes ten times that. A purchase is a hundred statements.
//!
//! Always: a connection is used by one caller at a time; readers refuse to write; a statement is prepared once a
//! connection. Questions that may take long are asked [`aside`](Readers::aside), where nobody waits for the thread.
//!
//! Rows come out as SQLite keeps them: integers as `i64`, text, bytes. It has no booleans and no smaller integers, so a
//! column is never read as one.
mod scope;
mod values;

pub(in crate::db) use scope::Scope;

use crate::base::Fault;
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;
use sea_orm::{DbErr, ExecResult, ProxyExecResult, ProxyRow, QueryResult, RuntimeErr, Statement};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(10);
/// How many prepared statements a connection keeps; the whole code has fewer.
const STATEMENTS_MAX: usize = 512;
/// KiB of pages that the writer keeps in memory, and each reader: the system keeps the file's pages once for all of them.
const PAGES_WRITER_KIB: i64 = 2_000;
const PAGES_READER_KIB: i64 = 500;
/// How many pages of 4 KiB the log holds before what it says is written into the file, while writers wait some milliseconds.
const WAL_PAGES: i64 = 10_000;

/// The file that a URL names: `sqlite://` and its path, as it is written.
pub fn file(url: &str) -> Result<PathBuf, Fault> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    let (path, wishes) = path.split_once('?').unwrap_or((path, ""));
    if path.is_empty() || path == ":memory:" || wishes.contains("memory") {
        return Err(Fault::new("DATABASE_URL must name a file (sqlite://souk.db): what is only in memory is lost"));
    }
    match wishes {
        "" | "mode=rwc" | "mode=rw" => Ok(path.into()),
        other => Err(Fault::new(format!("DATABASE_URL asks SQLite for {other:?}, which is not known; leave it out"))),
    }
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Access {
    Read,
    /// Makes the file when it is absent.
    Write,
}

/// One connection; `None` once it is closed.
#[derive(Debug)]
pub(in crate::db) struct Connection(Mutex<Option<rusqlite::Connection>>);

impl Connection {
    pub fn open(file: &Path, access: Access) -> Result<Self, DbErr> {
        open(file, access).map(|connection| Self(Mutex::new(Some(connection)))).map_err(|error| failed(&error))
    }

    /// Later statements are refused.
    pub fn close(&self) {
        self.held().take();
    }

    pub fn execute(&self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let held = self.held();
        let connection = held.as_ref().ok_or_else(closed)?;
        let mut prepared = values::prepare(connection, statement)?;
        let mut rows = prepared.raw_query();
        while rows.next().map_err(|error| failed(&error))?.is_some() {}
        Ok(ProxyExecResult::new(0, connection.changes()).into())
    }

    /// SQLite ends a transaction by itself where it has no room or cannot reach its file, which is no fault of the others in it.
    fn must_be_in_transaction(&self) -> Result<(), DbErr> {
        if self.held().as_ref().is_some_and(|connection| !connection.is_autocommit()) {
            return Ok(());
        }
        Err(DbErr::Conn(RuntimeErr::Internal("SQLite has undone the transaction".to_owned())))
    }

    /// At most `rows_max` rows.
    pub fn query(&self, statement: &Statement, rows_max: usize) -> Result<Vec<QueryResult>, DbErr> {
        let held = self.held();
        let mut prepared = values::prepare(held.as_ref().ok_or_else(closed)?, statement)?;
        let names: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = prepared.raw_query();
        let mut found = Vec::new();
        while found.len() < rows_max {
            let Some(row) = rows.next().map_err(|error| failed(&error))? else { break };
            let mut values = BTreeMap::new();
            for (place, name) in names.iter().enumerate() {
                values.insert(name.clone(), values::kept(row.get_ref(place).map_err(|error| failed(&error))?)?);
            }
            found.push(ProxyRow::new(values).into());
        }
        Ok(found)
    }

    /// Some statements without values, separated by semicolons.
    pub fn batch(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let held = self.held();
        let connection = held.as_ref().ok_or_else(closed)?;
        connection.execute_batch(sql).map_err(|error| failed(&error))?;
        Ok(ProxyExecResult::new(0, connection.changes()).into())
    }

    fn held(&self) -> MutexGuard<'_, Option<rusqlite::Connection>> {
        // A panic in the middle of a statement leaves the connection as a failed statement does.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_free(&self) -> bool {
        self.0.try_lock().is_ok()
    }
}

/// Connections that only read.
#[derive(Debug)]
pub(in crate::db) struct Readers {
    all: Vec<Connection>,
    next: AtomicUsize,
}

impl Readers {
    pub fn open(file: &Path, connections: usize) -> Result<Self, DbErr> {
        let all = (0..connections).map(|_| Connection::open(file, Access::Read)).collect::<Result<_, _>>()?;
        Ok(Self { all, next: AtomicUsize::new(0) })
    }

    /// A connection that nobody uses; when all are in use, one to wait for.
    pub fn any(&self) -> Result<&Connection, DbErr> {
        let free = self.all.iter().find(|connection| connection.is_free());
        let next = || self.all.get(self.next.fetch_add(1, Ordering::Relaxed) % self.all.len().max(1));
        free.or_else(next).ok_or_else(closed)
    }

    /// Asks on a thread where waiting harms nobody.
    pub async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Connection) -> Result<T, DbErr> + Send + 'static,
    ) -> Result<T, DbErr> {
        let readers = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || ask(readers.any()?)).await;
        asked.map_err(|error| DbErr::Conn(RuntimeErr::Internal(error.to_string())))?
    }

    pub fn close(&self) {
        self.all.iter().for_each(Connection::close);
    }
}

fn open(file: &Path, access: Access) -> rusqlite::Result<rusqlite::Connection> {
    let write = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let flags = if access == Access::Write { write | OpenFlags::SQLITE_OPEN_CREATE } else { write };
    let connection = rusqlite::Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Without it, a statement on a table with a partial index is planned again whenever its values change.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    match access {
        Access::Read => {
            connection.pragma_update(None, "cache_size", -PAGES_READER_KIB)?;
            connection.pragma_update(None, "query_only", true)?;
        }
        Access::Write => {
            connection.pragma_update(None, "cache_size", -PAGES_WRITER_KIB)?;
            // Answers with the mode that it now is.
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update_and_check(None, "wal_autocheckpoint", WAL_PAGES, |_| Ok(()))?;
        }
    }
    Ok(connection)
}

/// A disk that is full or out of reach is no fault of the statement's, and is told apart.
fn failed(error: &rusqlite::Error) -> DbErr {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, SystemIoFailure};
    let words = RuntimeErr::Internal(match error {
        rusqlite::Error::SqliteFailure(code, Some(words)) => format!("{words} (SQLite, code {})", code.extended_code),
        other => other.to_string(),
    });
    match error.sqlite_error_code() {
        Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory | SystemIoFailure) => DbErr::Conn(words),
        _ => DbErr::Query(words),
    }
}

fn closed() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the database is closed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::file;
    use std::path::Path;

    #[test]
    fn a_url_names_a_file() {
        for (url, path) in [
            ("sqlite://souk.db", "souk.db"),
            ("sqlite:souk.db", "souk.db"),
            ("sqlite:///srv/my shop/souk.db?mode=rwc", "/srv/my shop/souk.db"),
        ] {
            assert_eq!(file(url).unwrap(), Path::new(path), "{url}");
        }
        for (url, why) in [
            ("sqlite://", "must name a file"),
            ("sqlite::memory:", "must name a file"),
            ("sqlite://a.db?mode=memory", "must name a file"),
            ("sqlite://a.db?mode=ro", "mode=ro"),
        ] {
            assert!(file(url).unwrap_err().to_string().contains(why), "{url}");
        }
    }
}
