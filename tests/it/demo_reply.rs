//! Replies on the demo's page: a message is chosen, what is then sent answers it, and the bot is told so. The shop stands behind
//! the page in one story; in the others the bot is nobody, so that each of its messages is the story's own.
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use souk::base::Lang;
use souk::sim::telegram::{NewGroup, Person, SeenMessage, Telegram};

use crate::queue_doors;
use crate::world::browser::Browser;
use crate::world::demo::{Column, Demo, NEWEST, PATIENCE};

const GROUP: i64 = -1_001_234_567_890;
const NIMA: i64 = 1001;
const SARA: i64 = 2001;
const STRIP: &str = "[data-testid=reply-strip]:not([hidden])";
const INPUT: &str = "[data-testid=input]";
/// The keys of WebDriver.
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const DOUBLE_CLICK: &str =
    "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('dblclick', { bubbles: true, cancelable: true }))";

#[tokio::test]
async fn an_admin_answers_the_question_for_a_reason_and_the_customer_reads_it() {
    let demo = Demo::open().await;
    let browser = Browser::open(1400, 900).await;
    browser.goto(&demo.url).await;
    let sara = Column { browser: &browser, number: 1, lang: Lang::En };
    let nima = Column { browser: &browser, number: 2, lang: Lang::En };
    sara.clicks("[data-testid=gate]").await;
    sara.picks("English").await;
    sara.taps("button-buy").await;
    sara.orders(["Dynamic", "Abroad", "1 month, 30 GB"]).await;
    sara.sends_the_sample_receipt().await;
    nima.taps("admin-do-reject").await;
    nima.taps("admin-do-ask-reason").await;
    nima.sees_words("Reply to this message with the reason").await;
    nima.clicks(&format!("{NEWEST} [data-testid=reply]")).await;
    assert!(nima.text_of(STRIP).await.starts_with("Reply to Souk\nPayment"), "{}", nima.text_of(STRIP).await);
    nima.says("the photo is cut off").await;
    sara.has_seen("notice-rejected").await;
    sara.sees_words("Reason: the photo is cut off").await;
    let quote = nima.text_of("[data-testid=message][data-from='1001'] [data-testid=quote]").await;
    assert!(quote.starts_with("Souk\nPayment"), "{quote}");
    browser.wait_for_none(&nima.part(STRIP), PATIENCE).await;
    let said = browser.json(&format!("/sim/chats/{GROUP}/messages")).await;
    let said = said["messages"].as_array().expect("messages").clone();
    let reason = said.iter().find(|message| message["text"] == "the photo is cut off").expect("it was said");
    let question = said.iter().find(|message| message["id"] == reason["reply_to"]).expect("it answers a message");
    assert!(question["text"].as_str().is_some_and(|text| text.contains("with the reason")), "{question}");
    drop(demo.close().await);
}

/// A Telegram whose bot says what the story says, and its page.
struct Page {
    telegram: Telegram,
    url: String,
    browser: Browser,
}

impl Page {
    async fn open(width: u32, height: u32) -> Self {
        let telegram = Telegram::new(Arc::new(|| 1_800_000_000));
        for (id, name) in [(NIMA, "Nima"), (SARA, "سارا")] {
            telegram.add_person(Person { id, first_name: name.to_owned(), ..Person::default() });
        }
        telegram.add_group(NewGroup { id: Some(GROUP), is_supergroup: true, admins: vec![NIMA, SARA], ..NewGroup::default() });
        telegram.person(SARA).starts("").expect("she may start");
        let url = telegram.start().await.expect("Telegram starts");
        let browser = Browser::open(width, height).await;
        browser.goto(&format!("{url}/?columns={SARA},{GROUP}:{NIMA}")).await;
        Self { telegram, url, browser }
    }

    fn sara(&self) -> Column<'_> {
        Column { browser: &self.browser, number: 1, lang: Lang::Fa }
    }

    fn group(&self) -> Column<'_> {
        Column { browser: &self.browser, number: 2, lang: Lang::En }
    }

    /// The bot says something; its id.
    async fn bot_says(&self, chat: i64, text: &str, more: Value) -> i64 {
        let mut call = json!({ "chat_id": chat, "text": text });
        call.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let request = queue_doors::browser().post(format!("{}/bot42:sim/sendMessage", self.url));
        let answer = request.header("content-type", "application/json").body(call.to_string()).send().await;
        let answer = answer.expect("it answers").text().await.expect("it has a body");
        let answer: Value = serde_json::from_str(&answer).expect("it is JSON");
        answer["result"]["message_id"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// What the bot has heard since it was asked last: the field that holds it, and which message it answers.
    fn heard(&self) -> Vec<(&'static str, Option<i64>)> {
        let updates = self.telegram.take_updates();
        let kinds = ["text", "photo", "document", "contact", "sticker"];
        let heard = updates.iter().filter_map(|update| {
            let message = update.get("message")?;
            let kind = kinds.into_iter().find(|kind| message.get(*kind).is_some())?;
            Some((kind, message["reply_to_message"]["message_id"].as_i64()))
        });
        heard.collect()
    }

    /// Waits until so many messages are in the chat; all of them.
    async fn has(&self, chat: i64, count: usize) -> Vec<SeenMessage> {
        let path = format!("/sim/chats/{chat}/messages");
        let enough = |answer: &Value| answer["messages"].as_array().is_some_and(|messages| messages.len() >= count);
        self.browser.json_until(&path, PATIENCE, enough).await;
        self.telegram.messages(chat)
    }

    async fn uploads(&self, picker: &str, name: &str, bytes: &[u8]) {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("reply-{}-{name}", std::process::id()));
        std::fs::write(&file, bytes).expect("a file");
        self.browser.upload(&self.browser.find(&self.sara().part(picker)).await, &file).await;
    }

    async fn presses(&self, css: &str, key: &str) {
        self.browser.write(&self.browser.wait_for(css, PATIENCE).await, key).await;
    }
}

#[tokio::test]
async fn words_a_photo_a_file_and_a_contact_answer_the_message_that_was_chosen() {
    let page = Page::open(1400, 900).await;
    let sara = page.sara();
    let first = page.bot_says(SARA, "the first", json!({})).await;
    let second = page.bot_says(SARA, "the second", json!({})).await;
    assert_eq!(page.heard(), [("text", None)], "she started");
    let of = |id: i64, css: &str| sara.part(&format!("[data-testid=message][data-id='{id}'] {css}"));

    page.presses(&of(first, "[data-testid=reply][aria-label='Reply to Souk']"), ENTER).await;
    assert_eq!(sara.text_of(STRIP).await, "Reply to Souk\nthe first");
    sara.says("in words").await;
    sara.sees_words("in words").await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    assert_eq!(page.heard(), [("text", Some(first))]);

    page.browser.wait_for(&of(second, ".text"), PATIENCE).await;
    page.browser.script(DOUBLE_CLICK, &[of(second, ".text").into()]).await;
    page.uploads("[data-testid=pick-photo]", "a.png", &image()).await;
    page.has(SARA, 5).await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    assert_eq!(page.heard(), [("photo", Some(second))]);

    sara.clicks(&format!("[data-id='{first}'] [data-testid=message-menu]")).await;
    page.browser.click_when_there("[data-testid=message-reply]", PATIENCE).await;
    page.uploads("[data-testid=pick-file]", "a.txt", b"paid").await;
    page.has(SARA, 6).await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    assert_eq!(page.heard(), [("document", Some(first))]);

    page.presses(&of(second, "[data-testid=reply]"), ENTER).await;
    sara.clicks("[data-testid=attach]").await;
    page.browser.click_when_there("[data-testid=attach-contact]", PATIENCE).await;
    page.has(SARA, 7).await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    sara.says("of nothing").await;
    let all = page.has(SARA, 8).await;
    assert_eq!(page.heard(), [("contact", Some(second)), ("text", None)]);

    let quotes = page.browser.all(&sara.part("[data-testid=quote]")).await;
    assert_eq!(quotes.len(), 4, "{all:?}");
    assert_eq!(page.browser.text(&quotes[1]).await, "Souk\nthe second");
    page.browser.click(&quotes[1]).await;
    page.browser.wait_for(&sara.part(&format!("[data-id='{second}'].found")), PATIENCE).await;
}

#[tokio::test]
async fn a_reply_is_cancelled_and_what_it_answered_may_go() {
    let page = Page::open(1400, 900).await;
    let sara = page.sara();
    let first = page.bot_says(SARA, "the first", json!({})).await;
    let reply = format!("[data-id='{first}'] [data-testid=reply]");
    sara.clicks(&reply).await;
    sara.clicks("[data-testid=reply-cancel][aria-label='Cancel the reply']").await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    sara.clicks(&reply).await;
    page.presses(&sara.part(INPUT), ESCAPE).await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    sara.says("of nothing").await;
    page.has(SARA, 3).await;
    assert_eq!(page.heard(), [("text", None), ("text", None)]);

    sara.clicks(&reply).await;
    page.telegram.person(SARA).deletes(first).expect("it is deleted");
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    sara.says("it is gone").await;
    page.has(SARA, 4).await;
    assert_eq!(page.heard(), [("text", None)]);

    page.browser.wait_for_text(&sara.part(NEWEST), "it is gone", PATIENCE).await;
    // An edit of one's own message uses the same strip, and is no reply.
    sara.clicks(&format!("{NEWEST} [data-testid=message-menu]")).await;
    page.browser.click_when_there("[data-testid=message-edit]", PATIENCE).await;
    assert_eq!(sara.text_of(STRIP).await, "Edit\nit is gone");
    sara.says(", really").await;
    sara.sees_words("it is gone, really").await;
    sara.lets_all_words_be_read().await;
    assert!(page.heard().is_empty(), "an edit is no new message");
}

#[tokio::test]
async fn a_bot_that_forces_a_reply_finds_the_strip_open() {
    let page = Page::open(1400, 900).await;
    let (sara, group) = (page.sara(), page.group());
    let asks = json!({ "reply_markup": { "force_reply": true, "input_field_placeholder": "A name" } });
    let question = page.bot_says(SARA, "what is it called?", asks).await;
    page.browser.wait_for_text(&sara.part(STRIP), "what is it called?", PATIENCE).await;
    page.browser.wait_for(&sara.part("[data-testid=input][placeholder='A name']"), PATIENCE).await;
    sara.says("the laptop").await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    assert_eq!(page.heard(), [("text", None), ("text", Some(question))], "she started, and answered");
    // What was answered is not asked again when the chat is opened anew.
    sara.chooses("chat-picker", NIMA).await;
    sara.chooses("chat-picker", SARA).await;
    sara.sees_words("the laptop").await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;

    // In a group a selective question is put to whom it answers, and to nobody else.
    let said = page.telegram.person(SARA).in_chat(GROUP).says("I sell").expect("it is said");
    let asks = json!({ "reply_markup": { "force_reply": true, "selective": true }, "reply_parameters": { "message_id": said } });
    let question = page.bot_says(GROUP, "what do you sell?", asks).await;
    group.sees_words("what do you sell?").await;
    page.browser.wait_for_none(&group.part(STRIP), PATIENCE).await;
    group.chooses("person-picker", SARA).await;
    page.browser.wait_for_text(&group.part(STRIP), "what do you sell?", PATIENCE).await;
    group.says("shoes").await;
    page.browser.wait_for_none(&group.part(STRIP), PATIENCE).await;
    assert_eq!(page.heard(), [("text", None), ("text", Some(question))]);
}

/// What is wrong with the strip for somebody who holds the page in one hand.
const HANGS_OVER: &str = r#"
    const [strip, width] = arguments;
    const box = document.querySelector(strip).getBoundingClientRect();
    const cancel = document.querySelector(`${strip} [data-testid=reply-cancel]`).getBoundingClientRect();
    const faults = [];
    if (document.scrollingElement.scrollWidth > width) faults.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
    if (box.left < 0 || box.right > width) faults.push(`the strip is from ${box.left} to ${box.right}`);
    if (Math.min(cancel.width, cancel.height) < 30 || cancel.right > width) faults.push("it cannot be cancelled by a thumb");
    if (getComputedStyle(document.querySelector(`${strip} span`)).direction !== "rtl") faults.push("it is read from the left");
    return faults;
"#;

#[tokio::test]
async fn a_persian_reader_answers_on_a_phone() {
    let page = Page::open(390, 844).await;
    page.browser.becomes_a_phone(390, 844).await;
    let sara = page.sara();
    let long = "نام فروشگاه شما چیست؟ این پیام آن‌قدر بلند است که در یک خط گوشی جا نمی‌شود و باید در جایی بریده شود.";
    let question = page.bot_says(SARA, long, json!({})).await;
    sara.clicks(&format!("[data-id='{question}'] [data-testid=message-menu]")).await;
    page.browser.click_when_there("[data-testid=message-reply]", PATIENCE).await;
    page.browser.wait_for_text(&sara.part(STRIP), "نام فروشگاه", PATIENCE).await;
    let faults = page.browser.script(HANGS_OVER, &[sara.part(STRIP).into(), json!(390)]).await;
    assert_eq!(faults, json!([]));
    sara.says("فروشگاه سارا").await;
    page.browser.wait_for_none(&sara.part(STRIP), PATIENCE).await;
    assert_eq!(page.heard(), [("text", None), ("text", Some(question))]);
    let wide = page.browser.script("return document.scrollingElement.scrollWidth", &[]).await;
    assert_eq!(wide, json!(390));
    let quote = sara.text_of("[data-testid=quote]").await;
    assert!(quote.contains("نام فروشگاه"), "{quote}");
}

/// A small picture that a browser can show.
fn image() -> Vec<u8> {
    crate::world::pictures::receipt(7).bytes.to_vec()
}
