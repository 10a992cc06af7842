//! People, chats and messages as the Bot API shows them.

use serde_json::{Map, Value, json};

use super::state::{Chat, ChatKind, Message, Person, Standing, State};

fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.into(), value.into());
    }
}

impl Person {
    pub fn json(&self, is_bot: bool) -> Value {
        let mut map = Map::new();
        map.insert("id".into(), self.id.into());
        map.insert("is_bot".into(), is_bot.into());
        map.insert("first_name".into(), self.first_name.clone().into());
        put(&mut map, "last_name", self.last_name.clone());
        put(&mut map, "username", self.username.clone());
        put(&mut map, "language_code", self.language_code.clone());
        map.into()
    }
}

/// All that an administrator may do, as `getChatMember` lists it.
const RIGHTS: [&str; 11] = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
];

impl State {
    pub fn user_json(&self, id: i64) -> Value {
        if id == self.bot.id {
            return self.bot.json(true);
        }
        match self.people.get(&id) {
            Some(person) => person.json(false),
            None => json!({ "id": id, "is_bot": false, "first_name": "Deleted Account" }),
        }
    }

    pub fn chat_json(&self, chat: &Chat) -> Value {
        let mut map = Map::new();
        map.insert("id".into(), chat.id.into());
        map.insert("type".into(), chat.kind.word().into());
        if chat.kind == ChatKind::Private {
            if let Some(person) = self.people.get(&chat.id) {
                map.insert("first_name".into(), person.first_name.clone().into());
                put(&mut map, "last_name", person.last_name.clone());
                put(&mut map, "username", person.username.clone());
            }
        } else {
            map.insert("title".into(), chat.title.clone().into());
            put(&mut map, "is_forum", chat.is_forum.then_some(true));
        }
        map.into()
    }

    /// The message as the bot sees it, with one level of what it answers to.
    pub fn message_json(&self, chat: &Chat, message: &Message) -> Value {
        let mut map = self.message_alone(chat, message);
        if let Some(answered) = message.reply_to.and_then(|id| chat.live(id)) {
            map.insert("reply_to_message".into(), self.message_alone(chat, answered).into());
        }
        map.into()
    }

    /// A placed message by its ids; null when it is gone.
    pub fn message_value(&self, chat: i64, message: i64) -> Value {
        let found = self.chats.get(&chat).and_then(|chat| chat.live(message).map(|message| (chat, message)));
        found.map_or(Value::Null, |(chat, message)| self.message_json(chat, message))
    }

    fn message_alone(&self, chat: &Chat, message: &Message) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("message_id".into(), message.id.into());
        if message.is_anonymous {
            // As the Bot API says of `from`: for backward compatibility a bot of that name stands there.
            let mask = json!({ "id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot" });
            map.insert("from".into(), mask);
            map.insert("sender_chat".into(), self.chat_json(chat));
        } else {
            map.insert("from".into(), self.user_json(message.from));
        }
        map.insert("chat".into(), self.chat_json(chat));
        map.insert("date".into(), message.date.into());
        put(&mut map, "edit_date", message.edit_date);
        if let Some(thread) = message.thread {
            map.insert("message_thread_id".into(), thread.into());
            map.insert("is_topic_message".into(), true.into());
        }
        put(&mut map, "media_group_id", message.album.clone());
        if let Some(origin) = &message.origin {
            map.insert("forward_origin".into(), origin.clone());
        }
        let is_text = message.body.is_none();
        if let Some(body) = &message.body {
            map.insert(body.field.into(), body.value.clone());
        }
        if is_text || !message.text.plain.is_empty() {
            let (text, entities) = if is_text { ("text", "entities") } else { ("caption", "caption_entities") };
            map.insert(text.into(), message.text.plain.clone().into());
            if !message.text.entities.is_empty() {
                map.insert(entities.into(), message.text.entities_json());
            }
        }
        if message.buttons().is_some() {
            put(&mut map, "reply_markup", message.markup.clone());
        }
        map
    }

    pub fn member_json(&self, chat: &Chat, id: i64) -> Value {
        let standing = match chat.kind {
            ChatKind::Private if chat.is_blocked && id == self.bot.id => Standing::Kicked,
            ChatKind::Private => Standing::Member,
            _ => chat.members.get(&id).copied().unwrap_or(Standing::Left),
        };
        self.standing_json(chat, id, standing)
    }

    pub fn standing_json(&self, chat: &Chat, id: i64, standing: Standing) -> Value {
        let mut member = json!({ "user": self.user_json(id) });
        match standing {
            Standing::Creator => {
                member["status"] = "creator".into();
                member["is_anonymous"] = false.into();
            }
            Standing::Administrator => {
                member["status"] = "administrator".into();
                member["is_anonymous"] = false.into();
                member["can_be_edited"] = false.into();
                for right in RIGHTS {
                    member[right] = true.into();
                }
                member["can_manage_topics"] = (chat.is_forum && chat.bot_manages_topics).into();
            }
            Standing::Member => member["status"] = "member".into(),
            Standing::Left => member["status"] = "left".into(),
            Standing::Kicked => {
                member["status"] = "kicked".into();
                member["until_date"] = 0.into();
            }
        }
        member
    }
}
