//! What the shop file sets, at other values than its own, seen in how the shop behaves.

use souk::base::{DAY, HOUR, MINUTE, SECOND};
use souk::sim::marzban::Down;

use crate::world::shop::{Setup, World, world_on};

const MEGABYTE: i64 = 1 << 20;
const GIGABYTE: i64 = 1 << 30;

/// A shop whose file has this number in the place of its own.
fn set(name: &str, was: i64, is: i64) -> Setup {
    also(Setup::default(), name, was, is)
}

fn also(setup: Setup, name: &str, was: i64, is: i64) -> Setup {
    setup.with(&format!("\n{name} = {was}\n"), &format!("\n{name} = {is}\n"))
}

#[tokio::test]
async fn a_service_is_lent_for_as_long_as_the_file_says() {
    world_on(also(set("provisional_days", 3, 1), "provisional_percent", 10, 50), async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let lent = w.account();
        assert_eq!(lent.expire, Some(w.clock.now().after(DAY).unix()));
        let lent_megabytes = lent.data_limit.expect("a limit") / MEGABYTE;
        assert!((15 * 1024 - 1..=15 * 1024).contains(&lent_megabytes), "half of it: {lent_megabytes}");
        w.later(DAY - HOUR).await;
        assert_eq!(w.account().status, "active");
        w.later(2 * HOUR).await;
        assert!(w.panel.accounts().iter().all(|account| account.status != "active"), "{:?}", w.panel.accounts());
        assert_eq!(w.payments("submitted").await, 1, "the receipt still waits");
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(MINUTE).await;
        assert_eq!(w.orders("delivered").await, 1, "{}", w.group());
        assert_eq!((w.account().status, w.account().data_limit), ("active", Some(30 * GIGABYTE)));
    })
    .await;
}

#[tokio::test]
async fn a_decision_is_taken_back_for_as_long_as_the_file_says() {
    world_on(set("undo_seconds", 60, 300), async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps_all(&["admin-do-reject", "admin-reason-not-received"]).await;
        w.run_jobs().await;
        w.later(290 * SECOND).await;
        assert!(owner.has_button("admin-do-undo"), "{}", w.group());
        owner.taps("admin-do-undo").await;
        w.run_jobs().await;
        assert_eq!((w.payments("submitted").await, w.payments("rejected").await), (1, 0));
        owner.taps_all(&["admin-do-reject", "admin-reason-not-received"]).await;
        let (message, undo) = owner.data_of("admin-do-undo");
        w.later(200 * SECOND).await;
        assert!(owner.has_button("admin-do-undo"), "{}", w.group());
        w.later(101 * SECOND).await;
        assert!(!owner.has_button("admin-do-undo"), "{}", w.group());
        owner.taps_old(message, &undo).await;
        assert_eq!(owner.toast(), Some(owner.words("admin-undo-late")));
        assert_eq!(w.payments("rejected").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_panel_may_be_silent_for_as_long_as_the_file_says() {
    world_on(set("panel_down_minutes", 5, 15), async |w: &World| {
        w.minutes(1).await;
        w.panel.set_down(Down::BadGateway).await;
        w.minutes(13).await;
        assert!(w.owner().told("alarm-panel-down").is_empty(), "{}", w.group());
        w.minutes(4).await;
        assert_eq!(w.owner().told("alarm-panel-down").len(), 1, "{}", w.group());
        w.panel.set_down(Down::No).await;
        w.minutes(2).await;
        assert_eq!(w.owner().told("alarm-panel-well").len(), 1, "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn a_late_order_is_told_and_offered_when_the_file_says() {
    let setup = also(set("late_minutes", 10, 25), "refund_offer_minutes", 60, 40);
    world_on(setup, async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.set_down(Down::BadGateway).await;
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.minutes(23).await;
        assert!(w.owner().told("alarm-order").is_empty() && sara.told("notice-late").is_empty(), "{}", w.group());
        w.minutes(3).await;
        assert_eq!((w.owner().told("alarm-order").len(), sara.told("notice-late").len()), (1, 1), "{}", w.group());
        w.later(12 * MINUTE).await;
        assert!(!w.owner().has_button("admin-do-refund"), "{}", w.group());
        w.minutes(3).await;
        assert!(w.owner().has_button("admin-do-refund"), "{}", w.group());
        assert_eq!(sara.told("notice-late").len(), 1, "{}", sara.chat());
        w.panel.set_down(Down::No).await;
        w.minutes(10).await;
        assert_eq!(w.orders("delivered").await, 1);
    })
    .await;
}

/// What ended by this moment and is still kept: updates, jobs, notices.
async fn kept(w: &World, until: i64) -> [i64; 3] {
    let mut counts = [0; 3];
    for (count, table) in counts.iter_mut().zip(["inbox", "jobs", "outbox"]) {
        *count = w.count(&format!("SELECT COUNT(*) AS v FROM {table} WHERE finished_at <= {until}")).await;
    }
    counts
}

#[tokio::test]
async fn what_is_finished_is_kept_for_as_long_as_the_file_says() {
    world_on(set("retention_days", 14, 2), async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let then = w.clock.now().0;
        let first = kept(w, then).await;
        assert!(first.iter().all(|count| *count > 0), "{first:?}");
        w.later(2 * DAY - HOUR).await;
        assert_eq!(kept(w, then).await, first, "not yet");
        w.later(2 * HOUR).await;
        assert_eq!(kept(w, then).await, [0, 0, 0]);
        assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1), "what was sold is kept for ever");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, 1);
    })
    .await;
}

#[tokio::test]
async fn usage_is_read_as_often_as_the_file_says() {
    let setup = also(set("sync_minutes", 10, 30), "sync_idle_minutes", 60, 120);
    world_on(setup, async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let account = w.account().username;
        let uses = |gigabytes: i64| assert!(w.panel.set_usage(&account, gigabytes * GIGABYTE));
        let known = async || w.count("SELECT used_bytes / 1073741824 AS v FROM subscriptions").await;
        uses(1);
        w.later(121 * MINUTE).await;
        assert_eq!(known().await, 1, "it is looked at in the end");
        uses(2);
        w.later(28 * MINUTE).await;
        assert_eq!(known().await, 1, "in use: not before its time");
        w.later(3 * MINUTE).await;
        assert_eq!(known().await, 2, "in use: every thirty minutes");
        w.later(125 * MINUTE).await;
        uses(3);
        w.later(115 * MINUTE).await;
        assert_eq!(known().await, 2, "not in use: not before its time");
        w.later(6 * MINUTE).await;
        assert_eq!(known().await, 3, "not in use: every two hours");
    })
    .await;
}

#[tokio::test]
async fn a_trial_is_as_large_and_as_long_as_the_file_says() {
    world_on(also(set("trial_megabytes", 200, 512), "trial_days", 1, 2), async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.says("/trial").await;
        assert!(sara.last().text.contains("0.5 GB") && sara.last().text.contains("2 days"), "{}", sara.sees());
        sara.taps("button-trial-take").await;
        w.run_jobs().await;
        let account = w.account();
        assert_eq!(account.data_limit, Some(512 * MEGABYTE));
        assert_eq!(account.expire, Some(w.clock.now().after(2 * DAY).unix()));
    })
    .await;
}
