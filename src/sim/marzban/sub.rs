//! The subscription link, which needs no login: `/sub/{token}`.
//! Always: the asker's program decides the form; users that may not connect get their servers too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::links::{self, Server};
use super::reply::{Question, Reply};
use super::world::State;

/// `path` is what follows `/sub/`.
pub(super) fn open(state: &mut State, question: &Question, path: &[&str], now: i64) -> Reply {
    let (token, form) = match path {
        [token] | [token, ""] => (*token, None),
        [token, form] => (*token, Some(*form)),
        _ => return Reply::detail(404, "Not Found"),
    };
    if question.method != "GET" {
        return Reply::detail(405, "Method Not Allowed");
    }
    let Some(username) = links::opened_by(state, token) else { return Reply::detail(404, "Not Found") };
    if form == Some("info") {
        return info(state, &username, now);
    }
    let form = match form {
        Some(known @ ("sing-box" | "clash-meta" | "clash" | "v2ray")) => known,
        Some(_) => {
            let mut wrong = Map::new();
            let text = "String should match pattern 'sing-box|clash-meta|clash|outline|v2ray|v2ray-json'";
            wrong.insert("client_type".to_owned(), json!(text));
            return Reply::invalid(&wrong);
        }
        None if question.header("accept").contains("text/html") => "html",
        None => form_for(question.header("user-agent")),
    };
    let mut headers = Vec::new();
    if form != "html" {
        headers = headers_for(state, question, &username);
    }
    let agent = question.header("user-agent").to_owned();
    if let Some(user) = state.user_mut(&username) {
        user.sub_updated_at = Some(now);
        user.sub_agent = Some(agent);
    }
    let servers = state.user(&username).map(|user| links::servers(state, user)).unwrap_or_default();
    let (kind, body) = match form {
        "html" => ("text/html; charset=utf-8", format!("<!DOCTYPE html><html><body>{username}</body></html>")),
        "sing-box" => ("application/json", sing_box(&servers)),
        "clash-meta" => ("text/yaml; charset=utf-8", clash(&servers)),
        // The old clash knows no vless: those are left out.
        "clash" => {
            ("text/yaml; charset=utf-8", clash(&servers.into_iter().filter(|s| s.protocol != "vless").collect::<Vec<_>>()))
        }
        _ => {
            let lines: Vec<_> = servers.into_iter().map(|server| server.link).collect();
            ("text/plain; charset=utf-8", STANDARD.encode(lines.join("\n")))
        }
    };
    Reply { headers, ..Reply::text(200, kind, body) }
}

/// The form for a program, by the beginning of its name.
fn form_for(agent: &str) -> &'static str {
    let agent = agent.to_lowercase();
    let begins = |names: &[&str]| names.iter().any(|name| agent.starts_with(name));
    if begins(&["clash-verge", "clash-meta", "clash.meta", "clashmeta", "flclash", "mihomo"]) {
        "clash-meta"
    } else if begins(&["clash", "stash"]) {
        "clash"
    } else if begins(&["sfa", "sfi", "sfm", "sft", "karing", "hiddifynext"]) {
        "sing-box"
    } else {
        "v2ray"
    }
}

fn headers_for(state: &State, question: &Question, username: &str) -> Vec<(&'static str, String)> {
    let user = state.user(username);
    let (used, limit, expire) =
        user.map_or((0, 0, 0), |user| (user.used, user.data_limit.unwrap_or(0), user.expire.unwrap_or(0)));
    vec![
        ("content-disposition", format!("attachment; filename=\"{username}\"")),
        ("profile-web-page-url", format!("http://{}{}", question.header("host"), question.path)),
        ("support-url", "https://t.me/".to_owned()),
        ("profile-title", format!("base64:{}", STANDARD.encode("Subscription"))),
        ("profile-update-interval", "12".to_owned()),
        ("subscription-userinfo", format!("upload=0; download={used}; total={limit}; expire={expire}")),
    ]
}

/// The user, without what is the shop's business.
fn info(state: &mut State, username: &str, now: i64) -> Reply {
    let Some(mut user) = links::view(state, username, now) else { return Reply::broken() };
    if let Some(fields) = user.as_object_mut() {
        for hidden in ["admin", "note", "inbounds", "excluded_inbounds", "auto_delete_in_days"] {
            fields.remove(hidden);
        }
    }
    Reply::json(&user)
}

fn sing_box(servers: &[Server]) -> String {
    let mut outbounds: Vec<Value> = vec![
        json!({ "type": "selector", "tag": "proxy", "outbounds": servers.iter().map(|s| s.name.as_str()).collect::<Vec<_>>() }),
        json!({ "type": "direct", "tag": "direct" }),
    ];
    outbounds.extend(servers.iter().map(
        |server| json!({ "type": server.protocol, "tag": server.name, "server_port": server.port, "uuid": server.credential }),
    ));
    json!({ "log": { "level": "warn" }, "outbounds": outbounds, "route": { "final": "proxy" } }).to_string()
}

fn clash(servers: &[Server]) -> String {
    use std::fmt::Write as _;
    let mut yaml = "mode: Global\nport: 7890\n".to_owned();
    if servers.is_empty() {
        yaml.push_str("proxies: []\n");
    } else {
        yaml.push_str("proxies:\n");
    }
    for server in servers {
        // Writing to a string does not fail.
        let _ = writeln!(
            yaml,
            "- name: {}\n  network: {}\n  port: {}\n  type: {}\n  uuid: {}",
            server.name, server.network, server.port, server.protocol, server.credential
        );
    }
    yaml.push_str("rules: []\n");
    yaml
}
