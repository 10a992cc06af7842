//! The world over HTTP, for the chat page and for other processes: what there is, what people do, faults, measurements.
//! Acts of people are in `control_acts`. The chat page itself is served at `/`.

use std::convert::Infallible;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::sse::{Event as Sse, KeepAlive, Sse as Stream};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::faults::Fault;
use super::groups::NewGroup;
use super::state::{Chat, ChatKind, Person, Standing};
use super::{Telegram, control_acts};

pub fn routes() -> Router<Telegram> {
    let page = Router::new().route("/", get(async || served("text/html; charset=utf-8", INDEX)));
    let page = PAGE.iter().fold(page, |page, (path, kind, content)| page.route(path, get(async || served(kind, content))));
    page.route("/sim/state", get(world))
        .route("/sim/events", get(events))
        .route("/sim/chats/{chat}/messages", get(messages))
        .route("/sim/chats/{chat}/transcript", get(transcript))
        .route("/sim/commands", get(commands))
        .route("/sim/toasts", get(toasts))
        .route("/sim/file/{id}", get(file))
        .route("/sim/people", post(add_person))
        .route("/sim/groups", post(add_group))
        .route("/sim/members", post(set_member))
        .route("/sim/faults", get(list_faults).post(order_fault).delete(clear_faults))
        .route("/sim/faults/{id}", delete(clear_fault))
        .route("/sim/inject", post(inject))
        .route("/sim/counters", get(counters))
        .route("/sim/calls", get(calls))
        .route("/sim/latency", get(latency))
        .route("/sim/settings", post(settings))
        .merge(control_acts::routes())
}

const INDEX: &str = include_str!("../../../assets/chat/index.html");
const JS: &str = "text/javascript; charset=utf-8";

/// The files of the chat page: path, type, content.
const PAGE: [(&str, &str, &str); 9] = [
    ("/chat.css", "text/css; charset=utf-8", include_str!("../../../assets/chat/chat.css")),
    ("/chat.js", JS, include_str!("../../../assets/chat/chat.js")),
    ("/store.js", JS, include_str!("../../../assets/chat/store.js")),
    ("/column.js", JS, include_str!("../../../assets/chat/column.js")),
    ("/view.js", JS, include_str!("../../../assets/chat/view.js")),
    ("/reply.js", JS, include_str!("../../../assets/chat/reply.js")),
    ("/menus.js", JS, include_str!("../../../assets/chat/menus.js")),
    ("/receipt.js", JS, include_str!("../../../assets/chat/receipt.js")),
    ("/drawer.js", JS, include_str!("../../../assets/chat/drawer.js")),
];

fn served(kind: &'static str, content: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], content).into_response()
}

impl Chat {
    fn summary(&self) -> Value {
        let chat = self;
        let topics: Vec<_> =
            chat.topics.iter().map(|(id, topic)| json!({ "id": id, "name": topic.name, "is_closed": topic.is_closed })).collect();
        let members: Vec<_> = chat.members.iter().map(|(id, standing)| json!({ "id": id, "standing": standing })).collect();
        let action = chat.action.as_ref().map(|(action, thread, at)| json!({ "action": action, "thread": thread, "at": at }));
        let last = chat.messages.values().next_back();
        json!({
            "id": chat.id, "kind": chat.kind, "title": chat.title, "is_forum": chat.is_forum, "topics": topics,
            "members": members, "is_started": chat.is_started, "is_blocked": chat.is_blocked,
            "migrated_to": chat.migrated_to, "pinned": chat.pinned, "reply_keyboard": chat.reply_keyboard,
            "action": action, "last_message": last.map(|message| message.id),
        })
    }
}

async fn world(Shared(telegram): Shared<Telegram>) -> Json<Value> {
    let state = telegram.lock();
    let mut people: Vec<_> = state.people.values().collect();
    people.sort_by_key(|person| person.id);
    let mut chats: Vec<_> = state.chats.values().collect();
    chats.sort_by_key(|chat| (chat.kind == ChatKind::Private, chat.id));
    Json(json!({
        "now": state.now, "change": state.change, "bot": state.bot, "people": people,
        "chats": chats.into_iter().map(Chat::summary).collect::<Vec<_>>(),
        "faults": state.faults.list(), "flood": state.faults.flood.is_some(),
    }))
}

/// One line for each change, as server-sent events; `resync` when the watcher was too slow to hear all.
async fn events(Shared(telegram): Shared<Telegram>) -> impl IntoResponse {
    let heard = telegram.lock().events.subscribe();
    let lines = stream::unfold(heard, |mut heard| async {
        let data = match heard.recv().await {
            Ok(event) => serde_json::to_string(&event).unwrap_or_default(),
            Err(RecvError::Lagged(_)) => json!({ "what": "resync", "chat": 0, "change": 0 }).to_string(),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(Sse::default().data(data)), heard))
    });
    Stream::new(lines).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Window {
    #[serde(default)]
    since: u64,
    /// The newest so many.
    limit: Option<usize>,
}

async fn messages(Shared(telegram): Shared<Telegram>, Path(chat): Path<i64>, Query(window): Query<Window>) -> Json<Value> {
    // Before the messages: what comes between is told twice rather than never.
    let change = telegram.lock().change;
    let mut messages = telegram.messages_since(chat, window.since);
    let surplus = messages.len().saturating_sub(window.limit.unwrap_or(usize::MAX));
    messages.drain(..surplus);
    let state = telegram.lock();
    Json(json!({
        "messages": messages, "change": change,
        "chat": state.chats.get(&chat).map(Chat::summary),
    }))
}

async fn transcript(Shared(telegram): Shared<Telegram>, Path(chat): Path<i64>) -> String {
    telegram.transcript(chat)
}

#[derive(Deserialize)]
struct Whose {
    person: i64,
    #[serde(default)]
    chat: i64,
    #[serde(default)]
    since: u64,
}

async fn commands(Shared(telegram): Shared<Telegram>, Query(whose): Query<Whose>) -> Json<Value> {
    let state = telegram.lock();
    let chat = state.chats.get(&whose.chat).or_else(|| state.chats.get(&whose.person));
    Json(chat.map_or_else(|| json!([]), |chat| state.commands_for(chat, whose.person)))
}

async fn toasts(Shared(telegram): Shared<Telegram>, Query(whose): Query<Whose>) -> Json<Value> {
    let mut toasts = telegram.person(whose.person).toasts();
    toasts.retain(|toast| toast.change > whose.since);
    Json(json!(toasts))
}

async fn file(Shared(telegram): Shared<Telegram>, Path(id): Path<String>) -> Response {
    let state = telegram.lock();
    let Some(file) = state.files.get(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = if file.field == "photo" { sniff(&file.bytes) } else { file.mime.as_str() };
    let name: String = file.name.as_deref().unwrap_or("file").chars().filter(|letter| !"\"\\\r\n".contains(*letter)).collect();
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let disposition = if file.field == "photo" { "inline".into() } else { format!("attachment; filename*=UTF-8''{name}") };
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], file.bytes.clone()).into_response()
}

fn sniff(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" }
}

async fn add_person(Shared(telegram): Shared<Telegram>, Json(mut person): Json<Person>) -> Json<Value> {
    if person.id == 0 {
        person.id = telegram.people().iter().map(|person| person.id).max().unwrap_or(1000) + 1;
    }
    Json(json!({ "id": telegram.add_person(person).id() }))
}

async fn add_group(Shared(telegram): Shared<Telegram>, Json(group): Json<NewGroup>) -> Json<Value> {
    Json(json!({ "id": telegram.add_group(group) }))
}

#[derive(Deserialize)]
struct Member {
    chat: i64,
    person: i64,
    standing: Standing,
}

async fn set_member(Shared(telegram): Shared<Telegram>, Json(member): Json<Member>) -> Response {
    control_acts::done(telegram.set_standing(member.chat, member.person, member.standing).map(|()| Value::Null))
}

async fn list_faults(Shared(telegram): Shared<Telegram>) -> Json<Value> {
    Json(json!(telegram.faults()))
}

async fn order_fault(Shared(telegram): Shared<Telegram>, Json(fault): Json<Fault>) -> Json<Value> {
    Json(json!({ "id": telegram.fault(fault) }))
}

async fn clear_faults(Shared(telegram): Shared<Telegram>) -> StatusCode {
    telegram.clear_faults(None);
    StatusCode::NO_CONTENT
}

async fn clear_fault(Shared(telegram): Shared<Telegram>, Path(id): Path<u64>) -> StatusCode {
    telegram.clear_faults(Some(id));
    StatusCode::NO_CONTENT
}

/// One raw update or a list of them, all under one lock.
async fn inject(Shared(telegram): Shared<Telegram>, Json(updates): Json<Value>) -> Json<Value> {
    let updates = match updates {
        Value::Array(updates) => updates,
        one => vec![one],
    };
    let mut state = telegram.lock();
    let ids: Vec<_> = updates.into_iter().map(|update| state.inject(update)).collect();
    Json(json!({ "count": ids.len(), "first": ids.first(), "last": ids.last() }))
}

async fn counters(Shared(telegram): Shared<Telegram>) -> Json<Value> {
    let state = telegram.lock();
    let mut counters = json!(state.counters);
    counters["log_ms"] = state.calls.ms().into();
    counters["updates_pending"] = state.queue.pending.len().into();
    counters["presses_waiting"] = state.presses.len().into();
    Json(counters)
}

async fn calls(Shared(telegram): Shared<Telegram>, Query(window): Query<Window>) -> Json<Value> {
    Json(json!(telegram.calls_since(window.since)))
}

async fn latency(Shared(telegram): Shared<Telegram>) -> Json<Value> {
    Json(json!(telegram.latency()))
}

#[derive(Deserialize)]
struct Settings {
    /// Calls to keep in the log; 0: none.
    calls_keep: Option<usize>,
    /// Messages to keep in each chat.
    messages_keep: Option<usize>,
    /// Start measuring latency anew, or stop.
    latency: Option<bool>,
    /// Count what waits as asked now.
    latency_now: Option<bool>,
    /// Play Telegram's flood limits.
    flood: Option<bool>,
}

async fn settings(Shared(telegram): Shared<Telegram>, Json(settings): Json<Settings>) -> StatusCode {
    if let Some(calls) = settings.calls_keep {
        telegram.keep_calls(calls);
    }
    if settings.messages_keep.is_some() {
        telegram.keep_messages(settings.messages_keep);
    }
    if let Some(is_on) = settings.latency {
        telegram.measure_latency(is_on);
    }
    if settings.latency_now == Some(true) {
        telegram.lock().latency.begin_now();
    }
    if let Some(is_on) = settings.flood {
        telegram.limit_floods(is_on);
    }
    StatusCode::NO_CONTENT
}
