//! What is paid is delivered or refunded, whatever happens to the panel; and renewals.

use souk::base::{Asset, DAY, HOUR, MINUTE, SECOND};
use souk::shop::ledger::Account;
use souk::sim::marzban::{Down, Fault, FaultKind};

use crate::world::shop::World;
use crate::world::shopping::PRICE;
use crate::world::world;

const GIGABYTE: i64 = 1 << 30;

fn every_call(kind: FaultKind, times: u32) -> Fault {
    Fault { path_prefix: "/api/user".to_owned(), method: None, kind, times }
}

#[tokio::test]
async fn a_sale_while_the_panel_is_down_is_delivered_when_it_is_back() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.set_down(Down::BadGateway).await;
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("paid").await, w.payments("approved").await), (1, 1), "the sale stands");
        assert_eq!(w.posted(&Account::revenue("vpn", Asset::Irt)).await, PRICE);
        assert!(sara.told("/sub/").is_empty());
        w.minutes(12).await;
        assert_eq!(w.owner().told("alarm-panel-down").len(), 1, "{}", w.group());
        assert_eq!(w.owner().told("alarm-order").len(), 1, "{}", w.group());
        assert_eq!(sara.told("notice-late").len(), 1, "{}", sara.chat());
        w.minutes(5).await;
        assert_eq!(w.owner().told("alarm-panel-down").len(), 1, "an alarm comes once");
        w.panel.set_down(Down::No).await;
        w.minutes(3).await;
        assert_eq!(w.orders("delivered").await, 1);
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
        assert_eq!(sara.told("notice-ready").len(), 1);
        assert_eq!(w.owner().told("alarm-panel-well").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_order_that_waits_too_long_is_refunded_by_an_admin() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.set_down(Down::Closed).await;
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let kept = w.wallet(sara.id()).await;
        w.minutes(11).await;
        assert!(!w.owner().has_button("admin-do-refund"), "it is not offered yet");
        w.later(50 * MINUTE).await;
        w.minutes(2).await;
        let owner = w.owner();
        owner.taps("admin-do-refund").await;
        assert_eq!(w.orders("paid").await, 1, "it asks once");
        owner.taps("admin-do-refund-yes").await;
        w.run_jobs().await;
        assert_eq!((w.orders("refunded").await, w.wallet(sara.id()).await), (1, kept + PRICE));
        assert_eq!(sara.told("notice-refunded").len(), 1);
        w.panel.set_down(Down::No).await;
        w.minutes(15).await;
        assert!(w.panel.accounts().iter().all(|account| account.status != "active"), "{:?}", w.panel.accounts());
        assert!(sara.told("notice-ready").is_empty());
        assert_eq!(w.orders("refunded").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_panel_that_answers_502_after_doing_it_makes_one_account() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.fault(every_call(FaultKind::StatusAfter(502), 1));
        sara.orders_and_pays(1).await;
        w.panel.fault(every_call(FaultKind::StatusAfter(502), 1));
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.minutes(3).await;
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
        assert_eq!(w.orders("delivered").await, 1);
        assert_eq!(sara.told("notice-ready").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_link_without_a_server_is_never_called_ready() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.remove_inbounds();
        w.ending.allow(crate::world::ending::Allowed::PanelViolation);
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.minutes(2).await;
        assert!(sara.told("notice-ready").is_empty() && sara.told("notice-provisional").is_empty(), "{}", sara.chat());
        assert_eq!(w.orders("paid").await, 1);
        assert_eq!(w.owner().told("alarm-panel-refused").len(), 1, "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn a_renewal_shows_before_and_after_and_adds_to_what_is_left() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let name = w.account().username;
        let first_end = w.account().expire.expect("an end");
        w.panel.set_usage(&name, 10 * GIGABYTE);
        w.panel.connect(&name);
        w.later(10 * DAY).await;
        sara.says("/services").await;
        sara.taps_all(&["1 month, 30 GB", "button-renew"]).await;
        let offer = sara.sees();
        assert!(offer.contains("20 days → 50 days"), "{offer}");
        assert!(offer.contains("20 GB → 50 GB"), "{offer}");
        sara.taps("button-pay").await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        assert_eq!(w.account().expire, Some(first_end), "a renewal is not lent");
        assert!(w.owner().last().text.contains("renewal"), "{}", w.group());
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let account = w.account();
        assert_eq!((account.username, account.expire), (name, Some(first_end + 30 * DAY / SECOND)));
        assert_eq!((account.data_limit, account.used_bytes), (Some(60 * GIGABYTE), 10 * GIGABYTE));
        assert_eq!(sara.told("notice-renewed").len(), 1, "{}", sara.chat());
        assert_eq!(w.orders("delivered").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_service_that_ended_lives_again_with_the_same_link() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let name = w.account().username;
        w.days(33).await;
        assert_eq!(sara.told("reminder-ended").len(), 1, "{}", sara.chat());
        sara.taps("button-renew").await;
        sara.taps("button-pay").await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let account = w.account();
        assert_eq!((account.username, account.status), (name, "active"));
        assert_eq!(account.expire, Some(w.clock.now().after(30 * DAY).unix()), "the time begins anew");
        w.later(HOUR).await;
        assert_eq!(sara.told("notice-renewed").len(), 1);
    })
    .await;
}
