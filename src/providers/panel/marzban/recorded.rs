//! The adapter against answers of a real Marzban 0.8.4, as they were recorded.

use serde_json::Value;

use super::super::super::http::{Answer, ProviderError};
use super::super::account::AccountState;
use super::client::failure;
use super::wire;

/// The recorded answer as the adapter would have received it.
fn answer(name: &str) -> (Answer, Value) {
    let path = format!("{}/tests/recorded/marzban/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let pair: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path);
    let response = &pair["response"];
    let body = match &response["body"] {
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    };
    let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
    let wrote = pair["request"]["method"] != "GET";
    (Answer { status, body, wrote }, response["body"].clone())
}

#[test]
fn users_decode() {
    for (name, state, expires_at, traffic_bytes) in [
        ("10_create", AccountState::Active, Some(1_797_758_104), Some(10_737_418_240)),
        ("13_create_no_inbounds_key", AccountState::Active, Some(1_797_758_104), Some(10_737_418_240)),
        ("13_create_minimal", AccountState::Active, None, None),
        ("15_expire_zero_limit_zero", AccountState::Active, None, None),
        ("16_onhold_ok", AccountState::OnHold, None, Some(10_737_418_240)),
        ("32_disable", AccountState::Disabled, Some(1_797_758_167), Some(10_737_418_240)),
        ("33_after_review", AccountState::Expired, Some(1_795_166_157), None),
        ("70_limited", AccountState::Limited, Some(1_795_339_270), Some(4_194_304)),
        ("79_get_traffic", AccountState::Active, Some(1_797_931_270), Some(20_971_520)),
    ] {
        let (answer, body) = answer(name);
        assert!(answer.is_ok(), "{name}");
        let user: wire::User = serde_json::from_slice(&answer.body).expect(name);
        let account = user.into_account("https://shop.example");
        assert_eq!((account.state, account.expires_at, account.traffic_bytes), (state, expires_at, traffic_bytes), "{name}");
        assert_eq!(account.name, body["username"], "{name}");
        assert_eq!(account.used_bytes, body["used_traffic"], "{name}");
        assert_eq!(account.lifetime_bytes, body["lifetime_used_traffic"], "{name}");
        assert_eq!(account.note.as_deref(), body["note"].as_str(), "{name}");
        assert_eq!(account.links.len(), body["links"].as_array().unwrap().len(), "{name}");
        let url = body["subscription_url"].as_str().unwrap();
        assert_eq!(account.subscription_url, format!("https://shop.example{url}"), "{name}");
    }
}

#[test]
fn times_and_owners_decode() {
    let (answer, _) = answer("79_get_traffic");
    let user: wire::User = serde_json::from_slice(&answer.body).unwrap();
    assert!(user.admin.is_some());
    let account = user.into_account("https://x.example");
    assert_eq!(account.online_at, Some(1_795_166_503));
    assert_eq!(account.sub_updated_at, Some(1_795_166_489));
    assert_eq!((account.used_bytes, account.lifetime_bytes), (2_482, 5_770_382));
    let (answer, _) = self::answer("77_env_create");
    let user: wire::User = serde_json::from_slice(&answer.body).unwrap();
    assert!(user.admin.is_none());
}

#[test]
fn lists_decode() {
    for (name, here, total) in [("60_list_limit", 2, 28), ("60_list_offset_beyond", 0, 28), ("60_list_usernames", 2, 2)] {
        let (answer, _) = answer(name);
        let users: wire::Users = serde_json::from_slice(&answer.body).expect(name);
        assert_eq!((users.users.len(), users.total), (here, total), "{name}");
    }
}

#[test]
fn the_panels_own_state_decodes() {
    let system: wire::System = serde_json::from_slice(&answer("78_system").0.body).unwrap();
    assert_eq!((system.version.as_str(), system.total_user, system.users_active), ("0.8.4", 29, 24));
    let core: wire::Core = serde_json::from_slice(&answer("05_core").0.body).unwrap();
    assert!(core.started);
    let admin: wire::Admin = serde_json::from_slice(&answer("04_whoami").0.body).unwrap();
    assert_eq!(admin.users_usage, None);
    let token: wire::Token = serde_json::from_slice(&answer("02_token_ok").0.body).unwrap();
    assert!(token.access_token.starts_with("ey"));
}

/// The class of an error in words.
fn class(error: &ProviderError) -> String {
    match error {
        ProviderError::Refused { code, .. } => format!("refused {code}"),
        ProviderError::Absent => "absent".to_owned(),
        ProviderError::Down { kind, .. } => format!("down {kind}"),
        ProviderError::Unknown { .. } => "unknown".to_owned(),
    }
}

#[test]
fn failures_fall_into_their_classes() {
    for (name, class) in [
        ("01_token_bad_password", "down login refused"),
        ("01_token_json_body", "refused invalid"),
        ("03_bad_token", "down login refused"),
        ("03_no_auth", "down login refused"),
        ("11_create_duplicate", "refused conflict"),
        ("12_get_missing", "absent"),
        ("13_create_empty_proxies", "refused invalid"),
        ("13_create_no_proxies_key", "unknown"),
        ("13_create_unknown_inbound", "refused invalid"),
        ("14_username_00", "refused invalid"),
        ("15_expire_ms", "unknown"),
        ("15_malformed_json", "refused invalid"),
        ("15_note_501", "refused invalid"),
        ("17_next_plan_null_limit", "refused conflict"),
        ("18_get_ms", "down unwell"),
        ("18_list_poisoned", "down unwell"),
        ("18_delete_normal_env_admin", "unknown"),
        ("31_get_as_other_admin", "refused forbidden"),
        ("33_modify_missing", "absent"),
        ("60_list_sort_bad", "refused invalid"),
        ("65_404_route", "down unwell"),
        ("65_405", "down unwell"),
    ] {
        let (answer, _) = answer(name);
        assert!(!answer.is_ok(), "{name}");
        let error = failure(&answer);
        assert_eq!(self::class(&error), class, "{name}: {error:?}");
    }
}

#[test]
fn a_refusal_is_told_in_the_panels_own_words() {
    let error = failure(&answer("33_modify_nulls").0).to_string();
    assert!(error.contains("status: Input should be 'active', 'disabled' or 'on_hold'"), "{error}");
    assert!(error.contains("data_limit_reset_strategy: "), "{error}");
}
