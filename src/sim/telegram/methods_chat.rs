//! The methods about chats, commands and files: who is where, topics, pins, command lists, downloads.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::files::FETCH_BYTES_MAX;
use super::params::Params;
use super::state::{Body, Chat, ChatKind, Message, Standing, State, Topic};

const ICON_COLOR: u32 = 0x6F_B9_F0;

impl State {
    pub fn get_chat(&self, params: &Params) -> Answer {
        let chat = self.chat_of(params, "chat_id")?;
        let mut full = self.chat_json(chat);
        full["accent_color_id"] = 0.into();
        full["max_reaction_count"] = 11.into();
        full["accepted_gift_types"] = json!({
            "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
        });
        if chat.kind != ChatKind::Private {
            let every = ["messages", "audios", "documents", "photos", "videos", "video_notes", "voice_notes", "polls"];
            let mut may = json!({ "can_send_other_messages": true, "can_add_web_page_previews": true,
                "can_change_info": false, "can_invite_users": true, "can_pin_messages": false, "can_manage_topics": false });
            for what in every {
                may[format!("can_send_{what}")] = true.into();
            }
            full["permissions"] = may;
        }
        if let Some(pinned) = chat.pinned.last().and_then(|id| chat.live(*id)) {
            full["pinned_message"] = self.message_json(chat, pinned);
        }
        Ok(full)
    }

    pub fn get_chat_member(&self, params: &Params) -> Answer {
        let chat = self.chat_of(params, "chat_id")?;
        let id = params.int("user_id").unwrap_or_default();
        if id != self.bot.id && !self.people.contains_key(&id) {
            return Err(Refusal::bad("PARTICIPANT_ID_INVALID"));
        }
        Ok(self.member_json(chat, id))
    }

    pub fn get_chat_administrators(&self, params: &Params) -> Answer {
        let chat = self.chat_of(params, "chat_id")?;
        if chat.kind == ChatKind::Private {
            return Err(Refusal::bad("there are no administrators in the private chat"));
        }
        let admins = chat.members.iter().filter(|(_, standing)| standing.is_admin());
        Ok(admins.map(|(id, _)| self.member_json(chat, *id)).collect())
    }

    /// The forum a call works on, where the bot may manage topics.
    fn forum(&self, params: &Params, act: &str) -> Result<&Chat, Refusal> {
        let chat = self.writable(params)?;
        if !chat.is_forum {
            return Err(Refusal::bad("the chat is not a forum"));
        }
        if !self.is_bot_admin(chat) || !chat.bot_manages_topics {
            return Err(Refusal::bad(format!("not enough rights to {act}")));
        }
        Ok(chat)
    }

    pub fn create_topic(&mut self, params: &Params) -> Answer {
        let chat = self.forum(params, "create a topic")?.id;
        let name = params.str("name").unwrap_or_default().trim().to_owned();
        if name.is_empty() || name.chars().count() > 128 {
            return Err(Refusal::bad("TOPIC_TITLE_EMPTY"));
        }
        let thread = self.open_topic(chat, self.bot.id, &name);
        Ok(json!({ "message_thread_id": thread, "name": name, "icon_color": ICON_COLOR }))
    }

    /// A topic is known by the id of the service message that opened it.
    pub fn open_topic(&mut self, chat: i64, by: i64, name: &str) -> i64 {
        let mut message = Message::new(by);
        let value = json!({ "name": name, "icon_color": ICON_COLOR });
        message.body = Some(Body { field: "forum_topic_created", value });
        let thread = self.place(chat, message);
        if let Some(chat) = self.chats.get_mut(&chat) {
            if let Some(message) = chat.live_mut(thread) {
                message.thread = Some(thread);
            }
            chat.topics.insert(thread, Topic { name: name.to_owned(), icon_color: ICON_COLOR, is_closed: false });
        }
        self.changed("chat", chat);
        thread
    }

    fn topic_mut(&mut self, chat: i64, params: &Params) -> Result<(i64, &mut Topic), Refusal> {
        let thread = params.int("message_thread_id").unwrap_or_default();
        let topic = self.chats.get_mut(&chat).and_then(|chat| chat.topics.get_mut(&thread));
        topic.map(|topic| (thread, topic)).ok_or_else(|| Refusal::bad("TOPIC_ID_INVALID"))
    }

    pub fn edit_topic(&mut self, params: &Params) -> Answer {
        let chat = self.forum(params, "edit the topic")?.id;
        let name = params.str("name").map(str::to_owned);
        let (thread, topic) = self.topic_mut(chat, params)?;
        let name = name.filter(|name| *name != topic.name).ok_or_else(|| Refusal::bad("TOPIC_NOT_MODIFIED"))?;
        topic.name.clone_from(&name);
        self.note_in_topic(chat, thread, "forum_topic_edited", json!({ "name": name }));
        Ok(true.into())
    }

    pub fn close_topic(&mut self, params: &Params, close: bool) -> Answer {
        let chat = self.forum(params, "close the topic")?.id;
        let (thread, topic) = self.topic_mut(chat, params)?;
        if topic.is_closed == close {
            return Err(Refusal::bad("TOPIC_NOT_MODIFIED"));
        }
        topic.is_closed = close;
        let note = if close { "forum_topic_closed" } else { "forum_topic_reopened" };
        self.note_in_topic(chat, thread, note, json!({}));
        Ok(true.into())
    }

    fn note_in_topic(&mut self, chat: i64, thread: i64, field: &'static str, value: Value) {
        let mut message = Message::new(self.bot.id);
        (message.thread, message.body) = (Some(thread), Some(Body { field, value }));
        self.place(chat, message);
        self.changed("chat", chat);
    }

    pub fn pin(&mut self, params: &Params, pin: bool) -> Answer {
        let chat = self.writable(params)?;
        if chat.kind != ChatKind::Private && !self.is_bot_admin(chat) {
            return Err(Refusal::bad("not enough rights to manage pinned messages in the chat"));
        }
        let id = params.int("message_id").or(chat.pinned.last().copied().filter(|_| !pin)).unwrap_or_default();
        let message = chat.live(id).ok_or_else(|| Refusal::bad("message to pin not found"))?;
        let (value, thread, chat) = (self.message_json(chat, message), message.thread, chat.id);
        if let Some(chat) = self.chats.get_mut(&chat) {
            chat.pinned.retain(|pinned| *pinned != id);
            if pin {
                chat.pinned.push(id);
            }
        }
        if pin {
            let mut note = Message::new(self.bot.id);
            (note.thread, note.body) = (thread, Some(Body { field: "pinned_message", value }));
            self.place(chat, note);
        }
        self.changed("chat", chat);
        Ok(true.into())
    }

    pub fn leave_chat(&mut self, params: &Params) -> Answer {
        let chat = self.writable(params)?;
        if chat.kind == ChatKind::Private {
            return Err(Refusal::bad("chat member status can't be changed in private chats"));
        }
        let (chat, bot) = (chat.id, self.bot.id);
        if let Some(chat) = self.chats.get_mut(&chat) {
            chat.members.insert(bot, Standing::Left);
        }
        self.changed("chat", chat);
        Ok(true.into())
    }

    pub fn get_file(&self, params: &Params) -> Answer {
        let id = params.str("file_id").unwrap_or_default();
        let file = self.files.get(id).ok_or_else(|| Refusal::bad("invalid file id"))?;
        if file.size > FETCH_BYTES_MAX {
            return Err(Refusal::bad("file is too big"));
        }
        Ok(json!({
            "file_id": id, "file_unique_id": file.unique_id, "file_size": file.size, "file_path": file.path,
        }))
    }

    fn commands_key(&self, params: &Params) -> Result<String, Refusal> {
        let scope = params.object("scope")?;
        let field = |key: &str| scope.as_ref().and_then(|scope| scope.get(key).cloned());
        let kind = field("type").and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_else(|| "default".into());
        let id = |key: &str| field(key).as_ref().and_then(super::params::int_of);
        let (chat, person) = match kind.as_str() {
            "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => (None, None),
            "chat" | "chat_administrators" | "chat_member" => {
                let place = id("chat_id").and_then(|chat| self.chats.get(&chat)).filter(|chat| self.has_met(chat));
                let place = place.ok_or_else(|| Refusal::bad("chat not found"))?;
                if kind != "chat" && place.kind == ChatKind::Private {
                    return Err(Refusal::bad("can't use specified scope in private chats"));
                }
                let person = id("user_id").filter(|_| kind == "chat_member");
                if kind == "chat_member" && !person.is_some_and(|person| self.people.contains_key(&person)) {
                    return Err(Refusal::bad("user not found"));
                }
                (Some(place.id), person)
            }
            _ => return Err(Refusal::bad("can't parse BotCommandScope: Unsupported type specified")),
        };
        let language = params.str("language_code").unwrap_or_default();
        let is_code = language.len() == 2 && language.bytes().all(|letter| letter.is_ascii_lowercase());
        if !is_code && !language.is_empty() {
            return Err(Refusal::bad("invalid language code specified"));
        }
        Ok(commands_key(&kind, chat, person, language))
    }

    /// A person whom the bot never heard from, and who is in no group of its own, is no chat that it can name.
    fn has_met(&self, chat: &Chat) -> bool {
        let is_in = |group: &Chat, who: i64| group.members.get(&who).is_some_and(|standing| standing.is_inside());
        chat.kind != ChatKind::Private
            || chat.is_started
            || self.chats.values().any(|group| is_in(group, chat.id) && is_in(group, self.bot.id))
    }

    pub fn set_commands(&mut self, params: &Params) -> Answer {
        let key = self.commands_key(params)?;
        let commands = params.list("commands")?;
        if commands.len() > 100 {
            return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
        }
        for command in &commands {
            let word = |key: &str| command.get(key).and_then(Value::as_str).unwrap_or_default();
            let name = word("command").trim_start_matches('/');
            let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
            if !(1..=32).contains(&name.len()) || !name.chars().all(is_plain) {
                return Err(Refusal::bad("BOT_COMMAND_INVALID"));
            }
            if !(1..=256).contains(&word("description").chars().count()) {
                return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
            }
        }
        self.commands.insert(key, commands.into());
        self.changed("chat", 0);
        Ok(true.into())
    }

    pub fn get_commands(&self, params: &Params) -> Answer {
        Ok(self.commands.get(&self.commands_key(params)?).cloned().unwrap_or_else(|| json!([])))
    }

    pub fn delete_commands(&mut self, params: &Params) -> Answer {
        let key = self.commands_key(params)?;
        self.commands.remove(&key);
        Ok(true.into())
    }

    /// The commands a person is offered in a chat: the narrowest scope that has any, first in their own language.
    pub fn commands_for(&self, chat: &Chat, person: i64) -> Value {
        let language = self.people.get(&person).and_then(|person| person.language_code.clone()).unwrap_or_default();
        let is_admin = chat.members.get(&person).is_some_and(|standing| standing.is_admin());
        let wide = if chat.kind == ChatKind::Private { "all_private_chats" } else { "all_group_chats" };
        let mut scopes = vec![("chat_member", Some(chat.id), Some(person))];
        if is_admin {
            scopes.push(("chat_administrators", Some(chat.id), None));
        }
        scopes.push(("chat", Some(chat.id), None));
        if is_admin {
            scopes.push(("all_chat_administrators", None, None));
        }
        scopes.extend([(wide, None, None), ("default", None, None)]);
        scopes
            .into_iter()
            .flat_map(|(kind, chat, person)| [commands_key(kind, chat, person, &language), commands_key(kind, chat, person, "")])
            .find_map(|key| self.commands.get(&key).cloned())
            .unwrap_or_else(|| json!([]))
    }
}

fn commands_key(kind: &str, chat: Option<i64>, person: Option<i64>, language: &str) -> String {
    format!("{kind}/{}/{}/{language}", chat.unwrap_or_default(), person.unwrap_or_default())
}
