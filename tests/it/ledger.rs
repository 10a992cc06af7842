//! The ledger's verbs on both databases: what they do, what they refuse, and what they do when many ask at once.
use crate::world::postgres::{Kind, TestDb, fresh};
use futures::future::join_all;
use souk::base::{Asset, Money, Page, PersonId, Time};
use souk::db::{self, Db, write_tx};
use souk::shop::ledger::{
    self, Account, HoldId, HoldState, LedgerError, Leg, Limits, Posted, Reservation, Reversal, State, TransactionId, Transfer,
};
use std::fmt::Write as _;

pub const ADMIN: PersonId = PersonId(1);
pub const NOW: Time = Time(1_000_000);

/// Books of its own for a test.
pub struct Books {
    pub db: Db,
    /// Its drop removes the database.
    _place: TestDb,
}

pub async fn books(kind: Kind) -> Books {
    let place = fresh(kind).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    Books { db, _place: place }
}

pub fn irt(minor: i64) -> Money {
    Money::new(minor, Asset::Irt)
}

pub fn wallet(person: i64) -> Account {
    Account::wallet(PersonId(person), Asset::Irt)
}

pub fn credit(person: i64) -> Account {
    Account::credit(PersonId(person), Asset::Irt)
}

pub fn card() -> Account {
    Account::card("main", Asset::Irt)
}

pub fn revenue() -> Account {
    Account::revenue("vpn", Asset::Irt)
}

pub fn transfer(key: &str, debit: Account, credit: Account, minor: i64) -> Transfer {
    let legs = vec![Leg { debit, credit, amount: irt(minor) }];
    Transfer { key: key.to_owned(), kind: "test", about: format!("about:{key}"), actor: ADMIN, reason: None, legs }
}

pub fn topup(key: &str, person: i64, minor: i64) -> Transfer {
    transfer(key, card(), wallet(person), minor)
}

pub fn sale(key: &str, person: i64, minor: i64) -> Transfer {
    transfer(key, wallet(person), revenue(), minor)
}

pub fn refund(key: &str, person: i64, minor: i64) -> Transfer {
    transfer(key, Account::refunds("vpn", Asset::Irt), wallet(person), minor)
}

pub fn reservation(key: &str, person: i64, minor: i64, expires: Option<Time>) -> Reservation {
    let (debit, credit) = (wallet(person), revenue());
    Reservation { key: key.to_owned(), kind: "sale", about: format!("about:{key}"), debit, credit, amount: irt(minor), expires }
}

/// An agent's top-up under review.
pub fn pending(key: &str, person: i64, minor: i64) -> Reservation {
    let (debit, credit) = (card(), credit(person));
    let about = format!("about:{key}");
    Reservation { key: key.to_owned(), kind: "topup", about, debit, credit, amount: irt(minor), expires: None }
}

pub fn reversal(key: &str) -> Reversal {
    Reversal { key: key.to_owned(), actor: ADMIN, reason: "undo".to_owned() }
}

/// Commits whatever the verb left, also after a refusal, as a caller may who goes on: so a refusal that wrote would show.
macro_rules! verb {
    ($db:expr, $tx:ident => $work:expr) => {{
        let outcome: Result<Result<_, ::souk::shop::ledger::LedgerError>, ::souk::base::Fault> =
            ::souk::db::write_tx($db, move |$tx: &::souk::db::Tx| {
                Box::pin(async move {
                    match $work.await {
                        Err(::souk::shop::ledger::LedgerError::Fault(fault)) => Err(fault),
                        other => Ok(other),
                    }
                })
            })
            .await;
        outcome.unwrap_or_else(|fault| Err(::souk::shop::ledger::LedgerError::Fault(fault)))
    }};
}

pub(crate) use verb;

impl Books {
    pub async fn post(&self, transfer: Transfer) -> Result<Posted, LedgerError> {
        verb!(&self.db, tx => ledger::post(tx, transfer, NOW))
    }

    pub async fn refund(&self, original: TransactionId, transfer: Transfer) -> Result<Posted, LedgerError> {
        verb!(&self.db, tx => ledger::post_against(tx, original, transfer, NOW))
    }

    pub async fn reverse(&self, original: TransactionId, key: &str) -> Result<Posted, LedgerError> {
        let reversal = reversal(key);
        verb!(&self.db, tx => ledger::reverse(tx, original, reversal, NOW))
    }

    pub async fn hold(&self, asked: Reservation) -> Result<ledger::Reserved, LedgerError> {
        verb!(&self.db, tx => ledger::hold(tx, asked, NOW))
    }

    pub async fn post_hold(&self, id: HoldId, minor: i64, now: Time) -> Result<Posted, LedgerError> {
        verb!(&self.db, tx => ledger::post_hold(tx, id, irt(minor), ADMIN, now))
    }

    pub async fn void_hold(&self, id: HoldId, now: Time) -> Result<HoldState, LedgerError> {
        verb!(&self.db, tx => ledger::void_hold(tx, id, now))
    }

    pub async fn expire(&self, now: Time, limit: u32) -> Result<Vec<ledger::Expired>, LedgerError> {
        verb!(&self.db, tx => ledger::expire_holds(tx, now, limit))
    }

    pub async fn set_state(&self, account: Account, state: State) {
        let done = verb!(&self.db, tx => ledger::set_state(tx, &account, state, NOW));
        done.expect("a state can be set");
    }

    pub async fn set_limits(&self, agent: i64, limits: Limits) {
        let account = credit(agent);
        let done = verb!(&self.db, tx => ledger::set_limits(tx, &account, limits, NOW));
        done.expect("limits can be set");
    }

    /// Posted, held and available.
    pub async fn has(&self, account: &Account) -> (i64, i64, i64) {
        let balance = ledger::balance(self.db.read(), account).await.expect("it is read");
        (balance.posted.minor, balance.held.minor, balance.available.minor)
    }

    /// Every row of the ledger, as text.
    pub async fn rows(&self) -> String {
        let mut all = String::new();
        for (table, columns, order) in TABLES {
            let columns = columns.replace(", ", " AS TEXT), '-') || ' ' || COALESCE(CAST(");
            let sql = format!("SELECT COALESCE(CAST({columns} AS TEXT), '-') AS v FROM {table} ORDER BY {order}");
            for row in db::query::<Row>(self.db.read(), &sql, vec![]).await.expect("the rows are read") {
                writeln!(all, "{table} {}", row.v).expect("a string takes it");
            }
        }
        all
    }

    pub async fn is_right(&self) {
        let findings = ledger::verify(self.db.read()).await.expect("it verifies");
        assert!(findings.is_empty(), "{findings:#?}");
    }

    pub async fn close(self) {
        self.is_right().await;
        self.db.close().await.expect("it closes");
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    v: String,
}

const TABLES: [(&str, &str, &str); 4] = [
    (
        "ledger_accounts",
        "id, kind, owner, asset, normal, floor, state, frozen_transaction, frozen_hold, debits_posted, credits_posted, \
         debits_pending, credits_pending, line, pending_per_mille, pending_max, negative_since, owing_since, \
         recovered_at, version, created_at",
        "id",
    ),
    ("ledger_transactions", "id, idem_key, input_hash, kind, about, reverses, against, actor, reason, created_at", "id"),
    ("ledger_entries", "transaction_id, line, account_id, asset, side, amount", "transaction_id, line"),
    (
        "ledger_holds",
        "id, idem_key, input_hash, debit_account, credit_account, asset, amount, state, posted_amount, resolving_tx, kind, \
         about, expires_at, created_at, resolved_at",
        "id",
    ),
];

#[tokio::test]
async fn money_moves_from_the_card_through_the_wallet_to_revenue() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        assert_eq!(books.has(&wallet(7)).await, (0, 0, 0), "no row is zero");
        books.post(topup("t1", 7, 500)).await.expect("a top-up");
        let bought = books.post(sale("s1", 7, 300)).await.expect("a sale");
        assert!(!bought.replay);
        assert_eq!(books.has(&wallet(7)).await, (200, 0, 200));
        assert_eq!(books.has(&card()).await, (500, 0, 500));
        assert_eq!(books.has(&revenue()).await, (300, 0, 300));
        let found = ledger::find(books.db.read(), "s1").await.expect("it is looked for");
        assert_eq!(found, Some(bought.id));
        books.close().await;
    }
}

#[tokio::test]
async fn legs_of_one_transfer_stand_or_fall_together() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        // What comes in with the first leg may go out with the second.
        let mut through = topup("o1", 7, 500);
        through.legs.push(Leg { debit: wallet(7), credit: revenue(), amount: irt(400) });
        through.legs.push(Leg {
            debit: Account::clearing("usdt", Asset::Usdt),
            credit: Account::revenue("vpn", Asset::Usdt),
            amount: Money::new(5, Asset::Usdt),
        });
        books.post(through.clone()).await.expect("all legs");
        assert_eq!(books.has(&wallet(7)).await, (100, 0, 100));
        through.key = "o2".to_owned();
        through.legs[1].amount = irt(601);
        let before = books.rows().await;
        let refused = books.post(through).await;
        assert!(matches!(refused, Err(LedgerError::Short { .. })), "{refused:?}");
        assert_eq!(books.rows().await, before, "{kind:?}");
        books.close().await;
    }
}

/// The same rows as one after the other, and the second is asked of what the first leaves.
#[tokio::test]
async fn two_at_once_are_as_one_after_the_other() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        let two = |n: i64, came: i64, price: i64| [topup(&format!("t{n}"), n, came), sale(&format!("s{n}"), n, price)];
        // Refused or done, as its caller must: a refusal undoes the transaction.
        let both = async |two| {
            write_tx(&books.db, move |tx| {
                Box::pin(async move { ledger::post_two(tx, two, NOW, async |made| Ok::<_, LedgerError>(made)).await })
            })
            .await
        };
        let [came, charge] = both(two(7, 100, 60)).await.expect("it comes, and is spent");
        assert!(came < charge);
        assert_eq!(books.has(&wallet(7)).await, (40, 0, 40));
        assert_eq!((books.has(&card()).await.0, books.has(&revenue()).await.0), (100, 60));
        let replayed = books.post(sale("s7", 7, 60)).await.expect("it was done");
        assert_eq!(replayed, Posted { id: charge, replay: true });
        both(two(7, 100, 60)).await.expect_err("they are not new");
        let before = books.rows().await;
        // What was on the wallet before counts too; a wallet without a row is empty.
        for refused in [[topup("a", 7, 10), sale("b", 7, 51)], two(8, 10, 11)] {
            let refused = both(refused).await;
            assert!(matches!(refused, Err(LedgerError::Short { .. })), "{refused:?}");
        }
        assert_eq!(books.rows().await, before, "{kind:?}");
        both([topup("c", 7, 10), sale("d", 7, 50)]).await.expect("all of it");
        assert_eq!(books.has(&wallet(7)).await, (0, 0, 0));
        books.close().await;
    }
}

#[tokio::test]
async fn a_refusal_leaves_no_trace_and_the_transaction_goes_on() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 100)).await.expect("a top-up");
        let before = books.rows().await;
        let short = books.post(sale("s1", 7, 101)).await;
        match short {
            Err(LedgerError::Short { account, available, wanted }) => {
                assert_eq!((account, available, wanted), (wallet(7), irt(100), irt(101)));
            }
            other => panic!("{other:?}"),
        }
        assert!(
            matches!(books.post(sale("s2", 8, 1)).await, Err(LedgerError::Short { .. })),
            "an account without a row is empty"
        );
        assert!(matches!(books.hold(reservation("h1", 7, 101, None)).await, Err(LedgerError::Short { .. })));
        let other = transfer("t1", card(), wallet(9), 5);
        assert!(matches!(books.post(other).await, Err(LedgerError::KeyReused)), "no row for the new name either");
        let huge = transfer("t3", card(), wallet(7), Money::LIMIT - 100);
        assert!(matches!(books.post(huge).await, Err(LedgerError::Overflow)));
        assert_eq!(books.rows().await, before, "{kind:?}");
        // And in one transaction: refused, then done.
        let done: Result<Posted, LedgerError> = write_tx(&books.db, |tx| {
            Box::pin(async move {
                let refused = ledger::post(tx, sale("s3", 7, 500), NOW).await;
                assert!(matches!(refused, Err(LedgerError::Short { .. })));
                ledger::post(tx, sale("s3", 7, 50), NOW).await
            })
        })
        .await;
        assert!(!done.expect("the key was not burnt").replay);
        assert_eq!(books.has(&wallet(7)).await, (50, 0, 50));
        books.close().await;
    }
}

#[tokio::test]
async fn what_no_caller_may_ask_is_a_fault() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        let mut nothing = topup("a", 7, 5);
        nothing.legs.clear();
        let mut mixed = topup("b", 7, 5);
        mixed.legs[0].amount = Money::new(5, Asset::Usd);
        for wrong in [nothing, mixed, topup("c", 7, 0), topup("d", 7, -5), transfer("e", card(), card(), 5)] {
            let outcome = books.post(wrong).await;
            assert!(matches!(outcome, Err(LedgerError::Fault(_))), "{outcome:?}");
        }
        assert_eq!(books.rows().await, "");
        books.close().await;
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_act() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 100)).await.expect("a top-up");
        let first = books.post(sale("s1", 7, 100)).await.expect("a sale");
        let before = books.rows().await;
        // The wallet is empty now: the replay must win over the shortage.
        let again = books.post(sale("s1", 7, 100)).await.expect("a replay");
        assert_eq!(again, Posted { id: first.id, replay: true });
        for other in [sale("s1", 7, 99), sale("s1", 8, 100), Transfer { about: "else".to_owned(), ..sale("s1", 7, 100) }] {
            assert!(matches!(books.post(other).await, Err(LedgerError::KeyReused)));
        }
        assert_eq!(books.rows().await, before);
        books.close().await;
    }
}

#[tokio::test]
async fn refunds_in_part_never_sum_to_more_than_was_paid() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 100)).await.expect("a top-up");
        let bought = books.post(sale("s1", 7, 100)).await.expect("a sale").id;
        let part = books.refund(bought, refund("r1", 7, 60)).await.expect("a part").id;
        assert!(matches!(books.refund(bought, refund("r2", 7, 41)).await, Err(LedgerError::TooMuch)));
        assert!(matches!(books.reverse(bought, "v1").await, Err(LedgerError::TooMuch)), "refunded in part is not reversed");
        assert!(books.refund(bought, refund("r1", 7, 60)).await.expect("a replay").replay);
        books.refund(bought, refund("r3", 7, 40)).await.expect("the rest");
        assert_eq!(books.has(&wallet(7)).await, (100, 0, 100));
        assert!(books.refund(bought, refund("r1", 7, 60)).await.expect("still a replay").replay);
        assert!(matches!(books.refund(part, refund("r4", 7, 1)).await, Err(LedgerError::Final)));
        // A refund taken back makes room for another.
        books.reverse(part, "v2").await.expect("a refund can be reversed");
        books.refund(bought, refund("r5", 7, 60)).await.expect("again");
        assert_eq!(books.has(&wallet(7)).await, (100, 0, 100));
        books.close().await;
    }
}

#[tokio::test]
async fn a_transaction_is_reversed_once_by_its_mirror() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        let paid = books.post(topup("t1", 7, 100)).await.expect("a top-up").id;
        let spent = books.post(sale("s1", 7, 30)).await.expect("a sale").id;
        assert!(matches!(books.reverse(paid, "v1").await, Err(LedgerError::Short { .. })), "it is spent");
        let undone = books.reverse(spent, "v2").await.expect("a reversal");
        assert!(books.reverse(spent, "v2").await.expect("a replay").replay);
        assert!(matches!(books.reverse(spent, "v3").await, Err(LedgerError::AlreadyReversed)));
        assert!(matches!(books.reverse(undone.id, "v4").await, Err(LedgerError::Final)));
        assert!(matches!(books.refund(spent, refund("r1", 7, 1)).await, Err(LedgerError::AlreadyReversed)));
        books.reverse(paid, "v1").await.expect("now it is there");
        assert_eq!((books.has(&wallet(7)).await, books.has(&card()).await), ((0, 0, 0), (0, 0, 0)));
        books.close().await;
    }
}

#[tokio::test]
async fn a_hold_is_posted_in_part_and_the_rest_is_free_again() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 100)).await.expect("a top-up");
        let held = books.hold(reservation("h1", 7, 80, None)).await.expect("a hold").id;
        assert!(books.hold(reservation("h1", 7, 80, None)).await.expect("a replay").replay);
        assert!(matches!(books.hold(reservation("h1", 7, 79, None)).await, Err(LedgerError::KeyReused)));
        assert_eq!(books.has(&wallet(7)).await, (100, 80, 20));
        assert_eq!(books.has(&revenue()).await, (0, 0, 0));
        assert!(matches!(books.post(sale("s1", 7, 21)).await, Err(LedgerError::Short { .. })));
        assert!(matches!(books.post_hold(held, 81, NOW).await, Err(LedgerError::TooMuch)));
        let posted = books.post_hold(held, 50, NOW).await.expect("a part");
        assert_eq!(books.post_hold(held, 50, NOW).await.expect("a replay"), Posted { id: posted.id, replay: true });
        assert!(matches!(books.post_hold(held, 51, NOW).await, Err(LedgerError::HoldResolved(HoldState::Posted))));
        assert!(matches!(books.void_hold(held, NOW).await, Err(LedgerError::HoldResolved(HoldState::Posted))));
        assert_eq!((books.has(&wallet(7)).await, books.has(&revenue()).await), ((50, 0, 50), (50, 0, 50)));
        books.reverse(posted.id, "v1").await.expect("what a hold posted can be reversed");
        assert_eq!(books.has(&wallet(7)).await, (100, 0, 100));
        books.close().await;
    }
}

#[tokio::test]
async fn a_hold_past_its_end_is_only_released() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 100)).await.expect("a top-up");
        let end = NOW.after(10);
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(books.hold(reservation(&format!("h{n}"), 7, 10, Some(end))).await.expect("a hold").id);
        }
        let kept = books.hold(reservation("kept", 7, 10, None)).await.expect("a hold").id;
        assert!(books.expire(NOW.after(9), 10).await.expect("a sweep").is_empty());
        assert!(matches!(books.post_hold(ids[0], 10, end).await, Err(LedgerError::HoldResolved(HoldState::Expired))));
        assert_eq!(books.void_hold(ids[0], end).await.expect("released"), HoldState::Expired);
        let first = books.expire(end, 2).await.expect("a sweep");
        assert_eq!(first.iter().map(|gone| gone.id).collect::<Vec<_>>(), ids[1..3]);
        assert_eq!(first[0].about, "about:h1");
        assert_eq!(books.expire(end, 10).await.expect("a sweep").len(), 1);
        assert!(books.expire(end, 10).await.expect("a sweep").is_empty());
        assert_eq!(books.has(&wallet(7)).await, (100, 10, 90));
        assert_eq!(books.void_hold(kept, end).await.expect("voided"), HoldState::Voided);
        assert_eq!(books.void_hold(kept, end).await.expect("voided before"), HoldState::Voided);
        assert!(matches!(books.post_hold(kept, 10, NOW).await, Err(LedgerError::HoldResolved(HoldState::Voided))));
        books.close().await;
    }
}

#[tokio::test]
async fn a_frozen_wallet_takes_money_and_gives_only_what_was_held() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        let paid = books.post(topup("t1", 7, 100)).await.expect("a top-up").id;
        let held = books.hold(reservation("h1", 7, 10, None)).await.expect("a hold").id;
        books.set_state(wallet(7), State::Frozen).await;
        let before = books.rows().await;
        books.set_state(wallet(7), State::Frozen).await;
        assert!(matches!(books.post(sale("s1", 7, 1)).await, Err(LedgerError::Frozen(account)) if account == wallet(7)));
        assert!(matches!(books.hold(reservation("h2", 7, 1, None)).await, Err(LedgerError::Frozen(_))));
        assert!(matches!(books.reverse(paid, "v1").await, Err(LedgerError::Frozen(_))));
        assert_eq!(books.rows().await, before);
        books.post_hold(held, 10, NOW).await.expect("promised before");
        books.post(topup("t2", 7, 5)).await.expect("money may come");
        books.set_state(wallet(7), State::Closed).await;
        assert!(matches!(books.post(sale("s1", 7, 1)).await, Err(LedgerError::Frozen(_))));
        books.is_right().await;
        books.set_state(wallet(7), State::Open).await;
        books.post(sale("s1", 7, 95)).await.expect("it is open again");
        books.set_state(wallet(8), State::Frozen).await;
        books.post(topup("t3", 8, 5)).await.expect("frozen before it was used");
        books.close().await;
    }
}

#[tokio::test]
async fn a_statement_shows_the_balance_after_each_line() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        let empty = ledger::statement(books.db.read(), &wallet(7), Page::new(0, 3)).await.expect("it is read");
        assert_eq!((empty.lines.len(), empty.count), (0, 0));
        let mut balance = 0;
        let mut expected = Vec::new();
        for n in 1..=7 {
            let amount = if n % 3 == 0 { -n } else { n * 10 };
            let key = format!("k{n}");
            let act = if amount > 0 { topup(&key, 7, amount) } else { sale(&key, 7, -amount) };
            books.post(act).await.expect("it moves");
            balance += amount;
            expected.push((format!("about:{key}"), amount, balance));
        }
        expected.reverse();
        let mut seen = Vec::new();
        for index in 0..3 {
            let page = ledger::statement(books.db.read(), &wallet(7), Page::new(index, 3)).await.expect("it is read");
            assert_eq!(page.count, 7);
            seen.extend(page.lines.into_iter().map(|line| (line.about, line.amount.minor, line.balance.minor)));
        }
        assert_eq!(seen, expected, "{kind:?}");
        // The card grows on debit.
        let card = ledger::statement(books.db.read(), &card(), Page::new(0, 1)).await.expect("it is read");
        assert_eq!((card.lines[0].amount, card.lines[0].balance), (irt(70), irt(70 + 50 + 40 + 20 + 10)));
        let totals = ledger::totals(books.db.read()).await.expect("they are read");
        let shown: Vec<_> = totals.iter().map(|total| (total.kind.code(), total.accounts, total.posted.minor)).collect();
        assert_eq!(shown, [("wallet", 1, 181), ("card", 1, 190), ("revenue", 1, 9)]);
        books.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_spend_one_wallet_and_only_what_is_there_is_spent() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 1_000)).await.expect("a top-up");
        let spent = join_all((0..64).map(|n| books.post(sale(&format!("s{n}"), 7, 47)))).await;
        let good = spent.iter().filter(|outcome| outcome.is_ok()).count();
        let short = spent.iter().filter(|outcome| matches!(outcome, Err(LedgerError::Short { .. }))).count();
        assert_eq!((good, short), (21, 43), "{kind:?}");
        assert_eq!(books.has(&wallet(7)).await, (1_000 - 21 * 47, 0, 1_000 - 21 * 47));
        books.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_deliveries_of_one_payment_credit_once() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        // The accounts do not exist yet: their rows are raced for, too.
        let posted = join_all((0..50).map(|_| books.post(topup("t1", 7, 100)))).await;
        let posted: Vec<Posted> = posted.into_iter().collect::<Result<_, _>>().expect("first or replay");
        assert_eq!(posted.iter().filter(|one| !one.replay).count(), 1, "{kind:?}");
        assert!(posted.iter().all(|one| one.id == posted[0].id));
        assert_eq!(books.has(&wallet(7)).await, (100, 0, 100));
        let holds = join_all((0..50).map(|_| books.hold(reservation("h1", 7, 100, None)))).await;
        let holds: Vec<_> = holds.into_iter().collect::<Result<Vec<_>, _>>().expect("first or replay");
        assert_eq!(holds.iter().filter(|one| !one.replay).count(), 1, "{kind:?}");
        let resolved = join_all((0..50).map(|_| books.post_hold(holds[0].id, 60, NOW))).await;
        let resolved: Vec<_> = resolved.into_iter().collect::<Result<Vec<_>, _>>().expect("first or replay");
        assert_eq!(resolved.iter().filter(|one| !one.replay).count(), 1, "{kind:?}");
        let undone = join_all((0..20).map(|n| {
            let books = &books;
            let id = resolved[0].id;
            async move { books.reverse(id, &format!("v{n}")).await }
        }))
        .await;
        assert_eq!(undone.iter().filter(|one| one.is_ok()).count(), 1, "{kind:?}");
        assert!(undone.iter().all(|one| matches!(one, Ok(_) | Err(LedgerError::AlreadyReversed))));
        assert_eq!(books.has(&wallet(7)).await, (100, 0, 100));
        books.close().await;
    }
}

/// Nobody has used the accounts yet: whoever makes their rows takes them in the turn in which the others lock them, so nobody waits
/// in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_sales_of_a_shop_may_all_come_at_once() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        for round in 0..8 {
            let revenue = Account::revenue(&format!("trade{round}"), Asset::Irt);
            let mut holds = Vec::new();
            for n in 0..24 {
                let person = round * 100 + n % 12;
                books.post(topup(&format!("b{round}_{n}"), person, 5)).await.expect("a top-up");
                holds.push(books.hold(reservation(&format!("h{round}_{n}"), person, 5, None)).await.expect("it is kept").id);
            }
            let each = (0..24).map(|n| {
                let card = Account::card(&format!("card{round}_{}", n % 5), Asset::Irt);
                let (person, db, held) = (round * 100 + n % 12, &books.db, holds[usize::try_from(n).expect("it is small")]);
                let came = transfer(&format!("t{round}_{n}"), card, wallet(person), 100);
                let spent = transfer(&format!("s{round}_{n}"), wallet(person), revenue.clone(), 60);
                async move {
                    if n % 4 == 1 {
                        // A part of the wallet was kept for it.
                        write_tx(db, move |tx| {
                            Box::pin(async move {
                                ledger::take_first(tx, &[came.legs[0].debit.clone(), wallet(person)], NOW).await?;
                                ledger::void_hold(tx, held, NOW).await?;
                                ledger::post_two(tx, [came, spent], NOW, async |_| Ok::<_, LedgerError>(())).await
                            })
                        })
                        .await
                    } else if n % 4 == 2 {
                        // The careful way, one after the other in one transaction.
                        write_tx(db, move |tx| {
                            Box::pin(async move {
                                ledger::post(tx, came, NOW).await?;
                                ledger::post(tx, spent, NOW).await.map(drop)
                            })
                        })
                        .await
                    } else {
                        let two = [came, spent];
                        write_tx(db, move |tx| {
                            Box::pin(async move { ledger::post_two(tx, two, NOW, async |_| Ok::<_, LedgerError>(())).await })
                        })
                        .await
                    }
                }
            });
            for outcome in join_all(each).await {
                outcome.expect("it comes, and is spent");
            }
            assert_eq!(books.has(&revenue).await.0, 24 * 60, "{kind:?}");
        }
        books.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_at_once_never_give_back_more_than_was_paid() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 100)).await.expect("a top-up");
        let bought = books.post(sale("s1", 7, 100)).await.expect("a sale").id;
        let books = &books;
        let parts = join_all((0..16).map(|n| async move { books.refund(bought, refund(&format!("r{n}"), 7, 30)).await })).await;
        assert_eq!(parts.iter().filter(|one| one.is_ok()).count(), 3, "{kind:?}");
        assert!(parts.iter().all(|one| matches!(one, Ok(_) | Err(LedgerError::TooMuch))));
        assert_eq!(books.has(&wallet(7)).await, (90, 0, 90));
        books.is_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sweeps_and_releases_at_once_release_each_hold_once() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.post(topup("t1", 7, 1_000)).await.expect("a top-up");
        let end = NOW.after(10);
        let mut ids = Vec::new();
        for n in 0..20 {
            ids.push(books.hold(reservation(&format!("h{n}"), 7, 10, Some(end))).await.expect("a hold").id);
        }
        let sweeps = join_all((0..4).map(|_| books.expire(end, 8)));
        let releases = join_all(ids.iter().map(|id| books.void_hold(*id, end)));
        let (sweeps, releases) = tokio::join!(sweeps, releases);
        assert!(sweeps.iter().all(Result::is_ok) && releases.iter().all(|one| matches!(one, Ok(HoldState::Expired))), "{kind:?}");
        assert_eq!(books.has(&wallet(7)).await, (1_000, 0, 1_000));
        books.close().await;
    }
}

#[tokio::test]
async fn a_receipt_that_was_spent_and_then_rejected_leaves_the_account_negative_until_it_is_paid() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        let stands = async |agent| {
            let now = ledger::standing(books.db.read(), &credit(agent)).await.expect("it is read");
            (now.confirmed.minor, now.pending.minor, now.counted.minor, now.left.minor, now.negative_since)
        };
        books.set_limits(9, Limits { line: 20, pending_per_mille: 500, pending_max: 100 }).await;
        let receipt = books.hold(pending("receipt", 9, 60)).await.expect("it is pending").id;
        assert_eq!(stands(9).await, (0, 60, 30, 50, None));
        let more = books.post(transfer("more", credit(9), revenue(), 51)).await;
        assert!(matches!(more, Err(LedgerError::Short { available, .. }) if available == irt(50)), "{kind:?} {more:?}");
        books.post(transfer("all", credit(9), revenue(), 50)).await.expect("a sale");
        assert_eq!(stands(9).await, (-50, 60, 30, 0, None));
        books.void_hold(receipt, NOW.after(5)).await.expect("a rejection is never refused");
        assert_eq!(stands(9).await, (-50, 0, 0, -30, Some(NOW.after(5))));
        let sale = books.post(transfer("one", credit(9), revenue(), 1)).await;
        assert!(matches!(sale, Err(LedgerError::Short { available, .. }) if available == irt(-30)), "{kind:?} {sale:?}");
        let longest = ledger::negative(books.db.read(), NOW.after(5), 10).await.expect("they are read");
        assert_eq!(longest.iter().map(|one| (one.account.clone(), one.at)).collect::<Vec<_>>(), [(credit(9), NOW.after(5))]);
        assert_eq!(ledger::negative(books.db.read(), NOW.after(4), 10).await.expect("they are read"), []);
        books.post(transfer("paid", card(), credit(9), 29)).await.expect("money is always taken");
        assert_eq!(stands(9).await, (-21, 0, 0, -1, Some(NOW.after(5))), "less negative is still negative, and since then");
        books.post(transfer("rest", card(), credit(9), 1)).await.expect("money is always taken");
        assert_eq!(stands(9).await, (-20, 0, 0, 0, None));
        let crossed = ledger::crossed(books.db.read(), NOW).await.expect("they are read");
        assert_eq!(crossed.iter().map(|one| (one.negative_since, one.at)).collect::<Vec<_>>(), [(None, NOW)]);
        books.close().await;
    }
}

#[tokio::test]
async fn lower_limits_are_a_fact_and_no_refusal() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.set_limits(9, Limits { line: 100, ..Limits::default() }).await;
        books.post(transfer("sale", credit(9), revenue(), 100)).await.expect("a sale");
        books.set_limits(9, Limits { line: 30, ..Limits::default() }).await;
        let now = ledger::standing(books.db.read(), &credit(9)).await.expect("it is read");
        assert_eq!((now.left, now.negative_since), (irt(-70), Some(NOW)), "{kind:?}");
        books.is_right().await;
        books.set_limits(9, Limits { line: 100, ..Limits::default() }).await;
        let now = ledger::standing(books.db.read(), &credit(9)).await.expect("it is read");
        assert_eq!((now.left, now.negative_since), (irt(0), None), "{kind:?}");
        let account = wallet(7);
        let limits = Limits { line: 1, ..Limits::default() };
        let refused = verb!(&books.db, tx => ledger::set_limits(tx, &account, limits, NOW));
        assert!(matches!(refused, Err(LedgerError::Fault(_))), "only a credit account has limits");
        books.close().await;
    }
}

#[tokio::test]
async fn sixty_four_spend_one_credit_line_at_once() {
    for kind in Kind::BOTH {
        let books = books(kind).await;
        books.set_limits(9, Limits { line: 100, pending_per_mille: 500, pending_max: 1_000 }).await;
        books.hold(pending("receipt", 9, 50)).await.expect("it is pending");
        let sales = join_all((0..64).map(|n| books.post(transfer(&format!("s{n}"), credit(9), revenue(), 10)))).await;
        assert_eq!(sales.iter().filter(|sale| sale.is_ok()).count(), 12, "{kind:?}: the line and half of the receipt");
        books.close().await;
    }
}
