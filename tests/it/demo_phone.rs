//! The demo's page on a phone, in Persian: nothing hangs over the edge, it is read from the right, and every button is under the
//! thumb.
use serde_json::{Value, json};
use souk::base::Lang;

use crate::world::browser::Browser;
use crate::world::demo::{Column, Demo, NEWEST, PATIENCE};

const WIDTH: u32 = 390;
const HEIGHT: u32 = 844;

/// What is wrong with the page for somebody who holds it in one hand: one line each.
const FAULTS: &str = r#"
    const [width, newest] = arguments;
    const faults = [];
    for (const moving of document.getAnimations()) {
        if (moving.effect.getComputedTiming().endTime !== Infinity) moving.finish();
    }
    const shown = (element) => element.getClientRects().length > 0;
    const named = (element) => element.dataset.testid ?? element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30);
    if (innerWidth !== width) faults.push(`the window is ${innerWidth} wide`);
    const page = document.scrollingElement.scrollWidth;
    if (page > width) faults.push(`the page is ${page} wide`);
    for (const list of [...document.querySelectorAll(".scroll")].filter(shown)) {
        if (list.scrollWidth > list.clientWidth) faults.push(`the messages are ${list.scrollWidth} wide in ${list.clientWidth}`);
    }
    const text = document.querySelector(`${newest} .text`);
    if (text && getComputedStyle(text).direction !== "rtl") faults.push("the newest message is read from the left");
    const ours = ["dialog[open] button", `${newest} .keyboard button`, ".composer button", ".world", ".switcher button", ".gate"];
    const open = document.querySelector("dialog[open]");
    for (const button of document.querySelectorAll(open ? ours[0] : ours.slice(1).join())) {
        if (!shown(button)) continue;
        button.scrollIntoView({ block: "nearest", inline: "nearest" });
        const box = button.getBoundingClientRect();
        if (box.left < 0 || box.right > width) faults.push(`«${named(button)}» is from ${box.left} to ${box.right}`);
        if (Math.min(box.width, box.height) < 30) faults.push(`«${named(button)}» is ${box.width} by ${box.height}`);
        const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        if (!button.contains(there)) faults.push(`«${named(button)}» lies under ${there?.className}`);
    }
    return faults;
"#;

struct Phone<'a> {
    page: Column<'a>,
}

impl Phone<'_> {
    async fn is_at_hand(&self, what: &str) {
        let args = [json!(WIDTH), json!(self.page.part(NEWEST))];
        let faults = self.page.browser.script(FAULTS, &args).await;
        assert_eq!(faults, Value::Array(Vec::new()), "{what}");
        self.page.lets_all_words_be_read().await;
    }

    async fn taps(&self, key: &'static str, then: &'static str) {
        self.page.taps(key).await;
        self.page.sees(then).await;
        self.is_at_hand(then).await;
    }

    async fn picks(&self, words: &str, then: &str) {
        self.page.picks(words).await;
        self.page.browser.wait_for(&self.page.part(&format!("{NEWEST} .keyboard button[data-label*='{then}']")), PATIENCE).await;
        self.is_at_hand(words).await;
    }
}

#[tokio::test]
async fn a_persian_reader_buys_on_a_phone() {
    let demo = Demo::open().await;
    let browser = Browser::open(WIDTH, HEIGHT).await;
    browser.becomes_a_phone(WIDTH, HEIGHT).await;
    browser.goto(&format!("{}?columns=2002,-1001234567890:1001", demo.url)).await;
    let phone = Phone { page: Column { browser: &browser, number: 1, lang: Lang::Fa } };
    phone.page.clicks("[data-testid=gate]").await;
    phone.picks("فارسی", "خرید").await;
    phone.page.taps("button-buy").await;
    phone.picks("پویا", "خارج").await;
    phone.picks("خارج", "۳۰ گیگ").await;
    phone.picks("۳۰ گیگ", "سفارش").await;
    phone.taps("button-order", "order-title").await;
    phone.taps("button-pay", "pay-exact").await;
    phone.taps("button-receipt", "button-back").await;
    phone.page.sends_the_sample_receipt().await;
    phone.page.sees("notice-provisional").await;
    phone.is_at_hand("a link and its QR code").await;
    browser.click_when_there("[data-testid=drawer-open]", PATIENCE).await;
    phone.is_at_hand("the drawer").await;
    drop(demo.close().await);
}
