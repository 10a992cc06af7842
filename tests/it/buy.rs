//! Buying: from the shelf to a link that works, in every language, whatever comes twice.

use souk::base::texts::t;
use souk::base::{Asset, DAY, Fault, Lang, SECOND};
use souk::db;
use souk::shop::ledger::Account;
use souk::sim::telegram::{self, FaultKind};

use crate::world::shop::{Setup, World, world_on};
use crate::world::shopping::PRICE;
use crate::world::world;

const GIGABYTE: i64 = 1 << 30;

/// The whole flow in one language, and both chats of it on paper.
async fn the_whole_flow(lang: Lang, name: &str, paper: &str) {
    world(async |w: &World| {
        let buyer = w.customer_in(lang, name).await;
        buyer.orders_in(lang).await;
        buyer.sends_photo(1).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let ready = buyer.told("notice-ready");
        assert_eq!(ready.len(), 1, "ready once");
        assert!(ready[0].text.contains("/sub/"), "the link is in it");
        assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1));
        insta::assert_snapshot!(format!("{paper}_customer"), buyer.chat());
        // What is delivered is not taken back: the card's button for that goes when the tap is answered.
        w.later(2 * SECOND).await;
        insta::assert_snapshot!(format!("{paper}_group"), w.group());
    })
    .await;
}

#[tokio::test]
async fn a_month_is_bought_from_start_to_link_in_english() {
    the_whole_flow(Lang::En, "Sara", "en").await;
}

#[tokio::test]
async fn a_month_is_bought_from_start_to_link_in_persian() {
    the_whole_flow(Lang::Fa, "مریم", "fa").await;
}

#[tokio::test]
async fn a_month_is_bought_from_start_to_link_in_russian() {
    the_whole_flow(Lang::Ru, "Алексей", "ru").await;
}

#[tokio::test]
async fn a_part_is_lent_at_once_and_becomes_the_whole_with_the_same_link() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let lent = w.account();
        assert_eq!(lent.data_limit, Some(30 * GIGABYTE / 100 * 10), "a tenth");
        assert_eq!(lent.expire, Some(w.clock.now().after(3 * DAY).unix()));
        let link = link_in(&sara.told("notice-provisional")[0].text);
        w.later(DAY).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let whole = w.account();
        assert_eq!(whole.username, lent.username);
        assert_eq!(whole.data_limit, Some(30 * GIGABYTE));
        assert_eq!(whole.expire, Some(w.clock.now().after(30 * DAY).unix()), "the month begins with the approval");
        assert_eq!(link_in(&sara.told("notice-ready")[0].text), link, "the same link");
        assert_eq!(w.wallet(sara.id()).await, w.payment_tail().await, "the tail of the amount is the customer's");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_lent_when_the_shop_lends_nothing() {
    let setup = Setup::default().with("provisional_percent = 10", "provisional_percent = 0");
    world_on(setup, async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        assert!(w.panel.accounts().is_empty());
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
    })
    .await;
}

/// The same end, whatever comes twice: the price is earned once, one account stands, one link is told.
async fn sold_once(w: &World) {
    let sara = w.customer("Sara").await;
    sara.taps_all(&["button-buy", "Dynamic IP", "Abroad, any", "1 month, 30 GB", "button-order"]).await;
    sara.taps_twice("button-pay").await;
    sara.sends_photo(1).await;
    w.run_jobs().await;
    w.owner().taps_twice("admin-do-approve").await;
    w.run_jobs().await;
    w.later(souk::base::MINUTE).await;
    assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1));
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM orders").await, 1);
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, 1);
    assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
    assert_eq!(w.posted(&Account::revenue("vpn", Asset::Irt)).await, PRICE);
    assert_eq!(sara.told("notice-ready").len(), 1);
    assert_eq!(w.group().matches("Amount: ").count(), 0, "one card, and it is decided:\n{}", w.group());
}

#[tokio::test]
async fn double_taps_everywhere_sell_once() {
    world(sold_once).await;
}

#[tokio::test]
async fn updates_delivered_twice_sell_once() {
    world(async |w: &World| {
        w.telegram.fault(telegram::Fault::new(FaultKind::DeliverTwice));
        sold_once(w).await;
    })
    .await;
}

#[tokio::test]
async fn updates_handled_twice_and_jobs_run_twice_sell_once() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, sold_once).await;
}

/// The first address in a text.
fn link_in(text: &str) -> String {
    text.split_whitespace().find(|word| word.starts_with("http")).expect("a link").to_owned()
}

#[tokio::test]
async fn what_left_the_shelf_while_its_price_was_shown_is_not_sold() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.chooses_in(Lang::En).await;
        let off = "UPDATE locations SET state = 'off' WHERE code = (SELECT location FROM plans WHERE code = 'any-1m-30')";
        w.app
            .write::<_, Fault, _>(move |tx| Box::pin(async move { db::execute(tx, off, vec![]).await.map(drop) }))
            .await
            .expect("it is switched off");
        sara.taps("button-pay").await;
        assert_eq!(sara.toast().as_deref(), Some(t(Lang::En, "shop-gone")), "{}", sara.chat());
        assert_eq!((w.orders("placed").await, w.payments("open").await), (0, 0));
    })
    .await;
}
