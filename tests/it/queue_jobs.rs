//! Jobs and the clock: done or given up, once for each occasion, whoever dies.
use crate::world::postgres::{Kind, TestDb, fresh};
use serde::{Deserialize, Serialize};
use souk::base::{Clock, DAY, Fault, HOUR, MINUTE, SECOND, Time};
use souk::db::{self, Db, write_tx};
use souk::queue::clock::{Line, Timetable, alarmed, late_lines};
use souk::queue::jobs::{Act, Attempt, JobError, Payload, Registry, Runner, enqueue};
use souk::queue::{Alarm, AlarmHook, CancellationToken, Lease, Owner, prune};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const START: Time = Time(1_700_000_000_000);

/// What the jobs leave behind.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().expect("nobody panicked here").push(line.into());
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panicked here"))
    }
}

/// A job that does as it is told.
#[derive(Serialize, Deserialize)]
enum Errand {
    Well(String),
    Fail(String),
    Wait(i64),
    Refuse,
    Panic,
}

impl Payload for Errand {
    const KIND: &'static str = "errand";
}

impl Act<Diary> for Errand {
    const TRIES: u32 = 3;

    async fn run(self, diary: &Diary, attempt: Attempt) -> Result<(), JobError> {
        let number = attempt.number;
        match self {
            Self::Well(word) => {
                diary.note(word);
                Ok(())
            }
            Self::Fail(word) => {
                diary.note(format!("{word} {number}"));
                Err(Fault::new("no luck").into())
            }
            Self::Wait(until) if attempt.now < Time(until) => {
                diary.note(format!("waits {number}"));
                Err(JobError::RetryAt { at: Time(until), why: "too early".to_owned() })
            }
            Self::Wait(_) => {
                diary.note(format!("waited {number}"));
                Ok(())
            }
            Self::Refuse => Err(JobError::GiveUp { why: "never".to_owned() }),
            Self::Panic => panic!("a job's bug"),
        }
    }

    async fn gave_up(self, diary: &Diary, why: &str) -> Result<(), Fault> {
        diary.note(format!("gave up: {why}"));
        Ok(())
    }
}

/// A kind that the first runner does not know.
#[derive(Serialize, Deserialize)]
struct Foreign;

impl Payload for Foreign {
    const KIND: &'static str = "foreign";
}

/// What the cron lines enqueue.
#[derive(Serialize, Deserialize)]
struct Tick(Time);

impl Payload for Tick {
    const KIND: &'static str = "tick";
}

impl Act<Diary> for Tick {
    async fn run(self, diary: &Diary, _: Attempt) -> Result<(), JobError> {
        diary.note(format!("tick {}", self.0.since(START)));
        Ok(())
    }
}

struct Shop {
    _place: TestDb,
    db: Db,
    clock: Clock,
    diary: Diary,
}

impl Shop {
    async fn open(kind: Kind) -> Self {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        Self { _place: place, db, clock: Clock::stopped_at(START), diary: Diary::default() }
    }

    fn runner(&self, owner: &str) -> Runner<Diary> {
        let registry = Registry::new().with::<Errand>().with::<Tick>();
        Runner::new(self.db.clone(), registry, self.diary.clone(), self.clock.clone(), Owner::named(owner))
    }

    async fn want<P: Payload>(&self, job: P, at: Time, dedupe: Option<&str>) {
        let dedupe = dedupe.map(str::to_owned);
        write_tx(&self.db, move |tx| Box::pin(async move { enqueue(tx, &job, at, dedupe).await })).await.expect("it is enqueued");
    }

    async fn alter(&self, sql: &'static str) {
        let altered = write_tx(&self.db, move |tx| Box::pin(async move { db::execute(tx, sql, vec![]).await.map(drop) }));
        altered.await.expect("it is altered");
    }

    async fn count(&self, state: &str) -> i64 {
        let sql = "SELECT COUNT(*) AS v FROM jobs WHERE state = $1";
        db::scalar(self.db.read(), sql, vec![state.into()]).await.expect("it reads").expect("a count is a row")
    }
}

#[tokio::test]
async fn a_job_runs_once_for_each_occasion_and_in_time() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let runner = shop.runner("a");
        shop.want(Errand::Well("late".to_owned()), START.after(HOUR), None).await;
        shop.want(Errand::Well("first".to_owned()), START, Some("x")).await;
        shop.want(Errand::Well("second".to_owned()), START, Some("x")).await;
        shop.want(Foreign, START, Some("x")).await;
        assert_eq!(runner.run_due().await.expect("they run"), 1, "{kind:?}");
        assert_eq!(shop.diary.read(), ["first"], "{kind:?}");
        shop.want(Errand::Well("third".to_owned()), START, Some("x")).await;
        assert_eq!(runner.run_due().await.expect("they run"), 0, "{kind:?}: the occasion is over");
        shop.clock.advance(HOUR);
        runner.run_due().await.expect("they run");
        assert_eq!(shop.diary.read(), ["late"], "{kind:?}");
        assert_eq!((shop.count("done").await, shop.count("due").await), (2, 1), "{kind:?}: the foreign one waits");
    }
}

#[tokio::test]
async fn a_job_enqueued_in_a_transaction_that_fails_never_was() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let undone: Result<(), Fault> = write_tx(&shop.db, |tx| {
            Box::pin(async move {
                enqueue(tx, &Errand::Refuse, START, None).await?;
                Err(Fault::new("no"))
            })
        })
        .await;
        undone.expect_err("it fails");
        assert_eq!(shop.runner("a").run_due().await.expect("they run"), 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_failing_job_backs_off_and_is_given_up_aloud() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let heard: Arc<Mutex<Vec<Alarm>>> = Arc::default();
        let ear = Arc::clone(&heard);
        let hook: AlarmHook = Arc::new(move |_, alarm| {
            ear.lock().expect("nobody panicked here").push(alarm);
            Box::pin(async { Ok(()) })
        });
        let runner = shop.runner("a").on_alarm(hook);
        shop.want(Errand::Fail("try".to_owned()), START, None).await;
        for pause in [0, 10 * SECOND, 30 * SECOND] {
            if pause > 0 {
                shop.clock.advance(pause - 1);
                assert_eq!(runner.run_due().await.expect("they run"), 0, "{kind:?}: too early");
                shop.clock.advance(1);
            }
            assert_eq!(runner.run_due().await.expect("they run"), 1, "{kind:?} after {pause}");
        }
        assert_eq!(shop.diary.read(), ["try 1", "try 2", "try 3", "gave up: no luck"], "{kind:?}");
        shop.want(Errand::Refuse, shop.clock.now(), None).await;
        shop.want(Errand::Panic, shop.clock.now(), None).await;
        runner.run_due().await.expect("they run");
        assert_eq!(shop.diary.read(), ["gave up: never"], "{kind:?}: a panic is tried again");
        for _ in 0..2 {
            shop.clock.advance(MINUTE);
            runner.run_due().await.expect("they run");
        }
        assert_eq!(shop.diary.read(), ["gave up: panic: a job's bug"], "{kind:?}");
        assert_eq!((shop.count("given_up").await, heard.lock().expect("nobody panicked here").len()), (3, 3), "{kind:?}");
    }
}

#[tokio::test]
async fn a_job_that_asks_to_wait_uses_up_no_try() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let runner = shop.runner("a");
        let until = START.after(10 * MINUTE);
        shop.want(Errand::Wait(until.0), START, None).await;
        runner.run_due().await.expect("they run");
        shop.clock.advance(10 * MINUTE);
        runner.run_due().await.expect("they run");
        assert_eq!(shop.diary.read(), ["waits 1", "waited 1"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_dead_processs_job_runs_again_and_a_living_ones_does_not() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        shop.want(Errand::Well("done".to_owned()), START, None).await;
        // A process that took the job and died.
        let sql = "UPDATE jobs SET state = 'running', owner = 'dead', lease_until = $1, attempts = attempts + 1";
        let until = START.after(MINUTE);
        write_tx(&shop.db, move |tx| Box::pin(async move { db::execute(tx, sql, vec![until.into()]).await }))
            .await
            .expect("it is taken");
        let runner = shop.runner("b");
        assert_eq!(runner.run_due().await.expect("they run"), 0, "{kind:?}");
        shop.clock.advance(MINUTE + 1);
        assert_eq!(runner.run_due().await.expect("they run"), 1, "{kind:?}");
        assert_eq!(shop.diary.read(), ["done"], "{kind:?}");
    }
}

#[tokio::test]
async fn deaths_use_up_no_tries_but_not_for_ever() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        shop.want(Errand::Well("done".to_owned()), START.after(HOUR), None).await;
        // From the third on, each death puts it off longer; before, it goes on as it was.
        for death in 1..=11_i64 {
            let sql = "UPDATE jobs SET state = 'running', owner = 'dead', lease_until = 0, attempts = attempts + 1";
            write_tx(&shop.db, move |tx| Box::pin(async move { db::execute(tx, sql, vec![]).await })).await.expect("it dies");
            assert_eq!(shop.runner("b").run_due().await.expect("nothing is due"), 0, "{kind:?} {death}");
            let sql = "SELECT run_at AS v FROM jobs";
            let run_at: i64 = db::scalar(shop.db.read(), sql, vec![]).await.expect("it reads").expect("it is there");
            let pause = if death < 3 { HOUR } else { 1_000 << (death - 2) };
            assert_eq!(run_at - START.0, pause, "{kind:?} {death}");
        }
        // That were more deaths than tries, and it is run all the same.
        shop.clock.advance(HOUR);
        assert_eq!(shop.runner("b").run_due().await.expect("it runs"), 1, "{kind:?}");
        assert_eq!(shop.diary.read(), ["done"], "{kind:?}");

        // What takes its process down each time is given up in the end.
        shop.want(Errand::Well("never".to_owned()), START, None).await;
        let sql = "UPDATE jobs SET deaths = 12, attempts = 12 WHERE state = 'due'";
        write_tx(&shop.db, move |tx| Box::pin(async move { db::execute(tx, sql, vec![]).await })).await.expect("it died");
        shop.runner("b").run_due().await.expect("it ends");
        let sql = "SELECT COUNT(*) AS v FROM jobs WHERE state = 'given_up'";
        assert_eq!(db::scalar::<i64>(shop.db.read(), sql, vec![]).await.expect("it reads"), Some(1), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_runners_run_each_job_once_and_a_rehearsal_runs_it_twice() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        for n in 0..60 {
            shop.want(Errand::Well(format!("{n:02}")), START, None).await;
        }
        let runners: Vec<_> = ["a", "b", "c"].map(|owner| shop.runner(owner)).into();
        let counts = futures::future::join_all(runners.iter().map(Runner::run_due)).await;
        assert_eq!(counts.into_iter().map(|count| count.expect("they run")).sum::<usize>(), 60, "{kind:?}");
        let mut words = shop.diary.read();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), 60, "{kind:?}");

        shop.want(Errand::Well("twice".to_owned()), START, None).await;
        shop.runner("d").twice().run_due().await.expect("they run");
        assert_eq!(shop.diary.read(), ["twice", "twice"], "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loop_hears_of_a_job_at_once_and_stops_when_told() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let runner = Arc::new(shop.runner("a"));
        let shutdown = CancellationToken::new();
        let (looping, stop) = (Arc::clone(&runner), shutdown.clone());
        let task = souk::base::task::spawn("test runner", async move { looping.run(stop).await });
        shop.want(Errand::Well("heard".to_owned()), START, None).await;
        while shop.count("done").await == 0 {
            tokio::task::yield_now().await;
        }
        shutdown.cancel();
        task.await.expect("it ends");
        assert_eq!(shop.diary.read(), ["heard"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_slot_is_one_job_and_the_newest_missed_one_is_caught_up() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let lines = || vec![Line::every("minutely", MINUTE, Tick), Line::every("daily", DAY, Tick).at(3 * HOUR)];
        let tables: Vec<_> = (0..3).map(|_| Arc::new(Timetable::new(shop.db.clone(), shop.clock.clone(), lines()))).collect();
        let tick_all = async || {
            let mut count = 0;
            for table in &tables {
                count += table.tick(shop.clock.now()).await.expect("it ticks");
            }
            count
        };
        let runner = shop.runner("a");
        assert_eq!(tick_all().await, 2, "{kind:?}: a new shop begins with each line");
        assert_eq!(tick_all().await, 0, "{kind:?}");
        runner.run_due().await.expect("they run");
        shop.diary.read();
        shop.clock.advance(MINUTE);
        assert_eq!(tick_all().await, 1, "{kind:?}");
        runner.run_due().await.expect("they run");
        // START is 20 s into its minute.
        assert_eq!(shop.diary.read(), [format!("tick {}", MINUTE - 20 * SECOND)], "{kind:?}");
        // Nobody ticks for three days: one run for each line.
        shop.clock.advance(3 * DAY);
        assert_eq!(tick_all().await, 2, "{kind:?}");
        runner.run_due().await.expect("they run");
        assert_eq!(shop.diary.read().len(), 2, "{kind:?}");
        assert_eq!(late_lines(shop.db.read(), shop.clock.now()).await.expect("it reads"), [], "{kind:?}");
    }
}

#[tokio::test]
async fn a_clock_that_was_ahead_stops_no_line_once_it_is_set_back() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let lines = || vec![Line::every("minutely", MINUTE, Tick), Line::every("daily", DAY, Tick).at(3 * HOUR)];
        let table = Arc::new(Timetable::new(shop.db.clone(), shop.clock.clone(), lines()));
        let runner = shop.runner("a");
        let tick = async || table.tick(shop.clock.now()).await.expect("it ticks");
        // For two minutes the clock is three days ahead. One job has run by then, another waits for its turn.
        shop.clock.advance(3 * DAY);
        assert_eq!(tick().await, 2, "{kind:?}");
        runner.run_due().await.expect("they run");
        shop.clock.advance(MINUTE);
        assert_eq!(tick().await, 1, "{kind:?}");
        shop.clock.advance(MINUTE - 3 * DAY);
        shop.diary.read();
        assert_eq!(tick().await, 2, "{kind:?}: both begin anew");
        runner.run_due().await.expect("they run");
        assert_eq!(shop.diary.read().len(), 2, "{kind:?}: and what was meant for later is gone");
        for _ in 0..3 {
            shop.clock.advance(MINUTE);
            assert_eq!(tick().await, 1, "{kind:?}");
            runner.run_due().await.expect("they run");
        }
        assert_eq!(late_lines(shop.db.read(), shop.clock.now()).await.expect("it reads"), [], "{kind:?}");
        // When those slots come, they are run.
        shop.clock.advance(3 * DAY - 5 * MINUTE);
        assert_eq!(tick().await, 2, "{kind:?}");
        shop.diary.read();
        runner.run_due().await.expect("they run");
        assert_eq!(shop.diary.read().len(), 2, "{kind:?}");
        // Clocks that stand a little apart are no reason to begin anew.
        shop.clock.advance(-3 * MINUTE);
        assert_eq!(tick().await, 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_line_that_does_not_end_well_is_late_until_it_does() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let table = Arc::new(Timetable::new(shop.db.clone(), shop.clock.clone(), vec![Line::every("minutely", MINUTE, Tick)]));
        let late = async || late_lines(shop.db.read(), shop.clock.now()).await.expect("it reads");
        table.tick(shop.clock.now()).await.expect("it ticks");
        for _ in 0..5 {
            shop.clock.advance(MINUTE);
            table.tick(shop.clock.now()).await.expect("it ticks");
        }
        let found = late().await;
        assert_eq!(found.len(), 1, "{kind:?}");
        assert_eq!((found[0].line.as_str(), found[0].last_ok, found[0].alarmed_at), ("minutely", None, None), "{kind:?}");
        let now = shop.clock.now();
        write_tx(&shop.db, move |tx| Box::pin(async move { alarmed(tx, "minutely", now).await })).await.expect("it is noted");
        assert_eq!(late().await[0].alarmed_at, Some(now), "{kind:?}");
        shop.runner("a").run_due().await.expect("they run");
        assert_eq!(late().await, [], "{kind:?}");
    }
}

#[tokio::test]
async fn a_line_whose_job_waits_for_another_try_gets_no_second_one() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let line = Line::every("minutely", MINUTE, |_| Errand::Fail("try".to_owned()));
        let table = Arc::new(Timetable::new(shop.db.clone(), shop.clock.clone(), vec![line]));
        let runner = shop.runner("a");
        let mut begun = 0;
        for _ in 0..3 {
            begun += table.tick(shop.clock.now()).await.expect("it ticks");
            runner.run_due().await.expect("they run");
            shop.clock.advance(MINUTE);
        }
        assert_eq!(shop.diary.read(), ["try 1", "try 2", "try 3", "gave up: no luck"], "{kind:?}");
        assert_eq!((begun, shop.count("due").await, shop.count("given_up").await), (1, 0, 1), "{kind:?}");
        assert_eq!(table.tick(shop.clock.now()).await.expect("it ticks"), 1, "{kind:?}: what is given up is over");
    }
}

#[tokio::test]
async fn a_lease_has_one_holder_who_may_lose_it() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let lease = |owner| Lease::new(shop.db.clone(), shop.clock.clone(), Owner::named(owner), "poll");
        let (a, b) = (lease("a"), lease("b"));
        assert!(a.hold().await.expect("it asks"), "{kind:?}");
        assert!(!b.hold().await.expect("it asks"), "{kind:?}");
        shop.clock.advance(Lease::TTL - 1);
        assert!(a.hold().await.expect("it asks"), "{kind:?}: renewed");
        shop.clock.advance(Lease::TTL + 1);
        assert!(b.hold().await.expect("it asks"), "{kind:?}: the silent one has lost it");
        assert!(!a.hold().await.expect("it asks"), "{kind:?}");
        b.release().await.expect("it is given back");
        assert!(a.hold().await.expect("it asks"), "{kind:?}");
    }
}

#[tokio::test]
async fn pruning_forgets_what_is_old_and_ended_a_little_at_a_time() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        for _ in 0..5 {
            shop.want(Errand::Well("x".to_owned()), START, None).await;
        }
        shop.runner("a").run_due().await.expect("they run");
        shop.want(Errand::Well("open".to_owned()), START, None).await;
        assert_eq!(prune(&shop.db, START, 3).await.expect("it prunes").jobs, 0, "{kind:?}: not old yet");
        let before = START.after(DAY);
        assert!(prune(&shop.db, before, 3).await.expect("it prunes").hit(3), "{kind:?}");
        assert_eq!(prune(&shop.db, before, 3).await.expect("it prunes").jobs, 2, "{kind:?}");
        assert_eq!((shop.count("done").await, shop.count("due").await), (0, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn the_clock_ticks_by_itself_until_told_to_stop() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let table = Arc::new(Timetable::new(shop.db.clone(), shop.clock.clone(), vec![Line::every("minutely", MINUTE, Tick)]));
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        // The database is not there when it begins.
        shop.alter("ALTER TABLE heartbeats RENAME TO heartbeats_gone").await;
        let mut ticking = souk::base::task::spawn("test clock", table.run(stop));
        let ended = tokio::time::timeout(Duration::from_millis(50), &mut ticking).await;
        assert!(ended.is_err(), "{kind:?}: it ended");
        shop.alter("ALTER TABLE heartbeats_gone RENAME TO heartbeats").await;
        while shop.count("due").await == 0 {
            tokio::task::yield_now().await;
        }
        shutdown.cancel();
        ticking.await.expect("it ends");
    }
}
