//! What a person owns: a service's screen, its QR, its renewal; the trial, the wallet, the language.
use super::stand::{EVE, LEILA, Stand, stories};
use crate::sales::shop::CASHIER;
use souk::base::texts::t;
use souk::base::{Lang, Page, PersonId, SubscriptionId};
use souk::shop::{payments, subscriptions};

/// Buys, is approved, and the panel confirms.
async fn owns(stand: &Stand, who: i64, lang: Lang) -> SubscriptionId {
    stand.welcome(who, lang).await;
    stand.orders(who, lang).await;
    stand.photo(who, "a receipt").await;
    let (found, _) = payments::of_person(stand.app.db.read(), PersonId(who), Page::new(0, 9)).await.expect("it reads");
    stand.shop.approve(CASHIER, found[0].id, None).await.expect("it is approved");
    let (mine, _) = subscriptions::of_person(stand.app.db.read(), PersonId(who), Page::new(0, 9)).await.expect("it reads");
    stand.shop.delivers(mine[0].id).await;
    mine[0].id
}

stories! {
    /// Link, bar, QR and import buttons; and a renewal that shows what it changes.
    async fn a_service_is_shown_and_renewed(stand: Stand) {
        let id = owns(stand, EVE, Lang::En).await;
        stand.says(EVE, "/services").await;
        stand.taps(EVE, &format!("1csv.{id}")).await;
        let shown = stand.last(EVE);
        assert!(shown.text.contains("https://panel.example/sub/1") && shown.text.contains("▰▰▰▰▰▰▰▰▰▰"), "{}", shown.text);
        stand.taps_key(EVE, Lang::En, "button-qr").await;
        let picture = stand.last(EVE);
        assert!(picture.id > shown.id && picture.media.is_some());
        stand.taps(EVE, &format!("1csv.{id}")).await;
        assert!(stand.last(EVE).id > picture.id, "the picture stays, the service comes below it");
        stand.taps_key(EVE, Lang::En, "button-apps").await;
        let apps = stand.last(EVE);
        let first = apps.keyboard[0][0].url.clone().expect("an address");
        assert!(first.starts_with("https://shop.example/open/v2rayng/token"), "{first}");
        stand.says(EVE, "https://panel.example/sub/1").await;
        assert!(stand.last(EVE).text.contains(&id.to_string()), "a pasted link opens its service");
        stand.taps_key(EVE, Lang::En, "button-renew").await;
        let offer = stand.last(EVE);
        assert!(offer.text.contains("30 days → 60 days") && offer.text.contains("30 GB → 60 GB"), "{}", offer.text);
        stand.taps_key(EVE, Lang::En, "button-pay").await;
        assert!(stand.last(EVE).text.contains("6037991234567893"));
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM orders WHERE kind = 'renew' AND state = 'placed'").await, 1);
    }

    /// One trial a person, however often it is asked for.
    async fn a_trial_is_had_once(stand: Stand) {
        stand.welcome(LEILA, Lang::Fa).await;
        stand.says(LEILA, "/trial").await;
        let offer = stand.last(LEILA).id;
        stand.person(LEILA).presses_old(offer, "1ctt").expect("it is pressed");
        stand.person(LEILA).presses_old(offer, "1ctt").expect("it is pressed");
        stand.settle().await;
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM subscriptions WHERE kind = 'trial'").await, 1);
        assert!(stand.last(LEILA).text.contains(t(Lang::Fa, "services-hint-pending")), "{}", stand.last(LEILA).text);
        stand.says(LEILA, "/trial").await;
        assert!(stand.last(LEILA).labels().iter().any(|label| label.ends_with(t(Lang::Fa, "button-service"))));
    }

    /// Another language from one tap to the next, in the same message.
    async fn the_language_changes_in_place(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        let menu = stand.last(EVE).id;
        stand.taps_key(EVE, Lang::En, "button-language").await;
        stand.taps(EVE, "1cls.fa").await;
        let home = stand.last(EVE);
        assert!(home.id == menu && home.text.contains(t(Lang::Fa, "home-ask")), "{}", home.text);
        stand.says(EVE, "/wallet").await;
        assert!(stand.last(EVE).text.contains("۰ تومان"), "{}", stand.last(EVE).text);
        assert_eq!(stand.known(EVE).await.expect("known").lang, Some(Lang::Fa));
    }

    /// A menu tap writes nothing: no row changes, no new one comes.
    async fn a_menu_tap_writes_nothing(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        let before = stand.shop.all_rows().await;
        for data in ["1ch", "1ck", "1cp.m1", "1cpc.m1", "1cs.0", "1cym.0", "1cw", "1ct", "1cu", "1ce", "1cl"] {
            stand.person(EVE).presses_old(stand.last(EVE).id, data).expect("it is pressed");
            stand.settle().await;
        }
        assert_eq!(stand.shop.all_rows().await, before);
    }
}
