//! Random histories, played against the model and against both databases. After every step the invariants are verified,
//! every balance is the model's, and what was refused has left every row as it was. A history that fails is made as short
//! as it can be and printed with its seed; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` choose others than the usual ones.
use crate::ledger::{ADMIN, Books, books, card, credit, irt, refund, revenue, reversal, verb, wallet};
use crate::ledger_model::{Act, Answer, Model, through};
use crate::world::postgres::Kind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use souk::base::{Money, Page, Time};
use souk::shop::ledger::{self, Account, HoldId, LedgerError, Leg, Limits, Posted, Reservation, State, TransactionId, Transfer};
use std::collections::HashMap;

/// A step before it is known to what it refers: a number picks among what there is by then.
#[derive(Debug, Clone)]
enum Step {
    Topup(i64, i64),
    Sale(i64, i64),
    Through(i64, i64),
    Gift(i64, i64, i64),
    /// As much as an account can hold.
    Flood(i64),
    Hold(i64, i64, Option<i64>),
    PostHold(usize, i64),
    VoidHold(usize),
    Expire(usize),
    Wait(i64),
    Reverse(usize),
    Refund(usize, i64, i64),
    /// An earlier act arrives again, whatever became of it.
    Again(usize),
    /// Another act under the key of an earlier one.
    Reuse(usize, i64, i64),
    SetState(i64, bool, State),
    /// A sale on an agent's credit account.
    OnCredit(i64, i64),
    /// The same, held first.
    HoldCredit(i64, i64),
    /// An agent's top-up under review.
    Pend(i64, i64),
    SetLimits(i64, Limits),
    /// Two at once.
    Pair(Box<Step>, Box<Step>),
    /// One act, twice at once.
    Twice(Box<Step>),
}

fn limits() -> impl Strategy<Value = Limits> {
    let per_mille = prop_oneof![Just(0), Just(333), Just(500), Just(1_000)];
    (0..60_i64, per_mille, 0..60_i64).prop_map(|(line, pending_per_mille, pending_max)| Limits {
        line,
        pending_per_mille,
        pending_max,
    })
}

fn alone() -> impl Strategy<Value = Step> {
    let (person, amount) = (1..3_i64, 1..80_i64);
    let state = prop_oneof![4 => Just(State::Open), 2 => Just(State::Frozen), 1 => Just(State::Closed)];
    prop_oneof![
        9 => (person.clone(), 1..400_i64).prop_map(|(p, a)| Step::Topup(p, a)),
        6 => (person.clone(), amount.clone()).prop_map(|(p, a)| Step::Sale(p, a)),
        2 => (person.clone(), amount.clone()).prop_map(|(p, a)| Step::Through(p, a)),
        2 => (person.clone(), person.clone(), amount.clone()).prop_map(|(p, q, a)| Step::Gift(p, q, a)),
        1 => (person.clone(), 0..3_u8).prop_map(|(p, rare)| if rare == 0 { Step::Flood(p) } else { Step::Topup(p, 200) }),
        8 => (person.clone(), 1..40_i64, proptest::option::of(0..40_i64)).prop_map(|(p, a, e)| Step::Hold(p, a, e)),
        6 => (any::<usize>(), 1..40_i64).prop_map(|(n, a)| Step::PostHold(n, a)),
        4 => any::<usize>().prop_map(Step::VoidHold),
        4 => any::<usize>().prop_map(Step::Reverse),
        7 => (any::<usize>(), person.clone(), amount.clone()).prop_map(|(n, p, a)| Step::Refund(n, p, a)),
        4 => any::<usize>().prop_map(Step::Again),
        2 => (any::<usize>(), person.clone(), amount).prop_map(|(n, p, a)| Step::Reuse(n, p, a)),
        2 => (person.clone(), any::<bool>(), state).prop_map(|(p, c, s)| Step::SetState(p, c, s)),
        6 => (person.clone(), 1..40_i64).prop_map(|(p, a)| Step::OnCredit(p, a)),
        2 => (person.clone(), 1..40_i64).prop_map(|(p, a)| Step::HoldCredit(p, a)),
        7 => (person.clone(), 1..80_i64).prop_map(|(p, a)| Step::Pend(p, a)),
        4 => (person, limits()).prop_map(|(p, l)| Step::SetLimits(p, l)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        14 => alone(),
        2 => (1..5_usize).prop_map(Step::Expire),
        2 => (1..30_i64).prop_map(Step::Wait),
        4 => (alone(), alone()).prop_map(|(a, b)| Step::Pair(Box::new(a), Box::new(b))),
        2 => alone().prop_map(|a| Step::Twice(Box::new(a))),
    ]
}

/// The names of a history's acts so far, and what the database called them.
#[derive(Default)]
struct History {
    acts: Vec<Act>,
    transactions: HashMap<String, TransactionId>,
    holds: HashMap<String, HoldId>,
}

/// One of the last four: what happened lately is what acts meet in.
fn pick<T: Clone>(all: &[T], number: usize) -> Option<T> {
    let near = all.len().min(4);
    if near == 0 { None } else { all.get(all.len() - 1 - number % near).cloned() }
}

impl History {
    /// The step as an act; `None` when there is nothing yet to which it could refer. `n` makes its key.
    fn act(&self, step: &Step, model: &Model, n: usize) -> Option<Act> {
        let key = format!("k{n}");
        let post = |key: String, debit, credit, amount| Act::Post { key, legs: vec![(debit, credit, amount)] };
        Some(match *step {
            Step::Topup(person, amount) => post(key, card(), wallet(person), amount),
            Step::Sale(person, amount) => post(key, wallet(person), revenue(), amount),
            Step::Through(person, amount) => Act::Post { key, legs: through(person, amount) },
            Step::Gift(from, to, amount) if from != to => post(key, wallet(from), wallet(to), amount),
            Step::Flood(person) => post(key, card(), wallet(person), Money::LIMIT - 1),
            Step::Hold(person, amount, wait) => {
                let (debit, credit, expires) = (wallet(person), revenue(), wait.map(|wait| model.now + wait));
                Act::Hold { key, debit, credit, amount, expires }
            }
            Step::HoldCredit(person, amount) => {
                Act::Hold { key, debit: credit(person), credit: revenue(), amount, expires: None }
            }
            Step::Pend(person, amount) => Act::Hold { key, debit: card(), credit: credit(person), amount, expires: None },
            Step::OnCredit(person, amount) => post(key, credit(person), revenue(), amount),
            Step::SetLimits(person, limits) => Act::SetLimits { person, limits },
            Step::PostHold(number, amount) => Act::PostHold { hold: pick(&model.holds(), number)?, amount },
            Step::VoidHold(number) => Act::VoidHold { hold: pick(&model.holds(), number)? },
            Step::Expire(limit) => Act::Expire { limit },
            Step::Reverse(number) => Act::Reverse { key, of: pick(&model.transactions(), number)? },
            Step::Refund(number, person, amount) => Act::Refund { key, of: pick(&model.transactions(), number)?, person, amount },
            Step::Again(number) => pick(&self.acts, number)?,
            Step::Reuse(number, person, amount) => match pick(&self.acts, number)? {
                Act::Hold { key, expires, .. } => Act::Hold { key, debit: wallet(person), credit: revenue(), amount, expires },
                Act::Post { key, .. } | Act::Refund { key, .. } | Act::Reverse { key, .. } => {
                    post(key, card(), wallet(person), amount)
                }
                _ => return None,
            },
            Step::SetState(person, on_credit, state) => {
                Act::SetState { account: if on_credit { credit(person) } else { wallet(person) }, state }
            }
            Step::Gift(..) | Step::Wait(_) | Step::Pair(..) | Step::Twice(_) => return None,
        })
    }

    /// Remembers what the database called it; a replay must be called as before.
    fn learn(&mut self, done: &[Done]) {
        for one in done.iter().filter(|one| !one.replay()) {
            match &one.name {
                Some(Name::Transaction(key, id)) => drop(self.transactions.insert(key.clone(), *id)),
                Some(Name::Hold(key, id)) => drop(self.holds.insert(key.clone(), *id)),
                None => {}
            }
        }
        for one in done {
            match &one.name {
                Some(Name::Transaction(key, id)) => assert_eq!(self.transactions.get(key), Some(id), "{key}"),
                Some(Name::Hold(key, id)) => assert_eq!(self.holds.get(key), Some(id), "{key}"),
                None => {}
            }
        }
    }

    async fn play(&self, books: &Books, act: Act, now: i64) -> Done {
        loop {
            let done = self.try_once(books, act.clone(), now).await;
            if done.answer != Answer::Again {
                return done;
            }
        }
    }

    async fn try_once(&self, books: &Books, act: Act, now: i64) -> Done {
        let (db, now) = (&books.db, Time(now));
        match act {
            Act::Post { key, legs } => {
                let transfer = transfer_of(&key, legs);
                Done::posted(key, verb!(db, tx => ledger::post(tx, transfer, now)))
            }
            Act::Refund { key, of, person, amount } => {
                let (original, transfer) = (self.transactions[&of], refund(&key, person, amount));
                Done::posted(key, verb!(db, tx => ledger::post_against(tx, original, transfer, now)))
            }
            Act::Reverse { key, of } => {
                let (original, reversal) = (self.transactions[&of], reversal(&key));
                Done::posted(key, verb!(db, tx => ledger::reverse(tx, original, reversal, now)))
            }
            Act::Hold { key, debit, credit, amount, expires } => {
                let about = format!("about:{key}");
                let (amount, expires) = (irt(amount), expires.map(Time));
                let asked = Reservation { key: key.clone(), kind: "sale", about, debit, credit, amount, expires };
                let outcome: Result<ledger::Reserved, LedgerError> = verb!(db, tx => ledger::hold(tx, asked, now));
                Done::of(outcome, |held| (Answer::Done { replay: held.replay }, Some(Name::Hold(key, held.id))))
            }
            Act::PostHold { hold, amount } => {
                let id = self.holds[&hold];
                Done::posted(format!("hold:{hold}"), verb!(db, tx => ledger::post_hold(tx, id, irt(amount), ADMIN, now)))
            }
            Act::VoidHold { hold } => {
                let id = self.holds[&hold];
                let outcome = verb!(db, tx => ledger::void_hold(tx, id, now));
                Done::of(outcome, |state| (Answer::Released(state), None))
            }
            Act::Expire { limit } => {
                let limit = u32::try_from(limit).expect("a small number");
                let outcome: Result<Vec<ledger::Expired>, LedgerError> = verb!(db, tx => ledger::expire_holds(tx, now, limit));
                let key = |gone: ledger::Expired| gone.about.trim_start_matches("about:").to_owned();
                Done::of(outcome, |gone| (Answer::Expired(gone.into_iter().map(key).collect()), None))
            }
            Act::SetLimits { person, limits } => {
                let account = credit(person);
                let outcome = verb!(db, tx => ledger::set_limits(tx, &account, limits, now));
                Done::of(outcome, |()| (Answer::Done { replay: false }, None))
            }
            Act::SetState { account, state } => {
                let outcome = verb!(db, tx => ledger::set_state(tx, &account, state, now));
                Done::of(outcome, |()| (Answer::Done { replay: false }, None))
            }
        }
    }
}

fn transfer_of(key: &str, legs: Vec<(Account, Account, i64)>) -> Transfer {
    let leg = |(debit, credit, minor): (Account, Account, i64)| Leg { amount: Money::new(minor, debit.asset), debit, credit };
    let legs = legs.into_iter().map(leg).collect();
    Transfer { key: key.to_owned(), kind: "test", about: format!("about:{key}"), actor: ADMIN, reason: None, legs }
}

enum Name {
    Transaction(String, TransactionId),
    Hold(String, HoldId),
}

/// What the database answered.
struct Done {
    answer: Answer,
    name: Option<Name>,
}

impl Done {
    fn of<T>(outcome: Result<T, LedgerError>, good: impl FnOnce(T) -> (Answer, Option<Name>)) -> Self {
        let (answer, name) = outcome.map_or_else(|error| (Answer::refused(error), None), good);
        Self { answer, name }
    }

    fn posted(key: String, outcome: Result<Posted, LedgerError>) -> Self {
        Self::of(outcome, |posted| (Answer::Done { replay: posted.replay }, Some(Name::Transaction(key, posted.id))))
    }

    fn replay(&self) -> bool {
        self.answer == Answer::Done { replay: true }
    }
}

async fn same(books: &Books, model: &Model) -> bool {
    for account in model.accounts() {
        if books.has(&account).await != model.has(&account) {
            return false;
        }
        if account.kind == ledger::Kind::Credit {
            let now = ledger::standing(books.db.read(), &account).await.expect("it is read");
            let [since, owing] = [now.negative_since, now.owing_since].map(|time| time.map(|time| time.0));
            if (now.confirmed.minor, now.pending.minor, now.left.minor, since, owing) != model.stands(&account) {
                return false;
            }
        }
    }
    let crossed = ledger::crossed(books.db.read(), Time(0)).await.expect("they are read");
    let mut crossed: Vec<_> =
        crossed.into_iter().map(|one| (one.account.to_string(), one.negative_since.is_some(), one.at.0)).collect();
    crossed.sort();
    crossed == model.crossings()
}

/// Plays one step; afterwards the model is where the database must be.
async fn take(books: &Books, history: &mut History, model: &mut Model, step: &Step, n: usize) {
    let acts: Vec<Act> = match step {
        Step::Wait(ms) => {
            model.now += ms;
            Vec::new()
        }
        Step::Pair(a, b) => [(a, n), (b, n + 500_000)].into_iter().filter_map(|(one, n)| history.act(one, model, n)).collect(),
        Step::Twice(one) => history.act(one, model, n).map(|act| vec![act.clone(), act]).unwrap_or_default(),
        one => history.act(one, model, n).into_iter().collect(),
    };
    let now = model.now;
    match acts.as_slice() {
        [] => {}
        [act] => {
            let expected = model.play(act);
            let done = history.play(books, act.clone(), now).await;
            assert_eq!(done.answer, expected, "step {n}: {act:?}");
            history.learn(&[done]);
        }
        [a, b, ..] => {
            let (first, second) = tokio::join!(history.play(books, a.clone(), now), history.play(books, b.clone(), now));
            let (mut forth, mut back) = (model.clone(), model.clone());
            let expected_forth = (forth.play(a), forth.play(b));
            let last = back.play(b);
            let expected_back = (back.play(a), last);
            let seen = (first.answer.clone(), second.answer.clone());
            if seen == expected_forth && same(books, &forth).await {
                *model = forth;
            } else if seen == expected_back && same(books, &back).await {
                *model = back;
            } else {
                panic!("step {n}: {a:?} and {b:?} at once gave {seen:?}: neither {expected_forth:?} nor {expected_back:?}");
            }
            history.learn(&[first, second]);
        }
    }
    history.acts.extend(acts);
}

async fn holds_true(books: &Books, model: &Model, n: usize) -> String {
    let findings = ledger::verify(books.db.read()).await.expect("it verifies");
    assert!(findings.is_empty(), "step {n}: {findings:#?}");
    assert!(same(books, model).await, "step {n}: a balance is not the model's");
    let rows = books.rows().await;
    let made = rows.lines().filter(|row| row.starts_with("ledger_accounts ")).count();
    assert_eq!(made, model.accounts().len(), "step {n}: accounts were made for nothing, or not made");
    let written = rows.lines().filter(|row| row.starts_with("ledger_transactions ")).count();
    assert_eq!(written, model.transactions().len(), "step {n}: transactions");
    rows
}

async fn live(kind: Kind, steps: &[Step]) {
    let books = books(kind).await;
    let (mut history, mut model) = (History::default(), Model::default());
    let mut rows = String::new();
    for (n, step) in steps.iter().enumerate() {
        let so_far = model.clone();
        take(&books, &mut history, &mut model, step, n).await;
        let after = holds_true(&books, &model, n).await;
        if model.is_at(&so_far) {
            assert_eq!(after, rows, "step {n}: {step:?} changed nothing, and yet a row");
        }
        rows = after;
    }
    for account in model.accounts() {
        let lines = ledger::statement(books.db.read(), &account, Page::new(0, 1_000)).await.expect("it is read").lines;
        let mut balance = model.has(&account).0;
        for line in lines {
            assert_eq!(line.balance.minor, balance, "{account}");
            balance -= line.amount.minor;
        }
        assert_eq!(balance, 0, "{account}");
    }
    books.close().await;
}

fn histories(kind: Kind) {
    let asked = Config::default();
    let chosen = |name| std::env::var_os(name).is_some();
    let config = Config {
        cases: if chosen("PROPTEST_CASES") { asked.cases } else { 28 },
        rng_seed: if chosen("PROPTEST_RNG_SEED") { asked.rng_seed } else { RngSeed::Fixed(20_260_101) },
        max_shrink_iters: 400,
        failure_persistence: None,
        ..asked
    };
    let seed = config.rng_seed;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let outcome = TestRunner::new(config).run(&vec(step(), 1..40), |steps| {
        runtime.block_on(live(kind, &steps));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{kind:?}, seed {seed:?}: {failure}"));
}

#[test]
fn any_history_keeps_every_invariant_on_sqlite() {
    histories(Kind::Sqlite);
}

#[test]
fn any_history_keeps_every_invariant_on_postgres() {
    histories(Kind::Postgres);
}
