//! The methods that change what stands in a chat already: edits, deletions, answers to presses, reactions.

use serde_json::Value;

use super::answer::{Answer, Refusal};
use super::html::is_longer_than;
use super::methods_send::{checked_caption, checked_text};
use super::params::Params;
use super::state::{ChatKind, Message, State, Toast};

/// The longest answer to a press.
const TOAST_MAX: usize = 200;
/// Toasts kept for each person.
const TOASTS_KEPT: usize = 20;
/// How long a bot may delete a message for everybody.
const DELETABLE_SECONDS: i64 = 48 * 3600;

fn inline_markup(params: &Params) -> Result<Option<Value>, Refusal> {
    let markup = params.markup()?;
    if markup.as_ref().is_some_and(|markup| markup.get("inline_keyboard").is_none()) {
        return Err(Refusal::bad("inline keyboard expected"));
    }
    Ok(markup)
}

impl State {
    /// The bot's own message that a call wants to edit.
    fn editable(&self, params: &Params) -> Result<Message, Refusal> {
        if params.has("inline_message_id") {
            return Err(Refusal::bad("MESSAGE_ID_INVALID"));
        }
        let chat = self.writable(params)?;
        if !params.has("message_id") {
            return Err(Refusal::bad("message identifier is not specified"));
        }
        let id = params.int("message_id").unwrap_or_default();
        let message = chat.live(id).ok_or_else(|| Refusal::bad("message to edit not found"))?;
        let has_reply_keyboard = message.markup.is_some() && message.buttons().is_none();
        if message.from != self.bot.id || message.origin.is_some() || has_reply_keyboard {
            return Err(Refusal::bad("message can't be edited"));
        }
        Ok(message.clone())
    }

    fn replace(&mut self, old: &Message, mut new: Message) -> Answer {
        if (&old.text, &old.body, &old.markup) == (&new.text, &new.body, &new.markup) {
            return Err(Refusal::bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a current \
                 content and reply markup of the message",
            ));
        }
        let (chat, id) = (new.chat, new.id);
        new.edits += 1;
        new.edit_date = Some(self.now);
        if let Some(place) = self.chats.get_mut(&chat).and_then(|chat| chat.live_mut(id)) {
            *place = new;
        }
        self.touch(chat, id);
        self.latency.answered(chat);
        Ok(self.message_value(chat, id))
    }

    pub fn edit_text(&mut self, params: &Params) -> Answer {
        let old = self.editable(params)?;
        let text = checked_text(params).map_err(|refusal| match refusal.description.as_str() {
            "Bad Request: message is too long" => Refusal::bad("MESSAGE_TOO_LONG"),
            _ => refusal,
        })?;
        if old.body.is_some() {
            return Err(Refusal::bad("there is no text in the message to edit"));
        }
        let new = Message { text, markup: inline_markup(params)?, ..old.clone() };
        self.replace(&old, new)
    }

    pub fn edit_caption(&mut self, params: &Params) -> Answer {
        let old = self.editable(params)?;
        if !old.body.as_ref().is_some_and(super::state::Body::is_media) {
            return Err(Refusal::bad("there is no caption in the message to edit"));
        }
        let text = checked_caption(params.text("caption", "caption_entities")?)?;
        let new = Message { text, markup: inline_markup(params)?, ..old.clone() };
        self.replace(&old, new)
    }

    pub fn edit_media(&mut self, params: &Params) -> Answer {
        let old = self.editable(params)?;
        let media = params.object("media")?.ok_or_else(|| Refusal::bad("input media is not specified"))?;
        let markup = inline_markup(params)?;
        let (body, text) = self.input_media(params, &media)?;
        let new = Message { text, body: Some(body), markup, ..old.clone() };
        self.replace(&old, new)
    }

    pub fn edit_reply_markup(&mut self, params: &Params) -> Answer {
        let old = self.editable(params)?;
        let new = Message { markup: inline_markup(params)?, ..old.clone() };
        self.replace(&old, new)
    }

    pub fn on_delete_message(&mut self, params: &Params) -> Answer {
        let chat = self.writable(params)?;
        let id = params.int("message_id").unwrap_or_default();
        let message = chat.live(id).ok_or_else(|| Refusal::bad("message to delete not found"))?;
        let is_admin = self.is_bot_admin(chat);
        if chat.kind != ChatKind::Private && message.from != self.bot.id && !is_admin {
            return Err(Refusal::bad("message can't be deleted"));
        }
        if !is_admin && self.now - message.date > DELETABLE_SECONDS {
            return Err(Refusal::bad("message can't be deleted for everyone"));
        }
        let chat = chat.id;
        self.erase(chat, id);
        Ok(true.into())
    }

    pub fn on_delete_messages(&mut self, params: &Params) -> Answer {
        let chat = self.writable(params)?.id;
        let ids = params.ids("message_ids")?;
        if ids.is_empty() || ids.len() > 100 {
            return Err(Refusal::bad("message identifiers are not specified"));
        }
        for id in ids {
            if self.message(chat, id).is_some() {
                self.erase(chat, id);
            }
        }
        Ok(true.into())
    }

    pub fn erase(&mut self, chat: i64, id: i64) {
        if let Some(message) = self.chats.get_mut(&chat).and_then(|chat| chat.live_mut(id)) {
            message.is_deleted = true;
        }
        self.touch(chat, id);
    }

    /// `answerCallbackQuery`: once for each press.
    pub fn answer_press(&mut self, params: &Params) -> Answer {
        let id = params.str("callback_query_id").unwrap_or_default();
        let text = params.str("text").unwrap_or_default().to_owned();
        let plain = super::text::Text { plain: text.clone(), entities: Vec::new() };
        if is_longer_than(&plain, TOAST_MAX) {
            return Err(Refusal::bad("MESSAGE_TOO_LONG"));
        }
        let Some(press) = self.presses.remove(id) else {
            return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
        };
        self.counters.presses_answered += 1;
        if !text.is_empty() {
            self.latency.answered(press.chat);
        }
        let change = self.changed("toast", press.chat);
        let toasts = self.toasts.entry(press.person).or_default();
        if toasts.len() >= TOASTS_KEPT {
            toasts.remove(0);
        }
        let is_alert = params.flag("show_alert");
        toasts.push(Toast { chat: press.chat, callback: id.to_owned(), text, is_alert, change });
        Ok(true.into())
    }

    pub fn set_reaction(&mut self, params: &Params) -> Answer {
        let chat = self.writable(params)?.id;
        let id = params.int("message_id").unwrap_or_default();
        let reactions = params.list("reaction")?;
        let message = self.chats.get_mut(&chat).and_then(|chat| chat.live_mut(id));
        let message = message.ok_or_else(|| Refusal::bad("message to react not found"))?;
        message.reactions = reactions;
        self.touch(chat, id);
        Ok(true.into())
    }
}
