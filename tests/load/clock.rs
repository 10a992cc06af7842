//! What a tick of the clock costs, with ten thousand services of a hundred agents and with a million of ten thousand: it must
//! cost what is due, not what exists. Prints a Markdown table; run by `scripts/bench clock`.
//!
//! `clock URL SERVICES...`: the database is empty at first and is filled up from one size to the next.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops when its ground gives way")]

use souk::base::{DAY, Fault, HOUR, MINUTE, PersonId, Time};
use souk::db::{Db, execute, write_tx};
use souk::queue;
use souk::shop::catalog::PanelCode;
use souk::shop::{agents, checkout, ledger, settings, subscriptions};
use std::future::Future;
use std::time::Instant;

/// The moment at which the bench lives.
const NOW: Time = Time(1_800_000_000_000);
/// Ticks measured at each size; the median counts.
const ROUNDS: usize = 101;
/// Services that are due in the last row.
const DUE: i64 = 100;
/// Each agent has sold so many; a tenth of them have ended.
const SERVICES_EACH: i64 = 100;
const FIRST_AGENT: i64 = 1_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let url = args.next().expect("clock URL SERVICES...");
    let sizes: Vec<i64> = args.map(|size| size.parse().expect("a number of services")).collect();
    let db = Db::connect(&url).await.expect("the database opens");
    db.migrate().await.expect("the schema is made");
    ground(&db).await.expect("a shelf");
    println!(
        "| services | empty tick, reading | empty tick, writing | {DUE} due, reminded | credit tick, nobody due | one agent cut off |"
    );
    println!("|---:|---:|---:|---:|---:|---:|");
    let mut stand = 0;
    for size in sizes {
        fill(&db, stand, size).await.expect("services");
        stand = size;
        let reading = median(|| questions(&db)).await;
        let writing = median(|| sweeps(&db)).await;
        let due = remind(&db).await;
        let credit = median(|| credit(&db)).await;
        let cut = cut(&db, FIRST_AGENT + size / SERVICES_EACH - 1).await;
        println!("| {size} | {reading} µs | {writing} µs | {due} µs | {credit} µs | {cut} µs |");
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
            checkout::expire_saved(tx, NOW, 100).await?;
            checkout::escalate_due(tx, NOW, 100).await?;
            checkout::tell_late(tx, &settings::load(tx).await?, NOW, 100).await?;
            Ok(())
        })
    })
    .await?;
    queue::prune(db, NOW.after(-DAY), 100).await.map(drop)
}

/// What the line about agents' credit asks each minute.
async fn credit(db: &Db) -> Result<(), Fault> {
    let mut found = ledger::crossed(db.read(), NOW.after(-15 * MINUTE)).await?.len();
    found += agents::due(db.read(), NOW, 100).await?.len();
    if found > 0 { Err(Fault::new(format!("{found} agents are due in an empty tick"))) } else { Ok(()) }
}

/// Puts an agent below zero for longer than the grace, and cuts him off as the clock does: the tick finds him alone, and
/// touches his services alone; microseconds.
async fn cut(db: &Db, agent: i64) -> u128 {
    let since = NOW.after(-25 * HOUR);
    let below = "UPDATE ledger_accounts SET debits_posted = 1, floor = -1, negative_since = $2, owing_since = $2
        WHERE kind = 'credit' AND owner = $1";
    write(db, below, vec![agent.to_string().into(), since.into()]).await.expect("he is below zero");
    let told = "INSERT INTO credit_episodes (agent, since, stage, due, told_at) VALUES ($1, $2, 'last', $3, $2)";
    write(db, told, vec![agent.into(), since.into(), NOW.after(-HOUR).into()]).await.expect("he was told");
    let settings = settings::load(db.read()).await.expect("the settings");
    let begun = Instant::now();
    let due = agents::due(db.read(), NOW, 100).await.expect("the question");
    let which = due.first().map(|episode| (episode.agent, episode.since)).expect("one is due");
    assert_eq!((due.len(), which), (1, (PersonId(agent), since)));
    let step = write_tx::<_, Fault, _>(db, move |tx| {
        Box::pin(async move {
            let step = agents::advance(tx, which, &settings, NOW).await?;
            agents::cut_some(tx, which, &settings, NOW).await?;
            Ok(step)
        })
    });
    assert_eq!(step.await.expect("the cut"), agents::Step::CutOff);
    let took = begun.elapsed().as_micros();
    let off = "SELECT COUNT(*) AS v FROM subscriptions WHERE off_for = 'credit' AND agent = $1";
    let off: Option<i64> = souk::db::scalar(db.read(), off, vec![agent.into()]).await.expect("they are counted");
    assert_eq!(off, Some(SERVICES_EACH * 9 / 10));
    // He has paid by the next size.
    let good = "UPDATE ledger_accounts SET debits_posted = 0, negative_since = NULL, owing_since = NULL
        WHERE kind = 'credit' AND owner = $1";
    write(db, good, vec![agent.to_string().into()]).await.expect("he is good again");
    took
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
        "INSERT INTO agent_tiers (code, titles, line, pending_percent, overdraft, plans, prices, place, state)
         VALUES ('t', '{}', 0, 0, 0, '[]', '{}', 0, 'on')",
    ] {
        write(db, sql, vec![]).await?;
    }
    Ok(())
}

/// Agents, and living services of theirs with nothing due; a tenth of them ended long ago.
async fn fill(db: &Db, from: i64, to: i64) -> Result<(), Fault> {
    let agents = [from, to].map(|services| (FIRST_AGENT + services / SERVICES_EACH).into()).to_vec();
    for sql in [
        "INSERT INTO people (id, name, first_seen)
         WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2) SELECT i, 'x', 0 FROM n",
        "INSERT INTO agent_applications (id, person, first_name, last_name, phone, shop_name, province, city, address, state,
            submitted_at, decided_at) SELECT id, id, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'accepted', 0, 0 FROM people
         WHERE id >= $1 AND id < $2",
        "INSERT INTO agents (person, application, tier, state, prices, since) SELECT id, id, 't', 'active', '{}', 0 FROM people
         WHERE id >= $1 AND id < $2",
        "INSERT INTO ledger_accounts (kind, owner, asset, normal, floor, created_at)
         SELECT 'credit', CAST(id AS TEXT), 'IRT', 'credit', 0, 0 FROM people WHERE id >= $1 AND id < $2",
    ] {
        write(db, sql, agents.clone()).await?;
    }
    let sql = "INSERT INTO subscriptions (id, person, plan, panel, account, kind, state, days, until, traffic_bytes, devices,
            applied, sync_due, check_due, ready_at, created_at, agent)
         WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2)
         SELECT i, 1, 'p', 'p1', 's' || i, 'full', CASE WHEN i % 10 = 0 THEN 'ended' ELSE 'active' END, 30, $3 + i, 0, 0,
            1, $3 + i, $3 + i, 0, 0, $4 + i / $5 FROM n";
    let values = vec![from.into(), to.into(), NOW.after(30 * DAY).into(), FIRST_AGENT.into(), SERVICES_EACH.into()];
    write(db, sql, values).await?;
    write(db, "ANALYZE", vec![]).await.map(drop)
}
