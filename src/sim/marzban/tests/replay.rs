//! The recorded calls of a real Marzban 0.8.4, asked of the double in an order that makes sense: the same status, the same
//! shape, the same words of refusal, the same facts of a user.

use std::collections::BTreeMap;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::{Hand, START, Stage};
use crate::sim::marzban::Marzban;

/// A real-world recording, asked of a double.
struct Replay {
    sim: Marzban,
    hand: Hand,
    http: Client,
    url: String,
    bearers: BTreeMap<&'static str, String>,
    asker: &'static str,
    /// The part of `/sub/{token}` that stands for the recorded one.
    token: String,
    asked: usize,
}

impl Replay {
    async fn new() -> Self {
        let hand = Hand::new();
        let sim = Marzban::new(hand.clock());
        sim.add_env_admin("admin", "word-of-admin");
        sim.add_admin("shop", "word-of-bot");
        sim.add_reseller("reseller", "word-of-reseller");
        let url = sim.start().await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a bare client, so that the double is not asked through our own door")]
        let http = Client::builder().no_proxy().build().unwrap();
        let mut replay = Self { sim, hand, http, url, bearers: BTreeMap::new(), asker: "", token: String::new(), asked: 0 };
        for (username, password) in [("admin", "word-of-admin"), ("shop", "word-of-bot"), ("reseller", "word-of-reseller")] {
            let form = [("username", username), ("password", password)];
            let url = format!("{}/api/admin/token", replay.url);
            let answer: Value = replay.http.post(url).form(&form).send().await.unwrap().json().await.unwrap();
            replay.bearers.insert(username, answer["access_token"].as_str().unwrap().to_owned());
        }
        replay
    }

    fn as_admin(&mut self, username: &'static str) {
        self.asker = username;
    }

    /// Asks all these, in this order.
    async fn all(&mut self, names: &[&str]) {
        for name in names {
            self.one(name).await;
        }
    }

    async fn one(&mut self, name: &str) -> Value {
        let path = format!("{}/tests/recorded/marzban/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let pair: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path);
        let (expected, body) = (&pair["response"], pair["response"]["body"].clone());
        let answer = self.ask(name, &pair["request"]).await;
        let status = answer.status().as_u16();
        assert_eq!(json!(status), expected["status"], "{name}");
        for (header, value) in expected["headers"].as_object().unwrap() {
            let got = answer.headers().get(header).and_then(|value| value.to_str().ok());
            match header.as_str() {
                "allow" | "profile-web-page-url" => {}
                _ => assert_eq!(got, value.as_str(), "{name}: {header}"),
            }
        }
        let text = answer.text().await.unwrap();
        let got = serde_json::from_str(&text).unwrap_or(Value::String(text));
        self.asked += 1;
        if !name.contains("clash") && !name.contains("sing") && !name.contains("hiddify") && name != "52_sub_html" {
            same(name, "", &got, &body);
        }
        got
    }

    async fn ask(&self, name: &str, request: &Value) -> Response {
        let mut path = request["path"].as_str().unwrap().to_owned();
        if let Some(rest) = path.strip_prefix("/sub/").filter(|_| name != "54_sub_bad") {
            let tail = rest.find('/').map_or("", |at| &rest[at..]);
            let mut token = self.token.clone();
            if name == "54_sub_tampered" {
                let last = if token.ends_with('A') { "B" } else { "A" };
                token.replace_range(token.len() - 1.., last);
            }
            path = format!("/sub/{token}{tail}");
        }
        let method: Method = request["method"].as_str().unwrap().parse().unwrap();
        let mut ask = self.http.request(method, format!("{}{path}", self.url));
        for (header, value) in request["headers"].as_object().unwrap() {
            ask = ask.header(header, value.as_str().unwrap());
        }
        match name {
            "03_no_auth" => {}
            "03_bad_token" => ask = ask.bearer_auth("garbage"),
            _ if path.starts_with("/sub/") || path == "/api/admin/token" => {}
            _ => ask = ask.bearer_auth(&self.bearers[self.asker]),
        }
        match (&request["json"], &request["form"]) {
            (Value::Null, Value::Null) => {}
            (Value::Null, Value::String(raw)) => ask = ask.body(raw.clone()),
            (Value::Null, form) => ask = ask.form(form),
            (body, _) => ask = ask.json(body),
        }
        ask.send().await.unwrap()
    }

    /// From now on `/sub/...` opens this user's subscription.
    fn opens(&mut self, user: &Value) {
        let url = user["subscription_url"].as_str().unwrap();
        url.strip_prefix("/sub/").unwrap().clone_into(&mut self.token);
    }
}

/// Fields whose values differ from one installation to the next: only their kind is compared.
const OWN: &[&str] = &[
    "id",
    "password",
    "access_token",
    "created_at",
    "online_at",
    "sub_updated_at",
    "subscription_url",
    "mem_total",
    "mem_used",
    "cpu_usage",
    "cpu_cores",
    "incoming_bandwidth",
    "outgoing_bandwidth",
    "incoming_bandwidth_speed",
    "users_usage",
    "outgoing_bandwidth_speed",
    "telegram_id",
    "sub_last_user_agent",
    "total_user",
    "online_users",
    "users_active",
    "users_on_hold",
    "users_disabled",
    "users_expired",
    "users_limited",
];

/// Compares two answers: keys and kinds everywhere, values where they are facts.
fn same(name: &str, key: &str, got: &Value, recorded: &Value) {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    };
    if key == "telegram_id" || key == "sub_last_user_agent" {
        return;
    }
    assert_eq!(kind(got), kind(recorded), "{name}: {key}: {got} was {recorded}");
    match (got, recorded) {
        (Value::Object(got), Value::Object(recorded)) => {
            let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(got), keys(recorded), "{name}: {key}");
            for (key, value) in got {
                same(name, key, value, &recorded[key]);
            }
        }
        (Value::Array(got), Value::Array(recorded)) => {
            assert_eq!(got.len(), recorded.len(), "{name}: {key}: {got:?} was {recorded:?}");
            for (got, recorded) in got.iter().zip(recorded) {
                same(name, key, got, recorded);
            }
        }
        (Value::String(got), Value::String(recorded)) if key == "links" => {
            let scheme = |link: &str| link.split_once("://").map(|(scheme, _)| scheme.to_owned());
            assert_eq!(scheme(got), scheme(recorded), "{name}");
        }
        // A whole body in base64: as many servers of the same kind.
        (Value::String(got), Value::String(recorded)) if key.is_empty() && recorded.len() > 100 => {
            let (got, recorded) = (unpacked(got), unpacked(recorded));
            assert_eq!(got.lines().count(), recorded.lines().count(), "{name}: {got}");
            assert!(got.lines().all(|line| line.starts_with("vless://")), "{name}: {got}");
        }
        _ if OWN.contains(&key) => {}
        _ => assert_eq!(got, recorded, "{name}: {key}"),
    }
}

fn unpacked(body: &str) -> String {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(body).unwrap()).unwrap()
}

#[tokio::test]
async fn logins_and_the_panels_own_state() {
    let mut replay = Replay::new().await;
    replay.as_admin("admin");
    replay
        .all(&[
            "01_token_bad_password",
            "01_token_json_body",
            "01_token_missing_field",
            "02_token_ok",
            "03_bad_token",
            "03_no_auth",
        ])
        .await;
    replay.all(&["04_whoami", "05_core", "05_inbounds", "05_system", "65_404_route", "65_405"]).await;
    replay.all(&["21_token_bot", "21_token_reseller"]).await;
    replay.as_admin("reseller");
    replay.all(&["21_inbounds_reseller", "21_system_reseller"]).await;
    assert_eq!(replay.asked, 16);
    assert!(replay.sim.violations().iter().any(|one| one.contains("Field required")));
}

#[tokio::test]
async fn creating_and_what_is_refused_or_poisons() {
    let mut replay = Replay::new().await;
    replay.as_admin("admin");
    replay.all(&["10_create", "11_create_duplicate", "11_create_duplicate_other_case"]).await;
    replay.all(&["12_get", "12_get_missing", "12_get_other_case"]).await;
    replay
        .all(&[
            "13_create_empty_proxies",
            "13_create_minimal",
            "13_create_no_inbounds_key",
            "13_create_one_inbound_flow",
            "13_create_unknown_inbound",
            "13_create_unknown_proxy",
        ])
        .await;
    for n in 0..=16 {
        replay.one(&format!("14_username_{n:02}")).await;
    }
    replay
        .all(&[
            "15_expire_float",
            "15_expire_iso",
            "15_expire_negative",
            "15_expire_past",
            "15_expire_string",
            "15_expire_zero_limit_zero",
            "15_limit_float",
            "15_limit_negative",
            "15_limit_string",
            "15_malformed_json",
            "15_note_501",
            "15_reset_bad",
            "15_status_disabled_on_create",
            "15_unknown_field",
        ])
        .await;
    replay
        .all(&["16_onhold_no_duration", "16_onhold_ok", "16_onhold_timeout_epoch", "16_onhold_tz", "16_onhold_with_expire"])
        .await;
    replay.all(&["17_next_plan_null_limit", "17_next_plan_ok"]).await;
    replay.all(&["13_create_no_proxies_key", "18_get_noprox", "18_list_poisoned"]).await;
    replay.all(&["18_delete_noprox", "18_delete_noprox_again"]).await;
    replay.all(&["15_expire_ms", "18_get_ms", "18_list_poisoned_ms", "18_delete_ms"]).await;
    replay.all(&["18_delete_normal_env_admin", "18_get_after_delete"]).await;
    replay.all(&["50_create_inb_null", "50_create_status_null"]).await;
    assert_eq!(replay.asked, 63);
    // Gone from the database, and still carried by the core.
    assert!(replay.sim.ghosts().contains(&"abc".to_owned()));
    for expected in ["made Marzban fail", "ip_limit", "told apart by case", "without inbounds"] {
        assert!(replay.sim.violations().iter().any(|one| one.contains(expected)), "{expected}");
    }
}

#[tokio::test]
async fn a_life_with_changes_of_state() {
    let mut replay = Replay::new().await;
    replay.as_admin("shop");
    replay.hand.set(START + 63);
    replay.all(&["30_create", "30_create_dup", "31_get"]).await;
    replay.as_admin("reseller");
    replay.all(&["31_get_as_other_admin"]).await;
    replay.as_admin("shop");
    replay.all(&["32_disable", "32_disabled_extend", "33_enable", "33_modify_empty_body"]).await;
    replay.all(&["33_modify_empty_proxies_inbounds", "33_modify_nulls", "33_modify_missing", "33_modify_status_expired"]).await;
    replay.all(&["33_modify_unlimit", "33_modify_past", "33_modify_active_when_past"]).await;
    replay.hand.forward(10);
    replay.all(&["33_after_review", "34_extend_expired", "34_reset", "35_disable", "35_reset_when_disabled"]).await;
    replay.all(&["35_hold", "35_reset_when_on_hold", "35_hold2", "35_hold_data_limit", "35_hold_expire"]).await;
    replay.all(&["35_hold_disable", "35_hold_reenable_noduration", "35_hold_reenable", "58_revoke_on_hold"]).await;
    replay.all(&["36_np", "36_np_put_other", "36_np_put", "60_list_search_note"]).await;
    replay.all(&["50_hold_put_nulls", "50_inb_null"]).await;
    replay.all(&["64_delete_ok", "64_delete_again"]).await;
    assert_eq!(replay.asked, 37);
    assert_eq!(replay.sim.ghosts(), Vec::<String>::new());
}

#[tokio::test]
async fn subscriptions_and_lists() {
    let mut replay = Replay::new().await;
    replay.as_admin("shop");
    replay.hand.set(START + 63);
    let user = replay.one("30_create").await;
    replay.opens(&user);
    // As the earlier changes of the recording had left it.
    for body in [json!({ "expire": 1_797_758_167, "note": "" })] {
        let ask = json!({ "method": "PUT", "path": "/api/user/life_0001", "headers": {}, "json": body, "form": null });
        assert_eq!(replay.ask("", &ask).await.status(), 200);
    }
    replay.all(&["51_sub_clash", "51_sub_clashmeta", "51_sub_curl", "51_sub_hiddify", "51_sub_none", "51_sub_singbox"]).await;
    replay.all(&["51_sub_v2rayNG", "52_sub_html", "53_sub_trailing_slash", "53_sub_type_clash"]).await;
    replay.all(&["53_sub_type_clash-meta", "53_sub_type_sing-box", "53_sub_type_v2ray", "53_sub_type_nope"]).await;
    replay.all(&["54_sub_bad", "54_sub_head", "54_sub_info", "54_sub_tampered", "55_get_after_sub"]).await;
    let revoked = replay.one("56_revoke").await;
    replay.one("57_old_sub_after_revoke").await;
    replay.opens(&revoked);
    replay.all(&["57_new_sub_after_revoke", "58_disable", "58_sub_disabled"]).await;
    let revoked = replay.one("58_revoke_disabled").await;
    replay.opens(&revoked);
    replay.all(&["58_enable"]).await;
    replay.all(&["60_list_limit0", "60_list_sort_bad", "60_list_status_bad"]).await;
    replay.all(&["35_hold", "35_reset_when_on_hold"]).await;
    let both = replay.one("60_list_usernames").await;
    assert_eq!(both["total"], 2);
    assert_eq!(replay.asked, 33);
}

#[tokio::test]
async fn traffic_and_inbounds() {
    let mut replay = Replay::new().await;
    replay.as_admin("shop");
    replay.hand.set(START + 366);
    let user = replay.one("70_traffic_create").await;
    replay.opens(&user);
    assert!(replay.sim.connect("trf2_0001"));
    replay.sim.set_usage("trf2_0001", 5_767_900);
    replay.all(&["70_limited", "70_sub_limited", "71_limited_extend_expire", "71_limited_set_active"]).await;
    replay.hand.forward(10);
    assert_eq!(replay.sim.accounts_named("trf2_0001")[0].status, "limited", "until the next review only");
    replay.all(&["71_limited_raise", "72_reset", "73_disable"]).await;
    replay.sim.set_usage("trf2_0001", 1_241);
    replay.all(&["73_enable"]).await;
    let revoked = replay.one("74_revoke").await;
    replay.opens(&revoked);
    replay.all(&["75_hold"]).await;
    assert!(replay.sim.connect("trf2_hold"));
    let begun = &replay.sim.accounts_named("trf2_hold")[0];
    assert_eq!((begun.status, begun.expire), ("active", Some(START + 376 + 604_800)));
    replay.all(&["76_delete_db_admin"]).await;
    replay.sim.set_usage("trf2_0001", 2_482);
    replay.all(&["79_get_traffic", "78_system"]).await;
    replay.as_admin("admin");
    replay.all(&["77_env_create", "77_env_delete"]).await;
    replay.as_admin("shop");
    replay.hand.set(1_795_166_918);
    replay.all(&["91_create_empty_list", "91_put_empty_list", "91_past", "91_reset_expired", "91_del"]).await;
    assert_eq!(replay.asked, 21);
}

/// Does by hand what only a panel's owner does.
pub(super) async fn put_on_hold(stage: &Stage, name: &str) {
    let url = stage.sim.url().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the owner's hand, not our own door")]
    let http = Client::builder().no_proxy().build().unwrap();
    let form = [("username", "shop"), ("password", "pass-word")];
    let answer = http.post(format!("{url}/api/admin/token")).form(&form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let body = json!({ "expire": 0, "status": "on_hold", "on_hold_expire_duration": 86_400 });
    let ask = http.put(format!("{url}/api/user/{name}")).bearer_auth(answer["access_token"].as_str().unwrap());
    assert_eq!(ask.json(&body).send().await.unwrap().status(), 200);
}
