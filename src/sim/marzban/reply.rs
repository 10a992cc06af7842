//! A question and an answer, free of HTTP's machinery.
//! Always: a refusal has Marzban's shape: `{"detail": ...}`, and plain text for a 500.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::Response;
use serde_json::{Value, json};

/// A call as the double reads it.
pub(super) struct Question {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Question {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn param(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub fn params(&self, key: &str) -> Vec<&str> {
        self.query.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
    }
}

/// An answer.
pub(super) struct Reply {
    pub status: u16,
    pub kind: &'static str,
    pub body: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub fn json(value: &Value) -> Self {
        Self { status: 200, kind: "application/json", body: value.to_string(), headers: Vec::new() }
    }

    pub fn text(status: u16, kind: &'static str, body: impl Into<String>) -> Self {
        Self { status, kind, body: body.into(), headers: Vec::new() }
    }

    /// `{"detail": text}`.
    pub fn detail(status: u16, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { status, ..Self::json(&json!({ "detail": text })) }
    }

    /// `{"detail": {field: text}}`.
    pub fn invalid(fields: &serde_json::Map<String, Value>) -> Self {
        Self { status: 422, ..Self::json(&json!({ "detail": fields })) }
    }

    pub fn unauthorized(text: &str) -> Self {
        let mut reply = Self::detail(401, text);
        reply.headers.push(("www-authenticate", "Bearer".to_owned()));
        reply
    }

    pub fn broken() -> Self {
        Self::text(500, "text/plain; charset=utf-8", "Internal Server Error")
    }

    pub fn bad_gateway(status: u16) -> Self {
        Self::text(status, "text/html", format!("<html><body><h1>{status}</h1><hr>nginx</body></html>"))
    }

    pub fn into_response(self) -> Response {
        let mut builder = Response::builder().status(self.status).header(CONTENT_TYPE, self.kind);
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(self.body)).unwrap_or_default()
    }
}
