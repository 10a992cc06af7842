//! What the Bot API says no with: the code, the exact description, and the parameters a client may act on.

use serde_json::{Value, json};

/// A refusal as Telegram words it.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub code: u16,
    pub description: String,
    pub parameters: Option<Value>,
}

pub type Answer = Result<Value, Refusal>;

impl Refusal {
    pub fn bad(text: impl std::fmt::Display) -> Self {
        Self { code: 400, description: format!("Bad Request: {text}"), parameters: None }
    }

    pub fn forbidden(text: &str) -> Self {
        Self { code: 403, description: format!("Forbidden: {text}"), parameters: None }
    }

    pub fn conflict(text: &str) -> Self {
        Self { code: 409, description: format!("Conflict: {text}"), parameters: None }
    }

    pub fn unauthorized() -> Self {
        Self { code: 401, description: "Unauthorized".into(), parameters: None }
    }

    pub fn not_found() -> Self {
        Self { code: 404, description: "Not Found".into(), parameters: None }
    }

    /// `retry_after` in seconds.
    pub fn too_many(retry_after: u64) -> Self {
        Self {
            code: 429,
            description: format!("Too Many Requests: retry after {retry_after}"),
            parameters: Some(json!({ "retry_after": retry_after })),
        }
    }

    pub fn migrated(to: i64) -> Self {
        let mut refusal = Self::bad("group chat was upgraded to a supergroup chat");
        refusal.parameters = Some(json!({ "migrate_to_chat_id": to }));
        refusal
    }

    pub fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        body
    }
}
