//! How to connect, system by system, and how to reach a person.

use souk::base::Lang;
use souk::base::apps::System;

use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;

fn links(who: &Actor<'_>) -> Vec<String> {
    who.last().keyboard.into_iter().flatten().filter_map(|button| button.url).collect()
}

async fn reads_all_guides(w: &World, lang: Lang) {
    let sara = w.customer_in(lang, "Sara").await;
    sara.orders_in(lang).await;
    sara.sends_photo(1).await;
    w.run_jobs().await;
    w.owner().taps("admin-do-approve").await;
    w.run_jobs().await;
    sara.says("/services").await;
    sara.taps_named(if lang == Lang::Fa { "۳۰" } else { "30" }).await;
    sara.taps("button-guides").await;
    assert!(sara.reads("guide-title") && sara.reads("guide-choose"), "{}", sara.sees());
    let screen = sara.last().id;
    let mut pages = vec![sara.sees()];
    let token = w.count("SELECT COUNT(token) AS v FROM subscriptions").await;
    assert_eq!(token, 1);
    for system in System::ALL {
        sara.taps_named(system.name()).await;
        assert_eq!(sara.last().id, screen, "in the same message");
        assert!(sara.last().text.contains(system.name()), "{}", sara.sees());
        let (get, open) = links(&sara).split_first().map(|(get, open)| (get.clone(), open.to_vec())).expect("links");
        assert!(get.starts_with("https://") && !get.contains("shop.example"), "the app's own home: {get}");
        assert!(!open.is_empty() && open.iter().all(|link| link.starts_with("https://shop.example/open/")), "{open:?}");
        pages.push(sara.sees());
        sara.taps("button-back").await;
        assert!(sara.reads("guide-choose"), "back to the systems: {}", sara.sees());
    }
    sara.taps("button-back").await;
    assert!(sara.has_button_now("button-guides"), "back to the service: {}", sara.sees());
    insta::assert_snapshot!(format!("{lang}_guides"), pages.join("\n---\n"));
}

#[tokio::test]
async fn every_system_has_its_guide_in_english() {
    world(async |w: &World| reads_all_guides(w, Lang::En).await).await;
}

#[tokio::test]
async fn every_system_has_its_guide_in_persian() {
    world(async |w: &World| reads_all_guides(w, Lang::Fa).await).await;
}

#[tokio::test]
async fn every_system_has_its_guide_in_russian() {
    world(async |w: &World| reads_all_guides(w, Lang::Ru).await).await;
}

#[tokio::test]
async fn a_guide_to_somebody_elses_service_is_not_shown() {
    world(async |w: &World| {
        let (sara, eve) = (w.customer("Sara").await, w.customer("Eve").await);
        sara.owns_a_service(1).await;
        sara.says("/services").await;
        sara.taps_named("30 GB").await;
        let (_, guides) = sara.data_of("button-guides");
        sara.taps("button-guides").await;
        let (_, android) = sara.data_of("Android");
        for data in [guides, android] {
            eve.says("/start").await;
            eve.taps_old(eve.last().id, &data).await;
            assert!(links(&eve).is_empty() && !eve.reads("guide-title"), "{}", eve.sees());
        }
    })
    .await;
}

#[tokio::test]
async fn support_is_a_tap_away_in_every_language() {
    world(async |w: &World| {
        for lang in Lang::ALL {
            let sara = w.customer_in(lang, "Sara").await;
            sara.says("/support").await;
            let seen = sara.last();
            assert!(sara.reads("support-title"), "{lang}: {}", sara.sees());
            assert!(seen.text.contains("@souk_example_support") && seen.text.contains(&sara.id().to_string()), "{}", sara.sees());
            assert_eq!(links(&sara), ["https://t.me/souk_example_support"]);
            sara.taps("button-home").await;
            sara.taps("button-support").await;
            assert_eq!(sara.last().text, seen.text, "the button shows what the command shows");
        }
    })
    .await;
}

#[tokio::test]
async fn support_is_whom_the_file_names_or_nobody() {
    for (contact, link) in [("https://help.example/chat", Some("https://help.example/chat")), ("", None)] {
        let contact = format!("support_contact = \"{contact}\"");
        world_on(Setup::default().with("support_contact = \"@souk_example_support\"", &contact), async |w: &World| {
            let sara = w.customer("Sara").await;
            sara.says("/support").await;
            assert_eq!(links(&sara), link.into_iter().collect::<Vec<_>>(), "{}", sara.sees());
            assert_eq!(sara.reads("support-none"), link.is_none(), "{}", sara.sees());
        })
        .await;
    }
}
