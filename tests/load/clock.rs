//! What a tick of the clock costs, with ten thousand services and with a million: it must cost what is due, not what
//! exists. Prints a Markdown table; run by `scripts/bench clock`.
//!
//! `clock URL SERVICES...`: the database is empty at first and is filled up from one size to the next.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops when its ground gives way")]

use souk::base::{DAY, Fault, HOUR, Time};
use souk::db::{Db, execute, write_tx};
use souk::queue;
use souk::shop::catalog::PanelCode;
use souk::shop::{checkout, settings, subscriptions};
use std::future::Future;
use std::time::Instant;

/// The moment at which the bench lives.
const NOW: Time = Time(1_800_000_000_000);
/// Ticks measured at each size; the median counts.
const ROUNDS: usize = 101;
/// Services that are due in the last row.
const DUE: i64 = 100;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let url = args.next().expect("clock URL SERVICES...");
    let sizes: Vec<i64> = args.map(|size| size.parse().expect("a number of services")).collect();
    let db = Db::connect(&url).await.expect("the database opens");
    db.migrate().await.expect("the schema is made");
    ground(&db).await.expect("a shelf");
    println!("| services | empty tick, reading | empty tick, writing | {DUE} due, reminded |");
    println!("|---:|---:|---:|---:|");
    let mut stand = 0;
    for size in sizes {
        fill(&db, stand, size).await.expect("services");
        stand = size;
        let reading = median(|| questions(&db)).await;
        let writing = median(|| sweeps(&db)).await;
        let due = remind(&db).await;
        println!("| {size} | {reading} µs | {writing} µs | {due} µs |");
    }
    db.close().await.expect("the database closes");
}

/// The median of [`ROUNDS`] runs, in microseconds, after one to warm up.
async fn median<F: Future<Output = Result<(), Fault>>>(run: impl Fn() -> F) -> u128 {
    run().await.expect("a tick");
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        run().await.expect("a tick");
        times.push(begun.elapsed().as_micros());
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}

/// Every question that a tick asks before it writes anything.
async fn questions(db: &Db) -> Result<(), Fault> {
    let panel: PanelCode = "p1".parse().map_err(Fault::new)?;
    let mut found = subscriptions::reminders_due(db.read(), NOW, 100).await?.len();
    found += subscriptions::end_due(db.read(), NOW, 100).await?.len();
    found += subscriptions::trials_to_clean(db.read(), NOW, 100).await?.len();
    found += subscriptions::due_for_sync(db.read(), &panel, NOW, 100).await?.len();
    found += checkout::auto_accept_due(db.read(), NOW, 100).await?.len();
    if found > 0 { Err(Fault::new(format!("{found} rows are due in an empty tick"))) } else { Ok(()) }
}

/// The sweeps that ask inside their transaction.
async fn sweeps(db: &Db) -> Result<(), Fault> {
    write_tx::<_, Fault, _>(db, |tx| {
        Box::pin(async move {
            checkout::expire_due(tx, NOW, 100).await?;
            checkout::escalate_due(tx, NOW, 100).await?;
            checkout::tell_late(tx, &settings::load(tx).await?, NOW, 100).await?;
            Ok(())
        })
    })
    .await?;
    queue::prune(db, NOW.after(-DAY), 100).await.map(drop)
}

/// Makes [`DUE`] services due, and reminds their owners in one transaction; microseconds.
async fn remind(db: &Db) -> u128 {
    let soon = NOW.after(HOUR);
    let sql = "UPDATE subscriptions SET check_due = 0, until = $1 WHERE id IN (SELECT id FROM subscriptions WHERE state = 'active' ORDER BY id DESC LIMIT $2)";
    write(db, sql, vec![soon.into(), DUE.into()]).await.expect("some are due");
    let settings = settings::load(db.read()).await.expect("the settings");
    let begun = Instant::now();
    let due = subscriptions::reminders_due(db.read(), NOW, DUE).await.expect("the question");
    assert_eq!(i64::try_from(due.len()), Ok(DUE));
    write_tx::<_, Fault, _>(db, move |tx| {
        Box::pin(async move {
            for id in due {
                subscriptions::remind(tx, id, &settings, NOW).await?;
            }
            Ok(())
        })
    })
    .await
    .expect("reminders");
    begun.elapsed().as_micros()
}

async fn write(db: &Db, sql: &'static str, values: Vec<sea_orm::Value>) -> Result<u64, Fault> {
    write_tx(db, move |tx| Box::pin(async move { execute(tx, sql, values).await })).await
}

async fn ground(db: &Db) -> Result<(), Fault> {
    for sql in [
        "INSERT INTO people (id, name, lang, first_seen) VALUES (1, 'Bench', 'en', 0)",
        "INSERT INTO categories (code, titles, texts, place, state) VALUES ('c', '{}', '{}', 0, 'on')",
        "INSERT INTO locations (code, titles, texts, place, state) VALUES ('l', '{}', '{}', 0, 'on')",
        "INSERT INTO plans (code, category, location, titles, texts, days, traffic_bytes, devices, price, asset, panels, place, state)
         VALUES ('p', 'c', 'l', '{}', '{}', 30, 0, 0, 1000, 'IRT', '[\"p1\"]', 0, 'on')",
        "INSERT INTO panels (code, kind, base_url, username, password_sealed, timeout_ms, protocols, inbounds, state)
         VALUES ('p1', 'marzban', 'http://127.0.0.1:1', 'u', 'v1.x', 1000, '[]', '{}', 'on')",
    ] {
        write(db, sql, vec![]).await?;
    }
    Ok(())
}

/// Living services with nothing due; a tenth of them ended long ago.
async fn fill(db: &Db, from: i64, to: i64) -> Result<(), Fault> {
    let sql = "INSERT INTO subscriptions (id, person, plan, panel, account, kind, state, days, until, traffic_bytes, devices,
            applied, sync_due, check_due, ready_at, created_at)
         WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)
         SELECT i, 1, 'p', 'p1', 's' || i, 'full', CASE WHEN i % 10 = 0 THEN 'ended' ELSE 'active' END, 30, $3 + i, 0, 0,
            1, $3 + i, $3 + i, 0, 0 FROM n";
    write(db, sql, vec![from.into(), to.into(), NOW.after(30 * DAY).into()]).await?;
    write(db, "ANALYZE", vec![]).await.map(drop)
}
