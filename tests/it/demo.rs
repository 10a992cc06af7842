//! The demo in a real browser: everything a stranger is promised, with the real binary behind the page.

use std::time::Duration;

use serde_json::Value;
use souk::base::Lang;
use tokio::time::{Instant, interval};

use crate::world::browser::Browser;
use crate::world::demo::{Column, Demo, Drawer, NEWEST, PATIENCE};

#[tokio::test]
async fn a_stranger_buys_approves_breaks_things_and_gets_every_service() {
    let demo = Demo::open().await;
    let browser = Browser::open(1400, 900).await;
    browser.goto(&demo.url).await;
    let sara = Column { browser: &browser, number: 1, lang: Lang::En };
    let nima = Column { browser: &browser, number: 2, lang: Lang::En };
    let maryam = Column { browser: &browser, number: 3, lang: Lang::Fa };
    buys_and_is_approved(&sara, &nima).await;
    let web = host_of_the_shop(&sara).await;
    buys_while_the_panel_is_down(&sara, &nima).await;
    buys_through_a_crash_and_is_accepted_by_the_clock(&maryam).await;
    let (ended, left) = demo.close().await;
    assert!(ended.success(), "the demo ended with {ended}");
    assert_eq!(left, Vec::<String>::new(), "the demo left files behind");
    assert!(tokio::net::TcpStream::connect(web).await.is_err(), "the demo left its shop behind");
}

async fn buys_and_is_approved(sara: &Column<'_>, nima: &Column<'_>) {
    sara.clicks("[data-testid=gate]").await;
    sara.picks("English").await;
    sara.taps("button-buy").await;
    sara.orders(["Dynamic", "Abroad", "1 month, 30 GB"]).await;
    sara.sends_the_sample_receipt().await;
    sara.sees("notice-provisional").await;
    nima.sees_words("1 month, 30 GB").await;
    nima.taps("admin-do-approve").await;
    sara.sees("notice-ready").await;
    let link = ready_link(sara).await;
    assert!(config_of(&link).await.contains("://"), "the link holds no server: {link}");
    let is_loaded = "const img = document.querySelector(arguments[0]); return img && img.complete && img.naturalWidth";
    let width = until_truthy(sara.browser, is_loaded, &sara.part(&format!("{NEWEST} [data-testid=photo] img"))).await;
    assert!(width.as_u64().is_some_and(|width| width > 100), "the QR code is {width} pixels wide");
}

async fn buys_while_the_panel_is_down(sara: &Column<'_>, nima: &Column<'_>) {
    let world = Drawer { browser: sara.browser };
    world.clicks("[data-testid=fault-panel_down]").await;
    sara.says("/buy").await;
    sara.sees("shop-ask-category").await;
    sara.orders(["Dynamic", "Abroad", "1 month, no limit"]).await;
    sara.sends_the_sample_receipt().await;
    nima.sees_words("1 month, no limit").await;
    nima.taps("admin-do-approve").await;
    sara.sees("notice-approved").await;
    world.clicks("[data-testid=clock-3600]").await;
    sara.has_seen("notice-late-next").await;
    world.clicks("[data-testid=fault-panel_down]").await;
    world.clicks("[data-testid=clock-3600]").await;
    sara.sees("notice-ready").await;
    let css = sara.part(NEWEST);
    sara.browser.wait_for_text(&css, "1 month, no limit", PATIENCE).await;
}

async fn buys_through_a_crash_and_is_accepted_by_the_clock(maryam: &Column<'_>) {
    let world = Drawer { browser: maryam.browser };
    maryam.clicks("[data-testid=gate]").await;
    maryam.picks("فارسی").await;
    maryam.taps("button-buy").await;
    for choice in ["پویا", "خارج", "۳۰ گیگ"] {
        maryam.picks(choice).await;
    }
    maryam.taps("button-order").await;
    maryam.sees("order-title").await;
    world.clicks("[data-testid=restart]").await;
    maryam.taps("button-pay").await;
    maryam.asks_to_send_a_receipt().await;
    maryam.says("۱۲۳۴۵۶۷۸۹۰۱۲").await;
    maryam.sees("notice-provisional").await;
    world.clicks("[data-testid=clock-259200]").await;
    maryam.has_seen("notice-ready").await;
}

/// The link in the newest message.
async fn ready_link(person: &Column<'_>) -> String {
    let codes = person.browser.all(&person.part(&format!("{NEWEST} .text code"))).await;
    person.browser.text(codes.last().expect("a link to copy")).await
}

/// What an app would find behind a link.
async fn config_of(link: &str) -> String {
    use base64::Engine;
    #[expect(clippy::disallowed_methods, reason = "the customer's app is no provider of ours")]
    let app = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let answer = app.get(link).header("user-agent", "v2rayNG/1.8.0").send().await.expect("the link answers");
    let text = answer.text().await.expect("the link's text");
    let plain = base64::engine::general_purpose::STANDARD.decode(text.trim());
    plain.map_or(text, |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Where the shop's own pages are: the host and port of the buttons that import a link into an app.
async fn host_of_the_shop(person: &Column<'_>) -> String {
    person.taps("button-apps").await;
    let host = "const link = [...document.querySelectorAll(arguments[0])].pop(); return link && new URL(link.dataset.url).host";
    let answer = until_truthy(person.browser, host, "[data-testid=button][data-url]").await;
    answer.as_str().expect("a host").to_owned()
}

/// Waits until a script about a selector answers with something.
async fn until_truthy(browser: &Browser, script: &str, css: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    let mut again = interval(Duration::from_millis(50));
    loop {
        again.tick().await;
        let answer = browser.script(script, &[css.into()]).await;
        if !(answer.is_null() || answer == false || answer == 0) {
            return answer;
        }
        assert!(Instant::now() < deadline, "{script} with {css} answers {answer}");
    }
}
