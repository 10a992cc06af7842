//! The calls about many: the list of users, and the panel's own state.
//! Always: a page that holds a poisoned user fails whole; without a limit everything comes.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::links;
use super::reply::{Question, Reply};
use super::world::{Admin, State, Status, User};

/// `GET /api/users`.
pub(super) fn users(state: &mut State, asker: &Admin, question: &Question, now: i64) -> Reply {
    let status = match question.param("status").map(|text| Status::parse(text).ok_or(())) {
        None => None,
        Some(Ok(status)) => Some(status),
        Some(Err(())) => {
            let mut wrong = Map::new();
            let text = "Input should be 'active', 'disabled', 'limited', 'expired' or 'on_hold'";
            wrong.insert("status".to_owned(), json!(text));
            return Reply::invalid(&wrong);
        }
    };
    let sort: Vec<&str> = question.param("sort").map(|text| text.split(',').collect()).unwrap_or_default();
    for key in &sort {
        if order(key).is_none() {
            return Reply::detail(400, format!("\"{key}\" is not a valid sort option"));
        }
    }
    let names = question.params("username");
    let owners = question.params("admin");
    let search = question.param("search").map(str::to_lowercase);
    let number = |key: &str| question.param(key).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let fits = |user: &&User| {
        let is_visible = if asker.is_sudo {
            owners.is_empty() || user.owner.as_deref().is_some_and(|owner| owners.contains(&owner))
        } else {
            user.owner.as_deref() == Some(asker.username.as_str())
        };
        is_visible
            && (names.is_empty() || names.contains(&user.username.as_str()))
            && status.is_none_or(|status| user.status == status)
            && search.as_deref().is_none_or(|part| {
                user.username.to_lowercase().contains(part)
                    || user.note.as_deref().is_some_and(|note| note.to_lowercase().contains(part))
            })
    };
    let mut found: Vec<&User> = state.users.iter().filter(fits).collect();
    found.sort_by(|a, b| {
        sort.iter().filter_map(|key| order(key)).fold(Ordering::Equal, |so_far, by| so_far.then_with(|| by.compare(a, b)))
    });
    if sort.is_empty() && !names.is_empty() {
        // No order was asked for: SQLite then walks its index of names.
        found.sort_by(|a, b| a.username.cmp(&b.username));
    }
    let total = found.len();
    let limit = match number("limit") {
        0 => usize::MAX,
        limit => limit,
    };
    let page: Vec<String> = found.into_iter().skip(number("offset")).take(limit).map(|user| user.username.clone()).collect();
    let shown: Option<Vec<Value>> = page.iter().map(|name| links::view(state, name, now)).collect();
    shown.map_or_else(Reply::broken, |users| Reply::json(&json!({ "users": users, "total": total })))
}

/// A key of `sort`.
struct Order<'a> {
    key: &'a str,
    is_down: bool,
}

fn order(text: &str) -> Option<Order<'_>> {
    let (key, is_down) = text.strip_prefix('-').map_or((text, false), |key| (key, true));
    let known = ["username", "used_traffic", "data_limit", "expire", "created_at"];
    known.contains(&key).then_some(Order { key, is_down })
}

impl Order<'_> {
    fn compare(&self, a: &User, b: &User) -> Ordering {
        let up = match self.key {
            "username" => a.username.cmp(&b.username),
            "used_traffic" => a.used.cmp(&b.used),
            "data_limit" => a.data_limit.cmp(&b.data_limit),
            "expire" => a.expire.cmp(&b.expire),
            // Ids are given in the order of creation; many are made in one second.
            _ => (a.created_at, a.id).cmp(&(b.created_at, b.id)),
        };
        if self.is_down { up.reverse() } else { up }
    }
}

/// `GET /api/system`.
pub(super) fn system(state: &State, asker: &Admin, now: i64) -> Reply {
    const DAY: i64 = 86_400;
    let own = || state.users.iter().filter(|user| asker.is_sudo || user.owner.as_deref() == Some(asker.username.as_str()));
    let count = |status: Status| own().filter(|user| user.status == status).count();
    let traffic: i64 = own().map(|user| user.used + user.used_before).sum();
    Reply::json(&json!({
        "version": "0.8.4",
        "mem_total": 4_294_967_296_i64,
        "mem_used": 1_073_741_824_i64,
        "cpu_cores": 2,
        "cpu_usage": 12.5,
        "total_user": own().count(),
        "online_users": own().filter(|user| user.online_at.is_some_and(|at| now - at < DAY)).count(),
        "users_active": count(Status::Active),
        "users_on_hold": count(Status::OnHold),
        "users_disabled": count(Status::Disabled),
        "users_expired": count(Status::Expired),
        "users_limited": count(Status::Limited),
        "incoming_bandwidth": 0,
        "outgoing_bandwidth": traffic,
        "incoming_bandwidth_speed": 0,
        "outgoing_bandwidth_speed": 0,
    }))
}

/// `GET /api/core`.
pub(super) fn core(state: &State) -> Reply {
    Reply::json(&json!({ "version": "26.10.10", "started": state.core_running, "logs_websocket": "/api/core/logs" }))
}

/// `GET /api/inbounds`.
pub(super) fn inbounds(state: &State) -> Reply {
    let mut all: Map<String, Value> = Map::new();
    for inbound in &state.inbounds {
        let entry = json!({
            "tag": inbound.tag,
            "protocol": inbound.protocol,
            "network": inbound.network,
            "tls": inbound.tls,
            "port": inbound.port,
        });
        let list = all.entry(inbound.protocol).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(entry);
        }
    }
    Reply::json(&Value::Object(all))
}
