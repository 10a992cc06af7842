//! Random histories of the whole shop: people top up, order and pay, admins decide, take back and correct, agents sell on
//! credit, hand over, delete, are cut off, frozen and closed, the clock goes on; in any order, again, and several at once. They
//! are played against the model and against both databases. After every step the books prove themselves, every balance,
//! order, payment and service is the model's, and what was refused has left every row as it was. Tales are told before chance
//! speaks: together they hold every operation, on each database.
//!
//! A history that fails is made as short as it can be and printed with its seed; `PROPTEST_RNG_SEED` and `PROPTEST_CASES`
//! choose others than the usual ones.
mod model;
mod play;
mod step;

use crate::sales::shop::Shop;
use crate::world::postgres::Kind;
use futures::FutureExt;
use futures::future::join_all;
use model::{Act, Answer, Model};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, resume_unwind};
use step::{History, Step, TALES, WAIT_MOST, steps, tale};

/// All orders in which so few acts can have been done.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    (0..count)
        .flat_map(|place| {
            shorter.iter().map(move |rest| {
                let mut order = rest.clone();
                order.insert(place, count - 1);
                order
            })
        })
        .collect()
}

/// What the model answers when the acts are done in this order; the answers are in the order of the acts.
fn played(model: &Model, acts: &[Act], order: &[usize]) -> (Model, Vec<Answer>) {
    let mut after = model.clone();
    let mut answers = vec![Answer::Again; acts.len()];
    for place in order {
        answers[*place] = after.play(&acts[*place]);
    }
    (after, answers)
}

/// What histories have met: acts with their answers, and what they led to.
#[derive(Default)]
struct Met(BTreeSet<String>);

/// What the tales must meet on each database, or they prove little.
const WANTED: [&str; 65] = [
    "TopUp: done",
    "Place: done",
    "Place: short",
    "Receipt: done",
    "CancelOrder: done",
    "CancelTopUp: done",
    "BuySaved: done",
    "Approve: done",
    "Approve: decided",
    "Reject: done",
    "Undo: done",
    "Undo: too_late",
    "Undo: delivered",
    "Undo: renewed",
    "Undo: spent",
    "Refund: done",
    "Refund: not_paid",
    "GiveBack: done",
    "GiveBack: not_delivered",
    "Correct: done",
    "ConfirmCorrection: done",
    "ConfirmCorrection: not_allowed",
    "ConfirmCorrection: decided",
    "RefuseCorrection: done",
    "SetLine: done",
    "Freeze: done",
    "Thaw: done",
    "Close: done",
    "Close: pending",
    "Close: owes",
    "Rejoin: done",
    "HandOver: done",
    "TakeOver: done",
    "TakeOver: used",
    "Reprice: done",
    "Sell: done",
    "Sell: short",
    "Sell: negative",
    "Sell: frozen",
    "Delete: done",
    "Pause: done",
    "Resume: done",
    "Use: done",
    "Confirm: done",
    "Expire: done",
    "Enforce: done",
    "a sale refunded",
    "refunded part by part",
    "paid back from the card",
    "paid back from elsewhere",
    "a sale given back by an admin",
    "given back by what is left",
    "came to a closed agency",
    "a saved order bought itself from what came to a closed agency",
    "pending on a frozen account",
    "written off",
    "credit by two",
    "settled to a wallet",
    "a link withdrawn",
    "a saved order bought itself",
    "paid in parts",
    "overdrawn within the line",
    "below zero",
    "cut off",
    "restored",
];

impl Met {
    fn answers(&mut self, acts: &[Act], answers: &[Answer]) {
        for (act, answer) in acts.iter().zip(answers) {
            let name: String = format!("{act:?}").chars().take_while(char::is_ascii_alphabetic).collect();
            self.0.insert(match answer {
                Answer::Done => format!("{name}: done"),
                Answer::Short(_) => format!("{name}: short"),
                Answer::Refused(why) => format!("{name}: {why}"),
                Answer::Again => continue,
            });
        }
    }

    fn marks(&mut self, before: &[&'static str], after: &Model) {
        let marks = after.marks();
        if before.contains(&"cut off") && !marks.contains(&"cut off") {
            self.0.insert("restored".to_owned());
        }
        self.0.extend(marks.into_iter().map(str::to_owned));
    }
}

/// Plays acts one after the other; afterwards the model is where the shop is.
async fn one_by_one(shop: &Shop, model: &mut Model, acts: &[Act]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(acts.len());
    for act in acts {
        let is_refused = model.clone().play(act) != Answer::Done;
        let before = if is_refused { shop.all_rows().await } else { String::new() };
        let answer = play::play(shop, act).await;
        let mut is = play::read(shop, model).await;
        model.hear(&is);
        let expected = model.play(act);
        assert_eq!(answer, expected, "{act:?}");
        is.take_over(model);
        assert_eq!(is.plain(), model.plain(), "{act:?}");
        if is_refused {
            assert_eq!(shop.all_rows().await, before, "{act:?} was refused, and yet a row changed");
        }
        *model = is;
        answers.push(answer);
    }
    answers
}

/// Plays acts at once; what came of it is what came of it in one of their orders.
async fn at_once(shop: &Shop, model: &mut Model, acts: &[Act]) -> Vec<Answer> {
    let answers = join_all(acts.iter().map(|act| play::play(shop, act))).await;
    let mut is = play::read(shop, model).await;
    model.hear(&is);
    let mut expected = Vec::new();
    for order in permutations(acts.len()) {
        let (after, said) = played(model, acts, &order);
        if said == answers {
            is.take_over(&after);
            if is.plain() == after.plain() {
                *model = is;
                return answers;
            }
        }
        expected.push(said);
    }
    panic!("{acts:#?} at once gave {answers:?}; in no order is it so, or the rest is not as it should be: {expected:?}");
}

#[expect(clippy::print_stderr, reason = "a history that fails says where")]
async fn live(database: Kind, steps: &[Step], met: &mut Met) {
    let (shop, mut model) = play::opened(database).await;
    let mut history = History::default();
    for (n, step) in steps.iter().enumerate() {
        if let Step::Wait(ms) = step {
            if model.now + ms < WAIT_MOST {
                shop.later(*ms);
                model.now += ms;
            }
            continue;
        }
        let (acts, before) = (history.acts(step, &model), model.marks());
        let answers = match step {
            Step::AtOnce(_) | Step::Crowd(_) => at_once(&shop, &mut model, &acts).await,
            _ => one_by_one(&shop, &mut model, &acts).await,
        };
        met.answers(&acts, &answers);
        met.marks(&before, &model);
        if let Err(panic) = AssertUnwindSafe(shop.proves()).catch_unwind().await {
            eprintln!("after step {n}: {acts:?}");
            resume_unwind(panic);
        }
        history.remember(acts);
    }
    shop.db.close().await.expect("the database closes");
}

/// Every tale, whole and alone in a shop; what they met.
async fn tales(database: Kind) -> BTreeSet<String> {
    let mut met = Met::default();
    for which in 0..TALES {
        live(database, &tale(which, 0, 200_000), &mut met).await;
    }
    met.0
}

fn histories(database: Kind) {
    let asked = Config::default();
    let chosen = |name| std::env::var_os(name).is_some();
    // Each step asks PostgreSQL some eighty questions, and each of them travels.
    let usual = if database == Kind::Sqlite { 16 } else { 5 };
    let config = Config {
        cases: if chosen("PROPTEST_CASES") { asked.cases } else { usual },
        rng_seed: if chosen("PROPTEST_RNG_SEED") { asked.rng_seed } else { RngSeed::Fixed(20_261_120) },
        max_shrink_iters: 150,
        failure_persistence: None,
        ..asked
    };
    let seed = config.rng_seed;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let met = runtime.block_on(tales(database));
    let missing: Vec<&str> = WANTED.into_iter().filter(|wanted| !met.contains(*wanted)).collect();
    assert!(missing.is_empty(), "on {database:?} the tales do not meet {missing:?}, but {met:#?}");
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(live(database, &steps, &mut Met::default()));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{database:?}, seed {seed:?}: {failure}"));
}

#[test]
fn any_history_of_the_shop_keeps_its_books_on_sqlite() {
    histories(Kind::Sqlite);
}

#[test]
fn any_history_of_the_shop_keeps_its_books_on_postgres() {
    histories(Kind::Postgres);
}
