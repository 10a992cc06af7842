//! A connection: what may be asked of it, and the statements that it has prepared.
use super::values::{Bound, Kept, kind};
use super::{Address, away, failed, unreachable};
use crate::base::task;
use futures::TryStreamExt;
use sea_orm::{DbErr, ExecResult, ProxyExecResult, ProxyRow, QueryResult, Statement, Value};
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Row};

/// How long a server may take to let us in.
const CONNECT: Duration = Duration::from_secs(10);
/// How many prepared statements a connection keeps: with too few, each is planned anew.
const STATEMENTS_MAX: usize = 400;

#[derive(Debug)]
pub(in crate::db) struct Connection {
    client: Client,
    prepared: Mutex<HashMap<String, tokio_postgres::Statement>>,
}

impl Connection {
    pub async fn open(address: &Address) -> Result<Self, DbErr> {
        let opened = tokio::time::timeout(CONNECT, address.config.connect(address.tls.clone())).await;
        let opened = opened.map_err(|_| away("PostgreSQL does not answer"))?;
        let (client, driver) = opened.map_err(|error| unreachable(&error))?;
        task::spawn("postgres", async move {
            if let Err(error) = driver.await {
                // Whoever asked something hears of it too.
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        Ok(Self { client, prepared: Mutex::default() })
    }

    /// Whether nothing more can be asked.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub async fn query(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let prepared = self.prepare(statement).await?;
        let rows = async {
            let rows = self.client.query_raw(&prepared, values(statement).iter().map(Bound)).await?;
            pin!(rows).try_collect::<Vec<Row>>().await
        };
        rows.await.map_err(|error| self.failed(statement, &error))?.iter().map(row).collect()
    }

    pub async fn execute(&self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let prepared = self.prepare(statement).await?;
        let changed = self.client.execute_raw(&prepared, values(statement).iter().map(Bound)).await;
        let changed = changed.map_err(|error| self.failed(statement, &error))?;
        Ok(ProxyExecResult::new(0, changed).into())
    }

    /// Some statements without values, separated by semicolons. They are sent when the answer is first waited for.
    pub async fn batch(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.client.batch_execute(sql).await.map_err(|error| failed(&error))?;
        Ok(ProxyExecResult::new(0, 0).into())
    }

    /// Whether it is prepared: then it is sent when its answer is first waited for.
    pub fn knows(&self, statement: &Statement) -> bool {
        self.prepared().contains_key(&statement.sql)
    }

    pub async fn prepare(&self, statement: &Statement) -> Result<tokio_postgres::Statement, DbErr> {
        if let Some(prepared) = self.prepared().get(&statement.sql) {
            return Ok(prepared.clone());
        }
        let kinds: Vec<_> = values(statement).iter().map(kind).collect();
        let prepared = self.client.prepare_typed(&statement.sql, &kinds).await.map_err(|error| failed(&error))?;
        let mut all = self.prepared();
        if all.len() >= STATEMENTS_MAX {
            all.clear();
        }
        all.insert(statement.sql.clone(), prepared.clone());
        Ok(prepared)
    }

    /// A statement whose table has changed since must be prepared anew.
    fn failed(&self, statement: &Statement, error: &Error) -> DbErr {
        if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) {
            self.prepared().remove(&statement.sql);
        }
        failed(error)
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, HashMap<String, tokio_postgres::Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn values(statement: &Statement) -> &[Value] {
    statement.values.as_ref().map_or(&[], |values| &values.0)
}

fn row(row: &Row) -> Result<QueryResult, DbErr> {
    let mut values = BTreeMap::new();
    for (place, column) in row.columns().iter().enumerate() {
        let Kept(value) = row.try_get(place).map_err(|error| failed(&error))?;
        values.insert(column.name().to_owned(), value);
    }
    Ok(ProxyRow::new(values).into())
}
