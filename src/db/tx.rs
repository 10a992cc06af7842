//! The write transaction: the only way to change a row.
use super::connect::{Db, Engine};
use super::postgres::{Pool, Transaction};
use super::query::{execute, query};
use super::sqlite::Scope;
use crate::base::Fault;
use futures::future::{BoxFuture, FutureExt, TryFutureExt, ready};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, FromQueryResult, QueryResult, Statement, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Tells when what was written is on disk, or that it is not.
pub type Kept = BoxFuture<'static, Result<(), Fault>>;

/// What a commit leaves to be done at once by a loop of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Wake {
    Jobs = 1,
    Outbox = 2,
}

/// An open write transaction. Only [`write_tx`] makes one; dropping it without a commit undoes everything.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    db: Db,
    wakes: AtomicU8,
}

/// Among the bits of [`Wake`]: what is cached is older than this transaction.
pub(super) const FORGETS: u8 = 4;

#[derive(Debug)]
enum Inner {
    Sqlite(Scope),
    Postgres(Transaction),
}

impl Tx {
    fn new(inner: Inner, db: &Db) -> Self {
        Self { inner, db: db.clone(), wakes: AtomicU8::new(0) }
    }

    /// A piece of the SQLite writer's work: its transaction, or a savepoint in it.
    pub(super) fn of(scope: Scope, db: &Db) -> Self {
        Self::new(Inner::Sqlite(scope), db)
    }

    /// The database beside this transaction, which knows nothing of it: for what may be a few seconds old.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// What is cached is read again once this is committed.
    pub fn forget_cached(&self) {
        self.wakes.fetch_or(FORGETS, Ordering::Relaxed);
    }

    /// Asks that a loop of this process looks for work once this is committed.
    pub fn wake(&self, wake: Wake) {
        self.wakes.fetch_or(wake as u8, Ordering::Relaxed);
    }

    /// Has a statement done and says nothing of how many rows it changed.
    pub(super) async fn submit(&self, stmt: Statement) -> Result<(), DbErr> {
        match &self.inner {
            Inner::Sqlite(scope) => scope.connection.execute(&stmt).map(drop),
            Inner::Postgres(transaction) => transaction.submit(stmt).await,
        }
    }

    pub(super) fn wakes(&self) -> u8 {
        self.wakes.load(Ordering::Relaxed)
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        match self.inner {
            Inner::Sqlite(scope) => scope.commit(),
            Inner::Postgres(transaction) => transaction.commit().await,
        }
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        match self.inner {
            Inner::Sqlite(scope) => scope.rollback(),
            Inner::Postgres(transaction) => transaction.rollback().await,
        }
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.inner {
            Inner::Sqlite(_) => DbBackend::Sqlite,
            Inner::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        match &self.inner {
            Inner::Sqlite(scope) => scope.connection.execute(&stmt),
            Inner::Postgres(transaction) => transaction.execute(&stmt).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.inner {
            Inner::Sqlite(scope) => scope.connection.batch(sql),
            Inner::Postgres(transaction) => transaction.batch(sql).await,
        }
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.inner {
            Inner::Sqlite(scope) => Ok(scope.connection.query(&stmt, 1)?.pop()),
            Inner::Postgres(transaction) => Ok(transaction.query(&stmt).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.inner {
            Inner::Sqlite(scope) => scope.connection.query(&stmt, usize::MAX),
            Inner::Postgres(transaction) => transaction.query(&stmt).await,
        }
    }
}

/// Runs `work` in a write transaction: all of it is committed, or nothing when it returns an error or panics.
///
/// ```ignore
/// write_tx(&app.db, move |tx| Box::pin(async move { checkout::place(tx, quote, now).await })).await?
/// ```
/// When the caller stops waiting, the work goes on to its end on SQLite, and on PostgreSQL is undone or was committed. Its error
/// must be able to carry a [`Fault`].
pub async fn write_tx<T, E, F>(db: &Db, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<Fault> + Send + 'static,
{
    match &db.inner.engine {
        Engine::Sqlite(sqlite) => sqlite.writer.run(db, work).await,
        Engine::Postgres(postgres) => alone(db, &postgres.pool, work).await,
    }
}

async fn alone<T, E, F>(db: &Db, pool: &Arc<Pool>, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    E: From<Fault>,
{
    let lent = pool.lend().await.map_err(|error| E::from(Fault::from(error).context("beginning a transaction")))?;
    let tx = Tx::new(Inner::Postgres(Transaction::on(lent)), db);
    match work(&tx).await {
        Ok(value) => {
            let wakes = tx.wakes();
            tx.commit().await.map_err(|error| E::from(Fault::from(error).context("committing")))?;
            db.ring(wakes);
            Ok(value)
        }
        Err(error) => {
            if let Err(failed) = tx.rollback().await {
                tracing::warn!(error = %failed, "a rollback failed; the connection will be dropped");
            }
            Err(error)
        }
    }
}

fn statement(sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Changes rows with one statement that is a transaction by itself; answers with what it returns (`RETURNING ...`). On
/// PostgreSQL this is one round trip instead of two.
pub async fn write_one<T>(db: &Db, sql: String, values: Vec<Value>) -> Result<Vec<T>, Fault>
where
    T: FromQueryResult + Send + 'static,
{
    match &db.inner.engine {
        Engine::Sqlite(sqlite) => sqlite.writer.run(db, move |tx| Box::pin(async move { query(tx, &sql, values).await })).await,
        Engine::Postgres(postgres) => {
            let lent = postgres.pool.lend().await?;
            let rows = lent.query(&statement(&sql, values)).await;
            lent.give_back();
            Ok(rows?.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, _>>()?)
        }
    }
}

/// As [`write_one`], one at a time of all that name this `turn`, in any process: each sees what those before it did. On PostgreSQL
/// it still is one round trip.
pub async fn write_in_turn<T>(db: &Db, turn: i64, sql: String, values: Vec<Value>) -> Result<Vec<T>, Fault>
where
    T: FromQueryResult + Send + 'static,
{
    let (rows, kept) = begin_in_turn(db, turn, sql, values).await?;
    kept.await?;
    Ok(rows)
}

/// As [`write_in_turn`], and answers as soon as the rows are known, on PostgreSQL while the commit is on its way to the disk: nothing
/// is kept, and the turn is not over, before the second part says so.
pub async fn begin_in_turn<T>(db: &Db, turn: i64, sql: String, values: Vec<Value>) -> Result<(Vec<T>, Kept), Fault>
where
    T: FromQueryResult + Send + 'static,
{
    // On SQLite the one writer is turn enough.
    let Engine::Postgres(postgres) = &db.inner.engine else {
        return Ok((write_one(db, sql, values).await?, ready(Ok(())).boxed()));
    };
    let transaction = Transaction::in_turn_of(postgres.pool.lend().await?, turn);
    let (rows, kept) = transaction.query_and_commit(&statement(&sql, values)).await?;
    let rows = rows.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, _>>()?;
    Ok((rows, kept.map_err(|error| Fault::from(error).context("committing")).boxed()))
}

/// As [`write_one`], of a statement that returns nothing; says how many rows it changed.
pub async fn execute_one(db: &Db, sql: String, values: Vec<Value>) -> Result<u64, Fault> {
    match &db.inner.engine {
        Engine::Sqlite(sqlite) => sqlite.writer.run(db, move |tx| Box::pin(async move { execute(tx, &sql, values).await })).await,
        Engine::Postgres(postgres) => {
            let lent = postgres.pool.lend().await?;
            let changed = lent.execute(&statement(&sql, values)).await;
            lent.give_back();
            Ok(changed?.rows_affected())
        }
    }
}

/// As [`execute_one`], of what will be done again if it did not happen: on PostgreSQL the commit does not wait for the disk, and
/// is gone when the server dies within the next second. What comes before and after it is as safe as ever.
pub async fn execute_lightly(db: &Db, sql: String, values: Vec<Value>) -> Result<(), Fault> {
    let Engine::Postgres(postgres) = &db.inner.engine else { return execute_one(db, sql, values).await.map(drop) };
    let transaction = Transaction::light(postgres.pool.lend().await?);
    transaction.submit(statement(&sql, values)).await?;
    Ok(transaction.commit().await?)
}

impl Db {
    pub(super) fn ring(&self, wakes: u8) {
        if wakes & Wake::Jobs as u8 != 0 {
            self.inner.jobs.notify_one();
        }
        if wakes & Wake::Outbox as u8 != 0 {
            self.inner.outbox.notify_one();
        }
        if wakes & FORGETS != 0 {
            self.forget_cached();
        }
    }
}
