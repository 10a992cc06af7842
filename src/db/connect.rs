//! Opening a database by its URL.
use super::cache::Cache;
use super::writer::Writer;
use crate::base::Fault;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Which database it is; code asks only where the two cannot be served alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DbKind {
    Sqlite,
    Postgres,
}

/// The advisory lock that a migrating process holds: the letters of "souk".
const MIGRATION_LOCK: i64 = 0x736f_756b;

/// A handle on the database; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub kind: DbKind,
    pub url: Box<str>,
    pub readers: DatabaseConnection,
    /// SQLite's one writer; on PostgreSQL every transaction comes from the pool.
    pub writer: Option<Writer>,
    pub cache: Cache,
    pub jobs: Arc<Notify>,
    pub outbox: Arc<Notify>,
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
            return Self::sqlite(url).await;
        }
        Err(Fault::new("DATABASE_URL must begin with sqlite:// or postgres://"))
    }

    async fn sqlite(url: &str) -> Result<Self, Fault> {
        let writer = sqlite_pool(url, 1, false).await.map_err(|fault| fault.context("opening the SQLite file to write"))?;
        let readers = sqlite_pool(url, 4, true).await.map_err(|fault| fault.context("opening the SQLite file to read"))?;
        Ok(Self::from_parts(DbKind::Sqlite, url, readers, Some(Writer::start(writer)?)))
    }

    async fn postgres(url: &str) -> Result<Self, Fault> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(16)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .connect_timeout(Duration::from_secs(10))
            .test_before_acquire(true)
            .record_stmt_in_spans(false)
            .sqlx_logging(false);
        let pool = Database::connect(options).await.map_err(|error| Fault::from(error).context("connecting to PostgreSQL"))?;
        Ok(Self::from_parts(DbKind::Postgres, url, pool, None))
    }

    fn from_parts(kind: DbKind, url: &str, readers: DatabaseConnection, writer: Option<Writer>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                url: url.into(),
                readers,
                writer,
                cache: Cache::default(),
                jobs: Arc::default(),
                outbox: Arc::default(),
            }),
        }
    }

    pub fn kind(&self) -> DbKind {
        self.inner.kind
    }

    /// For reading only. On SQLite these connections refuse to write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.inner.readers
    }

    /// Brings the schema up to date. Processes that start together do it one after another.
    pub async fn migrate(&self) -> Result<(), Fault> {
        match &self.inner.writer {
            Some(writer) => migrate_up(writer.connection()).await,
            None => self.migrate_postgres().await,
        }
    }

    /// The advisory lock belongs to a session, so the migrations run on a connection of their own.
    async fn migrate_postgres(&self) -> Result<(), Fault> {
        let mut options = ConnectOptions::new(self.inner.url.as_ref());
        options.max_connections(1).sqlx_logging(false);
        let alone = Database::connect(options).await?;
        alone.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
        let done = migrate_up(&alone).await;
        alone.close_by_ref().await?;
        done
    }

    /// How many migrations the schema still lacks; an error when it has some that we do not know. Waits for no
    /// writer: health is asked while one is busy.
    pub async fn pending_migrations(&self) -> Result<usize, Fault> {
        use sea_orm_migration::MigratorTrait;
        Ok(migrations::Migrator::get_pending_migrations_read_only(&self.inner.readers).await?.len())
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
        if let Some(writer) = &self.inner.writer {
            writer.stop().await;
            writer.connection().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
            writer.connection().close_by_ref().await?;
        }
        self.inner.readers.close_by_ref().await?;
        Ok(())
    }
}

async fn migrate_up(connection: &DatabaseConnection) -> Result<(), Fault> {
    use sea_orm_migration::MigratorTrait;
    migrations::Migrator::up(connection, None).await.map_err(|error| Fault::from(error).context("migrating"))
}

pub(super) async fn sqlite_pool(url: &str, connections: u32, read_only: bool) -> Result<DatabaseConnection, Fault> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        // A file does not go away: asking each time whether it is there costs a round trip a statement.
        .test_before_acquire(false)
        .record_stmt_in_spans(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |opts| {
            let opts = opts
                .create_if_missing(!read_only)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .statement_cache_capacity(512)
                .pragma("cache_size", "-8000");
            if read_only {
                opts.pragma("query_only", "ON")
            } else {
                opts.pragma("journal_mode", "WAL").pragma("synchronous", "FULL").pragma("wal_autocheckpoint", "4000")
            }
        });
    Ok(Database::connect(options).await?)
}
