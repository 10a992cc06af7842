//! A refund with every call to the panel spoiled, and with everything twice.
use super::{asks_refund, sara_after};
use crate::spoiled::{Flow, everything_twice, flows, spoil_each_call};
use crate::world::postgres::Kind;
use crate::world::shop::World;
use souk::base::DAY;
use souk::sim::marzban::FaultKind;

const GIGABYTE: i64 = 1 << 30;

/// A delivered month goes back by its days.
struct Month;

impl Flow for Month {
    async fn before(w: &World) {
        let sara = sara_after(w, 10).await;
        asks_refund(&w.owner(), sara.id()).await;
        w.owner().taps_named("By rule: 80,000").await;
    }

    async fn play(w: &World) {
        w.owner().taps("refund-do-wallet").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("refunded").await, w.count("SELECT refunded AS v FROM orders").await), (1, 80_000));
        assert!(w.panel.accounts().is_empty(), "{:?}", w.panel.accounts());
        w.first().heard_once("notice-refunded");
    }
}

/// A renewal goes back; the month before it stays.
struct Renewal;

impl Flow for Renewal {
    async fn before(w: &World) {
        let sara = sara_after(w, 1).await;
        sara.says("/services").await;
        sara.taps_all(&["1 month, 30 GB", "button-renew", "button-pay"]).await;
        sara.sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(DAY).await;
        asks_refund(&w.owner(), sara.id()).await;
        w.owner().taps_named("All: 120,000").await;
    }

    async fn play(w: &World) {
        w.owner().taps("refund-do-wallet").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("refunded").await, w.orders("delivered").await), (1, 1));
        let bought = w.count("SELECT MIN(paid_at) AS v FROM orders").await;
        let account = w.account();
        assert_eq!((account.status, account.data_limit), ("active", Some(30 * GIGABYTE)));
        assert_eq!(account.expire, Some((bought + 30 * DAY) / 1_000));
        w.first().heard_once("notice-refunded-shorter");
    }
}

flows! {
    a_month is Month;
    a_renewal is Renewal;
}
