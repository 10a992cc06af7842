//! What reads: SQLite's readers, or PostgreSQL's connections.
use super::postgres::{Connection, Pool};
use super::sqlite::Readers;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use std::sync::Arc;

/// For reading only; [`Db::read`](super::Db::read) and [`Db::read_long`](super::Db::read_long) give it.
#[derive(Debug, Clone)]
pub struct Reader(pub(super) From);

#[derive(Debug, Clone)]
pub(super) enum From {
    /// Answered where the caller stands.
    Sqlite(Arc<Readers>),
    /// Answered on a thread where waiting harms nobody.
    SqliteAside(Arc<Readers>),
    /// On a connection that others ask too.
    Postgres(Arc<Pool>),
    /// On a connection of its own, where nobody waits behind it.
    PostgresAside(Arc<Pool>),
}

#[sea_orm_migration::async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            From::Sqlite(_) | From::SqliteAside(_) => DbBackend::Sqlite,
            From::Postgres(_) | From::PostgresAside(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            From::Sqlite(readers) => readers.any()?.execute(&stmt),
            From::SqliteAside(readers) => readers.aside(move |connection| connection.execute(&stmt)).await,
            From::Postgres(pool) => pool.share().await?.execute(&stmt).await,
            From::PostgresAside(pool) => aside(pool, async |lent| lent.execute(&stmt).await).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            From::Sqlite(readers) => readers.any()?.batch(sql),
            From::SqliteAside(readers) => {
                let sql = sql.to_owned();
                readers.aside(move |connection| connection.batch(&sql)).await
            }
            From::Postgres(pool) => pool.share().await?.batch(sql).await,
            From::PostgresAside(pool) => aside(pool, async |lent| lent.batch(sql).await).await,
        }
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            From::Sqlite(readers) => Ok(readers.any()?.query(&stmt, 1)?.pop()),
            From::SqliteAside(readers) => Ok(readers.aside(move |connection| connection.query(&stmt, 1)).await?.pop()),
            From::Postgres(_) | From::PostgresAside(_) => Ok(self.query_all_raw(stmt).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            From::Sqlite(readers) => readers.any()?.query(&stmt, usize::MAX),
            From::SqliteAside(readers) => readers.aside(move |connection| connection.query(&stmt, usize::MAX)).await,
            From::Postgres(pool) => pool.share().await?.query(&stmt).await,
            From::PostgresAside(pool) => aside(pool, async |lent| lent.query(&stmt).await).await,
        }
    }
}

/// Asks on a connection that nobody else uses meanwhile.
async fn aside<T>(pool: &Arc<Pool>, ask: impl AsyncFnOnce(&Connection) -> Result<T, DbErr>) -> Result<T, DbErr> {
    let lent = pool.lend().await?;
    let answer = ask(&lent).await;
    lent.give_back();
    answer
}
