//! Orders that are not paid, and what is given without one.

use souk::base::{HOUR, Lang, MINUTE};

use crate::world::world;

#[tokio::test]
async fn a_double_tap_orders_once() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.taps_all(&["button-buy", "Dynamic IP", "Abroad, any", "1 month, 30 GB", "button-order"]).await;
        sara.taps_twice("button-pay").await;
        assert_eq!(w.orders("placed").await, 1);
        assert!(sara.sees().contains("6037990000000006"), "{}", sara.sees());
        assert_eq!(sara.told("6037990000000006").len(), 1, "one live message");
    })
    .await;
}

#[tokio::test]
async fn two_phones_at_once_order_once_and_see_the_same() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.taps_all(&["button-buy", "Dynamic IP", "Abroad, any", "1 month, 30 GB", "button-order"]).await;
        let (message, place) = sara.data_of("button-pay");
        sara.taps("button-pay").await;
        let paid_at = sara.sees();
        // The second phone still shows the old screen.
        sara.taps_old(message, &place).await;
        assert_eq!((w.orders("placed").await, w.payments("open").await), (1, 1));
        assert_eq!(sara.sees(), paid_at);
    })
    .await;
}

#[tokio::test]
async fn an_unpaid_order_expires_after_two_hours_with_a_notice() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        w.later(2 * HOUR - MINUTE).await;
        assert_eq!(w.orders("placed").await, 1, "it is not over yet");
        w.later(MINUTE).await;
        w.later(MINUTE).await;
        assert_eq!((w.orders("expired").await, w.payments("expired").await), (1, 1));
        assert_eq!(sara.told("notice-expired").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_order_is_over_and_asks_nothing_more() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.taps("button-cancel").await;
        assert_eq!(w.orders("placed").await, 1, "it asks once");
        sara.taps("button-cancel-yes").await;
        assert_eq!((w.orders("cancelled").await, w.payments("cancelled").await), (1, 1));
        w.later(3 * HOUR).await;
        assert!(sara.told("notice-expired").is_empty(), "nobody is told of what they ended themselves");
        sara.taps("button-back").await;
        assert!(!sara.last().labels().iter().any(|label| label.contains("Cancel")));
    })
    .await;
}

#[tokio::test]
async fn a_trial_comes_once_for_ever() {
    world(async |w| {
        let sara = w.customer("Sara").await;
        sara.says("/trial").await;
        sara.taps_twice("button-trial-take").await;
        w.run_jobs().await;
        let account = w.account();
        assert_eq!(account.data_limit, Some(200 << 20));
        assert_eq!(account.expire, Some(w.clock.now().after(24 * HOUR).unix()));
        assert!(sara.told("notice-trial")[0].text.contains("/sub/"), "{}", sara.chat());
        w.days(30).await;
        sara.says("/trial").await;
        assert!(sara.sees().contains("per person"), "{}", sara.sees());
        assert!(!sara.last().labels().iter().any(|label| label.contains("Start the trial")));
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions").await, 1);
        assert!(w.panel.accounts().is_empty(), "what is over for days is cleaned up");
    })
    .await;
}

#[tokio::test]
async fn whoever_never_chose_a_language_is_written_to_in_the_one_he_reads() {
    world(async |w| {
        let maryam = w.stranger("مریم", Lang::Fa);
        maryam.says("/start").await;
        maryam.says("/trial").await;
        maryam.taps("button-trial-take").await;
        w.run_jobs().await;
        assert_eq!(maryam.told("notice-trial").len(), 1, "{}", maryam.chat());
    })
    .await;
}
