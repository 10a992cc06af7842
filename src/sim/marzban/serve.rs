//! From HTTP to the double's calls and back: faults before and after, the log, the violations.
//! Always: what is done is done under one lock and at once; only faults wait.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::faults::{Asked, Down, FaultKind};
use super::gate::{Cut, Door};
use super::reply::{Question, Reply};
use super::world::{State, World};
use super::{auth, list, sub, users, validate};

const BODY_BYTES_MAX: usize = 1 << 20;

pub(super) fn router(world: Arc<World>) -> Router {
    Router::new().route("/sim/usage", post(use_up)).fallback(serve).with_state(world)
}

#[derive(Deserialize)]
struct Usage {
    username: String,
    bytes: i64,
}

/// No call of the vendor's: how somebody outside of this process says what an account has used.
async fn use_up(Shared(world): Shared<Arc<World>>, Json(usage): Json<Usage>) -> StatusCode {
    if world.use_up(&usage.username, usage.bytes) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

pub(super) fn spawn(world: Arc<World>, listener: TcpListener) -> io::Result<JoinHandle<()>> {
    let door = Door::new(Arc::clone(&world), listener)?;
    let app = router(world).into_make_service_with_connect_info::<Cut>();
    Ok(crate::base::task::spawn("sim-marzban", async move {
        if let Err(error) = axum::serve(door, app).await {
            tracing::error!(%error, "the simulated panel stopped");
        }
    }))
}

async fn serve(Shared(world): Shared<Arc<World>>, request: Request) -> Response {
    let cut = request.extensions().get::<ConnectInfo<Cut>>().map(|info| info.0.clone());
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return Reply::bad_gateway(413).into_response();
    };
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let question = Question {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: parts.headers,
        body: body.to_vec(),
    };
    let (fault, down) = {
        let mut watch = world.watch();
        (watch.take(&question.method, &question.path), watch.down)
    };
    let path = if question.path.starts_with("/sub/") { "/sub/".to_owned() } else { question.path.clone() };
    let method = question.method.clone();
    let reply = if down == Down::No { spoiled(&world, question, fault, cut).await } else { Reply::bad_gateway(502) };
    world.watch().calls.push(Asked { method, path, query, status: reply.status });
    reply.into_response()
}

/// The answer, as the fault leaves it.
async fn spoiled(world: &World, question: Question, fault: Option<FaultKind>, cut: Option<Cut>) -> Reply {
    let hang_up = || {
        if let Some(cut) = cut {
            cut.now();
        }
        Reply::bad_gateway(502)
    };
    match fault {
        None => answer(world, &question),
        Some(FaultKind::Status(status, body)) => Reply::text(status, "text/plain; charset=utf-8", body),
        Some(FaultKind::StatusAfter(status)) => {
            answer(world, &question);
            Reply::bad_gateway(status)
        }
        Some(FaultKind::Silent { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Reply::bad_gateway(504)
        }
        Some(FaultKind::SilentAfter { ms }) => {
            let reply = answer(world, &question);
            tokio::time::sleep(Duration::from_millis(ms)).await;
            reply
        }
        Some(FaultKind::Late { ms }) => {
            world.watch().late.push(question);
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Reply::bad_gateway(504)
        }
        Some(FaultKind::Cut) => hang_up(),
        Some(FaultKind::CutAfter) => {
            answer(world, &question);
            hang_up()
        }
    }
}

/// What Marzban answers.
pub(super) fn answer(world: &World, question: &Question) -> Reply {
    let now = world.now();
    let is_auth_broken = world.watch().is_auth_broken;
    let reply = {
        let mut state = world.state();
        state.review_if_due(now);
        route(&mut state, question, now, is_auth_broken)
    };
    let found = violations(question, &reply);
    world.watch().violations.extend(found);
    reply
}

fn route(state: &mut State, question: &Question, now: i64, is_auth_broken: bool) -> Reply {
    let segments: Vec<&str> = question.path.split('/').skip(1).collect();
    let path = match segments.as_slice() {
        ["sub", rest @ ..] => return sub::open(state, question, rest, now),
        ["api", rest @ ..] => rest,
        _ => return Reply::detail(404, "Not Found"),
    };
    let method = question.method.as_str();
    let allowed = match path {
        ["admin", "token"] | ["user"] => "POST",
        ["admin" | "system" | "core" | "inbounds" | "users"] => "GET",
        ["user", ..] => method,
        _ => return Reply::detail(404, "Not Found"),
    };
    if method != allowed || !matches!(method, "GET" | "POST" | "PUT" | "DELETE") {
        return Reply::detail(405, "Method Not Allowed");
    }
    if path == ["admin", "token"] {
        return auth::login(state, question, now, is_auth_broken);
    }
    let asker = match auth::asker(state, question, now, is_auth_broken) {
        Ok(asker) => asker,
        Err(reply) => return reply,
    };
    match path {
        ["admin"] => Reply::json(&auth::view(state, &asker)),
        ["system"] => list::system(state, &asker, now),
        ["core"] => list::core(state),
        ["inbounds"] => list::inbounds(state),
        ["users"] => list::users(state, &asker, question, now),
        ["user"] => users::create(state, &asker, question, now),
        ["user", rest @ ..] => users::one(state, &asker, question, rest, now),
        _ => Reply::detail(404, "Not Found"),
    }
}

/// What was wrong about the question, in the eyes of who knows Marzban.
fn violations(question: &Question, reply: &Reply) -> Vec<String> {
    let mut found = Vec::new();
    let call = if question.path.starts_with("/sub/") { "/sub/" } else { &question.path };
    let mut note = |what: &str| found.push(format!("{} {call}: {what}", question.method));
    let is_change = matches!(question.method.as_str(), "POST" | "PUT");
    match reply.status {
        400 | 405 | 422 => note(&format!("{} {}", reply.status, reply.body)),
        404 if call.starts_with("/api") && reply.body.contains("\"Not Found\"") => note("no such call"),
        500 if is_change => note("made Marzban fail"),
        _ => {}
    }
    let has = |key: &str| question.param(key).is_some();
    if question.path == "/api/users" && (has("limit") || has("offset")) && !has("sort") {
        note("pages of a list without an order may skip or repeat users");
    }
    let is_user = question.path.starts_with("/api/user") && is_change;
    let Some(body) = validate::parse(&question.body).ok().filter(|_| is_user) else { return found };
    let mut note = |what: &str| found.push(format!("{} {call}: {what}", question.method));
    for field in validate::ignored(&body) {
        note(&format!("the field {field} is dropped in silence"));
    }
    if question.path == "/api/user" {
        if !body.contains_key("inbounds") {
            note("without inbounds the user gets no servers");
        }
        let name = body.get("username").and_then(serde_json::Value::as_str).unwrap_or_default();
        if name.chars().any(|c| c.is_ascii_uppercase()) {
            note("names are told apart by case on some databases only");
        }
    }
    found
}
