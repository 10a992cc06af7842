//! Plain SQL with numbered parameters (`$1`, `$2`, ...), the same text on both databases.
//!
//! Columns are read as integers (`i64`), texts or bytes, and what is made of these: SQLite knows no more. Sums must be `CAST(SUM(x) AS BIGINT)`: PostgreSQL sums integers into decimals.
use crate::base::Fault;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

fn statement(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}

/// The clause that locks what a query finds; on SQLite the one writer is lock enough.
pub fn locking<'c>(conn: &impl ConnectionTrait, clause: &'c str) -> &'c str {
    if conn.get_database_backend() == DbBackend::Postgres { clause } else { "" }
}

/// All rows.
pub async fn query<T: FromQueryResult>(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<T>, Fault> {
    let rows = conn.query_all_raw(statement(conn, sql, values)).await?;
    Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// The first row, if any.
pub async fn one<T: FromQueryResult>(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Option<T>, Fault> {
    let row = conn.query_one_raw(statement(conn, sql, values)).await?;
    Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
}

/// The first column of the first row, if any (name it `v`: `SELECT COUNT(*) AS v ...`).
pub async fn scalar<T: sea_orm::TryGetable>(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, Fault> {
    let row = conn.query_one_raw(statement(conn, sql, values)).await?;
    Ok(row.map(|row| row.try_get::<T>("", "v")).transpose()?)
}

/// Whether there is a row.
pub async fn exists(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<bool, Fault> {
    Ok(conn.query_one_raw(statement(conn, sql, values)).await?.is_some())
}

/// Changes rows; says how many.
pub async fn execute(conn: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<u64, Fault> {
    Ok(conn.execute_raw(statement(conn, sql, values)).await?.rows_affected())
}
