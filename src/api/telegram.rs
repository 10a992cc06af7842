//! Telegram's webhook: the secret, then the disk, then 200. It neither reads what an update says nor handles it.
use crate::queue::inbox::{Accept, Incoming};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use subtle::ConstantTimeEq;

const HEADER: &str = "x-telegram-bot-api-secret-token";
const BODY_MAX: usize = 1024 * 1024;

/// What the webhook needs.
#[derive(Clone)]
pub struct Hook {
    pub inbox: Arc<dyn Accept>,
    pub secret: SecretString,
    /// Called with each update before it is stored, for what cannot wait in line.
    pub at_once: Arc<dyn Fn(&Incoming) + Send + Sync>,
}

/// The last part of the webhook's path: it follows from the secret and does not tell it.
pub fn webhook_path(secret: &SecretString) -> String {
    let digest = Sha256::new().chain_update("souk webhook path").chain_update(secret.expose_secret()).finalize();
    digest.iter().take(16).fold(String::new(), |mut path, byte| {
        // Writing to a String cannot fail.
        let _ = write!(path, "{byte:02x}");
        path
    })
}

/// `POST /telegram/{path}`.
pub fn telegram(hook: Hook) -> Router {
    Router::new().route("/telegram/{path}", post(receive)).layer(DefaultBodyLimit::max(BODY_MAX)).with_state(hook)
}

async fn receive(State(hook): State<Hook>, Path(path): Path<String>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !knows_the_secret(&hook.secret, &path, &headers) {
        tracing::warn!(target: "security", "a webhook call without the secret");
        return StatusCode::UNAUTHORIZED;
    }
    let Some(update) = String::from_utf8(body.into()).ok().and_then(Incoming::read) else {
        return StatusCode::BAD_REQUEST;
    };
    (hook.at_once)(&update);
    match hook.inbox.accept(vec![update]).await {
        Ok(()) => StatusCode::OK,
        Err(fault) => {
            tracing::error!(error = %fault, "an update could not be stored; Telegram will send it again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Both are compared whole, whatever differs first.
fn knows_the_secret(secret: &SecretString, path: &str, headers: &HeaderMap) -> bool {
    let given = headers.get(HEADER).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
    let header = given.ct_eq(secret.expose_secret().as_bytes());
    let path = path.as_bytes().ct_eq(webhook_path(secret).as_bytes());
    (header & path).into()
}
