//! A call's parameters, whatever body they came in: JSON, urlencoded, multipart, or the query string.
//! In forms every value is text; readers here take both the text and the JSON shape of a value.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::{Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::files::Upload;
use super::html;
use super::text::{Entity, Text};

#[derive(Debug, Default)]
pub struct Params {
    pub fields: Map<String, Value>,
    pub files: HashMap<String, Upload>,
}

impl Params {
    /// Reads query and body. The error is a sentence for a 400.
    pub async fn read(request: Request) -> Result<Self, String> {
        let mut params = Self::default();
        if let Some(query) = request.uri().query() {
            params.add_form(query.as_bytes());
        }
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind == "multipart/form-data" {
            let form: Multipart = request.extract().await.map_err(|_| "can't parse multipart".to_owned())?;
            params.add_multipart(form).await.map_err(|error| format!("can't parse multipart: {error}"))?;
            return Ok(params);
        }
        let bytes: Bytes = request.extract().await.map_err(|_| "can't read request body".to_owned())?;
        if bytes.is_empty() {
            return Ok(params);
        }
        if kind == "application/json" {
            let object = serde_json::from_slice::<Map<String, Value>>(&bytes)
                .map_err(|_| "can't parse request body as JSON object".to_owned())?;
            params.fields.extend(object);
        } else {
            params.add_form(&bytes);
        }
        Ok(params)
    }

    fn add_form(&mut self, bytes: &[u8]) {
        for (key, value) in url::form_urlencoded::parse(bytes) {
            self.fields.insert(key.into_owned(), Value::String(value.into_owned()));
        }
    }

    async fn add_multipart(&mut self, mut form: Multipart) -> Result<(), axum::extract::multipart::MultipartError> {
        while let Some(field) = form.next_field().await? {
            let key = field.name().unwrap_or_default().to_owned();
            let name = field.file_name().map(str::to_owned);
            let mime = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await?;
            if name.is_none() && mime.as_deref().is_none_or(|mime| mime.starts_with("text/plain")) {
                self.fields.insert(key, Value::String(String::from_utf8_lossy(&bytes).into_owned()));
            } else {
                self.files.insert(key, Upload { bytes, name, mime, claimed_size: None });
            }
        }
        Ok(())
    }

    pub fn has(&self, key: &str) -> bool {
        self.fields.get(key).is_some_and(|value| !value.is_null())
    }

    pub fn str(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.as_str()
    }

    pub fn int(&self, key: &str) -> Option<i64> {
        int_of(self.fields.get(key)?)
    }

    pub fn flag(&self, key: &str) -> bool {
        match self.fields.get(key) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "y"),
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            _ => false,
        }
    }

    /// A structured value; of a form, its text parsed as JSON.
    pub fn object(&self, key: &str) -> Result<Option<Cow<'_, Value>>, Refusal> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(|value| Some(Cow::Owned(value)))
                .map_err(|_| Refusal::bad(format!("can't parse {}", key.replace('_', " ")))),
            Some(value) => Ok(Some(Cow::Borrowed(value))),
        }
    }

    pub fn list(&self, key: &str) -> Result<Vec<Value>, Refusal> {
        Ok(self.object(key)?.and_then(|value| value.as_array().cloned()).unwrap_or_default())
    }

    pub fn ids(&self, key: &str) -> Result<Vec<i64>, Refusal> {
        Ok(self.list(key)?.iter().filter_map(int_of).collect())
    }

    /// The formatted text in `key`; `entities_key` holds explicit entities when there is no parse mode.
    pub fn text(&self, key: &str, entities_key: &str) -> Result<Text, Refusal> {
        formatted(&self.fields, key, &self.list(entities_key)?)
    }

    /// What the log keeps: the fields, and of files only their names and sizes.
    pub fn summary(&self) -> Value {
        let mut fields = self.fields.clone();
        for (key, file) in &self.files {
            fields.insert(key.clone(), json!({ "file": file.name, "bytes": file.bytes.len() }));
        }
        fields.into()
    }
}

pub fn int_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The text in `key` of an object with `parse_mode` or explicit entities, as Telegram would store it.
pub fn formatted(fields: &Map<String, Value>, key: &str, entities: &[Value]) -> Result<Text, Refusal> {
    let given = &cleaned(fields.get(key).and_then(Value::as_str).unwrap_or_default());
    let mode = fields.get("parse_mode").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let text = match mode.as_str() {
        "html" => html::parse(given).map_err(|why| Refusal::bad(format!("can't parse entities: {why}")))?,
        "" => {
            let entities = entities.iter().map(Entity::from_json).collect::<Option<Vec<_>>>();
            Text { plain: given.to_owned(), entities: entities.ok_or_else(|| Refusal::bad("can't parse MessageEntity"))? }
        }
        _ => return Err(Refusal::bad("unsupported parse_mode")),
    };
    Ok(text.trimmed().with_found())
}

/// Without what Telegram takes out of every text: carriage returns, direction overrides (isolates stay), and control
/// characters, which become spaces.
fn cleaned(text: &str) -> String {
    let stays = |letter: &char| !matches!(letter, '\r' | '\u{2028}'..='\u{202e}');
    let plain = |letter: char| if letter.is_control() && letter != '\n' && letter != '\t' { ' ' } else { letter };
    text.chars().filter(stays).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go_and_isolates_stay() {
        assert_eq!(cleaned("a\r\nb\u{202e}c\u{2068}d\u{2069}\u{7}e"), "a\nbc\u{2068}d\u{2069} e");
    }
}
