//! Marzban's words (0.8.4): bodies that we send and answers that we read.
//! Always: a field without a value is left out (an explicit null is a failure in half of its fields); `proxies` and
//! `inbounds` are always sent on create (without them: a poisoned row, or an account without servers).
//! Never: more of an answer than we use, so that a newer Marzban still decodes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::account::{Account, AccountState};

/// `POST /api/user`.
#[derive(Serialize)]
pub(super) struct CreateUser<'a> {
    pub username: &'a str,
    pub proxies: &'a BTreeMap<String, Proxy>,
    pub inbounds: &'a BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_limit: Option<i64>,
    pub data_limit_reset_strategy: &'static str,
    pub note: &'a str,
}

/// The settings of one protocol; the credentials are left to the panel.
#[derive(Serialize)]
pub(super) struct Proxy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
}

/// `PUT /api/user/{name}`: all three, always. Zero is unlimited here. Marzban applies them in the order status, limit, expiry,
/// whatever their order in the body, and each step may move the status: sent together they give one outcome from any state.
#[derive(Serialize)]
pub(super) struct ModifyUser {
    pub status: &'static str,
    pub data_limit: i64,
    pub expire: i64,
}

/// Only the status, for a user whose targets do not matter any more.
#[derive(Serialize)]
pub(super) struct ModifyStatus {
    pub status: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UserStatus {
    Active,
    Disabled,
    Limited,
    Expired,
    OnHold,
}

/// A user in an answer.
#[derive(Deserialize)]
pub(super) struct User {
    pub username: String,
    pub status: UserStatus,
    #[serde(default)]
    pub used_traffic: i64,
    #[serde(default)]
    pub lifetime_used_traffic: i64,
    pub expire: Option<i64>,
    pub data_limit: Option<i64>,
    pub online_at: Option<String>,
    pub sub_updated_at: Option<String>,
    pub subscription_url: String,
    #[serde(default)]
    pub links: Vec<String>,
    pub note: Option<String>,
    /// Null when the user belongs to an admin that exists only in the panel's environment.
    pub admin: Option<Owner>,
}

#[derive(Deserialize)]
pub(super) struct Owner {}

impl User {
    /// Null and zero both mean unlimited.
    pub fn expires_at(&self) -> Option<i64> {
        self.expire.filter(|at| *at != 0)
    }

    pub fn traffic_bytes(&self) -> Option<i64> {
        self.data_limit.filter(|bytes| *bytes != 0)
    }

    /// In neutral words. A relative link is put behind `link_base`.
    pub fn into_account(self, link_base: &str) -> Account {
        let (expires_at, traffic_bytes) = (self.expires_at(), self.traffic_bytes());
        let subscription_url = if self.subscription_url.starts_with('/') {
            format!("{link_base}{}", self.subscription_url)
        } else {
            self.subscription_url
        };
        Account {
            name: self.username,
            state: match self.status {
                UserStatus::Active => AccountState::Active,
                UserStatus::Disabled => AccountState::Disabled,
                UserStatus::Limited => AccountState::Limited,
                UserStatus::Expired => AccountState::Expired,
                UserStatus::OnHold => AccountState::OnHold,
            },
            used_bytes: self.used_traffic,
            lifetime_bytes: self.lifetime_used_traffic,
            expires_at,
            traffic_bytes,
            online_at: self.online_at.as_deref().and_then(unix),
            sub_updated_at: self.sub_updated_at.as_deref().and_then(unix),
            subscription_url,
            links: self.links,
            note: self.note,
        }
    }
}

/// Marzban's times have no zone and are UTC.
fn unix(text: &str) -> Option<i64> {
    let naive = chrono::NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(naive.and_utc().timestamp())
}

/// `GET /api/users`.
#[derive(Deserialize)]
pub(super) struct Users {
    pub users: Vec<User>,
    pub total: u64,
}

/// `GET /api/system`.
#[derive(Deserialize)]
pub(super) struct System {
    pub version: String,
    pub total_user: u64,
    pub users_active: u64,
}

/// `GET /api/core`.
#[derive(Deserialize)]
pub(super) struct Core {
    pub started: bool,
}

/// `GET /api/admin`: ourselves.
#[derive(Deserialize)]
pub(super) struct Admin {
    /// Null for an admin that exists only in the panel's environment.
    pub users_usage: Option<i64>,
}

/// `POST /api/admin/token`.
#[derive(Deserialize)]
pub(super) struct Token {
    pub access_token: String,
}

/// The body of a refusal: a text, or a map from field to text (422). A 500 is plain text instead.
#[derive(Deserialize)]
struct Refusal {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Detail {
    Text(String),
    Fields(BTreeMap<String, String>),
    Other(serde_json::Value),
}

/// What a refusal says, in one line; `None` when it is not one of Marzban's.
pub(super) fn detail(body: &[u8]) -> Option<String> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let line = match refusal.detail {
        Detail::Text(text) => text,
        Detail::Fields(fields) => fields.iter().map(|(field, text)| format!("{field}: {text}")).collect::<Vec<_>>().join("; "),
        Detail::Other(value) => value.to_string(),
    };
    Some(line.chars().take(300).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_utc() {
        for (text, at) in [
            ("2026-11-20T09:21:43.493673", Some(1_795_166_503)),
            ("2026-11-20T09:21:43", Some(1_795_166_503)),
            ("2026-11-20T09:21:43Z", Some(1_795_166_503)),
            ("yesterday", None),
        ] {
            assert_eq!(unix(text), at, "{text}");
        }
    }

    #[test]
    fn a_refusal_is_a_text_or_a_map() {
        assert_eq!(detail(br#"{"detail":"User not found"}"#).as_deref(), Some("User not found"));
        assert_eq!(detail(br#"{"detail":{"a":"x","b":"y"}}"#).as_deref(), Some("a: x; b: y"));
        assert_eq!(detail(br#"{"detail":[{"loc":1}]}"#).as_deref(), Some(r#"[{"loc":1}]"#));
        assert_eq!(detail(b"Internal Server Error"), None);
        assert_eq!(detail(b"<html>"), None);
    }
}
