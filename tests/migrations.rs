//! The schema's history: it runs from nothing on both databases, with data, and twice; and both end alike.
#![expect(clippy::expect_used, clippy::panic, reason = "what a test stands on stops it when it is not there")]

#[path = "it/world/postgres.rs"]
mod postgres;

use std::collections::{BTreeMap, BTreeSet};

use migrations::Migrator;
use postgres::Kind;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use souk::base::Fault;
use souk::db::{Db, execute, scalar, write_tx};

/// Columns with such a name whose values are no closed list, each for its reason.
const FREE_TEXT: &[&str] = &[
    // A document with the question that is open; the code that reads it knows its version.
    "dialogues.state",
];

async fn migrated(kind: Kind) -> (postgres::TestDb, Db) {
    let place = postgres::empty(kind).await;
    let db = Db::connect(&place.url).await.expect("the database opens");
    assert!(db.pending_migrations().await.expect("it is asked") > 0, "{kind:?} is not empty");
    db.migrate().await.expect("it migrates from nothing");
    (place, db)
}

/// A migration that is missing there would not change the name of the tests' template.
#[test]
fn the_template_is_named_after_every_migration() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/src");
    let files = std::fs::read_dir(folder).expect("the migrations' source");
    let there: BTreeSet<String> =
        files.map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a source")).collect();
    assert_eq!(postgres::SOURCES.map(str::to_owned).into_iter().collect::<BTreeSet<_>>(), there);
}

#[tokio::test]
async fn migrates_from_nothing_and_twice() {
    for kind in Kind::BOTH {
        let (_place, db) = migrated(kind).await;
        assert_eq!(db.pending_migrations().await.expect("it is asked"), 0, "{kind:?}");
        let before = columns(&db).await;
        db.migrate().await.expect("a second run changes nothing");
        assert_eq!(columns(&db).await, before, "{kind:?}");
        db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn both_databases_end_with_the_same_tables_and_columns() {
    let (_lite, lite) = migrated(Kind::Sqlite).await;
    let (_grown, grown) = migrated(Kind::Postgres).await;
    let (on_lite, on_grown) = (columns(&lite).await, columns(&grown).await);
    assert!(on_lite.len() > 5, "the tables were not read: {on_lite:?}");
    assert_eq!(on_lite, on_grown);
    lite.close().await.expect("it closes");
    grown.close().await.expect("it closes");
}

/// See `{by COLUMN}` in the migrations: else PostgreSQL takes such an index for a key.
#[tokio::test]
async fn an_index_of_a_state_serves_only_questions_about_its_column() {
    let (_grown, grown) = migrated(Kind::Postgres).await;
    let defined = "SELECT indexdef AS v FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%WHERE%state%'";
    let defined = names(&grown, defined).await;
    assert!(defined.len() > 20, "the indexes were not read: {defined:?}");
    for index in defined {
        let (columns, condition) = index.split_once(" WHERE ").expect("it is partial");
        let first = columns.rsplit_once('(').expect("it has columns").1.split([',', ')']).next().expect("a column");
        assert!(condition.contains(&format!("({first} IS NOT NULL)")), "{index}: end its condition with {{by {first}}}");
    }
    grown.close().await.expect("it closes");
}

#[tokio::test]
async fn both_databases_end_with_the_same_indexes() {
    let (_lite, lite) = migrated(Kind::Sqlite).await;
    let (_grown, grown) = migrated(Kind::Postgres).await;
    let named = "SELECT name AS v FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let on_lite = names(&lite, named).await;
    // A primary key or a UNIQUE column makes an index that SQLite does not name.
    let on_grown = names(
        &grown,
        "SELECT i.indexname::text AS v FROM pg_indexes i WHERE i.schemaname = 'public' AND NOT EXISTS \
         (SELECT 1 FROM pg_constraint c WHERE c.conindid = (quote_ident(i.indexname))::regclass)",
    )
    .await;
    assert_eq!(on_lite, on_grown);
    lite.close().await.expect("it closes");
    grown.close().await.expect("it closes");
}

#[tokio::test]
async fn rows_outlive_the_migrations_after_them() {
    for kind in Kind::BOTH {
        let place = postgres::empty(kind).await;
        let old = Db::connect(&place.url).await.expect("the database opens");
        let people =
            Migrator::migrations().iter().position(|step| step.name().ends_with("people")).expect("people have a migration");
        old.migrate_by(u32::try_from(people + 1).ok()).await.expect("an older schema");
        let sara = "INSERT INTO people (id, name, lang, first_seen) VALUES (7000000000, 'سارا', 'fa', 1)";
        let met: Result<u64, Fault> = write_tx(&old, move |tx| Box::pin(execute(tx, sara, vec![]))).await;
        met.expect("a person of that time");
        old.close().await.expect("it closes");

        let db = Db::connect(&place.url).await.expect("the database opens");
        assert!(db.pending_migrations().await.expect("it is asked") > 0, "{kind:?}");
        db.migrate().await.expect("it migrates with data");
        let name: Option<String> =
            scalar(db.read(), "SELECT name AS v FROM people WHERE id = 7000000000", vec![]).await.expect("it is read");
        assert_eq!(name.as_deref(), Some("سارا"), "{kind:?}");
        db.close().await.expect("it closes");
    }
}

/// An order, and an agent's batch, from before its promise was kept has what its plan promised when that began.
#[tokio::test]
async fn what_is_older_takes_the_promise_of_its_plan() {
    const OLD: [&str; 10] = [
        "INSERT INTO people (id, name, lang, first_seen) VALUES (1, 'Sara', 'fa', 1)",
        "INSERT INTO categories (code, titles, texts, place, state) VALUES ('c', '{}', '{}', 1, 'on')",
        "INSERT INTO locations (code, titles, texts, place, state) VALUES ('l', '{}', '{}', 1, 'on')",
        "INSERT INTO plans (code, category, location, titles, texts, days, traffic_bytes, devices, price, refund, asset, panels, \
         place, state) VALUES ('m1', 'c', 'l', '{}', '{}', 30, 5, 2, 100, 'traffic', 'IRT', '[]', 1, 'on')",
        "INSERT INTO plans (code, category, location, titles, texts, days, traffic_bytes, devices, price, refund, asset, panels, \
         place, state) VALUES ('m3', 'c', 'l', '{}', '{}', 90, 0, 0, 300, 'time', 'IRT', '[]', 2, 'off')",
        "INSERT INTO orders (id, person, kind, plan, subscription, price, asset, state, placed_at) \
         VALUES (7, 1, 'new', 'm1', 9, 100, 'IRT', 'placed', 1)",
        "INSERT INTO agent_tiers (code, titles, line, pending_percent, overdraft, plans, prices, place, state) \
         VALUES ('silver', '{}', 0, 0, 0, '[]', '{}', 1, 'on')",
        "INSERT INTO agent_applications (id, person, first_name, last_name, phone, shop_name, province, city, address, state, \
         submitted_at, decided_at) VALUES (1, 1, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'accepted', 1, 1)",
        "INSERT INTO agents (person, application, tier, state, prices, since) VALUES (1, 1, 'silver', 'active', '{}', 1)",
        "INSERT INTO agent_batches (id, agent, plan, price, state, created_at) \
         VALUES (3, 1, 'm1', 90, 'selling', 1), (4, 1, 'm3', 270, 'sold', 1)",
    ];
    // Of the order, and of both batches.
    const PROMISED: [(&str, &str); 3] = [
        ("orders WHERE id = 7", "30 5 2 traffic"),
        ("agent_batches WHERE id = 3", "30 5 2 traffic"),
        ("agent_batches WHERE id = 4", "90 0 0 time"),
    ];
    for kind in Kind::BOTH {
        let place = postgres::empty(kind).await;
        let old = Db::connect(&place.url).await.expect("the database opens");
        let before = Migrator::migrations().iter().position(|step| step.name().ends_with("terms")).expect("terms have one");
        old.migrate_by(u32::try_from(before).ok()).await.expect("an older schema");
        for sql in OLD {
            let written: Result<u64, Fault> = write_tx(&old, move |tx| Box::pin(execute(tx, sql, vec![]))).await;
            written.expect("a row of that time");
        }
        old.migrate().await.expect("it migrates with data");
        for (whose, expected) in PROMISED {
            let sql = format!(
                "SELECT plan_days || ' ' || plan_traffic_bytes || ' ' || plan_devices || ' ' || plan_refund AS v FROM {whose}"
            );
            let promised: Option<String> = scalar(old.read(), &sql, vec![]).await.expect("it is read");
            assert_eq!(promised.as_deref(), Some(expected), "{kind:?}: {whose}");
        }
        old.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn a_copied_template_is_what_a_migration_gives() {
    for kind in Kind::BOTH {
        let (_place, db) = migrated(kind).await;
        let copy = postgres::fresh(kind).await;
        let copied = Db::connect(&copy.url).await.expect("the copy opens");
        assert_eq!(columns(&copied).await, columns(&db).await, "{kind:?}");
        copied.close().await.expect("it closes");
        db.close().await.expect("it closes");
    }
}

/// A status outside of its list must be refused by the database itself.
#[tokio::test]
async fn every_status_column_has_a_check() {
    let (_place, db) = migrated(Kind::Postgres).await;
    let bare = names(
        &db,
        "SELECT c.table_name::text || '.' || c.column_name::text AS v FROM information_schema.columns c \
         WHERE c.table_schema = 'public' AND c.column_name IN ('state', 'status', 'role') AND NOT EXISTS \
         (SELECT 1 FROM pg_constraint k WHERE k.contype = 'c' AND k.conrelid = quote_ident(c.table_name)::regclass \
          AND c.ordinal_position = ANY (k.conkey))",
    )
    .await;
    let free: BTreeSet<String> = FREE_TEXT.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(bare, free, "add a CHECK to the new column, or take the one that has it now from FREE_TEXT");
    db.close().await.expect("it closes");
}

/// Where a function stands for a table's CHECKs, it holds each of them, and refuses what one of them refuses.
#[tokio::test]
async fn a_table_that_is_checked_by_a_function_is_checked_as_well() {
    let (_lite, lite) = migrated(Kind::Sqlite).await;
    let (_grown, grown) = migrated(Kind::Postgres).await;
    let tables =
        names(&grown, "SELECT replace(proname::text, '_sound', '') AS v FROM pg_proc WHERE proname LIKE '%_sound'").await;
    assert!(tables.contains("ledger_accounts"), "{tables:?}");
    for table in &tables {
        let sql = "SELECT (length(sql) - length(replace(sql, 'CHECK (', ''))) / 7 AS v FROM sqlite_master WHERE name = $1";
        let written: Option<i64> = scalar(lite.read(), sql, vec![table.as_str().into()]).await.expect("it reads");
        let sql = "SELECT CAST((length(prosrc) - length(replace(prosrc, 'IS NOT FALSE', ''))) / 12 AS BIGINT) AS v \
                   FROM pg_proc WHERE proname = $1 || '_sound'";
        let held: Option<i64> = scalar(grown.read(), sql, vec![table.as_str().into()]).await.expect("it reads");
        assert_eq!(written, held, "{table}");
    }
    let account = "INSERT INTO ledger_accounts (kind, owner, asset, normal, line, created_at) VALUES ('wallet', 'x', 'IRT', 'credit', $1, 1)";
    for (line, is_taken) in [(-1_i64, false), (5, false), (0, true)] {
        let row = write_tx(&grown, move |tx| Box::pin(async move { execute(tx, account, vec![line.into()]).await }));
        assert_eq!(row.await.is_ok(), is_taken, "only a credit account has a line, and none below nothing: {line}");
    }
    lite.close().await.expect("it closes");
    grown.close().await.expect("it closes");
}

/// Rows that never change are guarded by triggers, on both databases alike.
#[tokio::test]
async fn both_databases_guard_the_same_tables() {
    let (_lite, lite) = migrated(Kind::Sqlite).await;
    let (_grown, grown) = migrated(Kind::Postgres).await;
    let on_lite = names(&lite, "SELECT DISTINCT tbl_name AS v FROM sqlite_master WHERE type = 'trigger'").await;
    let on_grown = names(&grown, "SELECT DISTINCT tgrelid::regclass::text AS v FROM pg_trigger WHERE NOT tgisinternal").await;
    assert!(on_lite.contains("audit"), "{on_lite:?}");
    assert_eq!(on_lite, on_grown);
    lite.close().await.expect("it closes");
    grown.close().await.expect("it closes");
}

/// The columns of each table.
async fn columns(db: &Db) -> BTreeMap<String, BTreeSet<String>> {
    let sql = match db.read().get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text || '.' || column_name::text AS v FROM information_schema.columns WHERE table_schema = 'public'"
        }
        _ => {
            "SELECT m.name || '.' || c.name AS v FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
    };
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in names(db, sql).await {
        let (table, column) = name.split_once('.').expect("a table and a column");
        tables.entry(table.to_owned()).or_default().insert(column.to_owned());
    }
    tables
}

async fn names(db: &Db, sql: &str) -> BTreeSet<String> {
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let rows = db.read().query_all_raw(statement).await.expect("the catalogue answers");
    rows.iter().map(|row| row.try_get("", "v").expect("a name")).collect()
}
