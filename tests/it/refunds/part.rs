//! In part and whole, to the account that paid.
use super::{asks_refund, sara_after};
use crate::world::shop::{Setup, World, world_on};
use crate::world::shopping::PRICE;
use crate::world::world;
use souk::base::{Asset, DAY, Lang, MINUTE, SECOND};
use souk::shop::ledger::Account;
use souk::sim::marzban::Down;

const GIGABYTE: i64 = 1 << 30;

async fn refunded(w: &World) -> i64 {
    w.count("SELECT CAST(SUM(refunded) AS BIGINT) AS v FROM orders").await
}

#[tokio::test]
async fn a_part_goes_back_by_the_days_that_are_left_and_the_rest_later() {
    world(async |w: &World| {
        let sara = sara_after(w, 10).await;
        let kept = w.wallet(sara.id()).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        assert!(owner.last().text.contains("80,000 Toman (20 of 30 days left)"), "{}", owner.sees());
        owner.taps_named("By rule: 80,000").await;
        assert_eq!(w.orders("delivered").await, 1, "it asks once");
        let asked = owner.last();
        assert!(asked.text.contains("Give 80,000 Toman back to the wallet of Sara") && owner.reads("refund-ends-service"));
        assert_eq!(asked.labels().first().copied(), Some("Back to the order"), "the safe answer is first");
        owner.taps_twice("refund-do-wallet").await;
        w.run_jobs().await;
        assert_eq!((w.orders("refunded").await, refunded(w).await), (1, 80_000));
        assert_eq!(w.wallet(sara.id()).await, kept + 80_000);
        assert!(w.panel.accounts().is_empty(), "{:?}", w.panel.accounts());
        let told = sara.told("notice-refunded");
        assert!(told.len() == 1 && told[0].text.contains("80,000") && sara.told("notice-refunded-ended").len() == 1);

        owner.taps("admin-do-refund").await;
        assert!(owner.last().text.contains("Can still go back: 40,000 Toman"), "{}", owner.sees());
        owner.taps("refund-do-typed").await;
        for (typed, word) in [("😀", "I cannot read that"), ("۰", "I cannot read that"), ("۵۰٬۰۰۰", "At most 40,000")] {
            owner.says(typed).await;
            assert!(owner.reads(word), "{typed}: {}", owner.sees());
        }
        owner.says("۱۰٬۰۰۰ تومان").await;
        assert!(owner.reads("refund-ends-nothing") && owner.last().text.contains("10,000"), "{}", owner.sees());
        owner.taps("refund-do-wallet").await;
        asks_refund(&owner, sara.id()).await;
        owner.taps_all(&["Rest: 30,000", "refund-do-wallet"]).await;
        w.run_jobs().await;
        assert_eq!((refunded(w).await, w.wallet(sara.id()).await), (PRICE, kept + PRICE));
        assert!(!owner.has_button_now("admin-do-refund"), "nothing is left: {}", owner.sees());
        owner.says(&format!("/refund {}", souk::base::OrderId(w.count("SELECT id AS v FROM orders").await))).await;
        assert_eq!(owner.told("refund-all-back").len(), 1, "{}", w.group());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'order.refund' AND actor = 1001").await, 3);
        assert_eq!(sara.told("notice-refunded").len(), 3, "{}", sara.chat());
        sara.says("/wallet").await;
        sara.taps("button-wallet-history").await;
        assert!(sara.last().text.contains("80,000") && sara.last().text.contains("refund of order"), "{}", sara.sees());
    })
    .await;
}

#[tokio::test]
async fn of_two_admins_one_is_first() {
    world(async |w: &World| {
        let sara = sara_after(w, 0).await;
        let kept = w.wallet(sara.id()).await;
        let (owner, cashier) = (w.owner(), w.cashier().in_private());
        cashier.says("/start").await;
        for admin in [&owner, &cashier] {
            asks_refund(admin, sara.id()).await;
            admin.taps_named("All: 120,000").await;
        }
        owner.press("refund-do-wallet");
        cashier.press("refund-do-wallet");
        w.settle().await;
        w.run_jobs().await;
        assert_eq!((refunded(w).await, w.wallet(sara.id()).await), (PRICE, kept + PRICE));
        let toasts = [owner.toast().unwrap_or_default(), cashier.toast().unwrap_or_default()];
        assert!(toasts.iter().filter(|told| told.contains("120,000 Toman back meanwhile")).count() == 1, "{toasts:?}");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'order.refund'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn by_traffic_what_was_not_used_goes_back() {
    let setup = Setup::default().with("refund = \"time\"", "refund = \"traffic\"");
    world_on(setup, async |w: &World| {
        let sara = sara_after(w, 0).await;
        w.panel.set_usage(&w.account().username, 12 * GIGABYTE);
        w.later(DAY).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        assert!(owner.last().text.contains("72,000 Toman (18 GB of 30 GB left)"), "{}", owner.sees());
        owner.taps_named("By rule: 72,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        assert_eq!(refunded(w).await, 72_000);
    })
    .await;
}

#[tokio::test]
async fn a_renewal_goes_back_and_the_service_is_what_it_was() {
    world(async |w: &World| {
        let sara = sara_after(w, 10).await;
        let (account, first_end) = (w.account().username, w.account().expire.expect("an end"));
        w.panel.set_usage(&account, 12 * GIGABYTE);
        sara.says("/services").await;
        sara.taps_all(&["1 month, 30 GB", "button-renew", "button-pay"]).await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(DAY).await;
        assert_eq!(w.account().data_limit, Some(60 * GIGABYTE));
        let owner = w.owner();
        let first = souk::base::OrderId(w.count("SELECT id AS v FROM orders ORDER BY placed_at LIMIT 1").await);
        owner.says(&format!("/refund #{first}")).await;
        assert_eq!(owner.told("There is a newer order of the same service").len(), 1, "{}", w.group());
        let kept = w.wallet(sara.id()).await;
        asks_refund(&owner, sara.id()).await;
        assert!(owner.last().text.contains("120,000 Toman (30 of 30 days left)"), "{}", owner.sees());
        owner.taps_named("All: 120,000").await;
        assert!(owner.last().text.contains("with 18 GB left, as before this order"), "{}", owner.sees());
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        let account = w.account();
        assert_eq!((account.status, account.expire, account.data_limit), ("active", Some(first_end), Some(30 * GIGABYTE)));
        assert_eq!(w.wallet(sara.id()).await, kept + PRICE);
        assert_eq!(sara.told("notice-refunded-shorter").len(), 1, "{}", sara.chat());
        assert!(sara.told("notice-ready").len() == 1, "nothing new is ready: {}", sara.chat());
        // Now the first order is the last that stands.
        asks_refund_of(w, &owner, first).await;
        owner.taps_named("By rule: 76,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        assert!(w.panel.accounts().is_empty());
        assert_eq!(refunded(w).await, PRICE + 76_000);
    })
    .await;
}

async fn asks_refund_of(w: &World, admin: &crate::world::actor::Actor<'_>, order: souk::base::OrderId) {
    admin.says(&format!("/refund {}", order.to_string().to_lowercase())).await;
    assert!(admin.reads("refund-ask"), "{}", w.group());
}

#[tokio::test]
async fn a_renewal_whose_time_has_begun_ends_the_service_by_the_clock() {
    world(async |w: &World| {
        let sara = sara_after(w, 29).await;
        sara.says("/services").await;
        sara.taps_all(&["1 month, 30 GB", "button-renew", "button-pay"]).await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(11 * DAY).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        owner.taps_named("By rule: 80,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        w.minutes(2).await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions WHERE state = 'ended'").await, 1);
        assert_eq!(w.account().expire, Some(w.clock.now().after(-2 * MINUTE).unix()), "{:?}", w.account());
        assert_eq!(sara.told("reminder-ended").len(), 1, "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn what_the_wallet_and_a_transfer_paid_goes_back_to_the_wallet() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.has_in_wallet("50,000", 1).await;
        sara.chooses_in(Lang::En).await;
        sara.taps("button-pay-parts").await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let kept = w.wallet(sara.id()).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        owner.taps_named("All: 120,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        assert_eq!(w.wallet(sara.id()).await, kept + PRICE);
        assert_eq!(w.posted(&Account::refunds("vpn", Asset::Irt)).await, PRICE);
    })
    .await;
}

#[tokio::test]
async fn a_panel_that_is_down_ends_the_service_when_it_is_back() {
    world(async |w: &World| {
        let sara = sara_after(w, 1).await;
        w.panel.set_down(Down::BadGateway).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        owner.taps_named("By rule: 116,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        assert_eq!((refunded(w).await, w.panel.accounts().len()), (116_000, 1), "the money does not wait for the panel");
        assert_eq!(sara.told("notice-refunded").len(), 1);
        sara.says("/services").await;
        assert!(!sara.has_button_now("1 month"), "the service is gone for her: {}", sara.sees());
        w.panel.set_down(Down::No).await;
        w.later(5 * MINUTE).await;
        w.later(30 * SECOND).await;
        assert!(w.panel.accounts().is_empty());
    })
    .await;
}

#[tokio::test]
async fn numbers_of_the_shop_stay_true() {
    world(async |w: &World| {
        let sara = sara_after(w, 10).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        owner.taps_named("By rule: 80,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        owner.says("/report").await;
        let told = owner.last().text;
        assert!(told.contains("Refunds: 1, 80,000") && told.contains("Net: −80,000"), "{told}");
        owner.says("/stats").await;
        let told = owner.last().text;
        assert!(told.contains("Revenue: 40,000"), "what stays of it: {told}");
    })
    .await;
}

#[tokio::test]
async fn every_update_of_a_refund_may_come_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, async |w: &World| {
        let sara = sara_after(w, 10).await;
        let kept = w.wallet(sara.id()).await;
        let owner = w.owner();
        asks_refund(&owner, sara.id()).await;
        owner.taps_named("By rule: 80,000").await;
        owner.taps("refund-do-wallet").await;
        w.run_jobs().await;
        assert_eq!((refunded(w).await, w.wallet(sara.id()).await), (80_000, kept + 80_000));
        assert_eq!(sara.told("notice-refunded").len(), 1, "{}", sara.chat());
        assert!(w.panel.accounts().is_empty());
    })
    .await;
}
