//! How updates reach the bot: polling with offsets, webhooks, doubles.

use axum::http::HeaderMap;
use tokio::sync::mpsc;

use super::*;

#[expect(clippy::disallowed_methods, reason = "the test wants what the task returns")]
fn in_background<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(work)
}

/// Is over when a poll has begun.
fn next_poll(w: &World) -> impl Future<Output = ()> {
    Arc::clone(&w.telegram.lock().poll).notified_owned()
}

#[tokio::test]
async fn an_update_comes_again_until_it_is_confirmed() {
    let w = world().await;
    for words in ["one", "two", "three"] {
        w.sara().says(words).unwrap();
    }
    let first = w.bot.get_updates().limit(2).await.unwrap();
    assert_eq!(first.len(), 2);
    assert_eq!(w.bot.get_updates().await.unwrap().len(), 3, "nothing was confirmed");
    let rest = w.bot.get_updates().offset(first[0].id.as_offset()).await.unwrap();
    assert_eq!(rest.len(), 2);
    assert_eq!(w.bot.get_updates().offset(-1).await.unwrap().len(), 1, "only the newest is kept");
    assert_eq!(w.telegram.pending_updates(), 1);
}

#[tokio::test]
async fn a_poll_waits_for_news_and_a_second_poll_ends_it() {
    let w = world().await;
    let bot = w.bot.clone();
    let begun = next_poll(&w);
    let waiting = in_background(async move { bot.get_updates().timeout(20).await });
    begun.await;
    w.sara().says("news").unwrap();
    let updates = waiting.await.unwrap().unwrap();
    w.bot.get_updates().offset(updates[0].id.as_offset()).await.unwrap();

    let bot = w.bot.clone();
    let begun = next_poll(&w);
    let waiting = in_background(async move { bot.get_updates().timeout(20).await });
    begun.await;
    w.bot.get_updates().await.unwrap();
    let ended = waiting.await.unwrap().unwrap_err();
    assert!(matches!(ended, RequestError::Api(ApiError::TerminatedByOtherGetUpdates)), "{ended:?}");
}

#[tokio::test]
async fn kinds_that_are_not_asked_for_do_not_come() {
    let w = world().await;
    w.bot.get_updates().allowed_updates([AllowedUpdate::CallbackQuery]).await.unwrap();
    w.sara().says("hi").unwrap();
    assert!(w.updates().await.is_empty());
    w.bot.get_updates().allowed_updates([AllowedUpdate::Message]).await.unwrap();
    w.sara().says("hi").unwrap();
    assert_eq!(w.updates().await.len(), 1);
}

#[tokio::test]
async fn updates_may_be_delivered_twice() {
    let w = world().await;
    w.telegram.fault(Fault::new(FaultKind::DeliverTwice));
    w.sara().says("one").unwrap();
    let first = w.bot.get_updates().await.unwrap();
    let again = w.bot.get_updates().offset(first[0].id.as_offset()).await.unwrap();
    assert_eq!(again[0].id, first[0].id);
    assert!(w.bot.get_updates().offset(first[0].id.as_offset()).await.unwrap().is_empty());
    w.sara().says("two").unwrap();
    let by_hand = w.telegram.take_updates();
    assert_eq!(by_hand[0]["message"]["text"], "two");
    assert_eq!(w.telegram.take_updates(), by_hand);
    assert!(w.telegram.take_updates().is_empty());
}

#[tokio::test]
async fn what_the_library_does_not_know_can_be_injected() {
    let w = world().await;
    let id = w.telegram.inject(json!({ "message": {
        "message_id": 70, "date": 1, "chat": { "id": 77, "type": "private", "first_name": "New" },
        "from": { "id": 77, "is_bot": false, "first_name": "New" }, "text": "hi",
        "entities": [{ "type": "hologram", "offset": 0, "length": 2 }],
    }}));
    assert_eq!(i64::from(w.bot.get_updates().await.unwrap()[0].id.0), id);
    let sent = w.bot.send_message(teloxide::types::ChatId(77), "hello").await.unwrap();
    assert_eq!(sent.id.0, 71);
}

/// Deliveries that the webhook below has seen.
static SEEN: AtomicI64 = AtomicI64::new(0);

#[tokio::test]
async fn a_webhook_gets_each_update_until_it_says_ok() {
    let w = world().await;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let hook = axum::Router::new().route(
        "/hook",
        axum::routing::post(async move |headers: HeaderMap, body: String| {
            let secret = headers.get("X-Telegram-Bot-Api-Secret-Token").map(|value| value.to_str().unwrap().to_owned());
            let update: serde_json::Value = serde_json::from_str(&body).unwrap();
            heard.send((secret, update["message"]["text"].as_str().unwrap().to_owned())).unwrap();
            if SEEN.fetch_add(1, Ordering::Relaxed) == 0 {
                axum::http::StatusCode::BAD_GATEWAY
            } else {
                axum::http::StatusCode::OK
            }
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    drop(spawn("hook", async move { axum::serve(listener, hook).await.unwrap() }));
    w.bot.set_webhook(url.parse().unwrap()).secret_token("s3cret").max_connections(4).await.unwrap();
    w.sara().says("hi").unwrap();
    let first = hearing.recv().await.unwrap();
    assert_eq!(first, (Some("s3cret".into()), "hi".into()));
    assert_eq!(hearing.recv().await.unwrap(), first, "the first delivery was not taken");
    let conflict = w.bot.get_updates().await.unwrap_err();
    assert!(conflict.to_string().contains("can't use getUpdates method while webhook is active"), "{conflict}");
    let info = w.bot.get_webhook_info().await.unwrap();
    assert_eq!((info.url.unwrap().as_str(), info.max_connections), (url.as_str(), Some(4)));
    assert!(info.last_error_message.unwrap().contains("502 Bad Gateway"));
    w.bot.delete_webhook().await.unwrap();
    w.sara().says("later").unwrap();
    assert_eq!(w.updates().await.len(), 1);
}

#[tokio::test]
async fn the_world_is_played_over_http_too() {
    let w = world().await;
    let client = w.bot.client();
    let post = async |path: &str, body: serde_json::Value| -> serde_json::Value {
        let request = client.post(format!("{}/sim/{path}", w.url)).body(body.to_string());
        let answer = request.header("content-type", "application/json").send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
    };
    assert_eq!(post("people", json!({ "first_name": "Omid" })).await["id"], 1002);
    assert_eq!(post("say", json!({ "person": 1002, "text": "hi" })).await["message"], 1);
    let acts = json!([{ "act": "start", "person": SARA }, { "act": "press", "person": SARA, "button": "Buy" }]);
    let results = post("act", acts).await;
    assert_eq!(results[0]["message"], 1);
    assert!(results[1]["error"].as_str().unwrap().contains("there is no button"));
    let fault = json!({ "kind": "too_many", "retry_after": 3, "method": "sendMessage", "every": 2 });
    assert_eq!(post("faults", fault).await["id"], 1);
    let form = reqwest::multipart::Form::new()
        .text("person", "1002")
        .text("caption", "receipt")
        .part("file", reqwest::multipart::Part::bytes(png(40, 20)).file_name("r.png"));
    client.post(format!("{}/sim/photo", w.url)).multipart(form).send().await.unwrap();
    let get = async |path: &str| client.get(format!("{}{path}", w.url)).send().await.unwrap();
    let seen: serde_json::Value = serde_json::from_str(&get("/sim/chats/1002/messages").await.text().await.unwrap()).unwrap();
    let photo = &seen["messages"][1];
    assert_eq!((photo["text"].as_str(), photo["media"]["width"].as_u64()), (Some("receipt"), Some(40)));
    let file = get(&format!("/sim/file/{}", photo["media"]["file_id"].as_str().unwrap())).await;
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.unwrap(), png(40, 20));
    let world: serde_json::Value = serde_json::from_str(&get("/sim/state").await.text().await.unwrap()).unwrap();
    assert_eq!((world["people"].as_array().unwrap().len(), world["faults"].as_array().unwrap().len()), (2, 1));
    assert!(get("/").await.text().await.unwrap().contains("<!doctype html>"));
}
