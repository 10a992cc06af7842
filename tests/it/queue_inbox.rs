//! The inbox: stored once, in order for each person, side by side for all, whatever dies.
use crate::world::commits::Commits;
use crate::world::postgres::{Kind, TestDb, fresh, sqlite_file};
use sea_orm::ConnectionTrait;
use souk::base::{Cause, Clock, Fault, SECOND, Time, UpdateId};
use souk::db::{self, Db, write_tx};
use souk::queue::inbox::{Accept, Handle, Inbox, Incoming, Letterbox, Limits, Stored, accept};
use souk::queue::{Alarm, AlarmHook, Owner};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Barrier, Notify};

const START: Time = Time(1_700_000_000_000);

/// What happened to each update, in the order in which it happened.
type Seen = Arc<Mutex<Vec<(i64, i64)>>>;

/// Writes down what it is given. Some people's updates panic, fail, or wait for a word.
#[derive(Clone, Default)]
struct Scribe {
    seen: Seen,
    go: Arc<Notify>,
}

const PANICS: i64 = 901;
const FAILS: i64 = 902;
const WAITS: i64 = 903;
/// Nothing answers them the first [`LONG`] times,
const AWAY: i64 = 904;
/// or they are told to wait.
const ASKED: i64 = 905;
const LONG: usize = 20;

impl Handle for Scribe {
    async fn handle(&self, update: UpdateId, raw: &str, _: &Stored) -> Result<(), Fault> {
        let lane = Incoming::read(raw).expect("what was stored is an update").lane;
        if lane == WAITS {
            self.go.notified().await;
        }
        // Let others in between: order must not come from luck.
        tokio::task::yield_now().await;
        self.seen.lock().expect("nobody panicked here").push((lane, update.0));
        assert_ne!(lane, PANICS, "a handler's bug");
        let tried = self.seen.lock().expect("nobody panicked here").iter().filter(|seen| **seen == (lane, update.0)).count();
        match lane {
            FAILS => Err(Fault::new("not today")),
            AWAY if tried <= LONG => Err(Fault::away("nobody answers").context("asking")),
            ASKED if tried <= LONG => Err(Fault::wait(Duration::ZERO, "later").context("asking")),
            _ => Ok(()),
        }
    }
}

fn update(id: i64, person: i64) -> Incoming {
    Incoming::read(format!(r#"{{"update_id":{id},"message":{{"from":{{"id":{person}}},"chat":{{"id":-5}},"text":"hi"}}}}"#))
        .expect("it is an update")
}

fn quick() -> Limits {
    Limits { retry: Duration::ZERO, ..Limits::default() }
}

fn alarms() -> (AlarmHook, Arc<Mutex<Vec<Alarm>>>) {
    let heard: Arc<Mutex<Vec<Alarm>>> = Arc::default();
    let ear = Arc::clone(&heard);
    let hook: AlarmHook = Arc::new(move |_, alarm| {
        ear.lock().expect("nobody panicked here").push(alarm);
        Box::pin(async { Ok(()) })
    });
    (hook, heard)
}

struct Shop {
    place: TestDb,
    db: Db,
    clock: Clock,
}

impl Shop {
    async fn open(kind: Kind) -> Self {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        Self { place, db, clock: Clock::stopped_at(START) }
    }

    fn inbox(&self, owner: &str, scribe: &Scribe) -> Inbox<Scribe> {
        let (db, clock, owner) = (&self.db, &self.clock, Owner::named(owner));
        Inbox::with_limits((db, clock, &owner), alarms().0, scribe.clone(), quick())
    }

    async fn count(&self, state: &str) -> i64 {
        let sql = "SELECT COUNT(*) AS v FROM inbox WHERE state = $1";
        db::scalar(self.db.read(), sql, vec![state.into()]).await.expect("it reads").expect("a count is a row")
    }
}

fn by_lane(seen: &Seen) -> HashMap<i64, Vec<i64>> {
    let mut lanes: HashMap<i64, Vec<i64>> = HashMap::new();
    for (lane, update) in seen.lock().expect("nobody panicked here").iter() {
        lanes.entry(*lane).or_default().push(*update);
    }
    lanes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twice_delivered_is_handled_once_and_in_order_for_each_person() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let inbox = shop.inbox("a", &scribe);
        for page in 0..6 {
            let ids = page * 100..page * 100 + 100;
            let mut batch: Vec<Incoming> = ids.map(|id| update(id, id % 17)).collect();
            batch.push(batch[3].clone());
            inbox.accept(batch.clone()).await.expect("it is stored");
            inbox.accept(batch).await.expect("a second delivery is no error");
        }
        inbox.settle().await;
        let lanes = by_lane(&scribe.seen);
        assert_eq!(lanes.values().map(Vec::len).sum::<usize>(), 600, "{kind:?}");
        for (lane, updates) in lanes {
            assert!(updates.is_sorted(), "{kind:?} lane {lane}: {updates:?}");
        }
        assert_eq!((shop.count("done").await, shop.count("new").await), (600, 0), "{kind:?}");
    }
}

/// A handler that goes on only when all lanes are in it at once.
struct Together(Barrier);

impl Handle for Together {
    async fn handle(&self, _: UpdateId, _: &str, _: &Stored) -> Result<(), Fault> {
        self.0.wait().await;
        Ok(())
    }
}

/// More than one statement holds, some of it twice, some of it of people whom another process serves.
#[tokio::test]
async fn a_large_batch_is_held_but_for_the_lanes_of_others() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let (us, other) = (Owner::named("us"), Owner::named("other"));
        accept(&shop.db, vec![update(1, 3)], Some(&other), START).await.expect("it is stored");
        accept(&shop.db, vec![update(2, 4)], None, START).await.expect("it is stored");
        let batch: Vec<Incoming> = (0..300).chain(100..150).map(|id| update(id, id % 10)).collect();
        let held = accept(&shop.db, batch.clone(), Some(&us), START).await.expect("it is stored");
        let held: Vec<i64> = held.into_iter().map(|held| held.update.0).collect();
        let ours = |id: &i64| ![3, 4].contains(&(id % 10)) && ![1, 2].contains(id);
        assert_eq!(held, (0..300).filter(ours).collect::<Vec<i64>>(), "{kind:?}");
        assert!(accept(&shop.db, batch, Some(&us), START).await.expect("it is there").is_empty(), "{kind:?}");
        let sql = "SELECT COUNT(*) AS v FROM inbox WHERE owner IS NULL AND lease_until = 0";
        let waiting: Option<i64> = db::scalar(shop.db.read(), sql, vec![]).await.expect("it is read");
        assert_eq!(waiting, Some(61), "{kind:?}: of each lane of others all thirty, and what waited before");
    }
}

#[tokio::test]
async fn people_do_not_wait_for_one_another() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let owner = Owner::named("a");
        let inbox = Inbox::new(&shop.db, &shop.clock, &owner, alarms().0, Together(Barrier::new(40)));
        inbox.accept((0..40).map(|id| update(id, id)).collect()).await.expect("it is stored");
        inbox.settle().await;
        assert_eq!(shop.count("done").await, 40, "{kind:?}");
    }
}

#[tokio::test]
async fn a_panic_is_one_failed_row_and_a_failure_is_tried_six_times() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let (hook, heard) = alarms();
        let owner = Owner::named("a");
        let inbox = Inbox::with_limits((&shop.db, &shop.clock, &owner), hook, scribe.clone(), quick());
        let people = [PANICS, FAILS, 7];
        let batch = (0..6).map(|id| update(id, people[usize::try_from(id % 3).expect("small")])).collect();
        inbox.accept(batch).await.expect("it is stored");
        inbox.settle().await;
        let lanes = by_lane(&scribe.seen);
        assert_eq!(lanes[&PANICS], [0, 3], "{kind:?}: the lane goes on after a panic");
        assert_eq!(lanes[&FAILS], [[1; 6], [4; 6]].concat(), "{kind:?}: in order, whatever fails");
        assert_eq!(lanes[&7], [2, 5], "{kind:?}");
        assert_eq!((shop.count("done").await, shop.count("failed").await), (2, 4), "{kind:?}");
        let heard = heard.lock().expect("nobody panicked here");
        assert_eq!(heard.len(), 4, "{kind:?}: {heard:?}");
        assert!(heard.iter().any(|alarm| alarm.to_string().contains("a handler's bug")), "{heard:?}");
    }
}

#[tokio::test]
async fn what_is_away_for_long_costs_no_update_and_holds_up_its_lane_alone() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let inbox = shop.inbox("a", &scribe);
        let people = [AWAY, ASKED, 7];
        let batch = (0..6).map(|id| update(id, people[usize::try_from(id % 3).expect("small")])).collect();
        inbox.accept(batch).await.expect("it is stored");
        inbox.settle().await;
        let lanes = by_lane(&scribe.seen);
        assert_eq!(lanes[&AWAY], [[0; LONG + 1], [3; LONG + 1]].concat(), "{kind:?}: in order");
        assert_eq!(lanes[&ASKED], [[1; LONG + 1], [4; LONG + 1]].concat(), "{kind:?}: in order");
        assert_eq!(lanes[&7], [2, 5], "{kind:?}");
        assert_eq!((shop.count("done").await, shop.count("failed").await), (6, 0), "{kind:?}");
    }
}

/// Writes down each update in a table of its own. Another process holds the file until this many tries have failed.
#[derive(Clone)]
struct Clerk(Arc<Desk>);

struct Desk {
    db: Db,
    holder: Mutex<Option<rusqlite::Connection>>,
    refused: Mutex<Vec<Cause>>,
}

impl Handle for Clerk {
    async fn handle(&self, update: UpdateId, _: &str, _: &Stored) -> Result<(), Fault> {
        let written: Result<u64, Fault> = write_tx(&self.0.db, move |tx| {
            Box::pin(async move { db::execute(tx, "INSERT INTO written (v) VALUES ($1)", vec![update.into()]).await })
        })
        .await;
        if let Err(fault) = &written {
            let mut refused = self.0.refused.lock().expect("nobody panicked here");
            refused.push(fault.cause());
            if refused.len() == LONG {
                drop(self.0.holder.lock().expect("nobody panicked here").take());
            }
        }
        written.map(drop)
    }
}

#[tokio::test]
async fn a_file_that_another_process_holds_costs_no_update() {
    let shop = Shop::open(Kind::Sqlite).await;
    let pragma = |sql: &'static str| {
        write_tx::<(), Fault, _>(&shop.db, move |tx| {
            Box::pin(async move {
                tx.execute_unprepared(sql).await?;
                Ok(())
            })
        })
    };
    pragma("CREATE TABLE written (v BIGINT)").await.expect("a table");
    // Nobody's patience is tried here: whoever waits for the file gives up at once.
    pragma("PRAGMA busy_timeout = 0").await.expect("the wait is set");
    let holder = rusqlite::Connection::open(sqlite_file(&shop.place.name)).expect("another process opens it");
    let clerk = Clerk(Arc::new(Desk { db: shop.db.clone(), holder: Mutex::default(), refused: Mutex::default() }));
    let (hook, heard) = alarms();
    let owner = Owner::named("a");
    let inbox = Inbox::with_limits((&shop.db, &shop.clock, &owner), hook, clerk.clone(), quick());
    let hold = |holder: &rusqlite::Connection| holder.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    hold(&holder);
    let early = inbox.accept(vec![update(9, 7)]).await.map_err(|fault| fault.cause());
    assert!(matches!(early, Err(Cause::Away)), "what cannot be kept is not confirmed: {early:?}");
    holder.execute_batch("ROLLBACK").expect("it is let go");
    // One person's come one after another, another's beside them.
    accept(&shop.db, (0..6).map(|id| update(id, id % 2)).collect(), Some(&Owner::named("dead")), START)
        .await
        .expect("they are kept");
    shop.clock.advance(31 * SECOND);
    assert_eq!(inbox.claim().await.expect("it claims"), 6);
    hold(&holder);
    *clerk.0.holder.lock().expect("nobody panicked here") = Some(holder);
    inbox.settle().await;
    let refused = clerk.0.refused.lock().expect("nobody panicked here").clone();
    assert!(refused.len() >= LONG && refused.iter().all(|cause| *cause == Cause::Away), "{refused:?}");
    assert_eq!((shop.count("done").await, shop.count("failed").await, shop.count("new").await), (6, 0, 0));
    let written: Option<i64> =
        db::scalar(shop.db.read(), "SELECT COUNT(*) * 10 + COUNT(DISTINCT v) AS v FROM written", vec![]).await.expect("it reads");
    assert_eq!(written, Some(66), "each once");
    assert!(heard.lock().expect("nobody panicked here").is_empty());
    inbox.accept(vec![update(9, 7)]).await.expect("Telegram brings again what was not confirmed");
    inbox.settle().await;
    assert_eq!(shop.count("done").await, 7);
}

#[tokio::test]
async fn a_dead_workers_updates_are_taken_again_after_its_lease() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        // A process that dies with its hands full: it accepts, and handles nothing.
        accept(&shop.db, (0..10).map(|id| update(id, id % 2)).collect(), Some(&Owner::named("dead")), START)
            .await
            .expect("it is stored");
        let scribe = Scribe::default();
        let inbox = shop.inbox("b", &scribe);
        // A new update of the same person must not overtake those that the dead one holds.
        inbox.accept(vec![update(10, 0)]).await.expect("it is stored");
        assert_eq!(inbox.claim().await.expect("it claims"), 0, "{kind:?}: the lease still holds");
        shop.clock.advance(31 * SECOND);
        assert_eq!(inbox.claim().await.expect("it claims"), 11, "{kind:?}");
        inbox.settle().await;
        let lanes = by_lane(&scribe.seen);
        assert_eq!(lanes[&0], [0, 2, 4, 6, 8, 10], "{kind:?}");
        assert_eq!(lanes[&1], [1, 3, 5, 7, 9], "{kind:?}");
    }
}

#[tokio::test]
async fn an_update_that_kills_its_process_again_and_again_is_set_aside_alone() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        accept(&shop.db, vec![update(1, 5), update(2, 5)], Some(&Owner::named("dead")), START).await.expect("it is stored");
        let (hook, heard) = alarms();
        let second = Scribe::default();
        for life in 0..10 {
            shop.clock.advance(31 * SECOND);
            let owner = Owner::named(&format!("life {life}"));
            // Each life takes the rows and dies before it handles them: its inbox has no workers. The last one has some.
            let limits = Limits { workers: usize::from(life == 9), ..quick() };
            let inbox = Inbox::with_limits((&shop.db, &shop.clock, &owner), Arc::clone(&hook), second.clone(), limits);
            assert_eq!(inbox.claim().await.expect("it claims"), 2, "{kind:?} {life}");
            if life == 9 {
                inbox.settle().await;
            }
        }
        assert_eq!((shop.count("failed").await, shop.count("new").await), (1, 0), "{kind:?}");
        assert_eq!(heard.lock().expect("nobody panicked here").len(), 1, "{kind:?}");
        // Whoever only waited behind it is innocent.
        assert_eq!(by_lane(&second.seen)[&5], [2], "{kind:?}");
        // The person is not locked out.
        let scribe = Scribe::default();
        let inbox = shop.inbox("after", &scribe);
        inbox.accept(vec![update(3, 5)]).await.expect("it is stored");
        inbox.settle().await;
        assert_eq!(by_lane(&scribe.seen)[&5], [3], "{kind:?}");
    }
}

#[tokio::test]
async fn an_update_in_hand_while_its_process_is_killed_every_second_is_handled() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        accept(&shop.db, vec![update(1, 5)], Some(&Owner::named("dead")), START).await.expect("it is stored");
        let sql = "UPDATE inbox SET attempts = 100";
        write_tx(&shop.db, move |tx| Box::pin(async move { db::execute(tx, sql, vec![]).await })).await.expect("it died");
        shop.clock.advance(31 * SECOND);
        let scribe = Scribe::default();
        let inbox = shop.inbox("after", &scribe);
        assert_eq!(inbox.claim().await.expect("it claims"), 1, "{kind:?}");
        inbox.settle().await;
        assert_eq!(by_lane(&scribe.seen)[&5], [1], "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_never_share_a_person() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        // What one process took is in the order of the ids, and no person is seen by both while rows of hers are open.
        let letterbox = Letterbox::new(shop.db.clone(), shop.clock.clone());
        letterbox.accept((0..200).map(|id| update(id, id % 20)).collect()).await.expect("it is stored");
        let limits = || Limits { workers: 0, in_hand: 30, ..quick() };
        let inboxes: Vec<_> = ["a", "b", "c"]
            .map(|name| {
                let owner = Owner::named(name);
                Arc::new(Inbox::with_limits((&shop.db, &shop.clock, &owner), alarms().0, Scribe::default(), limits()))
            })
            .into();
        let claims = inboxes.iter().map(|inbox| {
            let inbox = Arc::clone(inbox);
            async move { inbox.claim().await.expect("it claims") }
        });
        let claimed: usize = futures::future::join_all(claims).await.into_iter().sum();
        assert!(claimed >= 30, "{kind:?}: {claimed}");
        let sql = "SELECT COUNT(*) AS v FROM
            (SELECT lane FROM inbox WHERE state = 'new' AND owner IS NOT NULL GROUP BY lane HAVING COUNT(DISTINCT owner) > 1) t";
        let shared: i64 = db::scalar(shop.db.read(), sql, vec![]).await.expect("it reads").expect("a count is a row");
        assert_eq!(shared, 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_stop_finishes_what_runs_and_gives_back_the_rest() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let inbox = shop.inbox("a", &scribe);
        inbox.accept(vec![update(1, WAITS), update(2, WAITS), update(3, 8)]).await.expect("it is stored");
        while scribe.seen.lock().expect("nobody panicked here").is_empty() {
            tokio::task::yield_now().await;
        }
        let go = Arc::clone(&scribe.go);
        let ((), stopped) = tokio::join!(async move { go.notify_one() }, inbox.stop(Duration::from_secs(5)));
        stopped.expect("it stops");
        assert_eq!((shop.count("done").await, shop.count("new").await), (2, 1), "{kind:?}");
        // The next process need not wait for a lease.
        let next = Scribe::default();
        next.go.notify_one();
        let inbox = shop.inbox("b", &next);
        assert_eq!(inbox.claim().await.expect("it claims"), 1, "{kind:?}");
        inbox.settle().await;
        assert_eq!(by_lane(&next.seen)[&WAITS], [2], "{kind:?}");
    }
}

#[tokio::test]
async fn a_living_process_keeps_its_rows_by_renewing() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let (slow, other) = (shop.inbox("slow", &scribe), shop.inbox("other", &Scribe::default()));
        slow.accept(vec![update(1, WAITS), update(2, WAITS)]).await.expect("it is stored");
        for _ in 0..4 {
            shop.clock.advance(20 * SECOND);
            slow.renew().await.expect("it renews");
            assert_eq!(other.claim().await.expect("it claims"), 0, "{kind:?}");
        }
        // It falls silent, and another takes over; when it wakes it lets go of what it had not begun.
        shop.clock.advance(31 * SECOND);
        assert_eq!(other.claim().await.expect("it claims"), 2, "{kind:?}");
        slow.renew().await.expect("it renews");
        assert_eq!(slow.in_hand(), 1, "{kind:?}: only the one that it has begun");
    }
}

#[tokio::test]
async fn what_does_not_fit_into_memory_waits_on_disk() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let owner = Owner::named("a");
        let limits = Limits { in_hand: 10, ..quick() };
        let inbox = Inbox::with_limits((&shop.db, &shop.clock, &owner), alarms().0, scribe.clone(), limits);
        inbox.accept((0..12).map(|id| update(id, WAITS)).collect()).await.expect("it is stored");
        inbox.accept((12..40).map(|id| update(id, WAITS)).collect()).await.expect("it is stored");
        assert_eq!(inbox.in_hand(), 12, "{kind:?}");
        assert_eq!(inbox.claim().await.expect("it claims"), 0, "{kind:?}: no room");
        let mut handled = 0;
        while handled < 40 {
            scribe.go.notify_one();
            tokio::task::yield_now().await;
            inbox.claim().await.expect("it claims");
            assert!(inbox.in_hand() <= 12, "{kind:?}");
            handled = scribe.seen.lock().expect("nobody panicked here").len();
        }
        inbox.settle().await;
        assert!(by_lane(&scribe.seen)[&WAITS].is_sorted(), "{kind:?}");
        assert_eq!(shop.count("done").await, 40, "{kind:?}");
    }
}

#[tokio::test]
async fn rows_that_bear_our_name_by_a_lost_answer_are_handled_too() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let inbox = shop.inbox("a", &scribe);
        // The commit came through, its answer did not: nobody has put these into a lane.
        accept(&shop.db, vec![update(1, 5), update(2, 5)], Some(&Owner::named("a")), START).await.expect("it is stored");
        inbox.accept(vec![update(1, 5)]).await.expect("Telegram sends it again");
        assert_eq!(inbox.in_hand(), 0, "{kind:?}");
        for _ in 0..2 {
            assert_eq!(inbox.claim().await.expect("it claims"), 0, "{kind:?}");
            inbox.renew().await.expect("it renews");
        }
        assert_eq!(inbox.claim().await.expect("it claims"), 2, "{kind:?}");
        inbox.settle().await;
        assert_eq!(by_lane(&scribe.seen)[&5], [1, 2], "{kind:?}");
    }
}

#[tokio::test]
async fn what_a_webhook_stored_is_handled_though_the_caller_hung_up() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let scribe = Scribe::default();
        let inbox = shop.inbox("a", &scribe);
        // The call is dropped after it was polled once, in the middle of the write.
        let mut call = inbox.accept(vec![update(1, 5)]);
        assert!(futures::poll!(&mut call).is_pending(), "{kind:?}");
        drop(call);
        while shop.count("done").await == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(by_lane(&scribe.seen)[&5], [1], "{kind:?}");
    }
}

/// Says when it begins with the first update, and writes down what became of its storing.
#[derive(Clone, Default)]
struct Early {
    begun: Arc<Notify>,
    told: Arc<Mutex<Vec<(i64, bool)>>>,
}

impl Handle for Early {
    async fn handle(&self, update: UpdateId, _: &str, stored: &Stored) -> Result<(), Fault> {
        if update.0 == 1 {
            self.begun.notify_one();
        }
        let is_there = stored.wait().await;
        self.told.lock().expect("nobody panicked here").push((update.0, is_there));
        if is_there { Ok(()) } else { Err(Fault::new("a failure of what was not stored counts for nothing")) }
    }
}

#[tokio::test]
async fn a_handler_begins_while_the_commit_is_under_way_and_is_told_how_that_ended() {
    let shop = Shop::open(Kind::Postgres).await;
    let commits = Commits::of(&shop.db).await;
    let early = Early::default();
    let (hook, heard) = alarms();
    let inbox = Inbox::with_limits((&shop.db, &shop.clock, &Owner::named("a")), hook, early.clone(), quick());
    for refused in [true, false] {
        let held = commits.hold(refused).await;
        let mut call = inbox.accept(vec![update(1, 5), update(2, 5)]);
        tokio::select! {
            stored = &mut call => panic!("it was acknowledged before it was on disk: {stored:?}"),
            () = early.begun.notified() => {}
        }
        inbox.renew().await.expect("it renews");
        assert_eq!(inbox.in_hand(), 2, "what is not yet there is not taken for lost");
        assert!(early.told.lock().expect("nobody panicked here").is_empty(), "nobody knows yet");
        held.let_go().await;
        assert_eq!(call.await.is_err(), refused);
        inbox.settle().await;
        let told = std::mem::take(&mut *early.told.lock().expect("nobody panicked here"));
        assert_eq!(told, [(1, !refused), (2, !refused)]);
        let counts = (shop.count("done").await, shop.count("new").await, shop.count("failed").await);
        assert_eq!(counts, if refused { (0, 0, 0) } else { (2, 0, 0) });
    }
    assert!(heard.lock().expect("nobody panicked here").is_empty());
}

#[tokio::test]
async fn what_is_handed_on_is_said_to_be_on_disk() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let early = Early::default();
        let (owner, hook) = (Owner::named("a"), alarms().0);
        let inbox = Inbox::with_limits((&shop.db, &shop.clock, &owner), hook, early.clone(), quick());
        accept(&shop.db, vec![update(1, 1)], None, START).await.expect("it is stored");
        assert_eq!(inbox.claim().await.expect("it claims"), 1, "{kind:?}");
        inbox.accept((2..200).map(|id| update(id, id)).collect()).await.expect("it is stored");
        inbox.settle().await;
        let mut told = early.told.lock().expect("nobody panicked here").clone();
        told.sort_unstable();
        assert_eq!(told, (1..200).map(|id| (id, true)).collect::<Vec<_>>(), "{kind:?}");
    }
}
