//! Shelves, services and payments that do not fit on one screen.

use souk::base::{Lang, MINUTE};

use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;

const PLANS: &str = "# Plans: what can be bought.\n";

fn labels(who: &Actor<'_>) -> Vec<String> {
    who.last().labels().into_iter().map(str::to_owned).collect()
}

/// Besides the example's two kinds there are eight more, and besides the four plans of the first shelf six more.
fn a_large_shelf() -> Setup {
    let mut more = String::new();
    for number in 1..=8 {
        more += &kind(number);
    }
    for number in 1..=8 {
        more += &plan(&format!("p{number}"), &format!("kind-{number}"), &format!("Only one {number}"));
    }
    for number in 1..=6 {
        more += &plan(&format!("more-{number}"), "dynamic", &format!("One more {number}"));
    }
    Setup::default().with(PLANS, &format!("{more}{PLANS}"))
}

fn kind(number: u32) -> String {
    let title = format!("{{ en = \"Kind {number}\", fa = \"Kind {number}\", ru = \"Kind {number}\" }}");
    format!("[[categories]]\ncode = \"kind-{number}\"\ntitle = {title}\n\n")
}

fn plan(code: &str, category: &str, title: &str) -> String {
    format!(
        "[[plans]]\ncode = \"{code}\"\ncategory = \"{category}\"\nlocation = \"abroad\"\n\
         title = {{ en = \"{title}\", fa = \"{title}\", ru = \"{title}\" }}\ndays = 7\ntraffic_gb = 5\nprice = 70000\n\
         panels = [\"main\"]\n\n"
    )
}

#[tokio::test]
async fn a_shelf_of_many_kinds_and_plans_is_turned_through_and_bought_from() {
    world_on(a_large_shelf(), async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.taps("button-buy").await;
        let screen = sara.last().id;
        let first = labels(&sara);
        assert_eq!(first[8..10], ["1 / 2", "›"], "{first:?}");
        sara.taps_named("›").await;
        let second = labels(&sara);
        assert_eq!(second[2..4], ["‹", "2 / 2"], "{second:?}");
        let mut kinds: Vec<&String> = first[..8].iter().chain(&second[..2]).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), 10, "each kind once: {first:?} {second:?}");
        sara.taps_named("‹").await;
        assert_eq!((sara.last().id, labels(&sara)), (screen, first), "in the same message");
        sara.taps_named("Dynamic IP").await;
        sara.taps_named("Abroad").await;
        let first = labels(&sara);
        assert_eq!(first[8..10], ["1 / 2", "›"], "{first:?}");
        sara.taps_named("›").await;
        let second = labels(&sara);
        assert_eq!(second[2..4], ["‹", "2 / 2"], "{second:?}");
        let mut plans: Vec<&String> = first[..8].iter().chain(&second[..2]).collect();
        plans.sort();
        plans.dedup();
        assert_eq!(plans.len(), 10, "each plan once: {first:?} {second:?}");
        let title = second[1].split(" · ").next().expect("a title").to_owned();
        sara.taps_named(&second[1]).await;
        assert!(sara.last().text.contains(&title), "{}", sara.sees());
        sara.taps_all(&["button-order", "button-pay"]).await;
        sara.sends_photo(1).await;
        w.run_jobs().await;
        assert!(w.owner().last().text.contains(&title), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn a_persian_reader_turns_pages_from_right_to_left() {
    world_on(a_large_shelf(), async |w: &World| {
        let leila = w.customer_in(Lang::Fa, "Leila").await;
        leila.taps("button-buy").await;
        assert_eq!(labels(&leila)[8..10], ["‹", "۱ / ۲"], "{:?}", labels(&leila));
        leila.taps_named("‹").await;
        assert_eq!(labels(&leila)[2..4], ["۲ / ۲", "›"], "{:?}", labels(&leila));
        leila.taps_named("›").await;
        assert_eq!(labels(&leila)[8..10], ["‹", "۱ / ۲"], "{:?}", labels(&leila));
    })
    .await;
}

#[tokio::test]
async fn who_owns_many_services_finds_each() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        for number in 1..=9 {
            sara.says("/start").await;
            sara.owns_a_service(number).await;
            w.later(MINUTE).await;
        }
        assert_eq!(w.orders("delivered").await, 9);
        sara.says("/services").await;
        let screen = sara.last().id;
        let first = labels(&sara);
        assert!(first[..8].iter().all(|label| label.contains("1 month")) && first[8..10] == ["1 / 2", "›"], "{first:?}");
        sara.taps_named("›").await;
        let second = labels(&sara);
        assert!(second[0].contains("1 month") && second[1..3] == ["‹", "2 / 2"], "{second:?}");
        assert_eq!(sara.last().id, screen, "in the same message");
        // The last of the list is the first that was bought.
        sara.taps_named("1 month").await;
        let oldest = w.count("SELECT id AS v FROM subscriptions ORDER BY created_at LIMIT 1").await;
        let code = souk::base::SubscriptionId(oldest).to_string();
        assert!(sara.last().text.contains(&code), "{code}: {}", sara.sees());
        sara.says("/start").await;
        sara.taps("button-payments").await;
        let payments = labels(&sara);
        assert_eq!(payments[8..10], ["1 / 2", "›"], "{payments:?}");
        sara.taps_named("›").await;
        assert_eq!(labels(&sara)[1..3], ["‹", "2 / 2"], "{}", sara.sees());
    })
    .await;
}
