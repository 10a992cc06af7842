//! The same harness for what the clock asks of panels: usage, ends, health, what is left of trials, and a panel that
//! refuses our login.

use souk::base::{DAY, HOUR, MINUTE};
use souk::sim::marzban::FaultKind;

use crate::spoiled::{Flow, everything_twice, flows, spoil_each_call};
use crate::world::postgres::Kind;
use crate::world::shop::World;

const GIGABYTE: i64 = 1 << 30;

/// The traffic of a service is read, and its reminder sent.
struct ReadUsage;

impl Flow for ReadUsage {
    async fn before(w: &World) {
        w.customer("Sara").await.owns_a_service(1).await;
        let account = w.account().username;
        assert!(w.panel.connect(&account) && w.panel.set_usage(&account, 25 * GIGABYTE));
    }

    async fn play(w: &World) {
        w.later(11 * MINUTE).await;
    }

    async fn ends(w: &World) {
        assert_eq!(w.count("SELECT used_bytes AS v FROM subscriptions").await, 25 * GIGABYTE);
        w.first().heard_once("reminder-traffic");
    }
}

/// A service's time is over.
struct End;

impl Flow for End {
    async fn before(w: &World) {
        w.customer("Sara").await.owns_a_service(1).await;
        w.days(29).await;
    }

    async fn play(w: &World) {
        w.later(DAY).await;
    }

    async fn ends(w: &World) {
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions WHERE state = 'ended'").await, 1);
        assert_ne!(w.account().status, "active");
        w.first().heard_once("reminder-ended");
    }
}

/// A panel's login is refused, and then taken again: what was paid meanwhile is delivered.
struct LockedOut;

impl Flow for LockedOut {
    async fn before(w: &World) {
        let sara = w.customer("Sara").await;
        w.minutes(1).await;
        w.panel.set_password("souk", "changed-by-somebody");
        w.panel.void_tokens();
        w.minutes(2).await;
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("paid").await, w.panel.accounts().len()), (1, 0));
    }

    async fn play(w: &World) {
        w.panel.set_password("souk", "change-me");
        w.minutes(2).await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("delivered").await, w.panel.accounts().len()), (1, 1));
        w.first().heard_once("notice-ready");
        w.owner().heard_once("alarm-panel-locked");
        w.owner().heard_once("alarm-panel-well");
    }
}

/// The minute's question to each panel: one failure is no alarm.
struct Health;

impl Flow for Health {
    async fn before(w: &World) {
        w.customer("Sara").await.owns_a_service(1).await;
        w.minutes(1).await;
    }

    async fn play(w: &World) {
        w.minutes(1).await;
    }

    async fn ends(w: &World) {
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM panels WHERE health = 'well'").await, 1);
        assert!(w.owner().told("alarm-panel-down").is_empty(), "{}", w.group());
    }
}

/// A trial ended some days ago: its account goes, and nobody has a second one.
struct CleanTrial;

impl Flow for CleanTrial {
    async fn before(w: &World) {
        let sara = w.customer("Sara").await;
        sara.says("/trial").await;
        sara.taps("button-trial-take").await;
        w.run_jobs().await;
        w.days(3).await;
        assert_eq!((trials(w, "ended").await, w.panel.accounts().len()), (1, 1), "it waits some days");
    }

    async fn play(w: &World) {
        w.later(DAY + HOUR).await;
    }

    async fn ends(w: &World) {
        assert_eq!(w.panel.accounts().len(), 0, "{:?}", w.panel.accounts());
        assert_eq!((trials(w, "deleted").await, w.count("SELECT COUNT(*) AS v FROM trials").await), (1, 1));
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions WHERE applied = revision").await, 1);
        assert!(w.owner().told("alarm-panel-down").is_empty(), "{}", w.group());
        w.first().says("/trial").await;
        assert!(!w.first().has_button_now("button-trial-take"), "{}", w.first().sees());
    }
}

async fn trials(w: &World, state: &str) -> i64 {
    w.count(&format!("SELECT COUNT(*) AS v FROM subscriptions WHERE kind = 'trial' AND state = '{state}'")).await
}

flows! {
    reading_usage is ReadUsage;
    ending is End;
    being_locked_out is LockedOut;
    asking_for_health is Health;
    cleaning_a_trial is CleanTrial;
}
