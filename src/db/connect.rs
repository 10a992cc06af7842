//! Opening a database by its URL.
use super::cache::Cache;
use super::postgres::{self, Pool};
use super::query;
use super::reader::{self, Reader};
use super::sqlite::{self, Access, Connection, Readers};
use super::writer::Writer;
use crate::base::Fault;
use sea_orm::FromQueryResult;
use sea_orm_migration::MigratorTrait;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Notify;

/// Which database it is; code asks only where the two cannot be served alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DbKind {
    Sqlite,
    Postgres,
}

/// How many may ask SQLite aside at once; in place, as many as there are processors, and the writer's thread.
const LONG_READERS: usize = 2;

/// A handle on the database; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub kind: DbKind,
    pub url: Box<str>,
    pub engine: Engine,
    pub quick: Reader,
    pub long: Reader,
    pub cache: Cache,
    pub jobs: Arc<Notify>,
    pub outbox: Arc<Notify>,
}

/// What runs the transactions.
pub(super) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

pub(super) struct Postgres {
    /// Each transaction has a connection of it.
    pub pool: Arc<Pool>,
    long: Arc<Pool>,
}

pub(super) struct Sqlite {
    pub file: PathBuf,
    pub writer: Writer,
    quick: Arc<Readers>,
    long: Arc<Readers>,
}

impl std::fmt::Debug for Inner {
    /// Says nothing of the URL: it holds a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Db {
    /// Opens `sqlite://path` (made when absent) or `postgres://...`.
    ///
    /// # Errors
    /// A URL of another kind, or a database that does not answer within ten seconds.
    pub async fn connect(url: &str) -> Result<Self, Fault> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Self::postgres(url).await;
        }
        if url.starts_with("sqlite:") {
            return Self::sqlite(url);
        }
        Err(Fault::new("DATABASE_URL must begin with sqlite:// or postgres://"))
    }

    fn sqlite(url: &str) -> Result<Self, Fault> {
        let file = sqlite::file(url)?;
        let writer = Connection::open(&file, Access::Write);
        let writer = writer.map_err(|error| Fault::from(error).context("opening the SQLite file to write"))?;
        let open = |connections| {
            let readers = Readers::open(&file, connections).map(Arc::new);
            readers.map_err(|error| Fault::from(error).context("opening the SQLite file to read"))
        };
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let (quick, long) = (open(processors + 1)?, open(LONG_READERS)?);
        let readers = (Reader(reader::From::Sqlite(Arc::clone(&quick))), Reader(reader::From::SqliteAside(Arc::clone(&long))));
        let engine = Engine::Sqlite(Sqlite { file, writer: Writer::start(Arc::new(writer))?, quick, long });
        Ok(Self::from_parts(DbKind::Sqlite, url, engine, readers))
    }

    async fn postgres(url: &str) -> Result<Self, Fault> {
        let connecting = async {
            let address = postgres::Address::of(url)?;
            Ok::<_, Fault>((Pool::open(address.clone()).await?, Pool::for_walks(address)))
        };
        let (pool, long) = connecting.await.map_err(|fault| fault.context("connecting to PostgreSQL"))?;
        let readers = (Reader(reader::From::Postgres(Arc::clone(&pool))), Reader(reader::From::PostgresAside(Arc::clone(&long))));
        Ok(Self::from_parts(DbKind::Postgres, url, Engine::Postgres(Postgres { pool, long }), readers))
    }

    fn from_parts(kind: DbKind, url: &str, engine: Engine, (quick, long): (Reader, Reader)) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                url: url.into(),
                engine,
                quick,
                long,
                cache: Cache::default(),
                jobs: Arc::default(),
                outbox: Arc::default(),
            }),
        }
    }

    pub fn kind(&self) -> DbKind {
        self.inner.kind
    }

    /// For questions that an index answers. On SQLite they are answered on the caller's thread, and these connections
    /// refuse to write.
    pub fn read(&self) -> &Reader {
        &self.inner.quick
    }

    /// For questions that walk through many rows: reports, proofs, exports. On SQLite they have threads of their own.
    pub fn read_long(&self) -> &Reader {
        &self.inner.long
    }

    /// How many migrations the schema still lacks; an error when it has some that we do not know. Waits for no
    /// writer: health is asked while one is busy.
    pub async fn pending_migrations(&self) -> Result<usize, Fault> {
        let known: HashSet<String> =
            migrations::Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let table = match self.inner.kind {
            DbKind::Sqlite => "SELECT 1 AS v FROM sqlite_master WHERE name = 'seaql_migrations'",
            DbKind::Postgres => {
                "SELECT 1 AS v FROM pg_tables WHERE tablename = 'seaql_migrations' AND schemaname = current_schema()"
            }
        };
        if !query::exists(self.read(), table, vec![]).await? {
            return Ok(known.len());
        }
        let applied: Vec<Applied> = query::query(self.read(), "SELECT version FROM seaql_migrations", vec![]).await?;
        match applied.iter().find(|applied| !known.contains(&applied.version)) {
            Some(newer) => {
                Err(Fault::new(format!("the database has a migration that this program does not know: {}", newer.version)))
            }
            None => Ok(known.len() - applied.len()),
        }
    }

    /// Woken when a commit left a job due.
    pub fn jobs_wake(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.jobs)
    }

    /// Woken when a commit left a notice due.
    pub fn outbox_wake(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.outbox)
    }

    /// Ends the writer after what waits is committed, and closes the file.
    pub async fn close(&self) -> Result<(), Fault> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => {
                sqlite.writer.stop().await;
                sqlite.quick.close();
                sqlite.long.close();
                sqlite.writer.connection().batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
                sqlite.writer.connection().close();
            }
            Engine::Postgres(postgres) => {
                postgres.pool.close().await;
                postgres.long.close().await;
            }
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Applied {
    version: String,
}
