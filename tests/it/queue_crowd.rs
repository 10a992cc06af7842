//! Jobs and a crowd: while many wait for their answers, jobs leave them most of the machine.
use crate::world::postgres::{Kind, fresh};
use serde::{Deserialize, Serialize};
use souk::base::{Clock, Fault, SECOND, Time, UpdateId, task};
use souk::db::{Db, scalar, write_tx};
use souk::queue::inbox::{Accept, Handle, Inbox, Incoming, Stored};
use souk::queue::jobs::{Act, Attempt, JobError, Payload, Registry, Runner, enqueue};
use souk::queue::{CancellationToken, Owner, log_alarms};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Barrier, Semaphore};

const NOW: Time = Time(1_700_000_000_000);
const MANY: usize = 8;
const PATIENCE: Duration = Duration::from_mins(1);

/// Where jobs meet.
struct Hall {
    done: Semaphore,
    /// Opens when so many are there at once.
    together: Barrier,
}

/// Ends only when all of them are there.
#[derive(Serialize, Deserialize)]
struct Meeting;

impl Payload for Meeting {
    const KIND: &'static str = "meeting";
}

impl Act<Arc<Hall>> for Meeting {
    async fn run(self, hall: &Arc<Hall>, _: Attempt) -> Result<(), JobError> {
        hall.together.wait().await;
        hall.done.add_permits(1);
        Ok(())
    }
}

/// Answers nobody before he may.
struct Busy(Arc<Semaphore>);

impl Handle for Busy {
    async fn handle(&self, _: UpdateId, _: &str, _: &Stored) -> Result<(), Fault> {
        self.0.acquire().await.map(drop).map_err(Fault::new)
    }
}

async fn want_a_meeting(db: &Db, at: Time) {
    let all = write_tx(db, move |tx| {
        Box::pin(async move {
            for _ in 0..MANY {
                enqueue(tx, &Meeting, at, None).await?;
            }
            Ok::<_, Fault>(())
        })
    });
    all.await.expect("they are enqueued");
}

async fn begun(db: &Db) -> i64 {
    let sql = "SELECT COUNT(*) AS v FROM jobs WHERE state <> 'due'";
    scalar(db.read(), sql, vec![]).await.expect("it reads").expect("a count is a row")
}

async fn all_done(hall: &Hall, what: &str) {
    let many = u32::try_from(MANY).expect("small");
    let done = tokio::time::timeout(PATIENCE, hall.done.acquire_many(many)).await.unwrap_or_else(|_| panic!("{what} do not end"));
    done.expect("nobody closes it").forget();
}

#[tokio::test]
async fn jobs_let_a_crowd_go_first_for_two_seconds() {
    for kind in Kind::BOTH {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let (clock, owner) = (Clock::stopped_at(NOW), Owner::named("a"));
        let (gate, stop) = (Arc::new(Semaphore::new(0)), CancellationToken::new());
        let inbox = Inbox::new(&db, &clock, &owner, log_alarms(), Busy(Arc::clone(&gate)));
        let hall = Arc::new(Hall { done: Semaphore::new(0), together: Barrier::new(MANY) });
        let registry = Registry::new().with::<Meeting>();
        let runner = Runner::new(db.clone(), registry, Arc::clone(&hall), clock.clone(), owner).after(Some(inbox.crowd()));

        // One person's flood is no crowd, four people are one.
        let update = |id: i64, lane| Incoming { update: UpdateId(id), lane, pre_checkout: false, raw: "{}".to_owned() };
        inbox.accept((0..9).map(|id| update(id, 1)).collect()).await.expect("they are stored");
        assert!(!inbox.crowd().is_there(), "{kind:?}");
        inbox.accept((2..5).map(|id| update(id + 10, id)).collect()).await.expect("they are stored");
        assert!(inbox.crowd().is_there(), "{kind:?}");

        // They wait as long as the crowd does, and no longer than two seconds.
        want_a_meeting(&db, clock.now()).await;
        let done = stop.clone();
        let jobs = task::spawn("jobs", async move { runner.run(done).await });
        clock.advance(SECOND);
        for _ in 0..200 {
            assert_eq!(begun(&db).await, 0, "{kind:?}");
        }
        clock.advance(SECOND);
        all_done(&hall, "the jobs beside a crowd").await;

        gate.add_permits(100);
        inbox.settle().await;
        assert!(!inbox.crowd().is_there(), "{kind:?}");
        want_a_meeting(&db, clock.now()).await;
        all_done(&hall, "the jobs without a crowd").await;
        stop.cancel();
        jobs.await.expect("it ends");
        db.close().await.expect("it closes");
    }
}
