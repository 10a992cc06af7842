//! What people tap: inline buttons, keys of a reply keyboard, Pay.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::Telegram;
use super::payments::Invoice;
use super::people::{Actor, Impossible};
use super::state::{Press, State, Toast};

/// What a tap on an inline button did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed {
    /// The bot was asked, under this callback id.
    Asked(String),
    Link(String),
    Copied(String),
    Pay,
}

/// How a payment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paid {
    /// With the charge's id.
    Done(String),
    Refused(String),
    /// The bot did not answer the pre-checkout query in time.
    TimedOut,
}

/// How long a bot may take to answer a pre-checkout query.
const CHECKOUT_MAX: Duration = Duration::from_secs(10);

fn labels(rows: &[Value]) -> Vec<String> {
    let buttons = rows.iter().filter_map(Value::as_array).flatten();
    buttons.map(|button| button.get("text").and_then(Value::as_str).unwrap_or_default().to_owned()).collect()
}

impl Actor {
    /// Taps the button with this label, or with this callback data, under a message.
    pub fn presses(&self, message: i64, label_or_data: &str) -> Result<Pressed, Impossible> {
        let mut state = self.telegram.lock();
        let chat = state.chat_for(self.person, self.chat)?;
        let found = chat.live(message).ok_or(Impossible::NoMessage(message))?;
        let rows = found.buttons().cloned().unwrap_or_default();
        let buttons = || rows.iter().filter_map(Value::as_array).flatten();
        let with = |key: &str| buttons().find(|button| button.get(key).and_then(Value::as_str) == Some(label_or_data));
        let Some(button) = with("text").or_else(|| with("callback_data")) else {
            return Err(Impossible::NoButton { wanted: label_or_data.to_owned(), there: labels(&rows) });
        };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(data) = button.get("callback_data").and_then(Value::as_str) {
            return Ok(Pressed::Asked(state.ask(self.person, self.chat, message, data)));
        }
        if button.get("url").is_some() {
            return Ok(Pressed::Link(text(button.get("url"))));
        }
        if let Some(copy) = button.get("copy_text") {
            return Ok(Pressed::Copied(text(copy.get("text"))));
        }
        Ok(Pressed::Pay)
    }

    /// Taps the newest message that has a button with this label or data.
    pub fn taps(&self, label_or_data: &str) -> Result<Pressed, Impossible> {
        let has = |button: &Value| {
            ["text", "callback_data"].iter().any(|key| button.get(*key).and_then(Value::as_str) == Some(label_or_data))
        };
        let (found, there) = {
            let state = self.telegram.lock();
            let chat = state.chat_for(self.person, self.chat)?;
            let mut live = chat.messages.values().rev().filter(|message| !message.is_deleted);
            let found = live
                .find(|message| message.buttons().is_some_and(|rows| rows.iter().filter_map(Value::as_array).flatten().any(has)));
            let newest = chat.messages.values().rev().find_map(|message| message.buttons());
            (found.map(|message| message.id), newest.map(|rows| labels(rows)).unwrap_or_default())
        };
        let id = found.ok_or_else(|| Impossible::NoButton { wanted: label_or_data.to_owned(), there })?;
        self.presses(id, label_or_data)
    }

    /// Sends a press with this data whether or not such a button is there now: an old menu, a second phone, a forgery.
    pub fn presses_old(&self, message: i64, data: &str) -> Result<String, Impossible> {
        let mut state = self.telegram.lock();
        state.chat_for(self.person, self.chat)?;
        Ok(state.ask(self.person, self.chat, message, data))
    }

    /// Taps a key of the reply keyboard.
    pub fn taps_key(&self, label: &str) -> Result<i64, Impossible> {
        let keyboard = {
            let state = self.telegram.lock();
            let chat = state.chat_for(self.person, self.chat)?;
            chat.reply_keyboard.as_ref().and_then(|keyboard| keyboard.get("keyboard")?.as_array().cloned())
        };
        let rows = keyboard.unwrap_or_default();
        let mut keys = rows.iter().filter_map(Value::as_array).flatten();
        let Some(key) = keys.find(|key| key.get("text").and_then(Value::as_str) == Some(label)) else {
            return Err(Impossible::NoButton { wanted: label.to_owned(), there: labels(&rows) });
        };
        if key.get("request_contact").and_then(Value::as_bool) == Some(true) {
            return self.sends_contact();
        }
        self.says(label)
    }

    /// What the bot answered to this person's presses, oldest first (the last 20).
    pub fn toasts(&self) -> Vec<Toast> {
        self.telegram.lock().toasts.get(&self.person).cloned().unwrap_or_default()
    }

    /// Pays the invoice in a message.
    pub async fn pays(&self, message: i64) -> Result<Paid, Impossible> {
        let invoice = {
            let state = self.telegram.lock();
            state.chat_for(self.person, self.chat)?;
            state.payments.invoices.get(&(self.chat, message)).cloned()
        };
        self.telegram.settle(self.person, self.chat, invoice.ok_or(Impossible::NotPayable(message))?).await
    }

    /// Pays an invoice link (`https://t.me/$...`).
    pub async fn pays_link(&self, link: &str) -> Result<Paid, Impossible> {
        let slug = link.rsplit('$').next().unwrap_or_default();
        let invoice = self.telegram.lock().payments.links.get(slug).cloned();
        self.telegram.settle(self.person, self.person, invoice.ok_or(Impossible::NotPayable(0))?).await
    }
}

impl Telegram {
    async fn settle(&self, person: i64, chat: i64, invoice: Invoice) -> Result<Paid, Impossible> {
        let deadline = Instant::now() + CHECKOUT_MAX;
        let (query, settled) = {
            let mut state = self.lock();
            (state.ask_pre_checkout(person, &invoice), Arc::clone(&state.settled))
        };
        loop {
            let woken = settled.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let answer = self.lock().payments.queries.get(&query).cloned().flatten();
            match answer {
                Some(Ok(())) => return Ok(Paid::Done(self.lock().charge(person, chat, invoice))),
                Some(Err(reason)) => return Ok(Paid::Refused(reason)),
                None if timeout_at(deadline, woken).await.is_err() => {
                    self.lock().payments.queries.remove(&query);
                    return Ok(Paid::TimedOut);
                }
                None => {}
            }
        }
    }
}

impl State {
    /// Makes the callback query of a press. Returns its id.
    fn ask(&mut self, person: i64, chat: i64, message: i64, data: &str) -> String {
        let id = format!("90{:012}", self.next_serial());
        let Some(place) = self.chats.get(&chat) else { return id };
        let shown = match place.live(message) {
            Some(found) => self.message_json(place, found),
            None => json!({ "chat": self.chat_json(place), "message_id": message, "date": 0 }),
        };
        let query = json!({
            "id": id, "from": self.user_json(person), "message": shown,
            "chat_instance": format!("{}", chat.unsigned_abs()), "data": data,
        });
        if self.push_update("callback_query", chat, &query).is_some() {
            self.presses.insert(id.clone(), Press { person, chat });
        }
        id
    }
}
