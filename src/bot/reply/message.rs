//! A screen as Telegram's payloads.
use super::wire::{Refusal, Sent, call, upload};
use crate::base::ChatId;
use crate::bot::screen::{Button, Keyboard, Media, Screen};
use reqwest::multipart::{Form, Part};
use teloxide::Bot;
use teloxide::payloads::{
    EditMessageCaption, EditMessageCaptionSetters, EditMessageText, EditMessageTextSetters, SendMessage, SendMessageSetters,
};
use teloxide::types::{
    ButtonRequest, ChatId as TgChatId, CopyTextButton, InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup,
    KeyboardButton, KeyboardMarkup, KeyboardRemove, LinkPreviewOptions, MessageId, ParseMode, Recipient, ReplyMarkup,
    ReplyParameters, ThreadId,
};

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub chat: ChatId,
    /// The topic of a forum.
    pub thread: Option<i32>,
    /// Without a sound.
    pub silent: bool,
}

impl Place {
    pub const fn chat(chat: ChatId) -> Self {
        Self { chat, thread: None, silent: false }
    }

    fn recipient(self) -> Recipient {
        Recipient::Id(TgChatId(self.chat.0))
    }

    fn thread_id(self) -> Option<ThreadId> {
        self.thread.map(|id| ThreadId(MessageId(id)))
    }
}

fn keyboard(rows: &[Vec<Button>]) -> Option<InlineKeyboardMarkup> {
    let rows: Vec<Vec<InlineKeyboardButton>> =
        rows.iter().map(|row| row.iter().filter_map(button).collect()).filter(|row: &Vec<_>| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// The keyboard in the place of the phone's own.
fn below(keyboard: &Keyboard) -> ReplyMarkup {
    match keyboard {
        Keyboard::Contact(label) => {
            let button = KeyboardButton::new(label.clone()).request(ButtonRequest::Contact);
            KeyboardMarkup::new([[button]]).resize_keyboard().one_time_keyboard().into()
        }
        Keyboard::Gone => KeyboardRemove::new().into(),
    }
}

fn button(button: &Button) -> Option<InlineKeyboardButton> {
    let kind = match button {
        Button::Go(route, _) => InlineKeyboardButtonKind::CallbackData(route.encode()),
        // An address that is none would make Telegram refuse the whole message.
        Button::Url(url, _) => InlineKeyboardButtonKind::Url(url.parse().ok()?),
        Button::Copy(text, _) => InlineKeyboardButtonKind::CopyText(CopyTextButton { text: text.clone() }),
    };
    Some(InlineKeyboardButton::new(button.label(), kind))
}

const fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

/// Sends the screen as a new message.
pub(super) async fn send(bot: &Bot, to: Place, screen: &Screen) -> Result<Sent, Refusal> {
    let Some(media) = &screen.media else { return send_text(bot, to, screen).await };
    let form = form(to, screen);
    let bytes = screen.media.as_ref().map_or(0, Media::bytes);
    let file = |name: &str, bytes: &[u8]| Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    match media {
        Media::Same => send_text(bot, to, screen).await,
        Media::Photo(id) => upload(bot, "SendPhoto", (form.text("photo", id.clone()), bytes)).await,
        Media::File(id) => upload(bot, "SendDocument", (form.text("document", id.clone()), bytes)).await,
        Media::Png(png) => upload(bot, "SendPhoto", (form.part("photo", file("picture.png", png)), bytes)).await,
        Media::Upload(name, own) => upload(bot, "SendDocument", (form.part("document", file(name, own)), bytes)).await,
    }
}

fn answered(screen: &Screen) -> Option<ReplyParameters> {
    screen.answers.map(|message| ReplyParameters::new(MessageId(message)).allow_sending_without_reply())
}

async fn send_text(bot: &Bot, to: Place, screen: &Screen) -> Result<Sent, Refusal> {
    let mut payload = SendMessage::new(to.recipient(), &screen.text)
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview())
        .disable_notification(to.silent);
    payload.message_thread_id = to.thread_id();
    payload.reply_markup = screen.keyboard.as_ref().map(below).or_else(|| keyboard(&screen.rows).map(Into::into));
    payload.reply_parameters = answered(screen);
    call(bot, &payload).await
}

fn form(to: Place, screen: &Screen) -> Form {
    let mut form = Form::new()
        .text("chat_id", to.chat.to_string())
        .text("caption", screen.text.clone())
        .text("parse_mode", "HTML")
        .text("disable_notification", to.silent.to_string());
    if let Some(thread) = to.thread {
        form = form.text("message_thread_id", thread.to_string());
    }
    if let Some(Ok(answered)) = answered(screen).map(|answered| serde_json::to_string(&answered)) {
        form = form.text("reply_parameters", answered);
    }
    match keyboard(&screen.rows).map(|keyboard| serde_json::to_string(&keyboard)) {
        Some(Ok(keyboard)) => form.text("reply_markup", keyboard),
        _ => form,
    }
}

/// Puts the screen's words and buttons in the place of a text message's.
pub(super) async fn edit_text(bot: &Bot, chat: ChatId, message: i32, screen: &Screen) -> Result<(), Refusal> {
    let mut payload = EditMessageText::new(TgChatId(chat.0), MessageId(message), &screen.text)
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview());
    payload.reply_markup = keyboard(&screen.rows);
    call::<_, serde::de::IgnoredAny>(bot, &payload).await.map(drop)
}

/// Puts the screen's words and buttons under a picture or file that stays.
pub(super) async fn edit_caption(bot: &Bot, chat: ChatId, message: i32, screen: &Screen) -> Result<(), Refusal> {
    let mut payload =
        EditMessageCaption::new(TgChatId(chat.0), MessageId(message)).caption(&screen.text).parse_mode(ParseMode::Html);
    payload.reply_markup = keyboard(&screen.rows);
    call::<_, serde::de::IgnoredAny>(bot, &payload).await.map(drop)
}
