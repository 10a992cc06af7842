//! Who asks: logins, tokens, admins.
//! Always: a token is a signed JSON with an end, as Marzban's; a login reads a form and no JSON.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::reply::{Question, Reply};
use super::world::{Admin, State};

/// `POST /api/admin/token`.
pub(super) fn login(state: &State, question: &Question, now: i64, is_broken: bool) -> Reply {
    let is_form = question.header("content-type").starts_with("application/x-www-form-urlencoded");
    let fields: Vec<(String, String)> =
        if is_form { url::form_urlencoded::parse(&question.body).into_owned().collect() } else { Vec::new() };
    let field = |key: &str| fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let mut missing = Map::new();
    for key in ["username", "password"] {
        if field(key).is_none() {
            missing.insert(key.to_owned(), json!("Field required"));
        }
    }
    if !missing.is_empty() {
        return Reply::invalid(&missing);
    }
    let admin = state
        .admins
        .iter()
        .find(|admin| field("username") == Some(admin.username.as_str()) && field("password") == Some(admin.password.as_str()));
    match admin {
        Some(admin) if !is_broken => Reply::json(&json!({ "access_token": token(state, admin, now), "token_type": "bearer" })),
        _ => Reply::unauthorized("Incorrect username or password"),
    }
}

fn token(state: &State, admin: &Admin, now: i64) -> String {
    let access = if admin.is_sudo { "sudo" } else { "admin" };
    let mut claims = json!({ "sub": admin.username, "access": access, "iat": now });
    if state.token_life > 0 {
        claims["exp"] = json!(now + state.token_life);
    }
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = sign(state, admin, &signed);
    format!("{signed}.{signature}")
}

fn sign(state: &State, admin: &Admin, signed: &str) -> String {
    let digest = Sha256::digest(format!("{}|{}|{signed}", state.secret, admin.generation));
    URL_SAFE_NO_PAD.encode(digest)
}

/// The admin whose token the question carries.
pub(super) fn asker(state: &State, question: &Question, now: i64, is_broken: bool) -> Result<Admin, Reply> {
    let Some(token) = question.header("authorization").strip_prefix("Bearer ") else {
        return Err(Reply::unauthorized("Not authenticated"));
    };
    verified(state, token, now)
        .filter(|_| !is_broken)
        .cloned()
        .ok_or_else(|| Reply::unauthorized("Could not validate credentials"))
}

fn verified<'a>(state: &'a State, token: &str, now: i64) -> Option<&'a Admin> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (_, claims) = signed.split_once('.')?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let admin = state.admins.iter().find(|admin| claims["sub"] == admin.username.as_str())?;
    let is_alive = claims["exp"].as_i64().is_none_or(|end| now < end);
    (is_alive && sign(state, admin, signed) == signature).then_some(admin)
}

/// An admin in an answer. One that exists in the environment only has no usage.
pub(super) fn view(state: &State, admin: &Admin) -> Value {
    let usage = admin.in_database.then(|| {
        let own = state.users.iter().filter(|user| user.owner.as_deref() == Some(admin.username.as_str()));
        own.map(|user| user.used + user.used_before).sum::<i64>()
    });
    json!({
        "username": admin.username,
        "is_sudo": admin.is_sudo,
        "telegram_id": null,
        "discord_webhook": null,
        "users_usage": usage,
    })
}
