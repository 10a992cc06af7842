//! The simulated world's memory: people, chats, messages, and the few rules of placing a message in a chat.
//! Message ids count up within each chat on its own, so equal ids in two chats are common, as they are for supergroups.
//! Nothing here scans all messages or all updates: a call costs what it touches.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{Notify, broadcast};

use super::calls::{CallLog, Counters, Latency};
use super::faults::Faults;
use super::files::Files;
use super::payments::Payments;
use super::text::Text;
use super::updates::Queue;

/// Somebody with a Telegram account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    pub id: i64,
    pub first_name: String,
    pub last_name: Option<String>,
    pub username: Option<String>,
    pub language_code: Option<String>,
    /// What "share my contact" sends; made up from the id when empty.
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    Private,
    Group,
    Supergroup,
}

impl ChatKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
        }
    }
}

/// Somebody's standing in a group, as `getChatMember` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Creator,
    Administrator,
    Member,
    Left,
    Kicked,
}

impl Standing {
    pub fn is_inside(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator | Self::Member)
    }

    pub fn is_admin(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator)
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Topic {
    pub name: String,
    pub icon_color: u32,
    pub is_closed: bool,
}

/// A private chat has the id of its person; a group's id is negative.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of a chat, as Telegram tells them")]
pub struct Chat {
    pub id: i64,
    pub kind: ChatKind,
    pub title: String,
    pub is_forum: bool,
    /// Groups only: people and the bot.
    pub members: BTreeMap<i64, Standing>,
    /// Of an administrating bot in a forum.
    pub bot_manages_topics: bool,
    pub topics: BTreeMap<i64, Topic>,
    pub messages: BTreeMap<i64, Message>,
    pub message_id_last: i64,
    /// The supergroup this group became.
    pub migrated_to: Option<i64>,
    /// Private chats only.
    pub is_started: bool,
    pub is_blocked: bool,
    pub pinned: Vec<i64>,
    /// The reply keyboard people see now.
    pub reply_keyboard: Option<Value>,
    /// The last chat action, its topic, and when it was sent.
    pub action: Option<(String, Option<i64>, i64)>,
}

impl Chat {
    pub fn new(id: i64, kind: ChatKind, title: String) -> Self {
        Self {
            id,
            kind,
            title,
            is_forum: false,
            members: BTreeMap::new(),
            bot_manages_topics: true,
            topics: BTreeMap::new(),
            messages: BTreeMap::new(),
            message_id_last: 0,
            migrated_to: None,
            is_started: false,
            is_blocked: false,
            pinned: Vec::new(),
            reply_keyboard: None,
            action: None,
        }
    }

    pub fn live(&self, message: i64) -> Option<&Message> {
        self.messages.get(&message).filter(|found| !found.is_deleted)
    }

    pub fn live_mut(&mut self, message: i64) -> Option<&mut Message> {
        self.messages.get_mut(&message).filter(|found| !found.is_deleted)
    }
}

/// What a message carries besides text: the Bot API field and its value ("photo", "document", "contact", a service note).
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    pub field: &'static str,
    pub value: Value,
}

impl Body {
    /// Can it bear a caption?
    pub fn is_media(&self) -> bool {
        matches!(self.field, "photo" | "document" | "voice")
    }

    /// A line such as "topic created", rather than somebody's words.
    pub fn is_service(&self) -> bool {
        !self.is_media() && !matches!(self.field, "contact" | "sticker" | "location" | "invoice")
    }

    /// The file it is known by: of a photo, the largest size.
    pub fn file(&self) -> Option<&Value> {
        match &self.value {
            Value::Array(sizes) => sizes.last(),
            other => other.get("file_id").map(|_| other),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Message {
    pub id: i64,
    pub chat: i64,
    /// Unix seconds.
    pub date: i64,
    pub edit_date: Option<i64>,
    /// A person's id or the bot's.
    pub from: i64,
    pub thread: Option<i64>,
    pub reply_to: Option<i64>,
    /// Written in the name of the group, by one of its admins.
    pub is_anonymous: bool,
    /// The text, or the caption of `body`.
    pub text: Text,
    pub body: Option<Body>,
    pub markup: Option<Value>,
    pub album: Option<String>,
    pub origin: Option<Value>,
    pub edits: u32,
    pub is_deleted: bool,
    pub reactions: Vec<Value>,
    /// The number of the world's last change to this message: what a watcher asks for.
    pub change: u64,
}

impl Message {
    pub fn new(from: i64) -> Self {
        Self {
            id: 0,
            chat: 0,
            date: 0,
            edit_date: None,
            from,
            thread: None,
            reply_to: None,
            is_anonymous: false,
            text: Text::default(),
            body: None,
            markup: None,
            album: None,
            origin: None,
            edits: 0,
            is_deleted: false,
            reactions: Vec::new(),
            change: 0,
        }
    }

    /// The rows of its inline keyboard.
    pub fn buttons(&self) -> Option<&Vec<Value>> {
        self.markup.as_ref()?.get("inline_keyboard")?.as_array()
    }
}

/// A press of a button that the bot has not answered yet.
#[derive(Debug, Clone)]
pub struct Press {
    pub person: i64,
    pub chat: i64,
}

/// What the bot answered to a press: a toast, or an alert to be closed by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Toast {
    pub chat: i64,
    pub callback: String,
    pub text: String,
    pub is_alert: bool,
    pub change: u64,
}

/// Something a watcher may want to look at.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// What changed: `message`, `toast`, `action`, `chat`, `fault`.
    pub what: &'static str,
    pub chat: i64,
    pub change: u64,
}

pub struct State {
    pub now: i64,
    pub bot: Person,
    pub tokens: HashSet<String>,
    pub people: HashMap<i64, Person>,
    pub chats: HashMap<i64, Chat>,
    pub files: Files,
    pub queue: Queue,
    pub faults: Faults,
    pub presses: HashMap<String, Press>,
    pub toasts: HashMap<i64, Vec<Toast>>,
    pub payments: Payments,
    /// By scope and language.
    pub commands: BTreeMap<String, Value>,
    pub calls: CallLog,
    pub counters: Counters,
    pub latency: Latency,
    pub change: u64,
    pub serial: u64,
    /// Messages kept in a chat; the oldest go first. None: all.
    pub history_max: Option<usize>,
    pub events: broadcast::Sender<Event>,
    /// An update came in, or the way of delivery changed.
    pub poll: Arc<Notify>,
    pub hook: Arc<Notify>,
    /// A pre-checkout query was answered.
    pub settled: Arc<Notify>,
}

impl State {
    pub fn new() -> Self {
        let bot = Person { id: 42, first_name: "Souk".into(), username: Some("souk_sim_bot".into()), ..Person::default() };
        Self {
            now: 0,
            bot,
            tokens: HashSet::from(["42:sim".to_owned()]),
            people: HashMap::new(),
            chats: HashMap::new(),
            files: Files::default(),
            queue: Queue::default(),
            faults: Faults::default(),
            presses: HashMap::new(),
            toasts: HashMap::new(),
            payments: Payments::default(),
            commands: BTreeMap::new(),
            calls: CallLog::default(),
            counters: Counters::default(),
            latency: Latency::default(),
            change: 0,
            serial: 0,
            history_max: None,
            events: broadcast::channel(4096).0,
            poll: Arc::default(),
            hook: Arc::default(),
            settled: Arc::default(),
        }
    }

    /// A number never given before: ids of callbacks, files, albums, charges.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Notes that something changed and tells who watches.
    pub fn changed(&mut self, what: &'static str, chat: i64) -> u64 {
        self.change += 1;
        if self.events.receiver_count() > 0 {
            drop(self.events.send(Event { what, chat, change: self.change }));
        }
        self.change
    }

    /// Gives the message its id and its place. The chat must exist.
    pub fn place(&mut self, chat: i64, mut message: Message) -> i64 {
        message.change = self.changed("message", chat);
        message.date = self.now;
        message.chat = chat;
        let keep = self.history_max.unwrap_or(usize::MAX);
        let Some(chat) = self.chats.get_mut(&chat) else { return 0 };
        chat.message_id_last += 1;
        message.id = chat.message_id_last;
        let id = message.id;
        chat.messages.insert(id, message);
        while chat.messages.len() > keep {
            chat.messages.pop_first();
        }
        id
    }

    pub fn message(&self, chat: i64, message: i64) -> Option<&Message> {
        self.chats.get(&chat)?.live(message)
    }

    /// Notes that a message changed after it was placed.
    pub fn touch(&mut self, chat: i64, message: i64) {
        let change = self.changed("message", chat);
        if let Some(found) = self.chats.get_mut(&chat).and_then(|chat| chat.messages.get_mut(&message)) {
            found.change = change;
        }
    }

    pub fn is_bot_admin(&self, chat: &Chat) -> bool {
        chat.members.get(&self.bot.id).is_some_and(|standing| standing.is_admin())
    }

    /// Makes the person, and the private chat with them.
    pub fn add_person(&mut self, person: Person) {
        let id = person.id;
        let title = person.full_name();
        self.chats.entry(id).or_insert_with(|| Chat::new(id, ChatKind::Private, title));
        self.people.insert(id, person);
        self.changed("chat", id);
    }
}

impl Person {
    pub fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}
