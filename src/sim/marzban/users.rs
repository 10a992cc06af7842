//! The calls about one user: create, read, change, reset, revoke, delete.
//! Always: Marzban's order (who asks, whether the user is there, whose it is, what the body says), and its traps as recorded.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::links;
use super::reply::{Question, Reply};
use super::validate::{self, Accepted, For};
use super::world::{Admin, State, Status, User};

/// `POST /api/user`.
pub(super) fn create(state: &mut State, asker: &Admin, question: &Question, now: i64) -> Reply {
    let accepted = match validate::parse(&question.body).and_then(|body| validate::check(state, &body, For::Create)) {
        Ok(accepted) => accepted,
        Err(reply) => return reply,
    };
    let proxies = accepted.proxies.clone().unwrap_or_default();
    if let Some(disabled) = proxies.keys().find(|protocol| state.tags(protocol).is_empty()) {
        return Reply::detail(400, format!("Protocol {disabled} is disabled on your server"));
    }
    // Any row that the database does not take is told in the same words.
    let has_bad_plan = accepted.next_plan.as_ref().is_some_and(|plan| plan["data_limit"].is_null());
    if state.user(&accepted.username).is_some() || has_bad_plan {
        return Reply::detail(409, "User already exists");
    }
    let username = accepted.username.clone();
    let user = row(state, asker, accepted, now);
    state.users.push(user);
    shown(state, &username, now)
}

fn row(state: &mut State, asker: &Admin, accepted: Accepted, now: i64) -> User {
    let proxies = accepted.proxies.map(|proxies| completed(state, proxies));
    let mut excluded = BTreeMap::new();
    for protocol in proxies.iter().flat_map(Map::keys) {
        let named = accepted.inbounds.as_ref().map(|inbounds| inbounds.get(protocol).cloned().unwrap_or_default());
        let all = state.tags(protocol);
        let out = match named {
            None => all,
            Some(tags) if tags.is_empty() => Vec::new(),
            Some(tags) => all.into_iter().filter(|tag| !tags.iter().any(|one| one == tag)).collect(),
        };
        excluded.insert(protocol.clone(), out);
    }
    User {
        id: state.next_id(),
        username: accepted.username,
        status: accepted.status.unwrap_or(Status::Active),
        used: 0,
        used_before: 0,
        data_limit: accepted.data_limit.filter(|bytes| *bytes != 0),
        strategy: accepted.strategy.unwrap_or_else(|| "no_reset".to_owned()),
        expire: accepted.expire.filter(|at| *at != 0),
        note: accepted.note.filter(|note| !note.is_empty()),
        proxies,
        excluded,
        created_at: now,
        online_at: None,
        sub_updated_at: None,
        sub_agent: None,
        hold_duration: accepted.hold_duration,
        hold_timeout: accepted.hold_timeout,
        auto_delete: accepted.auto_delete,
        next_plan: accepted.next_plan.as_ref().map(plan),
        owner: asker.in_database.then(|| asker.username.clone()),
        void_until: state.issued,
    }
}

fn plan(given: &Value) -> Value {
    let or = |key: &str, value: Value| if given[key].is_null() { value } else { given[key].clone() };
    json!({
        "data_limit": given["data_limit"],
        "expire": given["expire"],
        "add_remaining_traffic": or("add_remaining_traffic", json!(false)),
        "fire_on_either": or("fire_on_either", json!(true)),
    })
}

/// Credentials that were not given are made.
fn completed(state: &mut State, proxies: Map<String, Value>) -> Map<String, Value> {
    let mut whole = Map::new();
    for (protocol, given) in proxies {
        let text = |key: &str| given[key].as_str().map(str::to_owned);
        let settings = match protocol.as_str() {
            "vless" => json!({ "id": text("id").unwrap_or_else(|| state.new_uuid()), "flow": text("flow").unwrap_or_default() }),
            "vmess" => json!({ "id": text("id").unwrap_or_else(|| state.new_uuid()) }),
            "trojan" => json!({
                "password": text("password").unwrap_or_else(|| state.new_password()),
                "flow": text("flow").unwrap_or_default(),
            }),
            _ => json!({
                "password": text("password").unwrap_or_else(|| state.new_password()),
                "method": text("method").unwrap_or_else(|| "chacha20-ietf-poly1305".to_owned()),
            }),
        };
        whole.insert(protocol, settings);
    }
    whole
}

/// `/api/user/{username}` and what is below it.
pub(super) fn one(state: &mut State, asker: &Admin, question: &Question, path: &[&str], now: i64) -> Reply {
    let [username, rest @ ..] = path else { return Reply::detail(404, "Not Found") };
    let may = match (question.method.as_str(), rest) {
        ("GET" | "PUT" | "DELETE", []) | ("POST", ["reset" | "revoke_sub"]) => true,
        (_, [] | ["reset" | "revoke_sub"]) => return Reply::detail(405, "Method Not Allowed"),
        _ => false,
    };
    if !may {
        return Reply::detail(404, "Not Found");
    }
    let Some(user) = state.user(username) else { return Reply::detail(404, "User not found") };
    if !asker.is_sudo && user.owner.as_deref() != Some(asker.username.as_str()) {
        return Reply::detail(403, "You're not allowed");
    }
    // Marzban turns the user into an answer before anything else, also for a delete; that one is told apart below.
    if user.is_poisoned() && question.method != "DELETE" {
        return Reply::broken();
    }
    match (question.method.as_str(), rest) {
        ("GET", _) => shown(state, username, now),
        ("PUT", _) => modify(state, username, question, now),
        ("DELETE", _) => delete(state, username),
        (_, ["reset"]) => reset(state, username, now),
        _ => revoke(state, username, now),
    }
}

fn modify(state: &mut State, username: &str, question: &Question, now: i64) -> Reply {
    let accepted = match validate::parse(&question.body).and_then(|body| validate::check(state, &body, For::Modify)) {
        Ok(accepted) => accepted,
        Err(reply) => return reply,
    };
    let proxies = accepted.proxies.filter(|proxies| !proxies.is_empty()).map(|proxies| completed(state, proxies));
    let inbounds: Vec<_> = accepted.inbounds.into_iter().flatten().map(|(key, tags)| (state.tags(&key), key, tags)).collect();
    let Some(user) = state.user_mut(username) else { return Reply::detail(404, "User not found") };
    if proxies.is_some() {
        user.proxies = proxies;
    }
    for (all, protocol, tags) in inbounds {
        // Unlike on create, an empty list is none.
        user.excluded.insert(protocol, all.into_iter().filter(|tag| !tags.iter().any(|one| one == tag)).collect());
    }
    if let Some(status) = accepted.status {
        user.status = status;
    }
    if let Some(bytes) = accepted.data_limit {
        user.data_limit = Some(bytes).filter(|bytes| *bytes != 0);
        user.limit_was_set();
    }
    if let Some(at) = accepted.expire {
        user.expire = Some(at).filter(|at| *at != 0);
        user.expire_was_set(now);
    }
    if let Some(note) = accepted.note {
        user.note = Some(note).filter(|note| !note.is_empty());
    }
    if let Some(strategy) = accepted.strategy {
        user.strategy = strategy;
    }
    user.hold_duration = accepted.hold_duration.or(user.hold_duration);
    user.hold_timeout = accepted.hold_timeout.or(user.hold_timeout);
    // Left out is taken away.
    user.next_plan = accepted.next_plan.as_ref().map(plan);
    shown(state, username, now)
}

fn reset(state: &mut State, username: &str, now: i64) -> Reply {
    if let Some(user) = state.user_mut(username) {
        user.used_before += user.used;
        user.used = 0;
        user.next_plan = None;
        if user.status != Status::Expired {
            user.status = Status::Active;
        }
    }
    shown(state, username, now)
}

fn revoke(state: &mut State, username: &str, now: i64) -> Reply {
    let bare = state.user(username).and_then(|user| user.proxies.clone()).unwrap_or_default();
    let bare = bare.into_iter().map(|(protocol, mut settings)| {
        if let Some(settings) = settings.as_object_mut() {
            settings.remove("id");
            settings.remove("password");
        }
        (protocol, settings)
    });
    let renewed = completed(state, bare.collect());
    let issued = state.issued;
    if let Some(user) = state.user_mut(username) {
        user.proxies = Some(renewed);
        user.void_until = issued;
    }
    shown(state, username, now)
}

fn delete(state: &mut State, username: &str) -> Reply {
    let Some(at) = state.users.iter().position(|user| user.username == username) else {
        return Reply::detail(404, "User not found");
    };
    let gone = state.users.remove(at);
    if gone.owner.is_some() {
        return Reply::json(&json!({ "detail": "User successfully deleted" }));
    }
    // Fails while it reports the deletion, before it tells the core.
    if gone.is_carried() {
        state.ghosts.push(gone.username);
    }
    Reply::broken()
}

fn shown(state: &mut State, username: &str, now: i64) -> Reply {
    links::view(state, username, now).map_or_else(Reply::broken, |user| Reply::json(&user))
}
