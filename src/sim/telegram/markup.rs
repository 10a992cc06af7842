//! Keyboards as Telegram checks them.

use serde_json::{Value, json};

use super::answer::Refusal;
use super::params::Params;

const DATA_BYTES_MAX: usize = 64;
const COPY_CHARS_MAX: usize = 256;
const BUTTONS_MAX: usize = 100;

impl Params {
    /// The checked `reply_markup` of a call: an inline keyboard in canonical form, or one of the reply keyboards.
    pub fn markup(&self) -> Result<Option<Value>, Refusal> {
        let Some(markup) = self.object("reply_markup")? else { return Ok(None) };
        let Some(map) = markup.as_object() else { return Err(Refusal::bad("object expected as reply markup")) };
        if let Some(rows) = map.get("inline_keyboard") {
            return inline(rows);
        }
        if let Some(rows) = map.get("keyboard") {
            let rows = checked_rows(rows)?;
            if rows.iter().flatten().any(|button| label(button).is_empty()) {
                return Err(Refusal::bad("keyboard button text must be non-empty"));
            }
            let rows: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(reply_button).collect()).collect();
            let mut keyboard = map.clone();
            keyboard.insert("keyboard".into(), json!(rows));
            return Ok(Some(keyboard.into()));
        }
        let known = ["remove_keyboard", "force_reply"];
        Ok(known.iter().any(|key| map.contains_key(*key)).then(|| markup.as_ref().clone()))
    }
}

fn checked_rows(rows: &Value) -> Result<Vec<Vec<Value>>, Refusal> {
    let rows = rows.as_array().ok_or_else(|| Refusal::bad("field \"inline_keyboard\" must be of type Array"))?;
    let rows = rows.iter().map(|row| row.as_array().cloned()).collect::<Option<Vec<_>>>();
    rows.ok_or_else(|| Refusal::bad("can't parse keyboard button: row must be of type Array"))
}

/// A reply button may be given as plain text.
fn reply_button(button: &Value) -> Value {
    button.as_str().map_or_else(|| button.clone(), |text| json!({ "text": text }))
}

fn label(button: &Value) -> &str {
    button.as_str().or_else(|| button.get("text")?.as_str()).unwrap_or_default()
}

fn inline(rows: &Value) -> Result<Option<Value>, Refusal> {
    let rows = checked_rows(rows)?;
    if rows.iter().map(Vec::len).sum::<usize>() > BUTTONS_MAX {
        return Err(Refusal::bad("reply markup is too long"));
    }
    for button in rows.iter().flatten() {
        check_button(button)?;
    }
    let rows: Vec<_> = rows.into_iter().filter(|row| !row.is_empty()).collect();
    Ok((!rows.is_empty()).then(|| json!({ "inline_keyboard": rows })))
}

fn check_button(button: &Value) -> Result<(), Refusal> {
    if label(button).trim().is_empty() {
        return Err(Refusal::bad("inline keyboard button text must be non-empty"));
    }
    if let Some(data) = button.get("callback_data") {
        let data = data.as_str().ok_or_else(|| Refusal::bad("BUTTON_DATA_INVALID"))?;
        return if (1..=DATA_BYTES_MAX).contains(&data.len()) { Ok(()) } else { Err(Refusal::bad("BUTTON_DATA_INVALID")) };
    }
    if let Some(url) = button.get("url") {
        return check_url(url.as_str().unwrap_or_default());
    }
    if let Some(copy) = button.get("copy_text") {
        let text = copy.get("text").and_then(Value::as_str).unwrap_or_default();
        let fits = (1..=COPY_CHARS_MAX).contains(&text.chars().count());
        return if fits { Ok(()) } else { Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID")) };
    }
    if let Some(app) = button.get("web_app") {
        let url = app.get("url").and_then(Value::as_str).unwrap_or_default();
        return if url.starts_with("https://") { Ok(()) } else { Err(Refusal::bad("BUTTON_URL_INVALID")) };
    }
    let others =
        ["pay", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"];
    if others.iter().any(|kind| button.get(*kind).is_some()) {
        return Ok(());
    }
    Err(Refusal::bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"))
}

fn check_url(given: &str) -> Result<(), Refusal> {
    let invalid = || Refusal::bad("BUTTON_URL_INVALID");
    let full = if given.contains("://") { given.to_owned() } else { format!("http://{given}") };
    let url = url::Url::parse(&full).map_err(|_| invalid())?;
    let fits = match url.scheme() {
        "http" | "https" => url.host_str().is_some(),
        "tg" => true,
        _ => false,
    };
    if fits { Ok(()) } else { Err(invalid()) }
}
