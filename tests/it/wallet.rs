//! The wallet through the chat: money put in by a button or typed, orders that it pays whole or in part, an order that waits for
//! it, and everything that moved on it.

use souk::base::{Asset, HOUR, Lang, MINUTE};
use souk::shop::ledger::Account;
use souk::sim::telegram::{self, Fault, FaultKind};

use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::shopping::PRICE;
use crate::world::world;

/// What the only payment asks for.
async fn due(w: &World) -> i64 {
    w.count("SELECT due AS v FROM payments").await
}

/// Stands before the ways to pay, on the newest message.
async fn chooses(buyer: &Actor<'_>, lang: Lang) {
    buyer.says("/start").await;
    buyer.chooses_in(lang).await;
}

async fn approves(w: &World) {
    w.owner().taps("admin-do-approve").await;
    w.run_jobs().await;
}

/// A top-up, a purchase from it, and the history of both, on paper.
async fn the_whole_flow(lang: Lang, name: &str, amount: &str, paper: &str) {
    world(async |w: &World| {
        let buyer = w.customer_in(lang, name).await;
        buyer.tops_up(amount, 1).await;
        let came = due(w).await;
        approves(w).await;
        assert_eq!(w.wallet(buyer.id()).await, came);
        chooses(&buyer, lang).await;
        insta::assert_snapshot!(format!("{paper}_ways_to_pay"), buyer.sees());
        buyer.taps("button-pay-wallet").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, w.wallet(buyer.id()).await), (1, came - PRICE));
        buyer.says("/wallet").await;
        buyer.taps("button-wallet-history").await;
        insta::assert_snapshot!(format!("{paper}_customer"), buyer.chat());
        insta::assert_snapshot!(format!("{paper}_group"), w.group());
    })
    .await;
}

#[tokio::test]
async fn a_month_is_bought_from_the_wallet_in_english() {
    the_whole_flow(Lang::En, "Sara", "200,000", "en").await;
}

#[tokio::test]
async fn a_month_is_bought_from_the_wallet_in_persian() {
    the_whole_flow(Lang::Fa, "مریم", "۲۰۰٬۰۰۰", "fa").await;
}

#[tokio::test]
async fn a_month_is_bought_from_the_wallet_in_russian() {
    the_whole_flow(Lang::Ru, "Алексей", "200\u{a0}000", "ru").await;
}

#[tokio::test]
async fn an_amount_is_typed_as_people_type() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        for (number, (typed, amount)) in
            [("۵۰ هزار تومان", 50_000), ("75k", 75_000), ("120,000", 120_000)].into_iter().enumerate()
        {
            sara.says("/wallet").await;
            sara.taps("button-topup-other").await;
            sara.says(typed).await;
            let due = w.count("SELECT due AS v FROM payments WHERE state = 'open'").await;
            assert!((amount + 1..=amount + 999).contains(&due), "{typed}: {due}");
            sara.sends_photo(u32::try_from(number).expect("few")).await;
            w.run_jobs().await;
            approves(w).await;
        }
        assert_eq!((w.payments("approved").await, w.orders("placed").await), (3, 0));
        assert_eq!(w.wallet(sara.id()).await, w.count("SELECT CAST(SUM(due) AS BIGINT) AS v FROM payments").await);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_amount_or_outside_the_limits_is_asked_again() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.says("/wallet").await;
        sara.taps("button-topup-other").await;
        for (typed, word) in
            [("much", "topup-unread"), ("5.5", "topup-unread"), ("-50000", "topup-unread"), ("50 rial", "topup-unread")]
        {
            sara.says(typed).await;
            assert!(sara.reads(word), "{typed}: {}", sara.sees());
        }
        for typed in ["9999", "50000001"] {
            sara.says(typed).await;
            assert!(sara.last().text.contains("is outside what we can take at once"), "{typed}: {}", sara.sees());
        }
        sara.does(|person| person.sends_sticker("🙂")).await;
        assert!(sara.reads("topup-unread"), "a sticker: {}", sara.sees());
        sara.does(telegram::Actor::sends_contact).await;
        assert!(sara.reads("topup-unread"), "a contact: {}", sara.sees());
        sara.sends_photo(1).await;
        assert!(sara.reads("topup-unread"), "a picture: {}", sara.sees());
        sara.says(&"50,000 ".repeat(700)).await;
        assert!(sara.reads("topup-unread"), "a long text: {}", sara.sees());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM payments").await, 0);
        sara.says("10000").await;
        assert_eq!(w.payments("open").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_top_up_is_rejected_cancelled_and_late() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.tops_up("100,000", 1).await;
        w.owner().taps_all(&["admin-do-reject", "admin-reason-not-received"]).await;
        w.run_jobs().await;
        assert_eq!((w.wallet(sara.id()).await, sara.told("notice-rejected").len()), (0, 1));
        sara.says("/wallet").await;
        sara.taps_named("50,000").await;
        sara.taps_all(&["button-topup-cancel", "button-topup-cancel-yes"]).await;
        assert_eq!(w.payments("cancelled").await, 1);
        sara.says("/wallet").await;
        sara.taps_named("200,000").await;
        w.minutes(121).await;
        assert_eq!(sara.told("notice-topup-expired").len(), 1, "{}", sara.chat());
        sara.sends_photo(2).await;
        w.run_jobs().await;
        approves(w).await;
        let came = w.count("SELECT approved AS v FROM payments WHERE state = 'approved'").await;
        assert!(came > 200_000 && w.wallet(sara.id()).await == came, "{}", sara.chat());
    })
    .await;
}

/// A purchase from the wallet, each tap twice.
async fn bought_once(w: &World) {
    let sara = w.customer("Sara").await;
    sara.says("/wallet").await;
    sara.taps_twice("200,000").await;
    sara.sends_photo(1).await;
    w.run_jobs().await;
    w.owner().taps_twice("admin-do-approve").await;
    w.run_jobs().await;
    let came = due(w).await;
    sara.chooses_in(Lang::En).await;
    sara.taps_twice("button-pay-wallet").await;
    w.run_jobs().await;
    w.later(MINUTE).await;
    assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1));
    assert_eq!(w.wallet(sara.id()).await, came - PRICE);
    assert_eq!(w.posted(&Account::revenue("vpn", Asset::Irt)).await, PRICE);
    assert_eq!(sara.told("notice-ready").len(), 1);
}

#[tokio::test]
async fn double_taps_buy_once_from_the_wallet() {
    world(bought_once).await;
}

#[tokio::test]
async fn everything_twice_buys_once_from_the_wallet() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, bought_once).await;
}

#[tokio::test]
async fn updates_delivered_twice_buy_once_from_the_wallet() {
    world(async |w: &World| {
        w.telegram.fault(Fault::new(FaultKind::DeliverTwice));
        bought_once(w).await;
    })
    .await;
}

#[tokio::test]
async fn a_typed_amount_that_is_handled_twice_is_one_payment() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.says("/wallet").await;
        sara.taps("button-topup-other").await;
        sara.says("123456").await;
        assert_eq!((w.payments("open").await, w.count("SELECT COUNT(*) AS v FROM receipts").await), (1, 0));
    })
    .await;
}

/// 50,000 and its tail in the wallet, and an order that takes it with the rest to come.
async fn orders_in_parts(w: &World) -> Actor<'_> {
    let sara = w.customer("Sara").await;
    sara.has_in_wallet("50,000", 1).await;
    chooses(&sara, Lang::En).await;
    assert!(sara.last().text.contains("Left to pay after the wallet"), "{}", sara.sees());
    sara.taps("button-pay-parts").await;
    sara
}

#[tokio::test]
async fn an_order_is_paid_in_parts() {
    world(async |w| {
        let sara = orders_in_parts(w).await;
        let (kept, rest) = (
            w.count("SELECT from_wallet AS v FROM orders").await,
            w.count("SELECT due AS v FROM payments WHERE purpose = 'order'").await,
        );
        assert!((PRICE - kept + 1..=PRICE - kept + 999).contains(&rest), "{kept} and {rest}");
        insta::assert_snapshot!("in_parts_customer", sara.sees());
        sara.sends_photo(2).await;
        w.run_jobs().await;
        insta::assert_snapshot!("in_parts_group", w.group());
        approves(w).await;
        assert_eq!((w.orders("delivered").await, w.wallet(sara.id()).await), (1, rest - (PRICE - kept)));
    })
    .await;
}

#[tokio::test]
async fn what_the_wallet_kept_comes_back_when_the_order_is_given_up() {
    world(async |w| {
        let sara = orders_in_parts(w).await;
        sara.says("/wallet").await;
        assert!(sara.last().text.contains("Kept for open orders"), "{}", sara.sees());
        sara.taps("button-payments").await;
        sara.taps_named("🕓").await;
        sara.taps_all(&["button-cancel", "button-cancel-yes"]).await;
        assert_eq!(w.orders("cancelled").await, 1);
        sara.says("/wallet").await;
        assert!(!sara.last().text.contains("Kept for open orders"), "{}", sara.sees());
    })
    .await;
}

/// Orders with the wallet short of it, and tops up by what is missing.
async fn saves_and_tops_up(w: &World) -> Actor<'_> {
    let sara = w.customer("Sara").await;
    sara.chooses_in(Lang::En).await;
    sara.taps("button-pay-topup").await;
    sara.taps_named("120,000").await;
    sara.sends_photo(1).await;
    w.run_jobs().await;
    sara
}

#[tokio::test]
async fn a_saved_order_buys_itself_after_the_top_up() {
    world(async |w| {
        let sara = saves_and_tops_up(w).await;
        assert!(w.panel.accounts().is_empty(), "nothing is lent for a top-up");
        approves(w).await;
        assert_eq!((w.orders("delivered").await, w.wallet(sara.id()).await), (1, due(w).await - PRICE));
        insta::assert_snapshot!("saved_customer", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn a_saved_order_whose_price_changed_asks() {
    world(async |w| {
        let sara = saves_and_tops_up(w).await;
        w.app
            .write::<_, souk::base::Fault, _>(|tx| {
                Box::pin(async move { souk::db::execute(tx, "UPDATE plans SET price = price - 20000", vec![]).await })
            })
            .await
            .expect("the prices fall");
        approves(w).await;
        assert_eq!((w.orders("cancelled").await, w.wallet(sara.id()).await), (1, due(w).await));
        assert_eq!(sara.told("notice-saved-changed").len(), 1, "{}", sara.chat());
        assert!(sara.told("notice-saved-changed")[0].labels().iter().any(|label| label.contains("Order this plan")));
        sara.taps("button-order").await;
        sara.taps("button-pay-wallet").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, w.wallet(sara.id()).await), (1, due(w).await - PRICE + 20_000));
    })
    .await;
}

#[tokio::test]
async fn a_saved_order_whose_plan_changed_asks() {
    world(async |w| {
        let sara = saves_and_tops_up(w).await;
        edits_plans(w).await;
        approves(w).await;
        assert_eq!((w.orders("cancelled").await, w.wallet(sara.id()).await), (1, due(w).await));
        assert_eq!(sara.told("notice-saved-other").len(), 1, "{}", sara.chat());
        sara.taps("button-order").await;
        assert!(sara.last().text.contains("20 days"), "{}", sara.sees());
        sara.taps("button-pay-wallet").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, w.wallet(sara.id()).await), (1, due(w).await - PRICE));
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_changes_under_the_confirm_screen_is_shown_again() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.chooses_in(Lang::En).await;
        edits_plans(w).await;
        sara.taps("button-pay").await;
        assert!(sara.reads("order-promise-changed") && sara.last().text.contains("20 days"), "{}", sara.sees());
        assert_eq!(w.orders("placed").await, 0);
        sara.taps("button-pay").await;
        sara.sends_photo(1).await;
        w.run_jobs().await;
        approves(w).await;
        assert_eq!(w.count("SELECT days AS v FROM subscriptions").await, 20);
    })
    .await;
}

/// What was a month is twenty days now.
async fn edits_plans(w: &World) {
    let sql = "UPDATE plans SET days = 20 WHERE days = 30";
    let edited = w.app.write::<_, souk::base::Fault, _>(move |tx| Box::pin(souk::db::execute(tx, sql, vec![]))).await;
    edited.expect("the plans change");
}

#[tokio::test]
async fn a_saved_order_is_given_up_and_one_expires() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.chooses_in(Lang::En).await;
        sara.taps_all(&["button-pay-topup", "button-cancel", "button-cancel-yes"]).await;
        assert_eq!(w.orders("cancelled").await, 1);
        sara.chooses_in(Lang::En).await;
        sara.taps("button-pay-topup").await;
        sara.says("/wallet").await;
        sara.taps("button-order-open").await;
        assert!(sara.last().text.contains("is saved"), "{}", sara.sees());
        for _ in 0..49 {
            w.later(HOUR).await;
        }
        assert_eq!((w.orders("expired").await, sara.told("notice-saved-expired").len()), (1, 1), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn a_mistaken_approval_of_a_top_up_is_undone_with_what_it_bought() {
    world(async |w| {
        let sara = saves_and_tops_up(w).await;
        w.panel.set_down(souk::sim::marzban::Down::BadGateway).await;
        approves(w).await;
        assert_eq!(w.orders("paid").await, 1);
        w.owner().taps("admin-do-undo").await;
        w.run_jobs().await;
        assert_eq!((w.orders("placed").await, w.wallet(sara.id()).await), (1, 0));
        w.panel.set_down(souk::sim::marzban::Down::No).await;
        approves(w).await;
        for _ in 0..3 {
            w.later(MINUTE).await;
        }
        assert_eq!((w.orders("delivered").await, w.wallet(sara.id()).await), (1, due(w).await - PRICE), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn the_history_has_pages() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        for picture in 1..=7 {
            sara.has_in_wallet("50,000", picture).await;
        }
        sara.says("/wallet").await;
        sara.taps("button-wallet-history").await;
        let all = w.wallet(sara.id()).await;
        let grouped = souk::base::format::number(Lang::En, all);
        assert!(sara.last().text.contains(&format!("balance {grouped} Toman")), "{}", sara.sees());
        sara.taps_named("›").await;
        assert_eq!(sara.last().text.matches("+50,").count(), 1, "{}", sara.sees());
    })
    .await;
}
