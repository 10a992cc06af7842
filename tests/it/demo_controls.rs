//! What the demo's page offers besides talking: Telegram's troubles, a slow panel, time, whose chat a column shows, and a
//! number that is shared. Each is clicked in a real browser and seen in what the shop then does.
use std::time::Duration;

use serde_json::Value;
use souk::base::Lang;
use souk::base::texts::t;
use tokio::time::Instant;

use crate::world::browser::Browser;
use crate::world::demo::{Column, Demo, Drawer, NEWEST, PATIENCE};

const GROUP: i64 = -1_001_234_567_890;
const NIMA: i64 = 1001;
const SARA: i64 = 2001;
const ALEXEY: i64 = 2003;
const REZA: i64 = 2004;
const DAY: i64 = 24 * 60 * 60;
/// What only the answer to `/help` says, what only that to `/wallet`, and what only that to `/support`.
const HELP: &str = "Transfer the exact amount";
const WALLET: &str = "Wallet";
const SUPPORT: &str = "A person answers here";

async fn open() -> (Demo, Browser) {
    let demo = Demo::open().await;
    let browser = Browser::open(1400, 900).await;
    browser.goto(&demo.url).await;
    (demo, browser)
}

async fn starts(person: &Column<'_>) {
    person.clicks("[data-testid=gate]").await;
    person.picks("English").await;
    person.sees("home-ask").await;
}

/// The one trouble that is ordered of Telegram, as soon as it is there.
async fn ordered(browser: &Browser, kind: &str) -> Value {
    let of_kind = |faults: &Value| faults.as_array().is_some_and(|all| all.len() == 1 && all[0]["kind"] == kind);
    browser.json_until("/sim/faults", PATIENCE, of_kind).await[0].clone()
}

/// The trouble that was ordered has been seen by the bot.
async fn strikes(browser: &Browser) {
    let struck = |faults: &Value| faults[0]["struck"].as_u64().is_some_and(|struck| struck > 0);
    browser.json_until("/sim/faults", PATIENCE, struck).await;
}

async fn nothing_is_ordered(browser: &Browser) {
    browser.json_until("/sim/faults", PATIENCE, |faults| *faults == Value::Array(Vec::new())).await;
}

#[tokio::test]
async fn telegrams_troubles_are_switched_on_and_every_answer_comes_once() {
    let (demo, browser) = open().await;
    let sara = Column { browser: &browser, number: 1, lang: Lang::En };
    let drawer = Drawer { browser: &browser };
    starts(&sara).await;

    drawer.clicks("[data-testid=fault-telegram_429]").await;
    let fault = ordered(&browser, "too_many").await;
    assert_eq!((&fault["retry_after"], &fault["every"]), (&3.into(), &3.into()));
    for (command, answer) in [("/help", HELP), ("/wallet", WALLET), ("/support", SUPPORT)] {
        sara.says(command).await;
        browser.wait_for_text(&sara.part(NEWEST), answer, PATIENCE).await;
    }
    browser.click_when_there("[data-testid=drawer-open]", PATIENCE).await;
    browser.click_when_there("#calls-section summary", PATIENCE).await;
    browser.wait_for_text("[data-testid=calls] .bad code", "429", PATIENCE).await;
    browser.click_when_there("[data-testid=fault-telegram_429]", PATIENCE).await;
    nothing_is_ordered(&browser).await;
    browser.click_when_there("[data-testid=drawer-close]", PATIENCE).await;
    assert_eq!((sara.times_said(HELP).await, sara.times_said(SUPPORT).await), (1, 1));

    drawer.clicks("[data-testid=fault-duplicate_updates]").await;
    ordered(&browser, "deliver_twice").await;
    let before = sara.times_said(SUPPORT).await;
    sara.says("/support").await;
    strikes(&browser).await;
    // The repeat lies before this in the queue.
    sara.says("/help").await;
    browser.wait_for_text(&sara.part(NEWEST), HELP, PATIENCE).await;
    assert_eq!(sara.times_said(SUPPORT).await, before + 1, "what came twice is answered once");
    drawer.clicks("[data-testid=fault-duplicate_updates]").await;
    nothing_is_ordered(&browser).await;

    drawer.clicks("[data-testid=fault-slow_network]").await;
    assert_eq!(ordered(&browser, "slow_rtt").await["ms"], 800);
    let asked = Instant::now();
    sara.says("/support").await;
    browser.wait_for_text(&sara.part(NEWEST), SUPPORT, PATIENCE).await;
    assert!(asked.elapsed() >= Duration::from_millis(800), "it came after {:?}", asked.elapsed());
    strikes(&browser).await;
    drawer.clicks("[data-testid=fault-slow_network]").await;
    nothing_is_ordered(&browser).await;
    drop(demo.close().await);
}

#[tokio::test]
async fn a_slow_panel_delivers_late_and_a_day_passes_at_once() {
    let (demo, browser) = open().await;
    let sara = Column { browser: &browser, number: 1, lang: Lang::En };
    let drawer = Drawer { browser: &browser };
    starts(&sara).await;

    drawer.clicks("[data-testid=fault-panel_slow]").await;
    browser.json_until("/demo/state", PATIENCE, |state| state["faults"]["panel_slow"] == true).await;
    sara.says("/trial").await;
    sara.sees("trial-title").await;
    let asked = Instant::now();
    sara.taps("button-trial-take").await;
    sara.has_seen("notice-trial").await;
    assert!(asked.elapsed() >= Duration::from_secs(3), "the trial came after {:?}", asked.elapsed());
    drawer.clicks("[data-testid=fault-panel_slow]").await;
    browser.json_until("/demo/state", PATIENCE, |state| state["faults"]["panel_slow"] == false).await;

    sara.says("/buy").await;
    sara.sees("shop-ask-category").await;
    sara.orders(["Dynamic", "Abroad", "1 month, 30 GB"]).await;
    let now = async || browser.json("/sim/state").await["now"].as_i64().expect("the world's time");
    let (before, shown) = (now().await, browser.text(&browser.find("[data-testid=clock]").await).await);
    drawer.clicks("[data-testid=clock-86400]").await;
    sara.has_seen("notice-expired").await;
    let passed = now().await - before;
    assert!((DAY..DAY + 120).contains(&passed), "{passed} seconds passed");
    assert_ne!(browser.text(&browser.find("[data-testid=clock]").await).await, shown, "the clock on the page stands still");
    drop(demo.close().await);
}

#[tokio::test]
async fn a_column_shows_whoever_is_chosen_and_the_group_beside_has_who_speaks() {
    let (demo, browser) = open().await;
    let [alexey, group, reza] = [1, 2, 3].map(|number| Column { browser: &browser, number, lang: Lang::En });
    assert_eq!(alexey.text_of("[data-testid=chat-picker] option:checked").await, "Sara");
    assert_eq!(group.text_of("[data-testid=chat-picker] option:checked").await, "Souk admins");

    alexey.chooses("chat-picker", ALEXEY).await;
    starts(&alexey).await;
    alexey.says("/help").await;
    alexey.sees_words(HELP).await;
    let said = browser.json(&format!("/sim/chats/{SARA}/messages")).await;
    assert_eq!(said["messages"], Value::Array(Vec::new()), "nothing was said in the chat that was left");

    // The agent of the cast comes into the column that was used last.
    reza.clicks("[data-testid=messages]").await;
    browser.click_when_there("[data-testid=drawer-open]", PATIENCE).await;
    let cast = format!("[data-testid=cast-{REZA}]");
    browser.wait_for_text(&cast, "an agent with credit", PATIENCE).await;
    browser.click_when_there(&cast, PATIENCE).await;
    browser.wait_for_none("[data-testid=drawer]", PATIENCE).await;
    assert_eq!(reza.text_of("[data-testid=chat-picker] option:checked").await, "Reza");
    reza.says("/agent").await;
    reza.sees_words("Reza Net").await;

    // Whoever is added to the group may speak in it, and the bot tells them apart.
    group.clicks("[data-testid=chat-menu]").await;
    let add = browser.wait_for_text("[data-testid=menu-item]", "Add Алексей", PATIENCE).await;
    browser.click(&add).await;
    group.chooses("person-picker", ALEXEY).await;
    group.says("/payments").await;
    group.chooses("person-picker", NIMA).await;
    group.says("/payments").await;
    group.has_seen("admin-pending-none").await;
    let said = browser.json(&format!("/sim/chats/{GROUP}/messages")).await;
    let said = said["messages"].as_array().expect("messages").clone();
    let asked = said.iter().filter(|message| message["text"] == "/payments");
    assert_eq!(asked.map(|message| message["from"].as_i64()).collect::<Vec<_>>(), [Some(ALEXEY), Some(NIMA)]);
    assert_eq!(group.times_said(t(Lang::En, "admin-pending-none")).await, 1, "who is no admin is not answered");
    drop(demo.close().await);
}

/// Up to the question for a phone's number.
async fn applies(person: &Column<'_>) {
    starts(person).await;
    person.says("/agent").await;
    person.taps("button-apply").await;
    person.sees("apply-ask-name").await;
    person.says("Sara Ahmadi").await;
    person.sees("apply-ask-phone").await;
}

#[tokio::test]
async fn a_number_is_shared_by_the_paper_clip_and_by_the_key_that_the_bot_shows() {
    let (demo, browser) = open().await;
    let [sara, maryam] = [1, 3].map(|number| Column { browser: &browser, number, lang: Lang::En });
    applies(&sara).await;
    sara.says("+989120002001").await;
    sara.sees("apply-wrong-phone").await;
    sara.clicks("[data-testid=attach]").await;
    browser.click_when_there("[data-testid=attach-contact]", PATIENCE).await;
    sara.sees("apply-ask-shop").await;
    assert_eq!(sara.text_of(".mine .card").await, "Sara\n+989120002001");
    browser.wait_for_none(&sara.part("[data-testid=key]"), PATIENCE).await;

    applies(&maryam).await;
    maryam.clicks("[data-testid=key][data-label='Send my number']").await;
    maryam.sees("apply-ask-shop").await;
    assert_eq!(maryam.text_of(".mine .card").await, "مریم\n+989120002002");
    drop(demo.close().await);
}
