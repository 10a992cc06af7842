//! The doors of the inbox: Telegram's webhook, long polling, and what machines ask about us.
use crate::world::postgres::{Kind, TestDb, fresh};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use secrecy::SecretString;
use serde_json::{Value, json};
use souk::api::{self, Check, Checks, Hook};
use souk::base::{Clock, Fault, Time, UpdateId};
use souk::bot::intake::{Intake, Pulse};
use souk::db::{self, Db};
use souk::queue::inbox::{Accept, Handle, Inbox, Letterbox, Stored};
use souk::queue::{CancellationToken, Lease, Owner, log_alarms};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const START: Time = Time(1_700_000_000_000);
const SECRET: &str = "a-secret-of-some-length";

/// Serves a router on a free port for as long as the test runs.
pub async fn open(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    souk::base::task::spawn("test server", async move {
        api::serve(listener, router, std::future::pending()).await.expect("it serves");
    });
    address
}

pub fn browser() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "the test plays Telegram and a monitor, no provider")]
    reqwest::Client::builder().no_proxy().build().expect("an HTTP client")
}

async fn stored(db: &Db) -> i64 {
    let sql = "SELECT COUNT(*) AS v FROM inbox";
    db::scalar(db.read(), sql, vec![]).await.expect("it reads").expect("a count is a row")
}

#[tokio::test]
async fn a_webhook_is_answered_200_only_with_the_secret_and_on_disk() {
    for kind in Kind::BOTH {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let secret = SecretString::from(SECRET);
        let seen: Arc<Mutex<Vec<i64>>> = Arc::default();
        let eyes = Arc::clone(&seen);
        let hook = Hook {
            inbox: Arc::new(Letterbox::new(db.clone(), Clock::stopped_at(START))),
            secret: secret.clone(),
            at_once: Arc::new(move |update| {
                if update.pre_checkout {
                    eyes.lock().expect("nobody panicked here").push(update.update.0);
                }
            }),
        };
        let address = open(api::nothing_here(api::telegram(hook))).await;
        let (client, path) = (browser(), api::webhook_path(&secret));
        assert!(path.len() >= 16 && !path.contains(SECRET));
        let knock = async |path: &str, secret: Option<&str>, body: String| {
            let mut request = client.post(format!("http://{address}/telegram/{path}")).body(body);
            if let Some(secret) = secret {
                request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
            }
            request.send().await.expect("it answers").status().as_u16()
        };
        let update = r#"{"update_id":7,"message":{"from":{"id":1},"text":"hi"}}"#.to_owned();
        assert_eq!(knock(&path, None, update.clone()).await, 401);
        assert_eq!(knock(&path, Some(""), update.clone()).await, 401);
        assert_eq!(knock(&path, Some("a-secret-of-some-lengtH"), update.clone()).await, 401);
        assert_eq!(knock("0000", Some(SECRET), update.clone()).await, 401);
        assert_eq!(knock(&path, Some(SECRET), "{}".to_owned()).await, 400);
        assert_eq!(knock(&path, Some(SECRET), "not json".to_owned()).await, 400);
        let huge = format!(r#"{{"update_id":8,"message":{{"text":"{}"}}}}"#, "x".repeat(1024 * 1024));
        assert_eq!(knock(&path, Some(SECRET), huge).await, 413);
        assert_eq!(stored(&db).await, 0, "{kind:?}");
        for _ in 0..2 {
            assert_eq!(knock(&path, Some(SECRET), update.clone()).await, 200);
        }
        assert_eq!(knock(&path, Some(SECRET), r#"{"update_id":9,"pre_checkout_query":{"from":{"id":1}}}"#.to_owned()).await, 200);
        assert_eq!(stored(&db).await, 2, "{kind:?}: a second delivery is a no-op");
        assert_eq!(*seen.lock().expect("nobody panicked here"), [9], "{kind:?}");
        let lost = client.get(format!("http://{address}/admin")).send().await.expect("it answers");
        assert_eq!((lost.status().as_u16(), lost.text().await.expect("it has a body").as_str()), (404, ""));
        // A database that is gone: no 200.
        db.close().await.expect("it closes");
        assert_eq!(knock(&path, Some(SECRET), update.replace('7', "10")).await, 503, "{kind:?}");
    }
}

#[tokio::test]
async fn machines_hear_whether_we_live_and_are_ready() {
    let well: Check = Arc::new(|| Box::pin(async { Ok(()) }));
    let ill: Check = Arc::new(|| Box::pin(async { Err("it does not answer".to_owned()) }));
    for (ready, status) in [(vec![("database", Arc::clone(&well))], 200), (vec![("database", well), ("intake", ill)], 503)] {
        let address = open(api::health(Checks { ready, metrics: None })).await;
        let get = async |path: &str| {
            let answer = browser().get(format!("http://{address}{path}")).send().await.expect("it answers");
            (answer.status().as_u16(), answer.text().await.expect("it has a body"))
        };
        assert_eq!(get("/healthz").await, (200, "ok\n".to_owned()));
        let (said, words) = get("/readyz").await;
        assert_eq!(said, status, "{words}");
        assert_eq!(words.contains("intake: it does not answer"), status == 503);
        assert_eq!(get("/metrics").await.0, 404);
    }
}

/// A Telegram that hands out pages, and checks at each confirmation that what it confirms is on disk.
#[derive(Clone)]
struct Desk {
    db: Db,
    /// What it answers to the next polls.
    answers: Arc<Mutex<VecDeque<(StatusCode, Value)>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    early: Arc<Mutex<Vec<i64>>>,
}

async fn desk(
    State(desk): State<Desk>,
    Path((_, method)): Path<(String, String)>,
    Json(ask): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let poll = method == "GetUpdates";
    if poll && let Some(offset) = ask["offset"].as_i64() {
        let sql = "SELECT COUNT(*) AS v FROM inbox WHERE update_id < $1";
        let count: i64 = db::scalar(desk.db.read(), sql, vec![offset.into()]).await.expect("it reads").expect("a count is a row");
        if count < offset {
            desk.early.lock().expect("nobody panicked here").push(offset);
        }
    }
    desk.asked.lock().expect("nobody panicked here").push((method, ask));
    if !poll {
        return (StatusCode::OK, Json(json!({ "ok": true, "result": true })));
    }
    let answer = desk.answers.lock().expect("nobody panicked here").pop_front();
    match answer {
        Some((status, body)) => (status, Json(body)),
        // Nothing more: it holds the line.
        None => std::future::pending().await,
    }
}

/// Counts what it handles.
struct Count(Arc<Mutex<Vec<i64>>>);

impl Handle for Count {
    async fn handle(&self, update: UpdateId, _: &str, _: &Stored) -> Result<(), Fault> {
        self.0.lock().expect("nobody panicked here").push(update.0);
        Ok(())
    }
}

fn page(ids: std::ops::Range<i64>) -> (StatusCode, Value) {
    let updates: Vec<Value> =
        ids.map(|id| json!({ "update_id": id, "message": { "from": { "id": id % 5 }, "text": "سلام" } })).collect();
    (StatusCode::OK, json!({ "ok": true, "result": updates }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_confirms_only_what_is_on_disk_and_bears_what_telegram_does() {
    for kind in Kind::BOTH {
        let place: TestDb = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let answers = [
            page(0..100),
            (StatusCode::BAD_GATEWAY, json!("<html>")),
            page(50..130),
            (StatusCode::CONFLICT, json!({ "ok": false, "error_code": 409, "description": "Conflict: webhook is active" })),
            page(130..131),
            (StatusCode::TOO_MANY_REQUESTS, json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 0 } })),
            (StatusCode::OK, json!({ "ok": true, "result": [{ "update_id": 131, "brand_new": { "deep": [1] } }] })),
        ];
        let telegram =
            Desk { db: db.clone(), answers: Arc::new(Mutex::new(answers.into())), asked: Arc::default(), early: Arc::default() };
        let address = open(Router::new().route("/{bot}/{method}", post(desk)).with_state(telegram.clone())).await;
        let (clock, owner, handled) = (Clock::system(), Owner::named("a"), Arc::default());
        let inbox = Arc::new(Inbox::new(&db, &clock, &owner, log_alarms(), Count(Arc::clone(&handled))));
        let url = format!("http://{address}").parse().expect("a URL");
        let intake = Intake {
            bot: teloxide::Bot::with_client("1:x", browser()).set_api_url(url),
            clock: clock.clone(),
            inbox: Arc::clone(&inbox) as Arc<dyn Accept>,
            lease: Lease::new(db.clone(), clock.clone(), owner, "poll"),
            pre_checkout: Arc::new(|_| Box::pin(async {})),
            pulse: Pulse::default(),
        };
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let polling = souk::base::task::spawn("test intake", async move { intake.run(stop).await });
        while stored(&db).await < 132 || !telegram.answers.lock().expect("nobody panicked here").is_empty() {
            tokio::task::yield_now().await;
        }
        shutdown.cancel();
        polling.await.expect("it ends");
        inbox.settle().await;
        let mut handled: Vec<i64> = std::mem::take(&mut *handled.lock().expect("nobody panicked here"));
        handled.sort_unstable();
        assert_eq!(handled, (0..132).collect::<Vec<_>>(), "{kind:?}: each once");
        assert_eq!(
            *telegram.early.lock().expect("nobody panicked here"),
            [0_i64; 0],
            "{kind:?}: confirmed before it was on disk"
        );
        let asked = telegram.asked.lock().expect("nobody panicked here");
        assert_eq!(asked[0].0, "DeleteWebhook", "{kind:?}");
        assert_eq!(asked[0].1["drop_pending_updates"], false, "{kind:?}");
        assert_eq!(asked.iter().filter(|(method, _)| method == "DeleteWebhook").count(), 2, "{kind:?}: once more after the 409");
        assert!(asked[1].1["allowed_updates"].as_array().is_some_and(|kinds| kinds.contains(&json!("pre_checkout_query"))));
    }
}
