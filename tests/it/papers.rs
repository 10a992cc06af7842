//! What a customer reads when not everything goes well, on paper in every language: an order that expires, a receipt that is
//! rejected, a service that is late and refunded, one that ends, and a trial.

use souk::base::{DAY, HOUR, Lang, MINUTE};
use souk::sim::marzban::Down;

use crate::world::shop::World;
use crate::world::world;

async fn whatever_goes_wrong(lang: Lang, name: &str) {
    world(async |w: &World| {
        let buyer = w.customer_in(lang, name).await;
        let owner = w.owner();
        buyer.orders_in(lang).await;
        w.later(3 * HOUR).await;
        buyer.sends_photo(1).await;
        w.run_jobs().await;
        owner.taps_all(&["admin-do-reject", "admin-reason-wrong-amount"]).await;
        w.run_jobs().await;

        w.panel.set_down(Down::BadGateway).await;
        buyer.says("/start").await;
        buyer.orders_in(lang).await;
        buyer.says("987654321").await;
        w.run_jobs().await;
        owner.taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(11 * MINUTE).await;
        w.later(50 * MINUTE).await;
        w.later(MINUTE).await;
        owner.taps_all(&["admin-do-refund", "admin-do-refund-yes"]).await;
        w.panel.set_down(Down::No).await;
        w.minutes(2).await;
        buyer.says("/wallet").await;

        buyer.says("/start").await;
        buyer.orders_in(lang).await;
        buyer.sends_photo(2).await;
        w.run_jobs().await;
        owner.taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("rejected").await, w.orders("refunded").await, w.orders("delivered").await), (1, 1, 1));
        w.later(DAY + 16 * HOUR).await;
        w.later(28 * DAY).await;
        w.later(DAY).await;
        w.later(DAY).await;
        buyer.says("/trial").await;
        buyer.taps("button-trial-take").await;
        w.run_jobs().await;
        insta::assert_snapshot!(format!("troubles_{}", lang.code()), buyer.chat());
    })
    .await;
}

#[tokio::test]
async fn whatever_goes_wrong_is_said_in_english() {
    whatever_goes_wrong(Lang::En, "Sara").await;
}

#[tokio::test]
async fn whatever_goes_wrong_is_said_in_persian() {
    whatever_goes_wrong(Lang::Fa, "مریم").await;
}

#[tokio::test]
async fn whatever_goes_wrong_is_said_in_russian() {
    whatever_goes_wrong(Lang::Ru, "Алексей").await;
}
