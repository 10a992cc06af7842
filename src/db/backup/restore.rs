//! Restoring: everything that speaks against it is found before the database is touched.
use super::envelope::Header;
use super::folder::{self, Partial};
use super::save::{open, to_the_end, unpack};
use super::{BackupError, postgres, sqlite, tables};
use crate::base::{Fault, Time};
use crate::db::connect::{Db, DbKind};
use crate::db::seal::Seal;
use flate2::read::GzDecoder;
use sea_orm_migration::MigratorTrait;
use std::io;
use std::path::{Path, PathBuf};

/// What the file says of itself, if this souk, with this key, can restore it.
pub fn inspect(file: &Path, seal: &Seal) -> Result<Header, BackupError> {
    let (header, _) = open(file, seal)?;
    let known: Vec<String> = migrations::Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let unknown: Vec<&str> = header.schema.iter().filter(|name| !known.contains(name)).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(header);
    }
    Err(BackupError::NewerSchema { souk: header.souk, unknown: unknown.join(", ") })
}

/// Puts the backup into the empty database that the URL names. Its schema stays as old as it was.
pub async fn restore(url: &str, seal: &Seal, file: &Path, now: Time) -> Result<Header, BackupError> {
    let header = inspect(file, seal)?;
    let here = if url.starts_with("sqlite:") { DbKind::Sqlite } else { DbKind::Postgres };
    if header.database != here {
        return Err(BackupError::OtherKind { file: header.database.product(), here: here.product() });
    }
    match here {
        DbKind::Sqlite => restore_sqlite(url, seal, file, now).await?,
        DbKind::Postgres => restore_postgres(url, seal, file, &header).await?,
    }
    Ok(header)
}

async fn restore_sqlite(url: &str, seal: &Seal, file: &Path, now: Time) -> Result<(), BackupError> {
    let target = crate::db::sqlite::file(url)?;
    if target.exists() {
        must_be_empty(&Db::connect(url).await?).await?;
    }
    // What lies beside an absent file would be taken for its own writes.
    for tail in ["-wal", "-shm", "-journal"] {
        let mut beside = target.as_os_str().to_owned();
        beside.push(tail);
        let beside = PathBuf::from(beside);
        if beside.exists() {
            return Err(BackupError::NotEmpty(format!("{} of an older database lies there", beside.display())));
        }
    }
    let (seal, file) = (seal.clone(), file.to_owned());
    let work = move || {
        let beside = sqlite::folder_of(&target);
        folder::prepare(beside, now)?;
        let (partial, mut plain) = Partial::create(beside, &seal, now)?;
        unpack(&file, &seal, &mut plain)?;
        partial.become_file(&target).map_err(|error| BackupError::Folder(beside.to_owned(), error))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::new(error).context("restoring a backup"))?
}

/// The whole file is opened once before a row is written; then all of it happens in one transaction.
async fn restore_postgres(url: &str, seal: &Seal, file: &Path, header: &Header) -> Result<(), BackupError> {
    let db = Db::connect(url).await?;
    let server = postgres::server(&db).await?;
    must_be_empty(&db).await?;
    if header.server.is_some_and(|theirs| theirs > server) {
        let theirs = header.server.unwrap_or_default();
        let told = format!("This backup is of a PostgreSQL {theirs}, and this server is older: {server}. Use a server as new");
        return Err(BackupError::Tool(told));
    }
    let tool = postgres::find("pg_restore", server.max(header.tool.unwrap_or_default()))?;
    let (url, seal, file) = (url.to_owned(), seal.clone(), file.to_owned());
    let work = move || {
        unpack(&file, &seal, &mut io::sink())?;
        let (_, opener) = open(&file, &seal)?;
        let mut plain = GzDecoder::new(opener);
        postgres::load(&tool, &url, &mut plain)?;
        to_the_end(plain.into_inner())
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::new(error).context("restoring a backup"))?
}

/// Looks, and leaves the database.
async fn must_be_empty(db: &Db) -> Result<(), BackupError> {
    let found = tables(db).await;
    db.close().await?;
    let found = found?;
    let Some(first) = found.first() else { return Ok(()) };
    Err(BackupError::NotEmpty(match found.len() {
        1 => format!("it has the table {first}"),
        count => format!("it has {count} tables, {first} among them"),
    }))
}
