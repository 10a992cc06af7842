//! Plain SQL with numbered parameters (`$1`, `$2`, ...), the same text on both databases.
//!
//! Columns are read as integers (`i64`), texts or bytes, and what is made of these: SQLite knows no more. Sums must be `CAST(SUM(x) AS BIGINT)`: PostgreSQL sums integers into decimals.
use super::tx::Tx;
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

/// Changes rows, and nobody waits to hear how many: on PostgreSQL the statement is on its way when this returns, and what goes
/// wrong is told by the next question to the transaction, or by its commit.
pub async fn submit(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<(), Fault> {
    Ok(tx.submit(statement(tx, sql, values)).await?)
}

/// As [`submit`], of a statement that changes so many rows: all of the transaction is undone when it changes more or fewer.
pub async fn submit_exactly(tx: &Tx, rows: usize, sql: &str, values: Vec<Value>) -> Result<(), Fault> {
    if tx.get_database_backend() == DbBackend::Postgres {
        // Who divides by nothing has failed.
        let sql = format!("WITH changed AS ({sql} RETURNING 1) SELECT 1 / CAST(COUNT(*) = {rows} AS INTEGER) FROM changed");
        return submit(tx, &sql, values).await;
    }
    let changed = execute(tx, sql, values).await?;
    if usize::try_from(changed).ok() == Some(rows) {
        return Ok(());
    }
    Err(Fault::new(format!("{changed} rows were changed, not {rows}: {sql}")))
}

/// `$first, $first+1, ...`: so many parameters.
pub fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}
