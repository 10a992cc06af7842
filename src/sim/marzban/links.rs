//! What a user gets: server links, subscription tokens, and the user as the API shows it.
//! Always: a token opens only until its user is revoked or deleted; a poisoned user cannot be shown.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::auth;
use super::world::{Inbound, State, User};

const SIGNATURE_CHARS: usize = 10;

/// A user in an answer; `None` when Marzban would choke on it.
pub(super) fn view(state: &mut State, username: &str, now: i64) -> Option<Value> {
    let issued = state.issue(now);
    let user = state.user(username)?;
    let proxies = user.proxies.as_ref().filter(|_| !user.is_poisoned())?;
    let mut included = Map::new();
    let mut excluded = Map::new();
    for protocol in proxies.keys() {
        let out = user.excluded.get(protocol).cloned().unwrap_or_default();
        let tags: Vec<_> = state.tags(protocol).into_iter().filter(|tag| !out.contains(tag)).collect();
        included.insert(protocol.clone(), json!(tags));
        excluded.insert(protocol.clone(), json!(out));
    }
    let owner = state.admins.iter().find(|admin| user.owner.as_deref() == Some(admin.username.as_str()));
    Some(json!({
        "proxies": proxies,
        "expire": user.expire,
        "data_limit": user.data_limit,
        "data_limit_reset_strategy": user.strategy,
        "inbounds": included,
        "note": user.note,
        "sub_updated_at": user.sub_updated_at.map(|at| time(at, user.id)),
        "sub_last_user_agent": user.sub_agent,
        "online_at": user.online_at.map(|at| time(at, user.id)),
        "on_hold_expire_duration": user.hold_duration,
        "on_hold_timeout": user.hold_timeout.map(whole_time),
        "auto_delete_in_days": user.auto_delete,
        "next_plan": user.next_plan,
        "username": user.username,
        "status": user.status.as_str(),
        "used_traffic": user.used,
        "lifetime_used_traffic": user.used_before + user.used,
        "created_at": time(user.created_at, user.id),
        "links": servers(state, user).into_iter().map(|server| server.link).collect::<Vec<_>>(),
        "subscription_url": format!("/sub/{}", token(state, username, issued)),
        "excluded_inbounds": excluded,
        "admin": owner.map(|admin| auth::view(state, admin)),
    }))
}

/// Marzban's times: UTC without a zone, with microseconds.
fn time(at: i64, micros: i64) -> String {
    format!("{}.{:06}", whole_time(at), micros.rem_euclid(1_000_000))
}

fn whole_time(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// One server of a user.
pub(super) struct Server {
    pub name: String,
    pub link: String,
    pub protocol: &'static str,
    pub network: &'static str,
    pub port: u16,
    pub credential: String,
}

/// All servers of a user, whatever its status: Marzban keeps them for users that may not connect.
pub(super) fn servers(state: &State, user: &User) -> Vec<Server> {
    let Some(proxies) = &user.proxies else { return Vec::new() };
    let of = |inbound: &Inbound| {
        let is_out = user.excluded.get(inbound.protocol).is_some_and(|out| out.contains(&inbound.tag));
        proxies.get(inbound.protocol).filter(|_| !is_out).map(|settings| server(&state.host, user, inbound, settings))
    };
    state.inbounds.iter().filter_map(of).collect()
}

fn server(host: &str, user: &User, inbound: &Inbound, settings: &Value) -> Server {
    let Inbound { protocol, network, port, .. } = *inbound;
    let shown = match protocol {
        "vmess" => "VMess",
        "trojan" => "Trojan",
        "shadowsocks" => "Shadowsocks",
        _ => "VLESS",
    };
    let name = format!("🚀 Marz ({}) [{shown} - {network}]", user.username);
    let tail: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let text = |key: &str| settings[key].as_str().unwrap_or_default().to_owned();
    let credential = if settings["id"].is_string() { text("id") } else { text("password") };
    let security = inbound.tls;
    let flow = match text("flow") {
        flow if flow.is_empty() || security == "none" => String::new(),
        flow => format!("&flow={flow}"),
    };
    let path = if network == "ws" { "%2Fws" } else { "" };
    let keys =
        if security == "reality" { "&sni=example.com&fp=chrome&pbk=public-key-of-the-panel&sid=0123456789abcdef" } else { "" };
    let query = format!("security={security}&type={network}&headerType={flow}&path={path}&host={keys}");
    let link = match protocol {
        "vmess" => {
            let inner = json!({ "v": "2", "ps": name, "add": host, "port": port, "id": credential, "aid": "0", "net": network,
                "type": "", "host": "", "path": "/vm", "tls": "none", "scy": "auto" });
            format!("vmess://{}", STANDARD.encode(inner.to_string()))
        }
        "shadowsocks" => {
            format!("ss://{}@{host}:{port}#{tail}", STANDARD.encode(format!("{}:{credential}", text("method"))))
        }
        _ => format!("{protocol}://{credential}@{host}:{port}?{query}#{tail}"),
    };
    Server { name, link, protocol, network, port, credential }
}

/// A token for a user's subscription, as issued in that second.
fn token(state: &State, username: &str, issued: i64) -> String {
    let payload = URL_SAFE_NO_PAD.encode(format!("{username},{issued}"));
    let signature = sign(state, &payload);
    format!("{payload}{signature}")
}

fn sign(state: &State, payload: &str) -> String {
    let digest = Sha256::digest(format!("{payload}{}", state.secret));
    URL_SAFE_NO_PAD.encode(digest).chars().take(SIGNATURE_CHARS).collect()
}

/// Whose subscription a token opens, if any.
pub(super) fn opened_by(state: &State, token: &str) -> Option<String> {
    let (payload, signature) = token.split_at_checked(token.len().checked_sub(SIGNATURE_CHARS)?)?;
    if sign(state, payload) != signature {
        return None;
    }
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let (username, issued) = payload.rsplit_once(',')?;
    let issued: i64 = issued.parse().ok()?;
    state.user(username).filter(|user| issued > user.void_until).map(|user| user.username.clone())
}
