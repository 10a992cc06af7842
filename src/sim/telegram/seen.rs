//! What people see: messages with their keyboards and media, and a chat as plain text for snapshots.

use serde::Serialize;
use serde_json::Value;

use super::Telegram;
use super::people::Actor;
use super::state::{Body, Chat, Message, State};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenButton {
    pub label: String,
    pub data: Option<String>,
    pub url: Option<String>,
    pub copy: Option<String>,
    pub pay: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenMedia {
    /// The Bot API's field: `photo`, `document`, `voice`, `sticker`.
    pub kind: String,
    pub file_id: String,
    pub file_unique_id: String,
    pub name: Option<String>,
    pub mime: Option<String>,
    pub size: u64,
    pub width: u64,
    pub height: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenMessage {
    pub id: i64,
    pub chat: i64,
    pub date: i64,
    pub from: i64,
    pub from_name: String,
    pub is_from_bot: bool,
    /// Text or caption, hidden links spelled out.
    pub text: String,
    pub html: String,
    pub media: Option<SeenMedia>,
    /// Of what is neither text nor a file: the field and its value, as the Bot API has them.
    pub other: Option<(String, Value)>,
    /// The words of a service line.
    pub service: Option<String>,
    pub keyboard: Vec<Vec<SeenButton>>,
    /// The markup with which the bot asks for a reply, as the Bot API has it.
    pub force_reply: Option<Value>,
    pub edits: u32,
    pub is_deleted: bool,
    pub is_pinned: bool,
    pub thread: Option<i64>,
    pub reply_to: Option<i64>,
    pub album: Option<String>,
    pub forwarded_from: Option<String>,
    pub reactions: Vec<String>,
    pub change: u64,
}

impl SeenMessage {
    /// All button labels, row by row.
    pub fn labels(&self) -> Vec<&str> {
        self.keyboard.iter().flatten().map(|button| button.label.as_str()).collect()
    }
}

impl Telegram {
    /// All messages of a chat, deleted ones included, oldest first.
    pub fn messages(&self, chat: i64) -> Vec<SeenMessage> {
        self.messages_since(chat, 0)
    }

    /// Those of them that came or changed after this change number.
    pub fn messages_since(&self, chat: i64, change: u64) -> Vec<SeenMessage> {
        let state = self.lock();
        let Some(chat) = state.chats.get(&chat) else { return Vec::new() };
        let fresh = chat.messages.values().filter(|message| message.change > change);
        fresh.map(|message| state.seen(chat, message)).collect()
    }

    /// The newest message that was not deleted.
    pub fn last_message(&self, chat: i64) -> Option<SeenMessage> {
        let state = self.lock();
        let chat = state.chats.get(&chat)?;
        chat.messages.values().rev().find(|message| !message.is_deleted).map(|message| state.seen(chat, message))
    }

    /// The newest message of the bot that was not deleted.
    pub fn last_from_bot(&self, chat: i64) -> Option<SeenMessage> {
        let state = self.lock();
        let chat = state.chats.get(&chat)?;
        let mut live = chat.messages.values().rev().filter(|message| !message.is_deleted);
        live.find(|message| message.from == state.bot.id).map(|message| state.seen(chat, message))
    }

    /// The bytes of a file and its type.
    pub fn file(&self, file_id: &str) -> Option<(axum::body::Bytes, String)> {
        self.lock().files.get(file_id).map(|file| (file.bytes.clone(), file.mime.clone()))
    }

    /// The chat as plain text: who, what, buttons. Deleted messages are left out.
    pub fn transcript(&self, chat: i64) -> String {
        let mut out = String::new();
        for message in self.messages(chat).iter().filter(|message| !message.is_deleted) {
            let edited = if message.edits > 0 { " (edited)" } else { "" };
            let topic = message.thread.map(|thread| format!(" [topic {thread}]")).unwrap_or_default();
            out.extend([message.from_name.as_str(), &topic, edited, ":\n"]);
            let forwarded = message.forwarded_from.as_ref().map(|from| format!("(forwarded from {from})"));
            let media = message.media.as_ref().map(|media| match &media.name {
                Some(name) => format!("({} {name})", media.kind),
                None => format!("({})", media.kind),
            });
            let other = message.other.as_ref().map(|(field, value)| format!("({field} {value})"));
            let service = message.service.as_ref().map(|words| format!("({words})"));
            let lines = [forwarded, media, other, service].into_iter().flatten();
            for line in lines.chain(message.text.lines().map(str::to_owned)) {
                out.push_str(format!("  {line}").trim_end());
                out.push('\n');
            }
            for row in &message.keyboard {
                let row: Vec<_> = row.iter().map(|button| format!("[{}]", button.label)).collect();
                out.extend(["  ", &row.join(" "), "\n"]);
            }
        }
        out
    }
}

impl Actor {
    /// The chat as this person sees it, as plain text.
    pub fn sees(&self) -> String {
        self.telegram.transcript(self.chat)
    }

    /// The newest message of the bot in this chat.
    pub fn last(&self) -> Option<SeenMessage> {
        self.telegram.last_from_bot(self.chat)
    }
}

impl State {
    pub fn seen(&self, chat: &Chat, message: &Message) -> SeenMessage {
        let body = message.body.as_ref();
        let is_file = body.is_some_and(|body| body.file().is_some());
        let is_service = body.is_some_and(Body::is_service);
        SeenMessage {
            id: message.id,
            chat: chat.id,
            date: message.date,
            from: message.from,
            from_name: self.name_of(message.from),
            is_from_bot: message.from == self.bot.id,
            text: message.text.flat(),
            html: message.text.html(),
            media: body.filter(|_| !is_service).and_then(media),
            other: body.filter(|_| !is_file && !is_service).map(|body| (body.field.to_owned(), body.value.clone())),
            service: body.filter(|_| is_service).map(service_words),
            keyboard: message.buttons().map(|rows| rows.iter().map(seen_row).collect()).unwrap_or_default(),
            force_reply: message.markup.clone().filter(|markup| markup.get("force_reply").is_some()),
            edits: message.edits,
            is_deleted: message.is_deleted,
            is_pinned: chat.pinned.contains(&message.id),
            thread: message.thread,
            reply_to: message.reply_to,
            album: message.album.clone(),
            forwarded_from: message.origin.as_ref().map(|origin| {
                let name = |key: &str| origin.get("sender_user")?.get(key)?.as_str();
                name("first_name").unwrap_or("somebody").to_owned()
            }),
            reactions: message.reactions.iter().filter_map(|reaction| text(reaction, "emoji")).collect(),
            change: message.change,
        }
    }

    fn name_of(&self, id: i64) -> String {
        let person = if id == self.bot.id { Some(&self.bot) } else { self.people.get(&id) };
        person.map_or_else(|| "Deleted Account".to_owned(), super::state::Person::full_name)
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn media(body: &Body) -> Option<SeenMedia> {
    let file = body.file()?;
    let number = |key: &str| file.get(key).and_then(Value::as_u64).unwrap_or_default();
    Some(SeenMedia {
        kind: body.field.to_owned(),
        file_id: text(file, "file_id")?,
        file_unique_id: text(file, "file_unique_id").unwrap_or_default(),
        name: text(file, "file_name").or_else(|| text(file, "emoji")),
        mime: text(file, "mime_type"),
        size: number("file_size"),
        width: number("width"),
        height: number("height"),
    })
}

fn seen_row(row: &Value) -> Vec<SeenButton> {
    let buttons = row.as_array().map(Vec::as_slice).unwrap_or_default();
    let seen = |button: &Value| SeenButton {
        label: text(button, "text").unwrap_or_default(),
        data: text(button, "callback_data"),
        url: text(button, "url"),
        copy: button.get("copy_text").and_then(|copy| text(copy, "text")),
        pay: button.get("pay").is_some(),
    };
    buttons.iter().map(seen).collect()
}

fn service_words(body: &Body) -> String {
    let name = text(&body.value, "name").unwrap_or_default();
    match body.field {
        "forum_topic_created" => format!("opened the topic \"{name}\""),
        "forum_topic_edited" => format!("renamed the topic to \"{name}\""),
        "forum_topic_closed" => "closed the topic".into(),
        "forum_topic_reopened" => "opened the topic again".into(),
        "pinned_message" => "pinned a message".into(),
        "new_chat_members" => "joined the group".into(),
        "left_chat_member" => "left the group".into(),
        "migrate_to_chat_id" | "migrate_from_chat_id" => "the group became a supergroup".into(),
        "successful_payment" => {
            let amount = body.value.get("total_amount").and_then(Value::as_i64).unwrap_or_default();
            format!("paid {amount} {}", text(&body.value, "currency").unwrap_or_default())
        }
        "refunded_payment" => {
            let amount = body.value.get("total_amount").and_then(Value::as_i64).unwrap_or_default();
            format!("got {amount} {} back", text(&body.value, "currency").unwrap_or_default())
        }
        other => other.replace('_', " "),
    }
}
