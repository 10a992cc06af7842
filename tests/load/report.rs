//! How much memory an export needs, with ten thousand transfers and with a million: as much for both. Prints rows of a Markdown
//! table; run by `scripts/bench report`.
//!
//! `report fill URL TRANSFERS`: a new database with so many transfers in a day. `report measure URL`: exports that day as a
//! workbook and as a CSV, in a process of its own, so that its peak is the export's.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops when its ground gives way")]

use souk::base::format::Voice;
use souk::base::{Asset, DAY, Fault, Lang, Time};
use souk::db::{Db, execute, scalar, write_tx};
use souk::shop::reports::{self, Draft, Form, Look, Sheet, Span};
use std::time::Instant;

/// The last moment of the day in which everything moves, in UTC.
const NOW: Time = Time(20_800 * DAY + DAY - 1);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let db = Db::connect(args.get(1).expect("report fill|measure URL")).await.expect("the database opens");
    match args.first().map(String::as_str) {
        Some("fill") => {
            let count = args.get(2).and_then(|count| count.parse().ok()).expect("a number of transfers");
            db.migrate().await.expect("the schema is made");
            fill(&db, count).await.expect("transfers");
        }
        _ => measure(&db).await,
    }
    db.close().await.expect("the database closes");
}

async fn measure(db: &Db) {
    let count: Option<i64> =
        scalar(db.read(), "SELECT COUNT(*) AS v FROM ledger_transactions", vec![]).await.expect("they are counted");
    for form in [Form::Csv, Form::Workbook] {
        let before = peak();
        let begun = Instant::now();
        let bytes = export(db, form).await.expect("an export");
        println!(
            "| {} | {form:?} | {} s | {} MB | {} MB | {} MB |",
            count.unwrap_or_default(),
            begun.elapsed().as_secs(),
            bytes >> 20,
            before >> 10,
            peak() >> 10
        );
    }
}

async fn export(db: &Db, form: Form) -> Result<u64, Fault> {
    let voice = Voice::new(Lang::En, chrono_tz::UTC, NOW);
    let draft = Draft::begin(Look { form, voice, name: "bench".to_owned() });
    let period = Span::Today.period(voice.zone, NOW);
    let read = reports::export((db, &voice), Asset::Irt, &period, &[Sheet::Transfers], &draft).await;
    Ok(draft.finish(read).await?.bytes)
}

/// The most memory that this process has held, in KB, as Linux counts it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

async fn write(db: &Db, sql: &'static str, values: Vec<sea_orm::Value>) -> Result<(), Fault> {
    write_tx(db, move |tx| Box::pin(async move { execute(tx, sql, values).await.map(drop) })).await
}

/// Top-ups of ten thousand wallets, from one card.
async fn fill(db: &Db, count: i64) -> Result<(), Fault> {
    let wallets = "INSERT INTO ledger_accounts (id, kind, owner, asset, normal, created_at)
         WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         SELECT i, 'wallet', CAST(i AS TEXT), 'IRT', 'credit', 0 FROM n";
    write(db, wallets, vec![]).await?;
    let card = "INSERT INTO ledger_accounts (id, kind, owner, asset, normal, created_at) VALUES (10001, 'card', 'main', 'IRT', 'debit', 0)";
    write(db, card, vec![]).await?;
    let transactions = "INSERT INTO ledger_transactions (id, idem_key, input_hash, kind, about, actor, created_at)
         WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         SELECT i, 'b' || i, 'h', 'topup', 'payment:' || i, 7, $2 + i * 50 FROM n";
    write(db, transactions, vec![count.into(), NOW.after(1 - DAY).into()]).await?;
    for (line, side, account) in [(0_i64, "debit", "10001"), (1, "credit", "1 + id % 10000")] {
        let entries = format!(
            "INSERT INTO ledger_entries (transaction_id, line, account_id, asset, side, amount)
             SELECT id, {line}, {account}, 'IRT', '{side}', 1000 + id % 977 FROM ledger_transactions"
        );
        write_tx::<_, Fault, _>(db, move |tx| Box::pin(async move { execute(tx, &entries, vec![]).await.map(drop) })).await?;
    }
    write(db, "ANALYZE", vec![]).await
}
