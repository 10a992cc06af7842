//! What an owner is reminded of: each once, and at its moment.

use souk::base::{DAY, HOUR, MINUTE};

use crate::world::shop::{Setup, World, world_on};
use crate::world::world;

const GIGABYTE: i64 = 1 << 30;

/// How many services there are in this state.
async fn services(w: &World, state: &str) -> i64 {
    w.count(&format!("SELECT COUNT(*) AS v FROM subscriptions WHERE state = '{state}'")).await
}

#[tokio::test]
async fn the_end_comes_near_once_three_days_and_once_one_day_before() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.panel.connect(&w.account().username);
        w.later(26 * DAY).await;
        assert!(sara.told("reminder-days").is_empty());
        w.later(DAY + HOUR).await;
        assert_eq!(sara.told("reminder-days").len(), 1, "{}", sara.chat());
        w.later(HOUR).await;
        w.later(DAY).await;
        assert_eq!(sara.told("reminder-days").len(), 1, "three days once");
        w.later(DAY).await;
        w.later(HOUR).await;
        assert_eq!(sara.told("reminder-days").len(), 2, "one day once");
        w.later(DAY).await;
        w.later(DAY).await;
        assert_eq!(sara.told("reminder-ended").len(), 1, "{}", sara.chat());
        assert_eq!(sara.told("reminder-days").len(), 2);
        assert!(sara.has_button("button-renew"));
        assert_eq!(w.account().status, "expired");
    })
    .await;
}

#[tokio::test]
async fn traffic_is_told_of_at_80_and_at_95_percent_and_at_its_end() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let name = w.account().username;
        w.panel.connect(&name);
        for (used, low, ended) in [(20, 0, 0), (25, 1, 0), (26, 1, 0), (29, 2, 0), (30, 2, 1), (30, 2, 1)] {
            w.panel.connect(&name);
            w.panel.set_usage(&name, used * GIGABYTE);
            w.later(15 * MINUTE).await;
            w.later(15 * MINUTE).await;
            let told = (sara.told("reminder-traffic").len(), sara.told("reminder-ended").len());
            assert_eq!(told, (low, ended), "at {used} GB:\n{}", sara.chat());
        }
    })
    .await;
}

#[tokio::test]
async fn who_never_connected_is_asked_once_after_a_day() {
    world(async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.owns_a_service(1).await;
        let saras = w.account().username;
        ali.owns_a_service(2).await;
        w.panel.connect(&saras);
        w.later(23 * HOUR).await;
        assert!(ali.told("reminder-unused").is_empty());
        w.later(2 * HOUR).await;
        w.later(DAY).await;
        assert_eq!(ali.told("reminder-unused").len(), 1, "{}", ali.chat());
        assert!(ali.last().labels().iter().any(|label| label.contains("How to connect")), "{}", ali.sees());
        assert!(sara.told("reminder-unused").is_empty(), "she has");
    })
    .await;
}

#[tokio::test]
async fn a_reminder_waits_for_the_morning() {
    // The sale is at 15:30 in the shop's zone, so its reminders would come in the afternoon; here the afternoon is quiet.
    let setup =
        Setup::default().with("quiet_from_hour = 0", "quiet_from_hour = 15").with("quiet_to_hour = 8", "quiet_to_hour = 18");
    world_on(setup, async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        assert_eq!(sara.told("notice-ready").len(), 1, "what answers the person never waits");
        w.later(27 * DAY + HOUR).await;
        assert!(sara.told("reminder-days").is_empty(), "{}", sara.chat());
        w.later(HOUR).await;
        w.later(HOUR).await;
        assert_eq!(sara.told("reminder-days").len(), 1, "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn a_renewed_service_is_reminded_of_anew() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.panel.connect(&w.account().username);
        w.later(HOUR).await;
        w.later(27 * DAY).await;
        assert_eq!(sara.told("reminder-days").len(), 1);
        sara.taps_all(&["button-renew", "button-pay"]).await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(3 * DAY).await;
        assert!(sara.told("reminder-ended").is_empty());
        assert!(sara.told("reminder-days").is_empty(), "the first has become the renewal");
        w.later(27 * DAY).await;
        assert_eq!(sara.told("reminder-days").len(), 1, "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn who_renewed_in_the_quiet_hours_is_not_told_of_the_end_afterwards() {
    let setup =
        Setup::default().with("quiet_from_hour = 0", "quiet_from_hour = 15").with("quiet_to_hour = 8", "quiet_to_hour = 18");
    world_on(setup, async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.owns_a_service(1).await;
        ali.owns_a_service(2).await;
        w.days(29).await;
        w.later(DAY + MINUTE).await;
        w.later(MINUTE).await;
        assert_eq!(services(w, "ended").await, 2);
        assert!(sara.told("reminder-ended").is_empty() && ali.told("reminder-ended").is_empty(), "it is quiet");
        sara.taps_all(&["button-renew", "button-pay"]).await;
        sara.sends_photo(3).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!(services(w, "active").await, 1, "{}", sara.chat());
        w.later(3 * HOUR).await;
        assert_eq!(ali.told("reminder-ended").len(), 1, "{}", ali.chat());
        assert!(sara.told("reminder-ended").is_empty(), "{}", sara.chat());
    })
    .await;
}
