//! A real client of the Bot API against this server: everything answered must parse, and every refusal must be the one
//! Telegram gives.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use teloxide::net::Download;
use teloxide::payloads::setters::*;
use teloxide::requests::Requester;
use teloxide::types::{
    AllowedUpdate, BotCommand, BotCommandScope, CallbackQueryId, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup,
    InputFile, InputMedia, InputMediaPhoto, KeyboardButton, KeyboardMarkup, LabeledPrice, MediaKind, MessageKind, ParseMode,
    ReactionType, Recipient, Update, UpdateKind,
};
use teloxide::{ApiError, Bot, RequestError};

use super::*;

mod delivery;
mod refusals;

const SARA: i64 = 1001;

struct World {
    telegram: Telegram,
    bot: Bot,
    url: String,
    now: Arc<AtomicI64>,
}

async fn world() -> World {
    let now = Arc::new(AtomicI64::new(1_800_000_000));
    let clock = Arc::clone(&now);
    let telegram = Telegram::new(Arc::new(move || clock.load(Ordering::Relaxed)));
    let url = telegram.start().await.unwrap();
    let bot = Bot::new("42:sim").set_api_url(url.parse().unwrap());
    telegram.add_person(Person {
        id: SARA,
        first_name: "Sara".into(),
        username: Some("sara_k".into()),
        language_code: Some("fa".into()),
        ..Person::default()
    });
    World { telegram, bot, url, now }
}

impl World {
    fn sara(&self) -> Actor {
        self.telegram.person(SARA)
    }

    /// All that waits, confirmed.
    async fn updates(&self) -> Vec<Update> {
        let updates = self.bot.get_updates().await.unwrap();
        if let Some(last) = updates.last() {
            self.bot.get_updates().offset(last.id.as_offset()).await.unwrap();
        }
        for update in &updates {
            assert!(!matches!(update.kind, UpdateKind::Error(_)), "{update:?}");
            if let UpdateKind::Message(message) = &update.kind {
                assert!(!matches!(message.kind, MessageKind::Empty {}), "{message:?}");
            }
        }
        updates
    }

    async fn update(&self) -> UpdateKind {
        let mut updates = self.updates().await;
        assert_eq!(updates.len(), 1, "{updates:?}");
        updates.remove(0).kind
    }

    /// The same call by hand, for what the library will not say.
    async fn raw(&self, method: &str, params: serde_json::Value) -> serde_json::Value {
        let url = format!("{}/bot42:sim/{method}", self.url);
        let answer = self.bot.client().post(url).body(params.to_string()).header("content-type", "application/json");
        serde_json::from_str(&answer.send().await.unwrap().text().await.unwrap()).unwrap()
    }

    async fn forum(&self) -> i64 {
        let group = NewGroup { title: "Admins".into(), is_forum: true, admins: vec![SARA], ..NewGroup::default() };
        let group = self.telegram.add_group(group);
        self.updates().await;
        group
    }
}

fn sara_id() -> Recipient {
    Recipient::Id(teloxide::types::ChatId(SARA))
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(width, height).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn keys(data: &str) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new([
        vec![InlineKeyboardButton::callback("Buy", data), InlineKeyboardButton::url("Site", "https://a.test".parse().unwrap())],
        vec![InlineKeyboardButton::copy_text_button("Copy", CopyTextButton { text: "6037".into() })],
    ])
}

#[tokio::test]
async fn a_bot_and_a_person_talk() {
    let w = world().await;
    let me = w.bot.get_me().await.unwrap();
    assert_eq!((me.id.0, me.username()), (42, "souk_sim_bot"));
    w.sara().starts("plan_m1").unwrap();
    let UpdateKind::Message(start) = w.update().await else { panic!() };
    assert_eq!(start.text(), Some("/start plan_m1"));
    assert_eq!(start.from.as_ref().unwrap().language_code.as_deref(), Some("fa"));
    assert_eq!(start.entities().unwrap().len(), 1);
    let sent = w
        .bot
        .send_message(start.chat.id, "<b>Hi</b> &amp; <a href=\"https://a.test/\">go</a>")
        .parse_mode(ParseMode::Html)
        .reply_markup(keys("buy"))
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("Hi & go"));
    assert_eq!(sent.entities().unwrap().len(), 2);
    assert_eq!(sent.from.unwrap().id, me.id);
    let seen = w.telegram.last_from_bot(SARA).unwrap();
    assert_eq!(seen.text, "Hi & go <https://a.test/>");
    assert_eq!(seen.labels(), ["Buy", "Site", "Copy"]);
    assert!(seen.html.starts_with("<b>Hi</b> &amp; <a href"));
    insta::assert_snapshot!(w.telegram.transcript(SARA), @"
    Sara:
      /start plan_m1
    Souk:
      Hi & go <https://a.test/>
      [Buy] [Site]
      [Copy]
    ");
}

#[tokio::test]
async fn a_press_is_answered_once_and_the_message_edited() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    let sent = w.bot.send_message(sara_id(), "menu").reply_markup(keys("buy")).await.unwrap();
    w.updates().await;
    assert_eq!(w.sara().taps("Copy"), Ok(Pressed::Copied("6037".into())));
    assert_eq!(w.sara().taps("Site"), Ok(Pressed::Link("https://a.test/".into())));
    let Ok(Pressed::Asked(callback)) = w.sara().taps("Buy") else { panic!() };
    let UpdateKind::CallbackQuery(query) = w.update().await else { panic!() };
    assert_eq!((query.id.0.as_str(), query.data.as_deref()), (callback.as_str(), Some("buy")));
    assert_eq!(query.regular_message().unwrap().id, sent.id);
    w.bot.answer_callback_query(query.id.clone()).text("Done").show_alert(true).await.unwrap();
    let toast = w.sara().toasts().remove(0);
    assert_eq!((toast.text.as_str(), toast.is_alert), ("Done", true));
    let again = w.bot.answer_callback_query(query.id).await.unwrap_err();
    assert!(again.to_string().contains("query is too old and response timeout expired or query ID is invalid"));
    assert!(w.bot.answer_callback_query(CallbackQueryId("no".into())).await.is_err());

    let edited = w.bot.edit_message_text(sara_id(), sent.id, "menu 2").await.unwrap();
    assert!(edited.reply_markup().is_none() && edited.edit_date().is_some());
    let same = w.bot.edit_message_text(sara_id(), sent.id, "menu 2").await.unwrap_err();
    assert!(matches!(same, RequestError::Api(ApiError::MessageNotModified)), "{same:?}");
    w.bot.edit_message_reply_markup(sara_id(), sent.id).reply_markup(keys("x")).await.unwrap();
    w.bot.delete_message(sara_id(), sent.id).await.unwrap();
    assert!(w.telegram.last_from_bot(SARA).is_none());
    w.sara().presses_old(i64::from(sent.id.0), "x").unwrap();
    let UpdateKind::CallbackQuery(query) = w.update().await else { panic!() };
    assert!(query.message.is_some() && query.regular_message().is_none());
}

#[tokio::test]
async fn pictures_and_files_travel_both_ways() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    w.updates().await;
    let picture = png(300, 600);
    let sent = w.bot.send_photo(sara_id(), InputFile::memory(picture.clone()).file_name("qr.png")).caption("QR").await.unwrap();
    let size = sent.photo().unwrap().last().unwrap().clone();
    assert_eq!((size.width, size.height, sent.caption()), (300, 600, Some("QR")));
    let again = w.bot.send_photo(sara_id(), InputFile::file_id(size.file.id.clone())).await.unwrap();
    assert_eq!(again.photo().unwrap().last().unwrap().file.unique_id, size.file.unique_id);
    w.bot.edit_message_caption(sara_id(), sent.id).caption("QR 2").await.unwrap();
    let media = InputMedia::Photo(InputMediaPhoto::new(InputFile::memory(png(10, 10))).caption("new"));
    let edited = w.bot.edit_message_media(sara_id(), sent.id, media).await.unwrap();
    assert_eq!(edited.photo().unwrap().last().unwrap().width, 10);

    let receipt = Upload { name: Some("رسید.pdf".into()), mime: Some("application/pdf".into()), ..Upload::new("pdf bytes") };
    w.sara().sends_document(&receipt, "رسید").unwrap();
    w.sara().sends_photo(&Upload::new(picture.clone()), "").unwrap();
    let updates = w.updates().await;
    let UpdateKind::Message(message) = &updates[0].kind else { panic!() };
    let document = message.document().unwrap();
    assert_eq!((document.file_name.as_deref(), message.caption()), (Some("رسید.pdf"), Some("رسید")));
    let file = w.bot.get_file(document.file.id.clone()).await.unwrap();
    let mut bytes = Vec::new();
    w.bot.download_file(&file.path, &mut bytes).await.unwrap();
    assert_eq!(bytes, b"pdf bytes");
    let UpdateKind::Message(message) = &updates[1].kind else { panic!() };
    let same = message.photo().unwrap().last().unwrap();
    assert_eq!(same.file.unique_id, size.file.unique_id, "the same bytes are known by the same unique id");
    assert_ne!(same.file.id, size.file.id);
    let huge = Upload { claimed_size: Some(30 << 20), ..receipt };
    w.sara().sends_document(&huge, "").unwrap();
    let UpdateKind::Message(message) = w.update().await else { panic!() };
    let refused = w.bot.get_file(message.document().unwrap().file.id.clone()).await.unwrap_err();
    assert!(refused.to_string().contains("file is too big"), "{refused}");
}

#[tokio::test]
async fn everything_a_person_can_send_parses() {
    let w = world().await;
    let sara = w.sara();
    let first = sara.says("first").unwrap();
    sara.sends_album(&[Upload::new(png(9, 9)), Upload::new(png(8, 8))], "two").unwrap();
    sara.sends_contact().unwrap();
    sara.sends_sticker("🙂").unwrap();
    sara.sends_voice(3).unwrap();
    sara.sends_location(35.7, 51.4).unwrap();
    sara.forwards(SARA, first).unwrap();
    sara.answering(first).says("@souk_sim_bot https://a.test").unwrap();
    sara.edits(first, "first, better").unwrap();
    sara.blocks().unwrap();
    assert_eq!(sara.says("x"), Err(Impossible::Blocked));
    sara.starts("").unwrap();
    let kinds: Vec<_> = w.updates().await.into_iter().map(|update| update.kind).collect();
    assert_eq!(kinds.len(), 13);
    let group = |kind: &UpdateKind| match kind {
        UpdateKind::Message(message) => message.media_group_id().cloned(),
        _ => None,
    };
    assert!(group(&kinds[1]).is_some() && group(&kinds[1]) == group(&kinds[2]));
    let UpdateKind::Message(contact) = &kinds[3] else { panic!() };
    assert_eq!(contact.contact().unwrap().user_id.unwrap().0, 1001);
    let UpdateKind::Message(forwarded) = &kinds[7] else { panic!() };
    assert!(forwarded.forward_origin().is_some());
    let UpdateKind::Message(answer) = &kinds[8] else { panic!() };
    assert_eq!(answer.reply_to_message().unwrap().text(), Some("first"));
    assert!(matches!(&kinds[9], UpdateKind::EditedMessage(message) if message.text() == Some("first, better")));
    assert!(matches!(&kinds[10], UpdateKind::MyChatMember(change) if change.new_chat_member.is_banned()));
    assert!(matches!(&kinds[11], UpdateKind::MyChatMember(change) if change.new_chat_member.is_member()));
}

#[tokio::test]
async fn albums_copies_forwards_and_reactions() {
    let w = world().await;
    let said = w.sara().says("hi").unwrap();
    let said = teloxide::types::MessageId(i32::try_from(said).unwrap());
    let photo = |side| InputMedia::Photo(InputMediaPhoto::new(InputFile::memory(png(side, side))).caption("c"));
    let album = w.bot.send_media_group(sara_id(), [photo(5), photo(6)]).await.unwrap();
    assert!(album[0].media_group_id().is_some() && album[0].media_group_id() == album[1].media_group_id());
    let copy = w.bot.copy_message(sara_id(), sara_id(), album[0].id).caption("copied").await.unwrap();
    let seen = w.telegram.last_message(SARA).unwrap();
    assert_eq!((seen.id, seen.text.as_str()), (i64::from(copy.0), "copied"));
    w.bot.copy_messages(sara_id(), sara_id(), [said, album[1].id]).await.unwrap();
    let forwarded = w.bot.forward_message(sara_id(), sara_id(), said).await.unwrap();
    assert!(forwarded.forward_origin().is_some());
    w.bot.set_message_reaction(sara_id(), said).reaction([ReactionType::Emoji { emoji: "👍".into() }]).await.unwrap();
    assert_eq!(w.telegram.messages(SARA)[0].reactions, ["👍"]);
    w.bot.send_chat_action(sara_id(), teloxide::types::ChatAction::Typing).await.unwrap();
    w.bot.delete_messages(sara_id(), [album[0].id, album[1].id]).await.unwrap();
    let keyboard = KeyboardMarkup::new([[KeyboardButton::new("Share").request(teloxide::types::ButtonRequest::Contact)]]);
    w.bot.send_message(sara_id(), "phone?").reply_markup(keyboard).await.unwrap();
    w.updates().await;
    w.sara().taps_key("Share").unwrap();
    let UpdateKind::Message(contact) = w.update().await else { panic!() };
    assert!(contact.contact().is_some());
    w.bot.send_message(sara_id(), "thanks").reply_markup(teloxide::types::KeyboardRemove::new()).await.unwrap();
    assert!(matches!(w.sara().taps_key("Share"), Err(Impossible::NoButton { .. })));
}

#[tokio::test]
async fn a_forum_has_topics_where_the_bot_may_make_them() {
    let w = world().await;
    let group = w.forum().await;
    let chat = teloxide::types::ChatId(group);
    let topic = w.bot.create_forum_topic(chat, "Payments").await.unwrap();
    let sent = w.bot.send_message(chat, "card").message_thread_id(topic.thread_id).await.unwrap();
    assert_eq!(sent.thread_id, Some(topic.thread_id));
    let thread = i64::from(topic.thread_id.0.0);
    w.sara().in_chat(group).in_topic(thread).says("ok").unwrap();
    let UpdateKind::Message(message) = w.update().await else { panic!() };
    assert!(message.is_topic_message && message.thread_id == Some(topic.thread_id));
    w.bot.edit_forum_topic(chat, topic.thread_id).name("Receipts").await.unwrap();
    w.bot.close_forum_topic(chat, topic.thread_id).await.unwrap();
    assert_eq!(w.telegram.topics(group), [(thread, "Receipts".to_owned())]);
    let lost = teloxide::types::ThreadId(teloxide::types::MessageId(999));
    let refused = w.bot.send_message(chat, "x").message_thread_id(lost).await.unwrap_err();
    assert!(refused.to_string().contains("message thread not found"));
    w.telegram.allow_topics(group, true, false);
    assert!(w.bot.create_forum_topic(chat, "No").await.is_err());

    assert!(w.bot.get_chat(chat).await.unwrap().is_supergroup());
    assert!(w.bot.get_chat(sara_id()).await.unwrap().is_private());
    assert!(w.bot.get_chat_member(chat, teloxide::types::UserId(1001)).await.unwrap().is_owner());
    assert_eq!(w.bot.get_chat_administrators(chat).await.unwrap().len(), 2);
    w.bot.pin_chat_message(chat, sent.id).await.unwrap();
    assert!(w.bot.get_chat(chat).await.unwrap().pinned_message.is_some());
    w.bot.unpin_chat_message(chat).await.unwrap();
    w.bot.leave_chat(chat).await.unwrap();
    let gone = w.bot.send_message(chat, "x").await.unwrap_err();
    assert!(gone.to_string().contains("bot is not a member of the supergroup chat"), "{gone}");
}

#[tokio::test]
async fn a_bot_that_is_no_admin_hears_only_what_is_meant_for_it() {
    let w = world().await;
    let group = NewGroup { bot: Standing::Member, members: vec![SARA], ..NewGroup::default() };
    let group = w.telegram.add_group(group);
    let sara = w.sara().in_chat(group);
    w.updates().await;
    for words in ["between us", "/help", "hey @souk_sim_bot"] {
        sara.says(words).unwrap();
    }
    assert_eq!(w.updates().await.len(), 2);
    w.telegram.set_standing(group, w.telegram.bot_id(), Standing::Administrator).unwrap();
    sara.says("between us").unwrap();
    assert_eq!(w.updates().await.len(), 2, "the new standing and the words");
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let w = world().await;
    w.bot.set_my_commands([BotCommand::new("buy", "Buy")]).await.unwrap();
    let private = BotCommandScope::AllPrivateChats;
    w.bot.set_my_commands([BotCommand::new("buy", "خرید")]).scope(private.clone()).language_code("fa").await.unwrap();
    assert_eq!(w.bot.get_my_commands().await.unwrap()[0].description, "Buy");
    assert_eq!(w.bot.get_my_commands().scope(private.clone()).language_code("fa").await.unwrap()[0].description, "خرید");
    assert!(w.bot.get_my_commands().language_code("ru").await.unwrap().is_empty());
    {
        let state = w.telegram.lock();
        assert_eq!(state.commands_for(&state.chats[&SARA], SARA)[0]["description"], "خرید");
    }
    w.bot.delete_my_commands().scope(private).language_code("fa").await.unwrap();
    w.bot.set_my_description().description("A shop").await.unwrap();
    let bad = w.bot.set_my_commands([BotCommand::new("Buy!", "Buy")]).await.unwrap_err();
    assert!(bad.to_string().contains("BOT_COMMAND_INVALID"));
}

#[tokio::test]
async fn stars_are_asked_for_paid_and_refunded() {
    let w = world().await;
    w.sara().says("hi").unwrap();
    w.updates().await;
    let price = [LabeledPrice::new("Month", 250)];
    let invoice = w.bot.send_invoice(sara_id(), "Month", "30 days", "order-7", "XTR", price).await.unwrap();
    assert!(matches!(invoice.kind, MessageKind::Invoice(_)));
    let sara = w.sara();
    let paying =
        tokio::task::spawn_blocking(move || tokio::runtime::Handle::current().block_on(sara.pays(i64::from(invoice.id.0))));
    let updates = w.bot.get_updates().timeout(5).await.unwrap();
    let UpdateKind::PreCheckoutQuery(query) = &updates[0].kind else { panic!() };
    assert_eq!((query.invoice_payload.as_str(), query.total_amount), ("order-7", 250));
    w.bot.answer_pre_checkout_query(query.id.clone(), true).await.unwrap();
    let Ok(Paid::Done(charge)) = paying.await.unwrap() else { panic!() };
    w.bot.get_updates().offset(updates[0].id.as_offset()).await.unwrap();
    let UpdateKind::Message(paid) = w.update().await else { panic!() };
    let payment = paid.successful_payment().unwrap();
    assert_eq!((payment.telegram_payment_charge_id.0.as_str(), payment.total_amount), (charge.as_str(), 250));
    let user = teloxide::types::UserId(1001);
    w.bot.refund_star_payment(user, payment.telegram_payment_charge_id.clone()).await.unwrap();
    let UpdateKind::Message(refund) = w.update().await else { panic!() };
    assert!(matches!(refund.kind, MessageKind::RefundedPayment(_)));
    assert!(w.bot.refund_star_payment(user, payment.telegram_payment_charge_id.clone()).await.is_err());
    let link = w.bot.create_invoice_link("Month", "30 days", "order-8", "XTR", [LabeledPrice::new("Month", 5)]).await.unwrap();
    assert!(link.starts_with("https://t.me/$"));
}

#[tokio::test]
async fn a_group_becomes_a_supergroup() {
    let w = world().await;
    let group = NewGroup { is_supergroup: false, admins: vec![SARA], ..NewGroup::default() };
    let group = w.telegram.add_group(group);
    let chat = teloxide::types::ChatId(group);
    w.bot.send_message(chat, "hi").await.unwrap();
    w.updates().await;
    let new = w.telegram.upgrade(group).unwrap();
    let updates = w.updates().await;
    assert_eq!(updates.len(), 2);
    for update in &updates {
        let UpdateKind::Message(message) = &update.kind else { panic!() };
        let MessageKind::Common(common) = &message.kind else { panic!() };
        assert!(matches!(common.media_kind, MediaKind::Migration(_)), "{message:?}");
    }
    let refused = w.bot.send_message(chat, "hi").await.unwrap_err();
    assert!(matches!(refused, RequestError::MigrateToChatId(to) if to.0 == new), "{refused:?}");
    w.bot.send_message(teloxide::types::ChatId(new), "hi").await.unwrap();
}
