//! Notices: paced, patient, and never sent again after a success.
use crate::world::postgres::{Kind, TestDb, fresh};
use serde_json::{Value, json};
use souk::base::{ChatId, Clock, MINUTE, SECOND, Time};
use souk::db::{self, Db, write_tx};
use souk::queue::outbox::{Pacer, Sender, Sent, push};
use souk::queue::{CancellationToken, Owner};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

const START: Time = Time(1_700_000_000_000);

/// A Telegram that notes what it is sent, and answers as ordered.
#[derive(Clone)]
struct Post {
    clock: Clock,
    sent: Arc<Mutex<Vec<(Time, i64, String)>>>,
    orders: Arc<Mutex<HashMap<i64, VecDeque<Sent>>>>,
}

impl Post {
    fn order(&self, chat: i64, answers: impl IntoIterator<Item = Sent>) {
        self.orders.lock().expect("nobody panicked here").entry(chat).or_default().extend(answers);
    }

    /// What arrived: the moment, the chat, the words.
    fn arrived(&self) -> Vec<(Time, i64, String)> {
        std::mem::take(&mut *self.sent.lock().expect("nobody panicked here"))
    }

    fn words(&self) -> Vec<String> {
        self.arrived().into_iter().map(|(_, chat, words)| format!("{chat}: {words}")).collect()
    }
}

impl Sender for Post {
    async fn send(&self, chat: ChatId, body: Value) -> Sent {
        tokio::task::yield_now().await;
        let order = self.orders.lock().expect("nobody panicked here").get_mut(&chat.0).and_then(VecDeque::pop_front);
        let answer = order.unwrap_or(Sent::Ok { message_id: 1 });
        if matches!(answer, Sent::Ok { .. } | Sent::Unknown { .. }) {
            let words = body.as_str().expect("the test's bodies are words").to_owned();
            self.sent.lock().expect("nobody panicked here").push((self.clock.now(), chat.0, words));
        }
        answer
    }
}

struct Shop {
    _place: TestDb,
    db: Db,
    clock: Clock,
    post: Post,
}

impl Shop {
    async fn open(kind: Kind) -> Self {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let clock = Clock::stopped_at(START);
        let post = Post { clock: clock.clone(), sent: Arc::default(), orders: Arc::default() };
        Self { _place: place, db, clock, post }
    }

    fn pacer(&self, owner: &str) -> Pacer<Post> {
        Pacer::new(self.db.clone(), self.clock.clone(), Owner::named(owner), self.post.clone())
    }

    async fn tell(&self, notices: impl IntoIterator<Item = (i64, String)>) {
        let (notices, now): (Vec<_>, _) = (notices.into_iter().collect(), self.clock.now());
        write_tx(&self.db, move |tx| {
            Box::pin(async move {
                for (chat, words) in notices {
                    push(tx, ChatId(chat), &json!(words), now, None).await?;
                }
                Ok::<_, souk::base::Fault>(())
            })
        })
        .await
        .expect("they are pushed");
    }

    async fn count(&self, state: &str) -> i64 {
        let sql = "SELECT COUNT(*) AS v FROM outbox WHERE state = $1";
        db::scalar(self.db.read(), sql, vec![state.into()]).await.expect("it reads").expect("a count is a row")
    }

    /// Lets time pass in small steps, sending at the pacer's pace.
    async fn pass(&self, pacer: &Pacer<Post>, ms: i64) {
        for _ in 0..ms / 20 {
            pacer.beat().await.expect("it beats");
            self.clock.advance(20);
        }
    }
}

#[tokio::test]
async fn a_crowd_is_told_at_25_a_second_and_a_person_at_one_a_second() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let pacer = shop.pacer("a");
        shop.tell((0..8).map(|n| (1, format!("n{n}")))).await;
        shop.tell((100..200).map(|chat| (chat, "hi".to_owned()))).await;
        shop.pass(&pacer, 5_000).await;
        let arrived = shop.post.arrived();
        let seconds = |n: i64| START.after(n * SECOND);
        for n in 0..5 {
            let in_it = arrived.iter().filter(|(at, ..)| (seconds(n)..seconds(n + 1)).contains(at)).count();
            assert!(in_it <= 30, "{kind:?}: {in_it} in second {n}");
        }
        assert_eq!(arrived.iter().filter(|(_, chat, _)| *chat >= 100).count(), 100, "{kind:?}: the crowd does not wait for one");
        let ones: Vec<_> = arrived.iter().filter(|(_, chat, _)| *chat == 1).collect();
        assert!((4..=5).contains(&ones.len()), "{kind:?}: {}", ones.len());
        assert_eq!(ones[0].0, START, "{kind:?}: a person's first goes at once");
        assert!(ones.windows(2).all(|two| two[1].0.since(two[0].0) >= SECOND), "{kind:?}: {ones:?}");
        assert!(ones.iter().map(|one| &one.2).is_sorted(), "{kind:?}: {ones:?}");
        shop.pass(&pacer, 5_000).await;
        assert_eq!((shop.count("sent").await, shop.count("due").await), (108, 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_chat_that_asks_to_wait_gets_nothing_until_then_and_holds_nobody_up() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let pacer = shop.pacer("a");
        shop.post.order(1, [Sent::Later { seconds: 7 }]);
        shop.tell([(1, "one".to_owned()), (1, "two".to_owned()), (2, "other".to_owned())]).await;
        shop.pass(&pacer, 6_900).await;
        assert_eq!(shop.post.words(), ["2: other"], "{kind:?}");
        // Another process, after a restart, waits too: it is in the rows.
        let pacer = shop.pacer("b");
        shop.pass(&pacer, 60).await;
        assert_eq!(shop.post.words(), [""; 0], "{kind:?}");
        shop.pass(&pacer, 2_000).await;
        assert_eq!(shop.post.words(), ["1: one", "1: two"], "{kind:?}");
    }
}

#[tokio::test]
async fn two_floods_in_a_row_silence_us_for_everybody() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let pacer = shop.pacer("a");
        for chat in [1, 2] {
            shop.post.order(chat, [Sent::Later { seconds: 5 }]);
        }
        shop.tell((1..8).map(|chat| (chat, "hi".to_owned()))).await;
        // Two answers, and whatever was on its way with them.
        pacer.beat().await.expect("it beats");
        shop.post.arrived();
        shop.tell([(50, "hi".to_owned())]).await;
        shop.post.order(3, [Sent::Later { seconds: 9 }]);
        shop.pass(&pacer, 20_000).await;
        assert_eq!(shop.count("sent").await, 8, "{kind:?}: all are told in the end");
    }
}

#[tokio::test]
async fn what_became_of_each_is_recorded() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let pacer = shop.pacer("a");
        shop.post.order(1, [Sent::Gone]);
        shop.post.order(2, [Sent::Refused { why: "too long".to_owned() }]);
        shop.post.order(-3, [Sent::Moved { to: ChatId(-1003) }]);
        shop.post.order(4, (0..9).map(|_| Sent::Unknown { why: "a timeout".to_owned() }));
        shop.tell([1, 2, -3, -3, 4, 5].map(|chat| (chat, "hi".to_owned()))).await;
        pacer.run_due().await.expect("it sends");
        assert_eq!(shop.post.words(), ["4: hi", "5: hi", "-1003: hi", "-1003: hi"], "{kind:?}");
        assert_eq!((shop.count("dropped").await, shop.count("sent").await), (2, 3), "{kind:?}");
        for _ in 0..9 {
            shop.clock.advance(5 * 60 * SECOND);
            pacer.run_due().await.expect("it sends");
        }
        assert_eq!(shop.post.words(), vec!["4: hi"; 7], "{kind:?}: it is tried eight times");
        assert_eq!((shop.count("dropped").await, shop.count("due").await), (3, 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_telegram_that_is_away_drops_nothing_for_a_day() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        let pacer = shop.pacer("a");
        let down = || Sent::Down { why: "502".to_owned() };
        shop.post.order(1, (0..60).map(|_| down()));
        shop.post.order(2, (0..2_000).map(|_| down()));
        shop.tell([1, 2].map(|chat| (chat, "hi".to_owned()))).await;
        let pass = async |hours: i64| {
            for _ in 0..hours * 12 {
                pacer.run_due().await.expect("it sends");
                shop.clock.advance(5 * MINUTE);
            }
        };
        pass(23).await;
        assert_eq!(shop.post.words(), ["1: hi"], "{kind:?}");
        assert_eq!((shop.count("sent").await, shop.count("dropped").await), (1, 0), "{kind:?}");
        let asked = 2_000 - shop.post.orders.lock().expect("nobody panicked here")[&2].len();
        assert!(asked <= 23 * 12, "{kind:?}: asked {asked} times");
        pass(2).await;
        assert_eq!((shop.count("dropped").await, shop.count("due").await), (1, 0), "{kind:?}: but not for ever");
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_none_and_repeats_only_what_was_on_its_way() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        shop.tell((1..4).map(|chat| (chat, "hi".to_owned()))).await;
        // A process took all, sent the first, recorded it, and died.
        let sql = "UPDATE outbox SET state = CASE WHEN chat = 1 THEN 'sent' ELSE 'sending' END, owner = 'dead', lease_until = $1";
        let until = START.after(30 * SECOND);
        write_tx(&shop.db, move |tx| Box::pin(async move { db::execute(tx, sql, vec![until.into()]).await }))
            .await
            .expect("it is taken");
        let pacer = shop.pacer("b");
        assert_eq!(pacer.run_due().await.expect("it sends"), 0, "{kind:?}: the dead one's lease still holds");
        shop.clock.advance(31 * SECOND);
        assert_eq!(pacer.run_due().await.expect("it sends"), 2, "{kind:?}");
        assert_eq!(shop.post.words(), ["2: hi", "3: hi"], "{kind:?}");
    }
}

#[tokio::test]
async fn the_same_occasion_is_told_once() {
    for kind in Kind::BOTH {
        let shop = Shop::open(kind).await;
        for _ in 0..3 {
            let now = shop.clock.now();
            write_tx(&shop.db, move |tx| {
                Box::pin(async move { push(tx, ChatId(1), &json!("hi"), now, Some("hello:1".to_owned())).await })
            })
            .await
            .expect("it is pushed");
            shop.pacer("a").run_due().await.expect("it sends");
        }
        assert_eq!(shop.post.words(), ["1: hi"], "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_loops_one_sends_and_a_stop_hands_over() {
    for kind in Kind::BOTH {
        let mut shop = Shop::open(kind).await;
        shop.clock = Clock::system();
        let spawn = |owner: &str| {
            let (pacer, shutdown) = (shop.pacer(owner), CancellationToken::new());
            let stop = shutdown.clone();
            (souk::base::task::spawn("test pacer", async move { pacer.run(stop).await }), shutdown)
        };
        let (first, stop_first) = spawn("a");
        shop.tell((1..4).map(|chat| (chat, "hi".to_owned()))).await;
        while shop.count("sent").await < 3 {
            tokio::task::yield_now().await;
        }
        stop_first.cancel();
        first.await.expect("it ends");
        let (second, stop_second) = spawn("b");
        shop.tell([(9, "still here".to_owned())]).await;
        while shop.count("sent").await < 4 {
            tokio::task::yield_now().await;
        }
        stop_second.cancel();
        second.await.expect("it ends");
        let mut words = shop.post.words();
        words.sort();
        assert_eq!(words, ["1: hi", "2: hi", "3: hi", "9: still here"], "{kind:?}");
    }
}
