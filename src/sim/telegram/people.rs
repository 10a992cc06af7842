//! People and what they send: words, pictures, files, contacts, whatever a phone can send to a bot.
//! An [`Actor`] is one person in one chat, optionally in a topic or answering a message.

use serde_json::{Value, json};

use super::Telegram;
use super::files::{Upload, dimensions};
use super::state::{Body, Chat, ChatKind, Message, Person, Standing, State};
use super::text::Text;

/// What a person cannot do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    #[error("there is no person {0}")]
    NoPerson(i64),
    #[error("there is no chat {0}")]
    NoChat(i64),
    #[error("this person is not in chat {0}")]
    NotInside(i64),
    #[error("the bot is blocked by this person")]
    Blocked,
    #[error("there is no message {0}")]
    NoMessage(i64),
    #[error("there is no button \"{wanted}\"; there are {there:?}")]
    NoButton { wanted: String, there: Vec<String> },
    #[error("message {0} cannot be paid")]
    NotPayable(i64),
}

/// One person acting in one chat.
#[derive(Clone)]
pub struct Actor {
    pub(super) telegram: Telegram,
    pub(super) person: i64,
    pub(super) chat: i64,
    thread: Option<i64>,
    reply_to: Option<i64>,
    is_anonymous: bool,
}

impl Telegram {
    /// Makes a person and the private chat with them; one with the same id is replaced, the chat stays.
    pub fn add_person(&self, person: Person) -> Actor {
        let id = person.id;
        self.lock().add_person(person);
        self.person(id)
    }

    /// The person, in the private chat with the bot.
    pub fn person(&self, id: i64) -> Actor {
        Actor { telegram: self.clone(), person: id, chat: id, thread: None, reply_to: None, is_anonymous: false }
    }

    pub fn people(&self) -> Vec<Person> {
        let mut people: Vec<_> = self.lock().people.values().cloned().collect();
        people.sort_by_key(|person| person.id);
        people
    }
}

impl Actor {
    pub fn id(&self) -> i64 {
        self.person
    }

    pub fn chat(&self) -> i64 {
        self.chat
    }

    #[must_use]
    pub fn in_chat(&self, chat: i64) -> Self {
        Self { chat, thread: None, reply_to: None, ..self.clone() }
    }

    #[must_use]
    pub fn in_topic(&self, thread: i64) -> Self {
        Self { thread: Some(thread), ..self.clone() }
    }

    #[must_use]
    pub fn answering(&self, message: i64) -> Self {
        Self { reply_to: Some(message), ..self.clone() }
    }

    /// An admin of the group who writes as the group itself.
    #[must_use]
    pub fn anonymously(&self) -> Self {
        Self { is_anonymous: true, ..self.clone() }
    }

    fn message(&self) -> Message {
        let Self { thread, reply_to, is_anonymous, .. } = *self;
        Message { thread, reply_to, is_anonymous, ..Message::new(self.person) }
    }

    fn send(&self, message: Message) -> Result<i64, Impossible> {
        self.telegram.lock().people_send(self.chat, message)
    }

    fn send_body(&self, field: &'static str, value: Value, caption: &str) -> Result<i64, Impossible> {
        self.send(Message { body: Some(Body { field, value }), text: Text::typed(caption), ..self.message() })
    }

    pub fn says(&self, text: &str) -> Result<i64, Impossible> {
        self.send(Message { text: Text::typed(text), ..self.message() })
    }

    /// Presses Start, with the payload of a deep link when there is one. Unblocks the bot.
    pub fn starts(&self, payload: &str) -> Result<i64, Impossible> {
        self.unblocks()?;
        self.says(format!("/start {payload}").trim())
    }

    pub fn sends_photo(&self, upload: &Upload, caption: &str) -> Result<i64, Impossible> {
        let value = self.telegram.photo(upload);
        self.send_body("photo", value, caption)
    }

    pub fn sends_document(&self, upload: &Upload, caption: &str) -> Result<i64, Impossible> {
        let value = self.telegram.lock().files.add_document(upload);
        self.send_body("document", value, caption)
    }

    /// Several pictures as one album; the caption stands under the first.
    pub fn sends_album(&self, photos: &[Upload], caption: &str) -> Result<Vec<i64>, Impossible> {
        let album = format!("13{}", self.telegram.lock().next_serial());
        let mut ids = Vec::new();
        for (at, photo) in photos.iter().enumerate() {
            let value = self.telegram.photo(photo);
            let text = Text::typed(if at == 0 { caption } else { "" });
            let body = Some(Body { field: "photo", value });
            ids.push(self.send(Message { album: Some(album.clone()), body, text, ..self.message() })?);
        }
        Ok(ids)
    }

    /// Shares the person's own phone number.
    pub fn sends_contact(&self) -> Result<i64, Impossible> {
        let person = self.telegram.lock().people.get(&self.person).cloned();
        let person = person.ok_or(Impossible::NoPerson(self.person))?;
        let phone = person.phone.clone().unwrap_or_else(|| format!("+98912{:07}", person.id.rem_euclid(10_000_000)));
        self.sends_contact_of(&phone, &person.first_name, Some(person.id))
    }

    pub fn sends_contact_of(&self, phone: &str, name: &str, person: Option<i64>) -> Result<i64, Impossible> {
        let mut value = json!({ "phone_number": phone, "first_name": name });
        if let Some(person) = person {
            value["user_id"] = person.into();
        }
        self.send_body("contact", value, "")
    }

    pub fn sends_sticker(&self, emoji: &str) -> Result<i64, Impossible> {
        let extra = json!({ "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false,
            "emoji": emoji });
        let value = self.telegram.lock().files.add_other("sticker", &Upload::new(emoji.to_owned()), &extra);
        self.send_body("sticker", value, "")
    }

    pub fn sends_voice(&self, seconds: u32) -> Result<i64, Impossible> {
        let extra = json!({ "duration": seconds, "mime_type": "audio/ogg" });
        let value = self.telegram.lock().files.add_other("voice", &Upload::new("voice"), &extra);
        self.send_body("voice", value, "")
    }

    pub fn sends_location(&self, latitude: f64, longitude: f64) -> Result<i64, Impossible> {
        self.send_body("location", json!({ "latitude": latitude, "longitude": longitude }), "")
    }

    /// Forwards a message of another chat to here.
    pub fn forwards(&self, from_chat: i64, message: i64) -> Result<i64, Impossible> {
        let mut state = self.telegram.lock();
        let source = state.message(from_chat, message).cloned().ok_or(Impossible::NoMessage(message))?;
        let origin = source.origin.clone().unwrap_or_else(|| state.origin_of(&source));
        let forwarded = Message { text: source.text, body: source.body, origin: Some(origin), ..self.message() };
        state.people_send(self.chat, forwarded)
    }

    /// Edits the words (or the caption) of the person's own message.
    pub fn edits(&self, message: i64, text: &str) -> Result<(), Impossible> {
        self.changes(message, text, None)
    }

    /// Puts another picture or file, with these words, in the place of the one of the person's own message.
    pub fn edits_file(&self, message: i64, upload: &Upload, as_photo: bool, caption: &str) -> Result<(), Impossible> {
        let value = self.telegram.add_file(upload, as_photo);
        let field = if as_photo { "photo" } else { "document" };
        self.changes(message, caption, Some(Body { field, value }))
    }

    fn changes(&self, message: i64, text: &str, body: Option<Body>) -> Result<(), Impossible> {
        let mut state = self.telegram.lock();
        let now = state.now;
        let chat = state.chats.get_mut(&self.chat).ok_or(Impossible::NoChat(self.chat))?;
        let found = chat.live_mut(message).filter(|found| found.from == self.person);
        let found = found.ok_or(Impossible::NoMessage(message))?;
        found.text = Text::typed(text);
        if body.is_some() {
            found.body = body;
        }
        found.edits += 1;
        found.edit_date = Some(now);
        state.touch(self.chat, message);
        let value = state.message_value(self.chat, message);
        state.push_update("edited_message", self.chat, &value);
        Ok(())
    }

    /// Deletes a message for everybody. Bots are not told.
    pub fn deletes(&self, message: i64) -> Result<(), Impossible> {
        let mut state = self.telegram.lock();
        state.message(self.chat, message).ok_or(Impossible::NoMessage(message))?;
        state.erase(self.chat, message);
        Ok(())
    }

    pub fn blocks(&self) -> Result<(), Impossible> {
        self.telegram.lock().set_blocked(self.person, true)
    }

    pub fn unblocks(&self) -> Result<(), Impossible> {
        self.telegram.lock().set_blocked(self.person, false)
    }
}

impl Telegram {
    /// Stores a picture without sending it; what is no picture gets a plausible size.
    fn photo(&self, upload: &Upload) -> Value {
        let (width, height) = dimensions(&upload.bytes).unwrap_or((960, 1280));
        self.lock().files.add_photo(upload, width, height)
    }

    /// Stores a file without sending it: for raw updates that name one. Returns the Bot API's value for it.
    pub fn add_file(&self, upload: &Upload, as_photo: bool) -> Value {
        if as_photo { self.photo(upload) } else { self.lock().files.add_document(upload) }
    }
}

impl State {
    fn check_inside(&self, person: i64, chat: &Chat) -> Result<(), Impossible> {
        if !self.people.contains_key(&person) {
            return Err(Impossible::NoPerson(person));
        }
        let is_inside = match chat.kind {
            ChatKind::Private => chat.id == person,
            _ => chat.members.get(&person).is_some_and(|standing| standing.is_inside()),
        };
        if !is_inside || chat.migrated_to.is_some() {
            return Err(Impossible::NotInside(chat.id));
        }
        if chat.is_blocked { Err(Impossible::Blocked) } else { Ok(()) }
    }

    pub(super) fn chat_for(&self, person: i64, chat: i64) -> Result<&Chat, Impossible> {
        let chat = self.chats.get(&chat).ok_or(Impossible::NoChat(chat))?;
        self.check_inside(person, chat)?;
        Ok(chat)
    }

    /// A person's message comes into a chat, and the bot hears of it when it may.
    pub(super) fn people_send(&mut self, chat: i64, mut message: Message) -> Result<i64, Impossible> {
        let place = self.chat_for(message.from, chat)?;
        if let Some(reply) = message.reply_to {
            let answered = place.live(reply).ok_or(Impossible::NoMessage(reply))?;
            message.thread = message.thread.or(answered.thread);
        }
        if message.thread.is_some_and(|thread| !place.topics.contains_key(&thread)) {
            return Err(Impossible::NoChat(chat));
        }
        let hears = self.bot_hears(place, &message);
        let id = self.place(chat, message);
        if let Some(chat) = self.chats.get_mut(&chat) {
            chat.is_started = true;
        }
        if hears {
            let value = self.message_value(chat, id);
            self.push_update("message", chat, &value);
        }
        Ok(id)
    }

    /// A service line comes into a chat, and the bot hears of it when it is there.
    pub(super) fn people_service(&mut self, person: i64, chat: i64, body: Body) -> i64 {
        let hears = self.chats.get(&chat).is_some_and(|chat| {
            chat.kind == ChatKind::Private || chat.members.get(&self.bot.id).is_some_and(|bot| bot.is_inside())
        });
        let id = self.place(chat, Message { body: Some(body), ..Message::new(person) });
        if hears {
            let value = self.message_value(chat, id);
            self.push_update("message", chat, &value);
        }
        id
    }

    /// In a group, a bot that is no administrator hears only commands, its own name, and answers to itself.
    fn bot_hears(&self, chat: &Chat, message: &Message) -> bool {
        let Some(standing) = chat.members.get(&self.bot.id) else { return chat.kind == ChatKind::Private };
        if standing.is_admin() || !standing.is_inside() {
            return standing.is_admin();
        }
        let name = self.bot.username.as_ref().map(|name| format!("@{name}"));
        let answers_bot = message.reply_to.and_then(|id| chat.live(id)).is_some_and(|answered| answered.from == self.bot.id);
        answers_bot || message.text.plain.starts_with('/') || name.is_some_and(|name| message.text.plain.contains(&name))
    }

    fn set_blocked(&mut self, person: i64, is_blocked: bool) -> Result<(), Impossible> {
        let now = self.now;
        let chat = self.chats.get_mut(&person).ok_or(Impossible::NoPerson(person))?;
        if chat.is_blocked == is_blocked {
            return Ok(());
        }
        chat.is_blocked = is_blocked;
        let (free, kicked) = (Standing::Member, Standing::Kicked);
        let (old, new) = if is_blocked { (free, kicked) } else { (kicked, free) };
        let Some(chat) = self.chats.get(&person) else { return Ok(()) };
        let update = json!({
            "chat": self.chat_json(chat), "from": self.user_json(person), "date": now,
            "old_chat_member": self.standing_json(chat, self.bot.id, old),
            "new_chat_member": self.standing_json(chat, self.bot.id, new),
        });
        self.push_update("my_chat_member", person, &update);
        self.changed("chat", person);
        Ok(())
    }
}
