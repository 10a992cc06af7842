//! The methods that put new messages into chats: text, media, albums, copies, forwards, chat actions.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::files::{PHOTO_BYTES_MAX, SEND_BYTES_MAX, dimensions};
use super::html::{CAPTION_MAX, TEXT_MAX, is_longer_than};
use super::params::{Params, formatted};
use super::state::{Body, Message, State};
use super::text::Text;

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// Checks a text as `sendMessage` and `editMessageText` do.
pub fn checked_text(params: &Params) -> Result<Text, Refusal> {
    let text = params.text("text", "entities")?;
    if text.plain.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if is_longer_than(&text, TEXT_MAX) {
        return Err(Refusal::bad("message is too long"));
    }
    Ok(text)
}

pub fn checked_caption(caption: Text) -> Result<Text, Refusal> {
    if is_longer_than(&caption, CAPTION_MAX) {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(caption)
}

impl State {
    pub fn on_send_message(&mut self, params: &Params) -> Answer {
        let mut message = Message::new(self.bot.id);
        self.writable(params)?;
        message.text = checked_text(params)?;
        message.markup = params.markup()?;
        let (chat, id) = self.send(params, message)?;
        Ok(self.message_value(chat, id))
    }

    pub fn on_send_media(&mut self, params: &Params, field: &'static str) -> Answer {
        self.writable(params)?;
        let mut message = Message::new(self.bot.id);
        message.text = checked_caption(params.text("caption", "caption_entities")?)?;
        message.markup = params.markup()?;
        message.body = Some(self.media(params, field, params.str(field))?);
        let (chat, id) = self.send(params, message)?;
        Ok(self.message_value(chat, id))
    }

    /// The body of a media message: a file of this call, or one Telegram has already.
    pub fn media(&mut self, params: &Params, field: &'static str, given: Option<&str>) -> Result<Body, Refusal> {
        let part = match given {
            Some(given) => given.strip_prefix("attach://"),
            None => Some(field),
        };
        let Some(part) = part else { return self.known_media(field, given.unwrap_or_default()) };
        let Some(upload) = params.files.get(part) else {
            return Err(Refusal::bad(format!("there is no {field} in the request")));
        };
        if upload.bytes.is_empty() {
            return Err(Refusal::bad("file must be non-empty"));
        }
        let limit = if field == "photo" { PHOTO_BYTES_MAX } else { SEND_BYTES_MAX };
        if upload.bytes.len() > limit {
            return Err(Refusal { code: 413, description: "Request Entity Too Large".into(), parameters: None });
        }
        if field != "photo" {
            let mut upload = upload.clone();
            upload.name.get_or_insert_with(|| "file".into());
            return Ok(Body { field, value: self.files.add_document(&upload) });
        }
        let (width, height) = dimensions(&upload.bytes).ok_or_else(|| Refusal::bad("IMAGE_PROCESS_FAILED"))?;
        if width + height > 10_000 || width > height * 20 || height > width * 20 {
            return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
        }
        Ok(Body { field, value: self.files.add_photo(upload, width, height) })
    }

    fn known_media(&self, field: &'static str, id: &str) -> Result<Body, Refusal> {
        let Some(file) = self.files.get(id) else {
            return Err(Refusal::bad("wrong file identifier/HTTP URL specified"));
        };
        if file.field == field {
            return Ok(Body { field, value: file.value.clone() });
        }
        let word = |field: &str| if field == "photo" { "Photo" } else { "Document" };
        Err(Refusal::bad(format!("can't use file of type {} as {}", word(file.field), word(field))))
    }

    pub fn on_send_media_group(&mut self, params: &Params) -> Answer {
        self.writable(params)?;
        let items = params.list("media")?;
        if !(2..=10).contains(&items.len()) {
            return Err(Refusal::bad("media group must contain 2-10 items"));
        }
        let mut bodies = Vec::with_capacity(items.len());
        for item in &items {
            bodies.push(self.input_media(params, item)?);
        }
        if bodies.iter().any(|(body, _)| body.field != bodies[0].0.field) {
            return Err(Refusal::bad("documents can't be mixed with other media types"));
        }
        let album = format!("13{}", self.next_serial());
        let mut sent = Vec::new();
        for (body, caption) in bodies {
            let mut message = Message::new(self.bot.id);
            (message.body, message.text, message.album) = (Some(body), caption, Some(album.clone()));
            let (chat, id) = self.send(params, message)?;
            sent.push(self.message_value(chat, id));
        }
        Ok(sent.into())
    }

    /// The body and caption an `InputMedia` object describes.
    pub fn input_media(&mut self, params: &Params, item: &Value) -> Result<(Body, Text), Refusal> {
        let Some(map) = item.as_object() else { return Err(Refusal::bad("can't parse InputMedia: expected an Object")) };
        let field = match item.get("type").and_then(Value::as_str) {
            Some("photo") => "photo",
            Some("document") => "document",
            _ => return Err(Refusal::bad("can't parse InputMedia: type is unsupported")),
        };
        let body = self.media(params, field, item.get("media").and_then(Value::as_str))?;
        let entities = item.get("caption_entities").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok((body, checked_caption(formatted(map, "caption", entities)?)?))
    }

    pub fn on_send_chat_action(&mut self, params: &Params) -> Answer {
        let chat = self.writable(params)?.id;
        let action = params.str("action").unwrap_or_default().to_owned();
        if !ACTIONS.contains(&action.as_str()) {
            return Err(Refusal::bad("wrong parameter action in request"));
        }
        let (now, thread) = (self.now, params.int("message_thread_id"));
        if let Some(chat) = self.chats.get_mut(&chat) {
            chat.action = Some((action, thread, now));
        }
        self.changed("action", chat);
        Ok(true.into())
    }

    fn source(&self, params: &Params, id: i64, what: &str) -> Result<Message, Refusal> {
        let missing = || Refusal::bad(format!("message to {what} not found"));
        let from = self.chat_of(params, "from_chat_id")?;
        let message = from.live(id).ok_or_else(missing)?;
        if message.body.as_ref().is_some_and(Body::is_service) {
            return Err(Refusal::bad(format!("message can't be {}", if what == "copy" { "copied" } else { "forwarded" })));
        }
        Ok(message.clone())
    }

    fn copied(&self, source: &Message) -> Message {
        let mut message = Message::new(self.bot.id);
        (message.text, message.body) = (source.text.clone(), source.body.clone());
        message
    }

    pub fn on_copy_message(&mut self, params: &Params) -> Answer {
        self.writable(params)?;
        let source = self.source(params, params.int("message_id").unwrap_or_default(), "copy")?;
        let mut message = self.copied(&source);
        if params.has("caption") && message.body.is_some() {
            message.text = checked_caption(params.text("caption", "caption_entities")?)?;
        }
        message.markup = params.markup()?;
        let (_, id) = self.send(params, message)?;
        Ok(json!({ "message_id": id }))
    }

    pub fn on_copy_messages(&mut self, params: &Params) -> Answer {
        self.writable(params)?;
        let found: Vec<_> =
            params.ids("message_ids")?.into_iter().filter_map(|id| self.source(params, id, "copy").ok()).collect();
        if found.is_empty() {
            return Err(Refusal::bad("there are no messages to copy"));
        }
        let mut sent = Vec::new();
        for source in found {
            let mut message = self.copied(&source);
            message.album = source.album;
            let (_, id) = self.send(params, message)?;
            sent.push(json!({ "message_id": id }));
        }
        Ok(sent.into())
    }

    pub fn on_forward_message(&mut self, params: &Params) -> Answer {
        self.writable(params)?;
        let source = self.source(params, params.int("message_id").unwrap_or_default(), "forward")?;
        let mut message = self.copied(&source);
        message.origin = Some(source.origin.clone().unwrap_or_else(|| self.origin_of(&source)));
        let (chat, id) = self.send(params, message)?;
        Ok(self.message_value(chat, id))
    }

    /// What a forward says of where it came from.
    pub fn origin_of(&self, source: &Message) -> Value {
        json!({ "type": "user", "date": source.date, "sender_user": self.user_json(source.from) })
    }
}
