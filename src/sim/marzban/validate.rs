//! What Marzban accepts in the body of a user, and what it says when it does not.
//! Always: texts are those of 0.8.4; all wrong fields are told at once; a value that Marzban fails on is `Broken`.
//! Never: changes anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::reply::Reply;
use super::world::{State, Status};

/// A body that Marzban accepted.
pub(super) struct Accepted {
    pub username: String,
    pub proxies: Option<Map<String, Value>>,
    pub inbounds: Option<BTreeMap<String, Vec<String>>>,
    pub expire: Option<i64>,
    pub data_limit: Option<i64>,
    pub strategy: Option<String>,
    pub status: Option<Status>,
    pub note: Option<String>,
    pub hold_duration: Option<i64>,
    pub hold_timeout: Option<i64>,
    pub auto_delete: Option<i64>,
    pub next_plan: Option<Value>,
}

const FIELDS: [&str; 12] = [
    "username",
    "proxies",
    "inbounds",
    "expire",
    "data_limit",
    "data_limit_reset_strategy",
    "status",
    "note",
    "on_hold_expire_duration",
    "on_hold_timeout",
    "auto_delete_in_days",
    "next_plan",
];
const PROTOCOLS: [&str; 4] = ["vmess", "vless", "trojan", "shadowsocks"];
const STRATEGIES: [&str; 5] = ["no_reset", "day", "week", "month", "year"];

/// The fields of a body that Marzban drops without a word.
pub(super) fn ignored(body: &Map<String, Value>) -> Vec<String> {
    body.keys().filter(|key| !FIELDS.contains(&key.as_str())).cloned().collect()
}

/// A body as JSON, or Marzban's answer to one that is none.
pub(super) fn parse(body: &[u8]) -> Result<Map<String, Value>, Reply> {
    let mut wrong = Map::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(fields)) => return Ok(fields),
        Ok(_) => wrong.insert("body".to_owned(), json!("Input should be a valid dictionary or object to extract fields from")),
        Err(error) => wrong.insert(error.column().saturating_sub(1).to_string(), json!("JSON decode error")),
    };
    Err(Reply::invalid(&wrong))
}

/// Which call the body is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Create,
    Modify,
}

/// Reads a body as Marzban does.
pub(super) fn check(state: &State, body: &Map<String, Value>, what: For) -> Result<Accepted, Reply> {
    // An explicit null here meets code that does not expect it.
    let null = |key: &str| body.get(key).is_some_and(Value::is_null);
    if null("proxies") || (what == For::Create && null("inbounds")) {
        return Err(Reply::broken());
    }
    let mut wrong = Map::new();
    let mut note = |key: &str, outcome: Result<(), String>| {
        if let Err(text) = outcome {
            wrong.insert(key.to_owned(), json!(text));
        }
    };
    let mut username = String::new();
    if what == For::Create {
        note(
            "username",
            read(body, "username", name)
                .map(|value| username = value.unwrap_or_default())
                .and_then(|()| if body.contains_key("username") { Ok(()) } else { Err("Field required".to_owned()) }),
        );
    }
    let mut accepted = Accepted {
        username: String::new(),
        proxies: None,
        inbounds: None,
        expire: None,
        data_limit: None,
        strategy: None,
        status: None,
        note: None,
        hold_duration: None,
        hold_timeout: None,
        auto_delete: None,
        next_plan: body.get("next_plan").filter(|plan| plan.is_object()).cloned(),
    };
    note("proxies", read(body, "proxies", |value| proxies(value, what)).map(|value| accepted.proxies = value));
    note("inbounds", read(body, "inbounds", |value| inbounds(state, value)).map(|value| accepted.inbounds = value));
    note("expire", read_or_null(body, "expire", integer).map(|value| accepted.expire = value));
    note("data_limit", read_or_null(body, "data_limit", limit).map(|value| accepted.data_limit = value));
    note("data_limit_reset_strategy", read(body, "data_limit_reset_strategy", strategy).map(|value| accepted.strategy = value));
    note("note", read_or_null(body, "note", text).map(|value| accepted.note = value));
    note(
        "on_hold_expire_duration",
        read_or_null(body, "on_hold_expire_duration", integer).map(|value| accepted.hold_duration = value),
    );
    note("on_hold_timeout", read_or_null(body, "on_hold_timeout", time).map(|value| accepted.hold_timeout = value));
    note("auto_delete_in_days", read_or_null(body, "auto_delete_in_days", integer).map(|value| accepted.auto_delete = value));
    let (expire, duration) = (accepted.expire.unwrap_or(0), accepted.hold_duration.unwrap_or(0));
    note("status", read(body, "status", |value| status(value, what, expire, duration)).map(|value| accepted.status = value));
    accepted.username = username;
    if wrong.is_empty() { Ok(accepted) } else { Err(Reply::invalid(&wrong)) }
}

fn read<T>(body: &Map<String, Value>, key: &str, how: impl FnOnce(&Value) -> Result<T, String>) -> Result<Option<T>, String> {
    body.get(key).map(how).transpose()
}

fn read_or_null<T>(
    body: &Map<String, Value>,
    key: &str,
    how: impl FnOnce(&Value) -> Result<T, String>,
) -> Result<Option<T>, String> {
    body.get(key).filter(|value| !value.is_null()).map(how).transpose()
}

/// Starts with 3 to 32 word characters and then a boundary; all of it out of a small alphabet.
fn name(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("Input should be a valid string")?;
    let words = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
    let whole = text.strip_suffix('\n').unwrap_or(text);
    let fits = (3..=32).contains(&words) && whole.chars().all(|c| c.is_ascii_alphanumeric() || "-_@.".contains(c));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("Value error, Username only can be 3 to 32 characters and contain a-z, 0-9, and underscores in between.".to_owned())
    }
}

fn proxies(value: &Value, what: For) -> Result<Map<String, Value>, String> {
    let map = value.as_object().ok_or("Input should be a valid dictionary")?;
    if map.is_empty() && what == For::Create {
        return Err("Value error, Each user needs at least one proxy".to_owned());
    }
    match map.keys().find(|key| !PROTOCOLS.contains(&key.as_str())) {
        Some(unknown) => Err(format!("Value error, '{unknown}' is not a valid ProxyTypes")),
        None => Ok(map.clone()),
    }
}

fn inbounds(state: &State, value: &Value) -> Result<BTreeMap<String, Vec<String>>, String> {
    let map = value.as_object().ok_or("Input should be a valid dictionary")?;
    let mut named = BTreeMap::new();
    for (protocol, tags) in map {
        let tags = tags.as_array().ok_or("Input should be a valid list")?;
        let tags: Vec<String> = tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
        let known = state.tags(protocol);
        if let Some(unknown) = tags.iter().find(|tag| !known.contains(&tag.as_str())) {
            return Err(format!("Value error, Inbound {unknown} doesn't exist"));
        }
        named.insert(protocol.clone(), tags);
    }
    Ok(named)
}

fn integer(value: &Value) -> Result<i64, String> {
    if let Some(text) = value.as_str() {
        return text
            .trim()
            .parse()
            .map_err(|_| "Input should be a valid integer, unable to parse string as an integer".to_owned());
    }
    match (value.as_i64(), value.is_f64()) {
        (Some(whole), _) => Ok(whole),
        (None, true) => Err("Input should be a valid integer, got a number with a fractional part".to_owned()),
        (None, false) => Err("Input should be a valid integer".to_owned()),
    }
}

/// Unlike other integers: a text is refused, and a fraction is cut off.
fn limit(value: &Value) -> Result<i64, String> {
    if value.is_string() {
        return Err("Value error, data_limit must be an integer or a float, not a string".to_owned());
    }
    let digits = value.to_string();
    let whole = digits.split_once('.').map_or(digits.as_str(), |(whole, _)| whole);
    match whole.parse::<i64>() {
        Ok(bytes) if bytes < 0 => Err("Input should be greater than or equal to 0".to_owned()),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err("Input should be a valid integer".to_owned()),
    }
}

fn strategy(value: &Value) -> Result<String, String> {
    let known = value.as_str().filter(|text| STRATEGIES.contains(text));
    known.map(str::to_owned).ok_or_else(|| "Input should be 'no_reset', 'day', 'week', 'month' or 'year'".to_owned())
}

fn text(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("Input should be a valid string")?;
    if text.chars().count() > 500 {
        return Err("Value error, User's note can be a maximum of 500 character".to_owned());
    }
    Ok(text.to_owned())
}

/// ISO with or without a zone, or unix seconds.
fn time(value: &Value) -> Result<i64, String> {
    let wrong = || "Input should be a valid datetime".to_owned();
    let Some(text) = value.as_str() else { return value.as_i64().ok_or_else(wrong) };
    // As recorded: the zone is dropped, not reckoned with.
    let naive = text.get(..19).ok_or_else(wrong)?;
    let naive = chrono::NaiveDateTime::parse_from_str(naive, "%Y-%m-%dT%H:%M:%S").map_err(|_| wrong())?;
    Ok(naive.and_utc().timestamp())
}

fn status(value: &Value, what: For, expire: i64, duration: i64) -> Result<Status, String> {
    let (allowed, text): (&[Status], _) = match what {
        For::Create => (&[Status::Active, Status::OnHold], "Input should be 'active' or 'on_hold'"),
        For::Modify => (&[Status::Active, Status::Disabled, Status::OnHold], "Input should be 'active', 'disabled' or 'on_hold'"),
    };
    let status = value.as_str().and_then(Status::parse).filter(|status| allowed.contains(status)).ok_or(text)?;
    if status == Status::OnHold && duration == 0 {
        return Err("Value error, User cannot be on hold without a valid on_hold_expire_duration.".to_owned());
    }
    if status == Status::OnHold && expire != 0 {
        return Err("Value error, User cannot be on hold with specified expire.".to_owned());
    }
    Ok(status)
}
