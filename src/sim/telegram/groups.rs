//! Groups: who is in them with what standing, their topics, their upgrade to supergroups, and what an injected update
//! brings with it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Telegram;
use super::people::Impossible;
use super::state::{Body, Chat, ChatKind, Person, Standing, State};

/// A group to be made. The bot is in it, and an administrator unless told otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct NewGroup {
    /// Chosen when absent.
    pub id: Option<i64>,
    pub title: String,
    pub is_supergroup: bool,
    /// Implies a supergroup.
    pub is_forum: bool,
    pub bot: Standing,
    pub bot_manages_topics: bool,
    pub members: Vec<i64>,
    pub admins: Vec<i64>,
}

impl Default for NewGroup {
    fn default() -> Self {
        Self {
            id: None,
            title: "Group".into(),
            is_supergroup: true,
            is_forum: false,
            bot: Standing::Administrator,
            bot_manages_topics: true,
            members: Vec::new(),
            admins: Vec::new(),
        }
    }
}

const SUPERGROUP_BASE: i64 = -1_000_000_000_000;

impl Telegram {
    /// Makes a group and returns its id. The bot is told by `my_chat_member`.
    pub fn add_group(&self, group: NewGroup) -> i64 {
        self.lock().add_group(group)
    }

    /// Gives somebody (a person or the bot) a standing in a group; the usual updates and service lines follow.
    pub fn set_standing(&self, chat: i64, who: i64, standing: Standing) -> Result<(), Impossible> {
        self.lock().set_standing(chat, who, standing)
    }

    pub fn allow_topics(&self, chat: i64, is_forum: bool, bot_manages_topics: bool) {
        let mut state = self.lock();
        if let Some(chat) = state.chats.get_mut(&chat) {
            chat.is_forum = is_forum && chat.kind == ChatKind::Supergroup;
            chat.bot_manages_topics = bot_manages_topics;
        }
        state.changed("chat", chat);
    }

    /// A person opens a topic; returns its thread id.
    pub fn open_topic(&self, chat: i64, by: i64, name: &str) -> i64 {
        self.lock().open_topic(chat, by, name)
    }

    /// Turns a group into a supergroup and returns the new id. The old id answers with the new one from now on.
    pub fn upgrade(&self, group: i64) -> Result<i64, Impossible> {
        self.lock().upgrade(group)
    }

    /// The topics of a chat: thread id and name.
    pub fn topics(&self, chat: i64) -> Vec<(i64, String)> {
        let state = self.lock();
        let topics = state.chats.get(&chat).map(|chat| &chat.topics);
        topics.map(|topics| topics.iter().map(|(id, topic)| (*id, topic.name.clone())).collect()).unwrap_or_default()
    }
}

impl State {
    fn add_group(&mut self, group: NewGroup) -> i64 {
        let is_super = group.is_supergroup || group.is_forum;
        let serial = i64::try_from(self.next_serial()).unwrap_or_default() + 1000;
        let id = group.id.unwrap_or(if is_super { SUPERGROUP_BASE - serial } else { -serial });
        let mut chat = Chat::new(id, if is_super { ChatKind::Supergroup } else { ChatKind::Group }, group.title);
        chat.is_forum = group.is_forum;
        chat.bot_manages_topics = group.bot_manages_topics;
        for member in group.members {
            chat.members.insert(member, Standing::Member);
        }
        for (at, admin) in group.admins.into_iter().enumerate() {
            chat.members.insert(admin, if at == 0 { Standing::Creator } else { Standing::Administrator });
        }
        let by = chat.members.iter().find(|(_, standing)| standing.is_admin()).map_or(self.bot.id, |(id, _)| *id);
        self.chats.insert(id, chat);
        self.changed("chat", id);
        self.move_member(id, by, self.bot.id, group.bot);
        id
    }

    fn set_standing(&mut self, chat: i64, who: i64, standing: Standing) -> Result<(), Impossible> {
        let place = self.chats.get(&chat).filter(|chat| chat.kind != ChatKind::Private);
        let was_inside = place.ok_or(Impossible::NoChat(chat))?.members.get(&who).is_some_and(|old| old.is_inside());
        self.move_member(chat, who, who, standing);
        if standing.is_inside() && !was_inside {
            let value = json!([self.user_json(who)]);
            self.people_service(who, chat, Body { field: "new_chat_members", value });
        }
        if was_inside && !standing.is_inside() && who != self.bot.id {
            let value = self.user_json(who);
            self.people_service(who, chat, Body { field: "left_chat_member", value });
        }
        Ok(())
    }

    fn move_member(&mut self, chat: i64, by: i64, who: i64, standing: Standing) {
        let Some(place) = self.chats.get_mut(&chat) else { return };
        let old = place.members.insert(who, standing).unwrap_or(Standing::Left);
        if old == standing {
            return;
        }
        let Some(place) = self.chats.get(&chat) else { return };
        let update = json!({
            "chat": self.chat_json(place), "from": self.user_json(by), "date": self.now,
            "old_chat_member": self.standing_json(place, who, old),
            "new_chat_member": self.standing_json(place, who, standing),
        });
        let kind = if who == self.bot.id { "my_chat_member" } else { "chat_member" };
        self.push_update(kind, chat, &update);
        self.changed("chat", chat);
    }

    fn upgrade(&mut self, group: i64) -> Result<i64, Impossible> {
        let old = self.chats.get(&group).filter(|chat| chat.kind == ChatKind::Group && chat.migrated_to.is_none());
        let old = old.ok_or(Impossible::NoChat(group))?;
        let id = SUPERGROUP_BASE + group;
        let mut new = Chat::new(id, ChatKind::Supergroup, old.title.clone());
        new.members.clone_from(&old.members);
        let by = new.members.iter().find(|(_, standing)| **standing == Standing::Creator).map_or(self.bot.id, |(id, _)| *id);
        self.chats.insert(id, new);
        self.people_service(by, group, Body { field: "migrate_to_chat_id", value: id.into() });
        if let Some(old) = self.chats.get_mut(&group) {
            old.migrated_to = Some(id);
        }
        self.people_service(by, id, Body { field: "migrate_from_chat_id", value: group.into() });
        self.changed("chat", group);
        self.changed("chat", id);
        Ok(id)
    }

    pub fn inject(&mut self, update: Value) -> i64 {
        let mut chat_id = 0;
        for content in update.as_object().into_iter().flatten().map(|(_, content)| content) {
            let message = content.get("message").unwrap_or(content);
            for person in [content.get("from"), message.get("from")].into_iter().flatten() {
                self.learn_person(person);
            }
            if let Some(chat) = content.get("chat").or_else(|| message.get("chat")) {
                chat_id = self.learn_chat(chat, message.get("message_id").and_then(Value::as_i64).unwrap_or(0));
            } else if let Some(from) = content.get("from").and_then(|from| from.get("id")?.as_i64()) {
                chat_id = from;
            }
            if let (Some(id), Some(person)) = (content.get("id").and_then(Value::as_str), content.get("from"))
                && content.get("chat_instance").is_some()
            {
                let person = person.get("id").and_then(Value::as_i64).unwrap_or_default();
                self.presses.insert(id.to_owned(), super::state::Press { person, chat: chat_id });
            }
        }
        self.push_raw(update, chat_id)
    }

    fn learn_person(&mut self, user: &Value) {
        let id = user.get("id").and_then(Value::as_i64).unwrap_or_default();
        let is_bot = user.get("is_bot").and_then(Value::as_bool).unwrap_or(false);
        if id == 0 || is_bot || self.people.contains_key(&id) {
            return;
        }
        if let Ok(person) = serde_json::from_value::<Person>(user.clone()) {
            self.add_person(person);
        }
    }

    fn learn_chat(&mut self, chat: &Value, message: i64) -> i64 {
        let id = chat.get("id").and_then(Value::as_i64).unwrap_or_default();
        if !self.chats.contains_key(&id) && id < 0 {
            let text = |key: &str| chat.get(key).and_then(Value::as_str).unwrap_or_default();
            let kind = if text("type") == "group" { ChatKind::Group } else { ChatKind::Supergroup };
            let mut group = Chat::new(id, kind, text("title").to_owned());
            group.is_forum = chat.get("is_forum").and_then(Value::as_bool).unwrap_or(false);
            group.members.insert(self.bot.id, Standing::Administrator);
            self.chats.insert(id, group);
        }
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.is_started = true;
            chat.message_id_last = chat.message_id_last.max(message);
        }
        id
    }
}
