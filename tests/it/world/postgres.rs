//! A database of its own for each test: a copy of a migrated template, gone when the test is.
//!
//! The template is made once for each state of the migrations, and shared by all test processes: its name holds a digest of
//! their source. On SQLite it is a file that appears by a rename; on PostgreSQL it is a database that is made under an
//! advisory lock and lets nobody in. What a killed test left behind is swept after an hour. A test for PostgreSQL without a
//! server fails; it is never skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use souk::base::task;
use souk::db::Db;
use tokio_postgres::{Client, NoTls};

/// Advisory lock of whoever makes the template or sweeps; any number that nobody else uses.
const LOCK: i64 = 0x736f_756b;
const PREFIX: &str = "souk_test_";
const STALE: Duration = Duration::from_hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// For what must hold on both.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// Lives as long as the test needs its database.
#[derive(Debug)]
pub struct TestDb {
    /// What `DATABASE_URL` would be.
    pub url: String,
    /// The database's name on the server, or the file's without its end.
    pub name: String,
    kind: Kind,
}

/// A migrated database that no other test sees.
pub async fn fresh(kind: Kind) -> TestDb {
    let name = new_name();
    match kind {
        Kind::Sqlite => {
            let template = sqlite_template().await;
            fs::copy(&template, sqlite_file(&name)).expect("the template is copied");
        }
        Kind::Postgres => {
            let server = server().await;
            let template = postgres_template(&server).await;
            run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        }
    }
    TestDb::named(kind, name)
}

/// A database without any table, for what migrates by itself.
pub async fn empty(kind: Kind) -> TestDb {
    let name = new_name();
    if kind == Kind::Postgres {
        let server = server().await;
        run(&server, &format!("CREATE DATABASE {name}")).await;
    }
    TestDb::named(kind, name)
}

impl TestDb {
    fn named(kind: Kind, name: String) -> Self {
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", sqlite_file(&name).display()),
            Kind::Postgres => postgres_url(&name),
        };
        Self { url, name, kind }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let name = self.name.clone();
        match self.kind {
            Kind::Sqlite => remove_sqlite(&sqlite_file(&name)),
            Kind::Postgres => {
                // A runtime of its own: the test's one is busy with this very drop, or is already gone.
                let gone = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        let server = server().await;
                        run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                    });
                });
                // When it fails, the server is gone, or the sweep finds it later.
                drop(gone.join());
            }
        }
    }
}

/// Holds the time at which it was made, for the sweep, and what no other process or test has.
fn new_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{PREFIX}{}_{}_{}", seconds_now(), std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

#[expect(clippy::disallowed_methods, reason = "the age of a leftover is measured by the machine's clock, not by a story's")]
fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}

/// The migrations' sources as they were when this was compiled: a test binary that is older than the files beside it must not
/// give its schema the name of theirs.
pub const SOURCES: [&str; 14] = [
    include_str!("../../../migrations/src/lib.rs"),
    include_str!("../../../migrations/src/m0001_queue.rs"),
    include_str!("../../../migrations/src/m0002_people.rs"),
    include_str!("../../../migrations/src/m0003_ledger.rs"),
    include_str!("../../../migrations/src/m0004_catalog.rs"),
    include_str!("../../../migrations/src/m0005_sales.rs"),
    include_str!("../../../migrations/src/m0006_agents.rs"),
    include_str!("../../../migrations/src/m0008_reports.rs"),
    include_str!("../../../migrations/src/m0009_refunds.rs"),
    include_str!("../../../migrations/src/m0010_terms.rs"),
    include_str!("../../../migrations/src/m0011_links.rs"),
    include_str!("../../../migrations/src/m0012_credit.rs"),
    include_str!("../../../migrations/src/m0013_seen.rs"),
    include_str!("../../../migrations/src/m0014_checks.rs"),
];

/// A digest of the migrations' source: another state of it is another template.
fn template_name() -> String {
    let mut digest = Sha256::new();
    for source in SOURCES {
        digest.update(source.len().to_be_bytes());
        digest.update(source);
    }
    let digest: [u8; 32] = digest.finalize().into();
    let start = digest.first_chunk().copied().map(u64::from_be_bytes).expect("eight bytes of it");
    format!("souk_template_{start:016x}")
}

async fn migrate(url: &str) {
    let db = Db::connect(url).await.expect("the template opens");
    db.migrate().await.expect("the template migrates");
    db.close().await.expect("the template closes");
}

// SQLite: a file in a folder of this user's.

fn sqlite_folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("databases");
    fs::create_dir_all(&folder).expect("a folder for test databases");
    folder
}

pub fn sqlite_file(name: &str) -> PathBuf {
    sqlite_folder().join(format!("{name}.db"))
}

fn remove_sqlite(file: &Path) {
    for tail in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(tail);
        // Absent is as good as removed.
        drop(fs::remove_file(name));
    }
}

async fn sqlite_template() -> PathBuf {
    let template = sqlite_file(&template_name());
    if !template.exists() {
        sweep_sqlite();
        let building = sqlite_file(&format!("{}_building", new_name()));
        migrate(&format!("sqlite://{}", building.display())).await;
        // Two processes may both build it; the renames make the same file twice.
        fs::rename(&building, &template).expect("the template takes its place");
        remove_sqlite(&building);
    }
    template
}

fn sweep_sqlite() {
    for entry in fs::read_dir(sqlite_folder()).expect("the folder of test databases").flatten() {
        let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > STALE) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

// PostgreSQL: databases of the server that TEST_DATABASE_URL names.

fn postgres_url(database: &str) -> String {
    let server = std::env::var("TEST_DATABASE_URL").unwrap_or_default();
    assert!(
        !server.is_empty(),
        "TEST_DATABASE_URL is not set, and a test for PostgreSQL is never skipped. Start a private server with: \
         export TEST_DATABASE_URL=$(scripts/postgres start)"
    );
    let mut url = url::Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
    if !database.is_empty() {
        url.set_path(database);
    }
    url.into()
}

/// One connection to the server's own database, closed when it is dropped.
pub async fn server() -> Client {
    let config: tokio_postgres::Config = postgres_url("").parse().expect("TEST_DATABASE_URL is an address");
    let (client, driver) = config.connect(NoTls).await.expect("the server that TEST_DATABASE_URL names answers");
    task::spawn("a server", async move { drop(driver.await) });
    client
}

async fn run(server: &Client, sql: &str) {
    server.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// The databases whose name is like this.
pub async fn names(server: &Client, like: &str) -> Vec<String> {
    let sql = format!("SELECT datname::text FROM pg_database WHERE datname LIKE '{like}'");
    let rows = server.query(&sql, &[]).await.expect("the list of databases");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn postgres_template(server: &Client) -> String {
    let template = template_name();
    if names(server, &template).await.is_empty() {
        run(server, &format!("SELECT pg_advisory_lock({LOCK})")).await;
        if names(server, &template).await.is_empty() {
            sweep_postgres(server).await;
            let building = format!("{}_building", new_name());
            run(server, &format!("CREATE DATABASE {building}")).await;
            migrate(&postgres_url(&building)).await;
            // Nobody may enter a template: it cannot be cloned while somebody is in.
            run(server, &format!("ALTER DATABASE {building} WITH ALLOW_CONNECTIONS false")).await;
            run(server, &format!("ALTER DATABASE {building} RENAME TO {template}")).await;
        }
        run(server, &format!("SELECT pg_advisory_unlock({LOCK})")).await;
    }
    template
}

async fn sweep_postgres(server: &Client) {
    let made = |name: &str| name.strip_prefix(PREFIX)?.split('_').next()?.parse::<u64>().ok();
    for name in names(server, &format!("{PREFIX}%")).await {
        if made(&name).is_some_and(|made| made + STALE.as_secs() < seconds_now()) {
            run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}
