//! Paid back by hand, with a receipt.
use super::{asks_refund, sara_after};
use crate::world::pictures::receipt;
use crate::world::shop::{Setup, World, world_on};
use crate::world::shopping::PRICE;
use crate::world::world;
use souk::base::Asset;
use souk::shop::ledger::Account;
use souk::sim::marzban::Down;
use souk::sim::telegram::Upload;

async fn stands_before_the_receipt(w: &World, from: &'static str) {
    let owner = w.owner();
    asks_refund(&owner, w.first().id()).await;
    owner.taps_named("By rule: 80,000").await;
    owner.taps("refund-do-hand").await;
    assert!(owner.reads("refund-hand-ask") && owner.has_button_now("First card"), "{}", owner.sees());
    owner.taps(from).await;
    assert!(owner.last().text.contains("80,000 Toman paid to Sara") && owner.reads("refund-ends-service"), "{}", owner.sees());
    assert_eq!(w.orders("refunded").await, 0, "the receipt is the yes");
}

async fn with_a_photo(w: &World) {
    let sara = sara_after(w, 10).await;
    let (kept, card) = (w.wallet(sara.id()).await, Account::card("card-1", Asset::Irt));
    let came = w.posted(&card).await;
    stands_before_the_receipt(w, "First card").await;
    let owner = w.owner();
    owner.sends_photo(9).await;
    w.run_jobs().await;
    assert_eq!((w.orders("refunded").await, w.wallet(sara.id()).await), (1, kept), "nothing moves on the wallet");
    assert_eq!(w.posted(&card).await, came - 80_000, "the card holds less");
    let told = sara.told("notice-refunded-hand");
    assert!(told.len() == 1 && told[0].media.as_ref().is_some_and(|media| media.kind == "photo"), "{}", sara.chat());
    assert!(told[0].text.contains("80,000") && sara.told("notice-refunded").is_empty(), "{}", sara.chat());
    assert!(owner.last().text.contains("80,000 Toman by hand, Nima"), "{}", owner.sees());
    owner.taps("refund-do-receipts").await;
    assert_eq!(owner.last().media.map(|media| media.kind), Some("photo".to_owned()), "{}", w.group());
    assert!(w.panel.accounts().is_empty());
    // What is sent afterwards is no answer to anything.
    owner.sends_photo(8).await;
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM refunds").await, 1);
}

#[tokio::test]
async fn a_photo_is_the_yes_and_is_kept() {
    world(with_a_photo).await;
}

#[tokio::test]
async fn the_photo_may_come_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, with_a_photo).await;
}

#[tokio::test]
async fn a_photo_that_answers_nothing_is_asked_for_again() {
    world(async |w: &World| {
        let sara = sara_after(w, 10).await;
        stands_before_the_receipt(w, "First card").await;
        let owner = w.owner();
        owner.does(|nima| nima.sends_photo(&receipt(9), "")).await;
        assert!(owner.reads("admin-ask-reply"), "{}", w.group());
        assert_eq!(w.orders("refunded").await, 0, "{}", w.group());
        owner.sends_photo(9).await;
        w.run_jobs().await;
        assert_eq!(w.orders("refunded").await, 1, "{}", w.group());
        assert_eq!(sara.told("notice-refunded-hand").len(), 1, "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn a_tracking_number_does_and_a_word_does_not() {
    world(async |w: &World| {
        let sara = sara_after(w, 10).await;
        stands_before_the_receipt(w, "refund-do-hand-else").await;
        let owner = w.owner();
        for nothing in ["done", "😀", "۱۲"] {
            owner.says(nothing).await;
            assert!(owner.reads("refund-receipt-wrong"), "{nothing}: {}", owner.sees());
        }
        let movie = Upload { name: Some("a.mp4".to_owned()), mime: Some("video/mp4".to_owned()), ..Upload::new(vec![1; 64]) };
        owner.sends_document(&movie).await;
        assert!(owner.reads("refund-receipt-wrong"), "{}", owner.sees());
        owner.says("پیگیری ۱۲۳۴۵۶").await;
        w.run_jobs().await;
        assert_eq!((w.orders("refunded").await, w.posted(&Account::correction(Asset::Irt)).await), (1, 80_000));
        let told = sara.told("notice-refunded-hand");
        assert!(told.len() == 1 && told[0].text.contains("123456"), "{}", sara.chat());
        owner.taps("refund-do-receipts").await;
        assert!(owner.last().text.contains("123456"), "{}", owner.sees());
    })
    .await;
}

#[tokio::test]
async fn what_was_stopped_or_overtaken_books_nothing() {
    world(async |w: &World| {
        sara_after(w, 10).await;
        stands_before_the_receipt(w, "Second card").await;
        w.owner().taps("admin-do-stop").await;
        w.owner().sends_photo(9).await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM refunds").await, 0);
        stands_before_the_receipt(w, "Second card").await;
        let cashier = w.cashier();
        cashier.says(&format!("/refund {}", souk::base::OrderId(w.count("SELECT id AS v FROM orders").await))).await;
        cashier.taps_named("All: 120,000").await;
        cashier.taps("refund-do-wallet").await;
        w.owner().says("123456").await;
        assert_eq!(w.owner().told("Cyrus gave 120,000 Toman back meanwhile").len(), 1, "{}", w.group());
        w.run_jobs().await;
        assert_eq!(w.count("SELECT CAST(SUM(amount) AS BIGINT) AS v FROM refunds").await, PRICE);
        let before = w.owner().messages().len();
        w.owner().says("123456").await;
        assert_eq!(w.owner().messages().len(), before + 1, "nothing is asked any more: {}", w.group());
    })
    .await;
}

#[tokio::test]
async fn what_was_not_delivered_can_be_paid_back_by_hand_too() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.set_down(Down::Closed).await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps("admin-do-approve").await;
        w.run_jobs().await;
        let (kept, card) = (w.wallet(sara.id()).await, Account::card("card-1", Asset::Irt));
        let came = w.posted(&card).await;
        asks_refund(&owner, sara.id()).await;
        assert!(owner.has_button_now("admin-do-refund-yes"), "{}", owner.sees());
        owner.taps("refund-do-hand").await;
        owner.taps("First card").await;
        assert!(
            owner.last().text.contains("120,000 Toman paid to Sara") && owner.reads("refund-ends-undelivered"),
            "{}",
            owner.sees()
        );
        assert_eq!(w.orders("refunded").await, 0, "the receipt is the yes");
        owner.sends_photo(9).await;
        w.run_jobs().await;
        assert_eq!((w.orders("refunded").await, w.wallet(sara.id()).await), (1, kept));
        assert_eq!(w.posted(&card).await, came - PRICE);
        assert_eq!(sara.told("notice-refunded-hand").len(), 1, "{}", sara.chat());
        w.panel.set_down(Down::No).await;
        for _ in 0..3 {
            w.minutes(10).await;
        }
        assert!(w.panel.accounts().iter().all(|account| account.status != "active"), "{:?}", w.panel.accounts());
    })
    .await;
}
