//! A transaction on a connection, and the savepoints in it.
use super::Connection;
use sea_orm::DbErr;
use std::sync::Arc;

/// A transaction, or a savepoint in one. Dropped without an end, it is undone.
#[derive(Debug)]
pub(in crate::db) struct Scope {
    pub connection: Arc<Connection>,
    is_savepoint: bool,
    is_open: bool,
}

impl Scope {
    pub fn begin(connection: &Arc<Connection>) -> Result<Self, DbErr> {
        connection.batch("BEGIN IMMEDIATE")?;
        Ok(Self { connection: Arc::clone(connection), is_savepoint: false, is_open: true })
    }

    /// An error where there is no transaction any more: after some failures (a full disk) SQLite undoes all of it by itself,
    /// and what came next would be committed alone.
    pub fn savepoint(&self) -> Result<Self, DbErr> {
        self.connection.must_be_in_transaction()?;
        self.connection.batch("SAVEPOINT piece")?;
        Ok(Self { connection: Arc::clone(&self.connection), is_savepoint: true, is_open: true })
    }

    /// An error too where SQLite has undone all of it by itself.
    pub fn commit(mut self) -> Result<(), DbErr> {
        if let Err(error) = self.connection.must_be_in_transaction() {
            self.is_open = false;
            return Err(error);
        }
        self.end(if self.is_savepoint { "RELEASE piece" } else { "COMMIT" })
    }

    pub fn rollback(mut self) -> Result<(), DbErr> {
        self.undo()
    }

    fn undo(&mut self) -> Result<(), DbErr> {
        if self.connection.must_be_in_transaction().is_err() {
            self.is_open = false;
            return Ok(());
        }
        self.end(if self.is_savepoint { "ROLLBACK TO piece; RELEASE piece" } else { "ROLLBACK" })
    }

    fn end(&mut self, sql: &str) -> Result<(), DbErr> {
        self.connection.batch(sql)?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if self.is_open
            && let Err(error) = self.undo()
        {
            tracing::error!(%error, "a transaction could not be undone");
        }
    }
}
