//! Backups: made while the shop works, put into an empty database, refused where they must be.

mod clock;
mod restore;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use souk::db::{Db, query};
use tokio::process::Command;

use crate::world::postgres::TestDb;
use crate::world::shop::{KEY, World};

/// A folder of its own, gone with its story.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("backups_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The names in it, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().expect("a plain name")).collect();
        names.sort();
        names
    }

    /// The only file in it.
    pub fn only(&self) -> PathBuf {
        let names = self.names();
        assert_eq!(names.len(), 1, "{names:?}");
        self.0.join(&names[0])
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The real binary, as an operator runs it. A key repeats its first byte.
pub async fn souk(words: &[&str], database: &TestDb, key: [u8; 32]) -> Output {
    souk_at(words, &database.url, key).await
}

/// The same with any address of a database.
pub async fn souk_at(words: &[&str], url: &str, key: [u8; 32]) -> Output {
    let key = format!("{:02x}", key[0]).repeat(key.len());
    Command::new(env!("CARGO_BIN_EXE_souk"))
        .args(words)
        .env("DATABASE_URL", url)
        .env("SECRET_KEY", key)
        .env_remove("LOG")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .await
        .expect("the binary runs")
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Restores into the database; it must go well. Says what was said.
pub async fn restored(file: &Path, database: &TestDb) -> String {
    let output = souk(&["restore", file.to_str().expect("a plain path")], database, KEY).await;
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

/// The same must be refused; says why.
pub async fn refused(file: &Path, database: &TestDb, key: [u8; 32]) -> String {
    let output = souk(&["restore", file.to_str().expect("a plain path")], database, key).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(output.stdout.is_empty(), "{}", said(&output));
    said(&output)
}

#[derive(sea_orm::FromQueryResult)]
struct Line {
    v: String,
}

/// Everything that people own, and every line of the books, as text.
pub async fn belongings(db: &Db) -> Vec<String> {
    let mut out = Vec::new();
    for (table, columns) in [
        ("people", "id, name, first_seen"),
        ("orders", "id, person, plan, price, state"),
        ("payments", "id, person, due, state"),
        ("subscriptions", "id, person, plan, account, state, until, traffic_bytes, used_bytes, link_sealed"),
        ("ledger_accounts", "id, kind, owner, debits_posted, credits_posted, debits_pending, credits_pending, version"),
        ("ledger_transactions", "id, idem_key, input_hash, about, created_at"),
        ("ledger_entries", "transaction_id, line, account_id, side, amount"),
    ] {
        let said: Vec<String> = columns.split(", ").map(|name| format!("COALESCE(CAST({name} AS TEXT), '-')")).collect();
        let sql = format!("SELECT '{table} ' || {} AS v FROM {table} ORDER BY 1", said.join(" || ' ' || "));
        out.extend(query::<Line>(db.read(), &sql, vec![]).await.expect("rows").into_iter().map(|line| line.v));
    }
    assert!(out.len() > 10, "{out:?}");
    out
}

/// The tables of a database that a restore refused to touch.
pub async fn is_untouched(database: &TestDb) -> bool {
    let db = Db::connect(&database.url).await.expect("it opens");
    let untouched = query::<Line>(db.read(), "SELECT CAST(version AS TEXT) AS v FROM seaql_migrations", vec![]).await.is_err();
    db.close().await.expect("it closes");
    untouched
}

/// Makes a backup of the story's shop by the command line.
pub async fn backed_up(w: &World, folder: &Folder) -> PathBuf {
    let to = folder.path().to_str().expect("a plain path");
    let output = souk(&["backup", "--to", to], &w.database, KEY).await;
    assert!(output.status.success(), "{}", said(&output));
    folder.only()
}
