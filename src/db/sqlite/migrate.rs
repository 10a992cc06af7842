//! The schema's history on SQLite: the same steps and the same table of what ran as on PostgreSQL, all in one transaction.
//!
//! sea-orm-migration runs its own list only through its own driver of SQLite, so the list is walked here.
use super::{Access, Connection, Scope};
use crate::base::Fault;
use migrations::Migrator;
use sea_orm::{Database, DbBackend, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement};
use sea_orm_migration::{MigratorTrait, SchemaManager};
use std::path::Path;
use std::sync::Arc;

const APPLIED: &str =
    "CREATE TABLE IF NOT EXISTS seaql_migrations (version VARCHAR NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";
const NOTE: &str = "INSERT INTO seaql_migrations (version, applied_at) VALUES ($1, CAST(strftime('%s', 'now') AS INTEGER))";

/// Runs at most so many of the steps that have not run.
pub(in crate::db) async fn migrate(file: &Path, steps_max: usize) -> Result<(), Fault> {
    let connection = Arc::new(Connection::open(file, Access::Write)?);
    let scope = Scope::begin(&connection)?;
    connection.batch(APPLIED)?;
    let lent: Box<dyn ProxyDatabaseTrait> = Box::new(Lent(Arc::clone(&connection)));
    let database = Database::connect_proxy(DbBackend::Sqlite, Arc::new(lent)).await?;
    let manager = SchemaManager::new(&database);
    let mut ran = 0;
    for step in Migrator::migrations() {
        let name = || vec![step.name().into()];
        let done = Statement::from_sql_and_values(DbBackend::Sqlite, "SELECT 1 FROM seaql_migrations WHERE version = $1", name());
        if ran == steps_max || !connection.query(&done, 1)?.is_empty() {
            continue;
        }
        step.up(&manager).await.map_err(|error| Fault::from(error).context(format!("migrating: {}", step.name())))?;
        connection.execute(&Statement::from_sql_and_values(DbBackend::Sqlite, NOTE, name()))?;
        ran += 1;
    }
    scope.commit()?;
    connection.close();
    Ok(())
}

/// Our connection, as sea-orm asks for one.
#[derive(Debug)]
struct Lent(Arc<Connection>);

#[sea_orm_migration::async_trait::async_trait]
impl ProxyDatabaseTrait for Lent {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let rows = self.0.query(&statement, usize::MAX)?;
        Ok(rows.iter().map(sea_orm::from_query_result_to_proxy_row).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        self.0.execute(&statement).map(ProxyExecResult::from)
    }
}
