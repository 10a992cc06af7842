//! How many transfers a second the ledger makes, beside plain SQL that writes the same rows: on one hot wallet, over ten
//! thousand wallets, and between them. Prints a Markdown table; run by `scripts/bench ledger`.
//!
//! `ledger URL [ROUNDS]`: the database is empty at first. Both contestants use the same connections, the same tables with the
//! same indices and triggers, the same accounts, and the same grouping of commits (they go through `write_tx`). Plain SQL
//! knows the accounts' ids, asks nothing, checks nothing, remembers no input: three statements a transfer. They take turns
//! within each round, and change who begins; a ratio is the median of the rounds' ratios. At the end the books must prove
//! themselves, with the rows of both in them.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints, and stops when its ground gives way")]

use futures::future::join_all;
use souk::base::{Asset, Fault, Money, PersonId, Time, task};
use souk::db::{Db, DbKind, Tx, execute, scalar, write_tx};
use souk::shop::ledger::{self, Account, LedgerError, Leg, Transfer};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A fingerprint as long as one.
const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const WALLETS: i64 = 10_000;
const NOW: Time = Time(1_800_000_000_000);
const ROUNDS: usize = 9;
/// What share of plain SQL's rate the ledger must reach, in percent.
const SHARE_MIN: u64 = 50;
/// One contestant's turn.
const TURN: Duration = Duration::from_millis(1_200);
/// What waits for SQLite's one writer; on PostgreSQL no more can be under way than the pool has connections.
const TASKS_SQLITE: i64 = 64;
const TASKS_POSTGRES: i64 = 16;
/// The id of the account that sales go to; wallets have the ids before it.
const REVENUE: i64 = WALLETS + 1;
const CARD: i64 = WALLETS + 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    Hot,
    Sales,
    Gifts,
}

impl Scene {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Hot, "sales from one hot wallet"),
        (Self::Sales, "sales from 10,000 wallets"),
        (Self::Gifts, "from wallet to wallet, 10,000 of them"),
    ];

    /// Who gives and who takes in the n-th transfer, by the ids of their accounts.
    const fn pair(self, n: i64) -> (i64, i64) {
        // Steps that have no factor in common with the number of wallets visit all of them, far apart.
        let from = 1 + (n * 7_919) % WALLETS;
        match self {
            Self::Hot => (1, REVENUE),
            Self::Sales => (from, REVENUE),
            Self::Gifts => (from, 1 + (n * 7_919 + 3_571) % WALLETS),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contestant {
    Ledger,
    Plain,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut args = std::env::args().skip(1);
    let db = Db::connect(&args.next().expect("ledger URL [ROUNDS]")).await.expect("the database opens");
    let rounds = args.next().map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    db.migrate().await.expect("the schema is made");
    furnish(&db).await.expect("wallets");
    let numbers = Arc::new(AtomicI64::new(0));
    println!("| transfers a second | ledger | plain SQL | of it | target |");
    println!("|---|---:|---:|---:|---|");
    for (scene, title) in Scene::ALL {
        let (mut ledger, mut plain, mut per_mille) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=rounds {
            let mut turns = [Contestant::Ledger, Contestant::Plain];
            turns.rotate_left(round % 2);
            let mut rates = [0; 2];
            for contestant in turns {
                rates[usize::from(contestant == Contestant::Plain)] = turn(&db, scene, contestant, &numbers).await;
            }
            // The first round warms up.
            if round > 0 {
                ledger.push(rates[0]);
                plain.push(rates[1]);
                per_mille.push(rates[0] * 1_000 / rates[1].max(1));
            }
        }
        let share = median(per_mille) / 10;
        let verdict = if share >= SHARE_MIN { "reached" } else { "MISSED" };
        println!("| {title} | {} | {} | {share} % | {SHARE_MIN} %: {verdict} |", median(ledger), median(plain));
    }
    let findings = ledger::verify(db.read()).await.expect("it verifies");
    assert!(findings.is_empty(), "the ledger does not hold: {findings:?}");
    let made: Option<i64> =
        scalar(db.read(), "SELECT COUNT(*) AS v FROM ledger_transactions", vec![]).await.expect("they are counted");
    println!("\n{} transactions, and the books hold.", made.unwrap_or_default());
    db.close().await.expect("the database closes");
}

fn median(mut all: Vec<u64>) -> u64 {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// Transfers a second in one turn.
async fn turn(db: &Db, scene: Scene, contestant: Contestant, numbers: &Arc<AtomicI64>) -> u64 {
    let tasks = if db.kind() == DbKind::Sqlite { TASKS_SQLITE } else { TASKS_POSTGRES };
    let (begun, done) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let work = (0..tasks).map(|_| {
        let (db, numbers, done) = (db.clone(), Arc::clone(numbers), Arc::clone(&done));
        task::spawn("transfers", async move {
            while begun.elapsed() < TURN {
                let n = numbers.fetch_add(1, Ordering::Relaxed);
                match contestant {
                    Contestant::Ledger => by_ledger(&db, scene, n).await.expect("a transfer"),
                    Contestant::Plain => by_hand(&db, scene, n).await.expect("a transfer"),
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    join_all(work).await.into_iter().for_each(|end| end.expect("a task ends"));
    done.load(Ordering::Relaxed) * 1_000_000 / u64::try_from(begun.elapsed().as_micros()).expect("a short time").max(1)
}

fn account(id: i64) -> Account {
    if id == REVENUE { Account::revenue("vpn", Asset::Irt) } else { Account::wallet(PersonId(id), Asset::Irt) }
}

async fn by_ledger(db: &Db, scene: Scene, n: i64) -> Result<(), LedgerError> {
    let (from, to) = scene.pair(n);
    let leg = Leg { debit: account(from), credit: account(to), amount: Money::new(1 + n % 977, Asset::Irt) };
    let transfer = Transfer {
        key: format!("order:{n}"),
        kind: "sale",
        about: format!("order:{n}"),
        actor: PersonId(from),
        reason: None,
        legs: vec![leg],
    };
    write_tx(db, move |tx| Box::pin(async move { ledger::post(tx, transfer, NOW).await })).await?;
    Ok(())
}

async fn by_hand(db: &Db, scene: Scene, n: i64) -> Result<(), Fault> {
    let (from, to) = scene.pair(n);
    write_tx(db, move |tx| Box::pin(async move { rows(tx, (from, to), 1 + n % 977, n).await })).await
}

/// The rows of one transfer. Accounts change in the order of their ids, as everybody must do it on PostgreSQL.
async fn rows(tx: &Tx, (from, to): (i64, i64), amount: i64, n: i64) -> Result<(), Fault> {
    let id: Option<i64> = scalar(
        tx,
        "INSERT INTO ledger_transactions (idem_key, input_hash, kind, about, actor, created_at)
         VALUES ($1, $2, 'sale', $1, $3, $4) RETURNING id AS v",
        vec![format!("order:{n}").into(), HASH.into(), from.into(), NOW.into()],
    )
    .await?;
    let entries = "INSERT INTO ledger_entries (transaction_id, line, account_id, asset, side, amount)
         VALUES ($1, 0, $2, 'IRT', 'debit', $4), ($1, 1, $3, 'IRT', 'credit', $4)";
    execute(tx, entries, vec![id.into(), from.into(), to.into(), amount.into()]).await?;
    let accounts = "UPDATE ledger_accounts SET debits_posted = debits_posted + CASE WHEN id = $1 THEN $3 ELSE 0 END,
            credits_posted = credits_posted + CASE WHEN id = $2 THEN $3 ELSE 0 END, version = version + 1
         WHERE id IN ($1, $2)";
    execute(tx, accounts, vec![from.into(), to.into(), amount.into()]).await?;
    Ok(())
}

async fn write(db: &Db, sql: String) -> Result<(), Fault> {
    write_tx(db, move |tx| Box::pin(async move { execute(tx, &sql, vec![]).await.map(drop) })).await
}

/// Wallets with enough on each, brought by a card.
async fn furnish(db: &Db) -> Result<(), Fault> {
    const EACH: i64 = 1_000_000_000_000;
    let (all, numbers) = (
        WALLETS * EACH,
        format!("WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {WALLETS})"),
    );
    for sql in [
        format!(
            "INSERT INTO ledger_accounts (kind, owner, asset, normal, floor, credits_posted, version, created_at)
             {numbers} SELECT 'wallet', CAST(i AS TEXT), 'IRT', 'credit', 0, {EACH}, 1, 0 FROM n ORDER BY i"
        ),
        format!(
            "INSERT INTO ledger_accounts (kind, owner, asset, normal, debits_posted, version, created_at)
             VALUES ('revenue', 'vpn', 'IRT', 'credit', 0, 0, 0), ('card', 'main', 'IRT', 'debit', {all}, {WALLETS}, 0)"
        ),
        format!(
            "INSERT INTO ledger_transactions (idem_key, input_hash, kind, about, actor, created_at)
             {numbers} SELECT 'pay:' || i, '{HASH}', 'topup', 'payment:' || i, 1, 0 FROM n ORDER BY i"
        ),
        format!(
            "INSERT INTO ledger_entries (transaction_id, line, account_id, asset, side, amount)
             {numbers} SELECT i, 0, {CARD}, 'IRT', 'debit', {EACH} FROM n"
        ),
        format!(
            "INSERT INTO ledger_entries (transaction_id, line, account_id, asset, side, amount)
             {numbers} SELECT i, 1, i, 'IRT', 'credit', {EACH} FROM n"
        ),
        "ANALYZE".to_owned(),
    ] {
        write(db, sql).await?;
    }
    Ok(())
}
