//! When a panel is the trouble: a paid order goes to another one, a refused login is told and survived, and a customer who asks how
//! much is left is answered whatever the panel does.

use std::sync::Arc;

use souk::base::MINUTE;
use souk::base::format::GB;
use souk::sim::marzban::{Down, Marzban};

use crate::world::postgres::Kind;
use crate::world::shop::{Setup, World, world_in};
use crate::world::world;

/// A second panel of the shop, and the shop file that has it. Its clock stands where the world's begins.
async fn with_a_spare() -> (Marzban, Setup) {
    let spare = Marzban::new(Arc::new(|| 1_773_144_000));
    spare.add_admin("souk", "change-me");
    let url = spare.start().await.expect("the panel starts");
    let panel = format!(
        "[[panels]]\ncode = \"spare\"\nkind = \"marzban\"\nbase_url = \"{url}\"\nusername = \"souk\"\npassword = \"change-me\"\n\
         timeout_seconds = 10\nprotocols = [\"vless\"]\nstate = \"on\"\n\n[[panels]]\ncode = \"main\""
    );
    let setup = Setup::default()
        .with("[[panels]]\ncode = \"main\"", &panel)
        .with("panels = [\"main\"]", "panels = [\"main\", \"spare\"]");
    (spare, setup)
}

#[tokio::test]
async fn a_late_order_is_moved_to_another_panel_and_delivered() {
    for kind in Kind::BOTH {
        let (spare, setup) = with_a_spare().await;
        world_in(kind, &setup, async |w: &World| {
            let sara = w.customer("Sara").await;
            w.panel.set_down(Down::BadGateway).await;
            sara.orders_and_pays(1).await;
            w.owner().taps("admin-do-approve").await;
            w.run_jobs().await;
            w.later(61 * MINUTE).await;
            assert_eq!((w.orders("paid").await, spare.accounts().len()), (1, 0), "it waits for its panel");
            w.owner().taps("admin-do-move").await;
            w.owner().taps_named("spare").await;
            w.run_jobs().await;
            assert_eq!((w.orders("delivered").await, spare.accounts().len()), (1, 1), "{}", w.group());
            assert_eq!(sara.told("notice-ready").len(), 1, "{}", sara.chat());
            assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions WHERE panel = 'spare' AND state = 'active'").await, 1);
            assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'order.move'").await, 1);
            // The first panel comes back: nothing is made there for an order that is served elsewhere.
            w.panel.set_down(Down::No).await;
            w.minutes(3).await;
            assert!(w.panel.accounts().is_empty(), "{:?}", w.panel.accounts());
            assert_eq!(spare.violations(), Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn a_panel_that_refuses_our_login_is_told_at_once_and_serves_when_it_takes_us_again() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.minutes(1).await;
        w.panel.set_password("souk", "changed-by-somebody");
        w.panel.void_tokens();
        w.minutes(2).await;
        assert_eq!(w.owner().told("alarm-panel-locked").len(), 1, "at once, and once: {}", w.group());
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.minutes(3).await;
        assert_eq!((w.orders("paid").await, w.panel.accounts().len()), (1, 0));
        assert_eq!(w.owner().told("alarm-panel-locked").len(), 1, "{}", w.group());
        w.panel.set_password("souk", "change-me");
        w.minutes(15).await;
        assert_eq!(w.owner().told("alarm-panel-well").len(), 1, "{}", w.group());
        assert_eq!((w.orders("delivered").await, w.panel.accounts().len()), (1, 1), "what was paid is delivered");
        assert_eq!(sara.told("notice-ready").len(), 1, "{}", sara.chat());
        // It is well, and what was wrong is still told, with its time.
        w.owner().says("/panels").await;
        let seen = w.owner().sees();
        assert!(seen.contains("🟢") && seen.contains("Last error, ") && seen.contains(" minutes ago: "), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn who_asks_again_reads_what_the_panel_says_now_or_what_we_last_knew() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let account = w.account().username;
        sara.says("/services").await;
        sara.taps_named("1 month").await;
        assert!(sara.last().text.contains("Traffic left: 30 GB of 30 GB"), "{}", sara.sees());
        assert!(w.panel.set_usage(&account, 12 * GB));
        sara.taps("button-refresh").await;
        assert!(sara.last().text.contains("Traffic left: 18 GB of 30 GB"), "{}", sara.sees());
        assert_eq!(sara.toast().as_deref(), Some(sara.words("services-refreshed").as_str()));
        assert!(w.panel.set_usage(&account, 20 * GB));
        w.panel.set_down(Down::BadGateway).await;
        sara.taps("button-refresh").await;
        assert!(sara.last().text.contains("Traffic left: 18 GB of 30 GB"), "what we last knew: {}", sara.sees());
        assert_eq!(sara.toast().as_deref(), Some(sara.words("services-panel-silent").as_str()));
        w.panel.set_down(Down::No).await;
        sara.taps("button-refresh").await;
        assert!(sara.last().text.contains("Traffic left: 10 GB of 30 GB"), "{}", sara.sees());
    })
    .await;
}
