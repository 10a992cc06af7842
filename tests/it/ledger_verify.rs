//! `ledger::verify` finds every kind of corruption, and the database refuses what one row can show.
use crate::ledger::{Books, NOW, books, credit, pending, refund, reservation, revenue, sale, topup, transfer, wallet};
use crate::world::postgres::Kind;
use sea_orm::ConnectionTrait;
use souk::base::Fault;
use souk::db::write_tx;
use souk::shop::ledger::{self, Finding, Limits, State};

/// Books in which everything has happened once.
async fn full_books(kind: Kind) -> Books {
    let books = books(kind).await;
    books.post(topup("t7", 7, 1_000)).await.expect("a top-up");
    books.post(topup("t8", 8, 500)).await.expect("a top-up");
    let bought = books.post(sale("s7", 7, 300)).await.expect("a sale").id;
    books.refund(bought, refund("r7", 7, 100)).await.expect("a refund");
    let mistake = books.post(sale("s8", 8, 200)).await.expect("a sale").id;
    books.reverse(mistake, "v8").await.expect("a reversal");
    let posted = books.hold(reservation("posted", 7, 50, None)).await.expect("a hold").id;
    books.post_hold(posted, 40, NOW).await.expect("a posting");
    let voided = books.hold(reservation("voided", 7, 50, None)).await.expect("a hold").id;
    books.void_hold(voided, NOW).await.expect("a release");
    books.hold(reservation("expired", 7, 50, Some(NOW.after(5)))).await.expect("a hold");
    books.expire(NOW.after(5), 10).await.expect("a sweep");
    books.hold(reservation("open", 7, 60, Some(NOW.after(50)))).await.expect("a hold");
    books.set_state(wallet(8), State::Frozen).await;
    // Last, since the ids of rows are counted above: an agent who spent a receipt that was rejected (account 6).
    books.set_limits(9, Limits { line: 20, pending_per_mille: 500, pending_max: 40 }).await;
    let rejected = books.hold(pending("pending", 9, 60)).await.expect("a hold").id;
    books.post(transfer("s9", credit(9), revenue(), 50)).await.expect("a sale");
    books.void_hold(rejected, NOW).await.expect("a release");
    books.hold(pending("again", 9, 10)).await.expect("a hold");
    books.is_right().await;
    books
}

/// What `verify` says after these statements, which are then undone; or that the database refused one.
async fn after(books: &Books, statements: &'static [&'static str]) -> Result<Vec<Finding>, Fault> {
    enum Undo {
        Found(Vec<Finding>),
        Refused(Fault),
    }
    impl From<Fault> for Undo {
        fn from(fault: Fault) -> Self {
            Self::Refused(fault)
        }
    }
    let undone: Result<(), Undo> = write_tx(&books.db, move |tx| {
        Box::pin(async move {
            for sql in statements {
                tx.execute_unprepared(sql).await.map_err(Fault::from)?;
            }
            Err(Undo::Found(ledger::verify(tx).await?))
        })
    })
    .await;
    match undone {
        Err(Undo::Found(findings)) => Ok(findings),
        Err(Undo::Refused(fault)) => Err(fault),
        Ok(()) => panic!("the corruption was not undone"),
    }
}

/// The ledger's tables, and before them those that refer to them.
const LOOSENED: [&str; 6] =
    ["refunds", "corrections", "ledger_holds", "ledger_entries", "ledger_transactions", "ledger_accounts"];

/// Each table anew, without keys, checks, references and triggers, as a restored or doctored file may be.
async fn loosen(books: &Books) {
    let done: Result<(), Fault> = write_tx(&books.db, |tx| {
        Box::pin(async move {
            let cascade = if tx.get_database_backend() == sea_orm::DbBackend::Postgres { " CASCADE" } else { "" };
            for table in LOOSENED {
                tx.execute_unprepared(&format!("CREATE TABLE loose AS SELECT * FROM {table}")).await?;
                if cascade.is_empty() {
                    for act in ["update", "delete"] {
                        tx.execute_unprepared(&format!("DROP TRIGGER IF EXISTS {table}_no_{act}")).await?;
                    }
                    tx.execute_unprepared("DROP TRIGGER IF EXISTS ledger_holds_resolve_once").await?;
                }
                tx.execute_unprepared(&format!("DROP TABLE {table}{cascade}")).await?;
                tx.execute_unprepared(&format!("ALTER TABLE loose RENAME TO {table}")).await?;
            }
            Ok(())
        })
    })
    .await;
    done.expect("the tables are made anew");
}

/// What is broken, by which statements, and in what the finding's row must begin.
const CORRUPTIONS: &[(&str, &[&str], &str)] = &[
    (
        "I1",
        &["UPDATE ledger_entries SET amount = amount + 1 WHERE line = 0 AND transaction_id = 1"],
        "transaction 1 IRT: off by 1",
    ),
    ("I1", &["DELETE FROM ledger_entries WHERE transaction_id = 2"], "transaction 2"),
    ("I1", &["DELETE FROM ledger_entries WHERE transaction_id = 2 AND line = 1"], "transaction 2"),
    ("I1", &["UPDATE ledger_entries SET amount = -amount WHERE transaction_id = 1"], "transaction 1 line 0: -1000"),
    ("I1", &["UPDATE ledger_entries SET asset = 'USD' WHERE transaction_id = 1"], "transaction 1 line 0: USD on account"),
    ("I1", &["DELETE FROM ledger_transactions WHERE id = 3"], "transaction 3 line 0"),
    ("I1", &["UPDATE ledger_entries SET account_id = 99 WHERE transaction_id = 1 AND line = 0"], "transaction 1 line 0"),
    ("I3", &["UPDATE ledger_transactions SET idem_key = 't7' WHERE id = 2"], "key t7"),
    ("I3", &["UPDATE ledger_holds SET idem_key = 'open' WHERE idem_key = 'voided'"], "key open"),
    ("I3", &["UPDATE ledger_transactions SET input_hash = '' WHERE id = 2"], "transaction 2"),
    ("I4", &["UPDATE ledger_transactions SET reverses = 5, against = NULL WHERE idem_key IN ('v8', 'r7')"], "transaction 5"),
    ("I4", &["UPDATE ledger_transactions SET reverses = 77 WHERE idem_key = 'v8'"], "transaction 6"),
    ("I4", &["UPDATE ledger_transactions SET against = 6 WHERE idem_key = 'r7'"], "transaction 4"),
    ("I4", &["UPDATE ledger_transactions SET against = 1 WHERE idem_key = 'v8'"], "transaction 6"),
    ("I4", &["UPDATE ledger_transactions SET reverses = 1 WHERE idem_key = 'v8'"], "transaction 6 reverses 1"),
    ("I4", &["UPDATE ledger_entries SET amount = 199 WHERE transaction_id = 6"], "transaction 6 reverses 5"),
    ("I4", &["UPDATE ledger_entries SET amount = 301 WHERE transaction_id = 4"], "transaction 3 IRT: refunded 301"),
    ("I4", &["UPDATE ledger_transactions SET reverses = 3 WHERE idem_key = 'v8'"], "transaction 3 IRT: refunded 100"),
    ("I5", &["UPDATE ledger_holds SET posted_amount = 51 WHERE state = 'posted'"], "hold 1 posted: posted 51 of 50"),
    ("I5", &["UPDATE ledger_holds SET state = 'posted' WHERE idem_key = 'voided'"], "hold 2 posted"),
    ("I5", &["UPDATE ledger_holds SET resolved_at = 5 WHERE idem_key = 'open'"], "hold 4 open"),
    ("I5", &["UPDATE ledger_holds SET expires_at = resolved_at WHERE state = 'posted'"], "hold 1 posted"),
    ("I5", &["UPDATE ledger_holds SET expires_at = resolved_at + 1 WHERE state = 'expired'"], "hold 3 expired"),
    (
        "I5",
        &["UPDATE ledger_holds SET state = 'posted', posted_amount = 40, resolving_tx = 7 WHERE idem_key = 'voided'"],
        "transaction 7",
    ),
    ("I5", &["UPDATE ledger_holds SET posted_amount = 39 WHERE state = 'posted'"], "hold 1 transaction 7"),
    (
        "I6",
        &["UPDATE ledger_accounts SET frozen_transaction = 4 WHERE kind = 'wallet' AND owner = '8'"],
        "account 3 transaction 5",
    ),
    (
        "I6",
        &[
            "UPDATE ledger_accounts SET state = 'frozen', frozen_transaction = 9, frozen_hold = 3 WHERE kind = 'wallet' AND owner = '7'",
        ],
        "account 1 hold 4",
    ),
    (
        "I7",
        &["UPDATE ledger_accounts SET credits_posted = credits_posted + 5 WHERE id = 1"],
        "account 1: debits 340 entries 340, credits 1105",
    ),
    ("I7", &["UPDATE ledger_accounts SET debits_pending = debits_pending + 5 WHERE id = 1"], "account 1: debits 65 holds 60"),
    ("I7", &["UPDATE ledger_holds SET state = 'voided', resolved_at = 1 WHERE state = 'open'"], "account 1: debits 60 holds 0"),
    ("I8", &["UPDATE ledger_accounts SET credits_posted = credits_posted + 5 WHERE id = 1"], "IRT: posted off by -5"),
    (
        "I8",
        &["UPDATE ledger_accounts SET debits_pending = debits_pending + 5 WHERE id = 1"],
        "IRT: posted off by 0, pending off by 5",
    ),
    ("I9", &["UPDATE ledger_accounts SET debits_posted = debits_posted + 701 WHERE id = 1"], "account 1 wallet 7"),
    ("I9", &["UPDATE ledger_accounts SET floor = NULL WHERE id = 1"], "account 1 wallet 7"),
    ("I9", &["UPDATE ledger_accounts SET floor = -59 WHERE kind = 'credit'"], "account 6 credit 9: line 20"),
    ("I9", &["UPDATE ledger_accounts SET line = 61 WHERE kind = 'credit'"], "account 6 credit 9: line 61"),
    ("I9", &["UPDATE ledger_accounts SET pending_per_mille = 1001 WHERE kind = 'credit'"], "account 6 credit 9: line 20"),
    ("I9", &["UPDATE ledger_accounts SET line = 5 WHERE id = 1"], "account 1 wallet 7: line 5"),
    ("I9", &["UPDATE ledger_accounts SET floor = -5 WHERE id = 1"], "account 1 wallet 7: line 0"),
    ("I9", &["UPDATE ledger_accounts SET negative_since = NULL WHERE kind = 'credit'"], "account 6 credit 9: negative since 0"),
    ("I9", &["UPDATE ledger_accounts SET recovered_at = 1 WHERE kind = 'credit'"], "account 6 credit 9: negative since"),
    ("I9", &["UPDATE ledger_accounts SET negative_since = 7 WHERE id = 1"], "account 1 wallet 7: negative since 7"),
    ("I9", &["UPDATE ledger_accounts SET line = 45 WHERE kind = 'credit'"], "account 6 credit 9: negative since"),
    ("I9", &["UPDATE ledger_accounts SET owing_since = NULL WHERE kind = 'credit'"], "account 6 credit 9: owing since 0"),
    ("I9", &["UPDATE ledger_accounts SET owing_since = owing_since + 1 WHERE kind = 'credit'"], "account 6 credit 9: owing"),
    ("I9", &["UPDATE ledger_accounts SET owing_since = 7 WHERE id = 1"], "account 1 wallet 7: owing since 7"),
    ("I10", &["UPDATE ledger_accounts SET version = version - 1 WHERE id = 1"], "account 1: version"),
    ("I12", &["UPDATE ledger_accounts SET credits_posted = 4611686018427387904 WHERE id = 2"], "account 2"),
    ("I12", &["UPDATE ledger_accounts SET credits_posted = -1 WHERE id = 2"], "account 2"),
];

#[tokio::test]
async fn every_corruption_is_found_and_its_row_named() {
    for kind in Kind::BOTH {
        let books = full_books(kind).await;
        loosen(&books).await;
        // Alone, the lack of guards is found, and nothing else.
        let bare = after(&books, &[]).await.expect("nothing is done");
        assert!(bare.len() == 6 && bare.iter().all(|finding| finding.invariant == "I2"), "{kind:?} {bare:#?}");
        for (invariant, statements, row) in CORRUPTIONS {
            let found = after(&books, statements).await.unwrap_or_else(|fault| panic!("{kind:?} {statements:?}: {fault}"));
            let hit = found.iter().any(|finding| finding.invariant == *invariant && finding.row.starts_with(row));
            assert!(hit, "{kind:?} {invariant} {row}: after {statements:?} it says {found:#?}");
        }
        books.db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn findings_are_bounded() {
    for kind in Kind::BOTH {
        let books = full_books(kind).await;
        for n in 0..60 {
            books.post(topup(&format!("more{n}"), 7, 1)).await.expect("a top-up");
        }
        loosen(&books).await;
        let found = after(&books, &["UPDATE ledger_entries SET amount = amount + 1 WHERE line = 0"]).await.expect("it is done");
        assert_eq!(found.iter().filter(|finding| finding.invariant == "I1").count(), 50, "{kind:?}");
        books.db.close().await.expect("it closes");
    }
}

#[tokio::test]
async fn a_guard_that_is_gone_is_missed() {
    const SQLITE: &[(&[&str], &str)] = &[
        (&["DROP TRIGGER ledger_entries_no_update"], "ledger_entries_no_update on ledger_entries"),
        (&["DROP TRIGGER ledger_entries_no_delete"], "ledger_entries_no_delete on ledger_entries"),
        (&["DROP TRIGGER ledger_transactions_no_update"], "ledger_transactions_no_update on ledger_transactions"),
        (&["DROP TRIGGER ledger_holds_resolve_once"], "ledger_holds_resolve_once on ledger_holds"),
        (
            &[
                "DROP TRIGGER ledger_holds_no_delete",
                "CREATE TRIGGER ledger_holds_no_delete BEFORE DELETE ON ledger_holds BEGIN SELECT 1; END",
            ],
            "ledger_holds_no_delete on ledger_holds",
        ),
    ];
    const POSTGRES: &[(&[&str], &str)] = &[
        (&["DROP TRIGGER ledger_entries_append_only ON ledger_entries"], "ledger_entries_append_only on ledger_entries"),
        (
            &["ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_no_truncate"],
            "ledger_entries_no_truncate on ledger_entries",
        ),
        (&["DROP TRIGGER ledger_transactions_append_only ON ledger_transactions"], "ledger_transactions_append_only"),
        (&["DROP TRIGGER ledger_holds_resolve_once ON ledger_holds"], "ledger_holds_resolve_once on ledger_holds"),
        (
            &[
                "CREATE OR REPLACE FUNCTION ledger_holds_resolve_once() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            ],
            "ledger_holds_resolve_once on ledger_holds",
        ),
    ];
    for (kind, losses) in [(Kind::Sqlite, SQLITE), (Kind::Postgres, POSTGRES)] {
        let books = full_books(kind).await;
        for (statements, row) in losses {
            let found = after(&books, statements).await.expect("an owner of the database can do it");
            assert!(!found.is_empty() && found.iter().all(|finding| finding.invariant == "I2"), "{found:#?}");
            assert!(found.iter().any(|finding| finding.row.starts_with(row)), "{kind:?} {statements:?}: {found:#?}");
        }
        books.close().await;
    }
}

#[tokio::test]
async fn the_database_itself_refuses_what_a_row_can_show() {
    const REFUSED: &[&[&str]] = &[
        // I2: what happened does not change.
        &["UPDATE ledger_entries SET amount = 1 WHERE transaction_id = 1 AND line = 0"],
        &["DELETE FROM ledger_entries WHERE transaction_id = 1"],
        &["UPDATE ledger_transactions SET reason = 'x' WHERE id = 1"],
        &["DELETE FROM ledger_transactions WHERE id = 1"],
        &["UPDATE ledger_holds SET about = 'x' WHERE state = 'voided'"],
        &["DELETE FROM ledger_holds WHERE state = 'open'"],
        // I1, I3, I4.
        &["INSERT INTO ledger_entries VALUES (1, 9, 1, 'IRT', 'debit', 0)"],
        &["INSERT INTO ledger_entries VALUES (1, 9, 1, 'IRT', 'debit', -5)"],
        &["INSERT INTO ledger_entries VALUES (1, 0, 1, 'IRT', 'debit', 5)"],
        &["INSERT INTO ledger_entries VALUES (77, 0, 1, 'IRT', 'debit', 5)"],
        &["INSERT INTO ledger_entries VALUES (1, 9, 77, 'IRT', 'debit', 5)"],
        &[
            "INSERT INTO ledger_transactions (idem_key, input_hash, kind, about, actor, created_at) VALUES ('t7', 'x', 'x', 'x', 1, 1)",
        ],
        &["INSERT INTO ledger_transactions (idem_key, input_hash, kind, about, reverses, actor, created_at)
            VALUES ('new', 'x', 'x', 'x', 5, 1, 1)"],
        &["INSERT INTO ledger_transactions (idem_key, input_hash, kind, about, reverses, against, actor, created_at)
            VALUES ('new', 'x', 'x', 'x', 1, 1, 1, 1)"],
        // I5.
        &["UPDATE ledger_holds SET state = 'posted', resolved_at = 1 WHERE idem_key = 'open'"],
        &[
            "UPDATE ledger_holds SET state = 'posted', resolved_at = 1, posted_amount = 61, resolving_tx = 1 WHERE idem_key = 'open'",
        ],
        &[
            "UPDATE ledger_holds SET state = 'posted', resolved_at = 1, posted_amount = 40, resolving_tx = 7 WHERE idem_key = 'open'",
        ],
        &["UPDATE ledger_holds SET state = 'voided' WHERE idem_key = 'open'"],
        &["UPDATE ledger_holds SET state = 'lost' WHERE idem_key = 'open'"],
        &["UPDATE ledger_holds SET credit_account = debit_account WHERE idem_key = 'open'"],
        // I6, I9, I12.
        &["UPDATE ledger_accounts SET line = 5 WHERE id = 1"],
        &["UPDATE ledger_accounts SET negative_since = 5 WHERE id = 1"],
        &["UPDATE ledger_accounts SET negative_since = NULL WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET recovered_at = 5 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET owing_since = 5 WHERE id = 1"],
        &["UPDATE ledger_accounts SET owing_since = owing_since + 1 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET floor = -59 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET line = -1, floor = -100 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET pending_per_mille = 1001 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET debits_posted = debits_posted + 11 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET credits_posted = credits_posted + 50 WHERE kind = 'credit'"],
        &["UPDATE ledger_accounts SET state = 'frozen' WHERE id = 1"],
        &["UPDATE ledger_accounts SET debits_posted = debits_posted + 701 WHERE id = 1"],
        &["UPDATE ledger_accounts SET debits_pending = debits_pending + 701 WHERE id = 1"],
        &["UPDATE ledger_accounts SET credits_posted = 4611686018427387904 WHERE id = 2"],
        &["UPDATE ledger_accounts SET credits_posted = -1 WHERE id = 2"],
        &["UPDATE ledger_accounts SET kind = 'wallet', owner = '7' WHERE id = 3"],
    ];
    const TRUNCATED: &[&[&str]] =
        &[&["TRUNCATE ledger_entries"], &["TRUNCATE ledger_transactions CASCADE"], &["TRUNCATE ledger_holds CASCADE"]];
    for kind in Kind::BOTH {
        let books = full_books(kind).await;
        let before = books.rows().await;
        // SQLite knows no TRUNCATE.
        let only = if kind == Kind::Postgres { TRUNCATED } else { &[] };
        for statements in REFUSED.iter().chain(only) {
            let outcome = after(&books, statements).await;
            assert!(outcome.is_err(), "{kind:?}: {statements:?} was done, and verify says {outcome:?}");
        }
        assert_eq!(books.rows().await, before);
        books.close().await;
    }
}
