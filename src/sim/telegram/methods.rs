//! The table of Bot API methods, and what all sending methods share: where a message may go.
//! Method names come here in lower case, since Telegram does not mind theirs.

use serde_json::Value;

use super::answer::{Answer, Refusal};
use super::params::Params;
use super::state::{Chat, ChatKind, Message, State};

impl State {
    /// Does the call. `None`: no such method.
    pub fn run(&mut self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "getme" => Ok(self.me()),
            "sendmessage" => self.on_send_message(params),
            "sendphoto" => self.on_send_media(params, "photo"),
            "senddocument" => self.on_send_media(params, "document"),
            "sendmediagroup" => self.on_send_media_group(params),
            "sendchataction" => self.on_send_chat_action(params),
            "sendinvoice" => self.on_send_invoice(params),
            "createinvoicelink" => self.create_invoice_link(params),
            "answerprecheckoutquery" => self.answer_pre_checkout(params),
            "refundstarpayment" => self.refund_star_payment(params),
            "copymessage" => self.on_copy_message(params),
            "copymessages" => self.on_copy_messages(params),
            "forwardmessage" => self.on_forward_message(params),
            "editmessagetext" => self.edit_text(params),
            "editmessagecaption" => self.edit_caption(params),
            "editmessagemedia" => self.edit_media(params),
            "editmessagereplymarkup" => self.edit_reply_markup(params),
            "deletemessage" => self.on_delete_message(params),
            "deletemessages" => self.on_delete_messages(params),
            "answercallbackquery" => self.answer_press(params),
            "setmessagereaction" => self.set_reaction(params),
            "getfile" => self.get_file(params),
            "setwebhook" => self.set_webhook(params),
            "deletewebhook" => Ok(self.delete_webhook(params)),
            "getwebhookinfo" => Ok(self.webhook_info()),
            _ => return self.run_about_chats(method, params),
        })
    }

    fn run_about_chats(&mut self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "setmycommands" => self.set_commands(params),
            "getmycommands" => self.get_commands(params),
            "deletemycommands" => self.delete_commands(params),
            "setmydescription"
            | "setmyshortdescription"
            | "setmyname"
            | "setchatmenubutton"
            | "setmydefaultadministratorrights" => Ok(true.into()),
            "getchat" => self.get_chat(params),
            "getchatmember" => self.get_chat_member(params),
            "getchatadministrators" => self.get_chat_administrators(params),
            "createforumtopic" => self.create_topic(params),
            "editforumtopic" => self.edit_topic(params),
            "closeforumtopic" => self.close_topic(params, true),
            "reopenforumtopic" => self.close_topic(params, false),
            "pinchatmessage" => self.pin(params, true),
            "unpinchatmessage" => self.pin(params, false),
            "leavechat" => self.leave_chat(params),
            _ => return None,
        })
    }

    fn me(&self) -> Value {
        let mut me = self.bot.json(true);
        for (key, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
        ] {
            me[key] = value.into();
        }
        me
    }

    /// The chat a call names, whether or not the bot may write there.
    pub fn chat_of(&self, params: &Params, key: &str) -> Result<&Chat, Refusal> {
        if !params.has(key) {
            return Err(Refusal::bad(format!("{key} is empty")));
        }
        let chat = params.int(key).and_then(|id| self.chats.get(&id)).ok_or_else(|| Refusal::bad("chat not found"))?;
        chat.migrated_to.map_or(Ok(chat), |to| Err(Refusal::migrated(to)))
    }

    /// The chat a call writes to: not blocked, begun by its person, or a group the bot is in.
    pub fn writable(&self, params: &Params) -> Result<&Chat, Refusal> {
        let chat = self.chat_of(params, "chat_id")?;
        if chat.kind == ChatKind::Private {
            return match chat {
                Chat { is_blocked: true, .. } => Err(Refusal::forbidden("bot was blocked by the user")),
                Chat { is_started: false, .. } => Err(Refusal::forbidden("bot can't initiate conversation with a user")),
                _ => Ok(chat),
            };
        }
        match chat.members.get(&self.bot.id) {
            Some(standing) if standing.is_inside() => Ok(chat),
            Some(super::state::Standing::Kicked) => {
                Err(Refusal::forbidden(&format!("bot was kicked from the {} chat", chat.kind.word())))
            }
            _ => Err(Refusal::forbidden(&format!("bot is not a member of the {} chat", chat.kind.word()))),
        }
    }

    fn thread_of(&self, params: &Params, chat: &Chat) -> Result<Option<i64>, Refusal> {
        let Some(thread) = params.int("message_thread_id") else { return Ok(None) };
        let topic = chat.topics.get(&thread).filter(|_| chat.is_forum);
        let topic = topic.ok_or_else(|| Refusal::bad("message thread not found"))?;
        if topic.is_closed && !(self.is_bot_admin(chat) && chat.bot_manages_topics) {
            return Err(Refusal::bad("TOPIC_CLOSED"));
        }
        Ok(Some(thread))
    }

    /// The message a call answers to. By the new field or the old one.
    fn reply_of(params: &Params, chat: &Chat) -> Result<Option<i64>, Refusal> {
        let reply = params.object("reply_parameters")?;
        let field = |key: &str| reply.as_ref().and_then(|reply| reply.get(key).cloned());
        let wanted = field("message_id").as_ref().and_then(super::params::int_of).or(params.int("reply_to_message_id"));
        let lenient = field("allow_sending_without_reply").and_then(|flag| flag.as_bool()).unwrap_or(false)
            || params.flag("allow_sending_without_reply");
        match wanted {
            Some(id) if chat.live(id).is_some() => Ok(Some(id)),
            Some(_) if !lenient => Err(Refusal::bad("message to be replied not found")),
            _ => Ok(None),
        }
    }

    /// Sends the bot's message where the call says. Returns the ids of chat and message.
    pub fn send(&mut self, params: &Params, mut message: Message) -> Result<(i64, i64), Refusal> {
        let chat = self.writable(params)?;
        let id = chat.id;
        message.reply_to = Self::reply_of(params, chat)?;
        let answered = message.reply_to.and_then(|reply| chat.live(reply)).and_then(|reply| reply.thread);
        message.thread = self.thread_of(params, chat)?.or(answered);
        let keyboard = message.markup.as_ref().filter(|markup| markup.get("inline_keyboard").is_none()).cloned();
        let message = self.place(id, message);
        if let (Some(keyboard), Some(chat)) = (keyboard, self.chats.get_mut(&id)) {
            chat.reply_keyboard = keyboard.get("keyboard").is_some().then_some(keyboard);
        }
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.action = None;
        }
        self.counters.messages_sent += 1;
        self.latency.answered(id);
        Ok((id, message))
    }
}
