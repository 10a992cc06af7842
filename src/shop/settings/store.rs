//! Settings and facts: rows of one table. Settings are `set.<field>`, facts are `fact.<name>`.
use super::Settings;
use crate::base::Fault;
use crate::db::{self, Db, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Map, Value};
use std::sync::Arc;

#[derive(FromQueryResult)]
struct Row {
    key: String,
    value: String,
}

/// All settings; what has no row has its default.
pub async fn load(conn: &impl ConnectionTrait) -> Result<Settings, Fault> {
    let rows: Vec<Row> = db::query(conn, "SELECT key, value FROM settings WHERE key LIKE 'set.%'", vec![]).await?;
    let mut fields = Map::new();
    for row in rows {
        let name = row.key.trim_start_matches("set.").to_owned();
        fields.insert(name, serde_json::from_str(&row.value)?);
    }
    serde_json::from_value(Value::Object(fields)).map_err(|error| Fault::from(error).context("reading the settings' rows"))
}

/// Writes every field that differs from what is stored; says which (`name: was -> became`).
pub async fn save(tx: &Tx, settings: &Settings) -> Result<Vec<String>, Fault> {
    tx.forget_cached();
    let before = serde_json::to_value(load(tx).await?)?;
    let after = serde_json::to_value(settings)?;
    let mut changed = Vec::new();
    let Value::Object(after) = after else { return Ok(changed) };
    for (name, value) in after {
        let was = before.get(&name).cloned().unwrap_or(Value::Null);
        if was == value {
            continue;
        }
        put(tx, &format!("set.{name}"), &value.to_string()).await?;
        changed.push(format!("{name}: {was} -> {value}"));
    }
    Ok(changed)
}

/// A fact, if known.
pub async fn fact(conn: &impl ConnectionTrait, name: &str) -> Result<Option<String>, Fault> {
    db::scalar(conn, "SELECT value AS v FROM settings WHERE key = $1", vec![format!("fact.{name}").into()]).await
}

pub async fn set_fact(tx: &Tx, name: &str, value: &str) -> Result<(), Fault> {
    put(tx, &format!("fact.{name}"), value).await
}

pub async fn forget_fact(tx: &Tx, name: &str) -> Result<(), Fault> {
    db::submit(tx, "DELETE FROM settings WHERE key = $1", vec![format!("fact.{name}").into()]).await?;
    Ok(())
}

async fn put(tx: &Tx, key: &str, value: &str) -> Result<(), Fault> {
    let sql = "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    db::submit(tx, sql, vec![key.into(), value.into()]).await?;
    Ok(())
}

/// The settings as they were at most five seconds ago.
pub async fn current(db: &Db) -> Result<Arc<Settings>, Fault> {
    db.fresh(|| load(db.read())).await
}
