//! The same harness for a trial, and for what is decided about an order: taken back, accepted by the clock, made on another
//! panel.

use souk::base::{DAY, HOUR, MINUTE};
use souk::sim::marzban::FaultKind;

use crate::spoiled::{Flow, everything_twice, flows, revenue, spoil_each_call};
use crate::world::postgres::Kind;
use crate::world::shop::{Setup, World};
use crate::world::shopping::PRICE;

const GIGABYTE: i64 = 1 << 30;
/// Of a month of 30 GB, while its receipt is under review.
const LENT: i64 = 30 * GIGABYTE / 100 * 10;
/// Nobody answers there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A trial, from the tap to the link.
pub struct Trial;

impl Flow for Trial {
    async fn before(w: &World) {
        w.customer("Sara").await.says("/trial").await;
    }

    async fn play(w: &World) {
        w.first().taps("button-trial-take").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions WHERE kind = 'trial' AND state = 'active'").await, 1);
        assert_eq!(w.account().status, "active");
        assert_eq!(revenue(w).await, 0);
        w.first().heard_once("notice-trial");
    }
}

/// An approval that is taken back before anything was delivered: what was lent is what is left.
pub struct Undo;

impl Flow for Undo {
    async fn before(w: &World) {
        w.customer("Sara").await.orders_and_pays(1).await;
        assert_eq!(w.account().data_limit, Some(LENT));
    }

    async fn play(w: &World) {
        w.owner().taps_all(&["admin-do-approve", "admin-do-undo"]).await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("placed").await, w.payments("submitted").await, revenue(w).await), (1, 1, 0));
        assert_eq!(w.wallet(w.first().id()).await, 0);
        let account = w.account();
        assert_eq!((account.status, account.data_limit), ("active", Some(LENT)));
        assert!(w.first().told("notice-ready").is_empty(), "{}", w.first().chat());
    }
}

/// Nobody decides for three days, and the clock does.
pub struct AutoAccept;

impl Flow for AutoAccept {
    async fn before(w: &World) {
        w.customer("Sara").await.orders_and_pays(1).await;
        w.days(2).await;
    }

    async fn play(w: &World) {
        w.later(DAY + HOUR).await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("delivered").await, w.payments("approved").await, revenue(w).await), (1, 1, PRICE));
        let account = w.account();
        assert_eq!((account.status, account.data_limit), ("active", Some(30 * GIGABYTE)));
        w.first().heard_once("notice-ready");
    }
}

/// A late order is made on another panel than the one that was chosen.
pub struct Move;

impl Flow for Move {
    fn setup() -> Setup {
        let panel = format!(
            "[[panels]]\ncode = \"gone\"\nkind = \"marzban\"\nbase_url = \"{NOWHERE}\"\nusername = \"souk\"\n\
             password = \"change-me\"\ntimeout_seconds = 10\nprotocols = [\"vless\"]\nstate = \"on\"\n\n[[panels]]\ncode = \"main\""
        );
        Setup::default().with("[[panels]]\ncode = \"main\"", &panel).with("panels = [\"main\"]", "panels = [\"gone\", \"main\"]")
    }

    async fn before(w: &World) {
        w.customer("Sara").await.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(61 * MINUTE).await;
        assert_eq!((w.orders("paid").await, w.panel.accounts().len()), (1, 0), "it waits for its panel");
        w.owner().taps("admin-do-move").await;
    }

    async fn play(w: &World) {
        w.owner().taps("main").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("delivered").await, revenue(w).await), (1, PRICE));
        let account = w.account();
        assert_eq!((account.status, account.data_limit), ("active", Some(30 * GIGABYTE)));
        let moved = "SELECT COUNT(*) AS v FROM audit WHERE act = 'order.move'";
        assert_eq!(w.count(moved).await, 1);
        w.first().heard_once("notice-ready");
    }
}

flows! {
    trying is Trial;
    taking_back is Undo;
    accepting_by_the_clock is AutoAccept;
    moving is Move;
}
