//! The schema's history: the same steps and the same table of what ran on both databases, all in one transaction.
//!
//! sea-orm-migration runs its own list only through its own drivers, so the list is walked here.
use super::connect::{Db, Engine};
use super::postgres;
use super::sqlite::{Access, Connection, Scope};
use crate::base::Fault;
use migrations::Migrator;
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement,
};
use sea_orm_migration::{MigratorTrait, SchemaManager};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

const APPLIED: &str =
    "CREATE TABLE IF NOT EXISTS seaql_migrations (version VARCHAR NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";
const DONE: &str = "SELECT 1 AS v FROM seaql_migrations WHERE version = $1";
/// The advisory lock that a migrating process holds: the letters of "souk".
const LOCK: i64 = 0x736f_756b;

impl Db {
    /// Brings the schema up to date. Processes that start together do it one after another.
    pub async fn migrate(&self) -> Result<(), Fault> {
        self.migrate_by(None).await
    }

    /// At most so many steps; all of them, when it is not said.
    pub async fn migrate_by(&self, steps_max: Option<u32>) -> Result<(), Fault> {
        let steps_max = steps_max.map_or(usize::MAX, |steps| steps as usize);
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => on_sqlite(&sqlite.file, steps_max).await,
            Engine::Postgres(postgres) => on_postgres(postgres.pool.address(), steps_max).await,
        }
    }
}

async fn on_sqlite(file: &Path, steps_max: usize) -> Result<(), Fault> {
    let connection = Arc::new(Connection::open(file, Access::Write)?);
    let scope = Scope::begin(&connection)?;
    walk(DbBackend::Sqlite, Lent(Arc::clone(&connection)), steps_max).await?;
    scope.commit()?;
    connection.close();
    Ok(())
}

/// On a connection of its own, which is closed whatever happens: then the server undoes what was not committed.
async fn on_postgres(address: &postgres::Address, steps_max: usize) -> Result<(), Fault> {
    let connection = Arc::new(postgres::Connection::open(address).await?);
    connection.batch(&format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})")).await?;
    walk(DbBackend::Postgres, Lent(Arc::clone(&connection)), steps_max).await?;
    connection.batch("COMMIT").await?;
    Ok(())
}

/// Runs at most so many of the steps that have not run.
async fn walk<C>(backend: DbBackend, connection: Lent<C>, steps_max: usize) -> Result<(), Fault>
where
    Lent<C>: ProxyDatabaseTrait + 'static,
{
    let lent: Box<dyn ProxyDatabaseTrait> = Box::new(connection);
    let database: DatabaseConnection = Database::connect_proxy(backend, Arc::new(lent)).await?;
    database.execute_unprepared(APPLIED).await?;
    let manager = SchemaManager::new(&database);
    let mut ran = 0;
    for step in Migrator::migrations() {
        let done = Statement::from_sql_and_values(backend, DONE, vec![step.name().into()]);
        if ran == steps_max || database.query_one_raw(done).await?.is_some() {
            continue;
        }
        step.up(&manager).await.map_err(|error| Fault::from(error).context(format!("migrating: {}", step.name())))?;
        database.execute_raw(Statement::from_sql_and_values(backend, note(backend), vec![step.name().into()])).await?;
        ran += 1;
    }
    Ok(())
}

/// Notes that a step ran now, in seconds since 1970.
fn note(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ($1, CAST(extract(epoch FROM now()) AS BIGINT))"
        }
        _ => "INSERT INTO seaql_migrations (version, applied_at) VALUES ($1, CAST(strftime('%s', 'now') AS INTEGER))",
    }
}

/// Our connection, as sea-orm asks for one.
#[derive(Debug)]
struct Lent<C>(Arc<C>);

#[sea_orm_migration::async_trait::async_trait]
impl ProxyDatabaseTrait for Lent<Connection> {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let rows = self.0.query(&statement, usize::MAX)?;
        Ok(rows.iter().map(sea_orm::from_query_result_to_proxy_row).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        self.0.execute(&statement).map(ProxyExecResult::from)
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl ProxyDatabaseTrait for Lent<postgres::Connection> {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let rows = self.0.query(&statement).await?;
        Ok(rows.iter().map(sea_orm::from_query_result_to_proxy_row).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        self.0.execute(&statement).await.map(ProxyExecResult::from)
    }
}
