//! What agents are told by the clock: their week, and the statement of a month that ended; and what they earn by their own prices.
use super::chat::{PRICE, agent, credit, sells, takes};
use crate::reports::documents;
use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;
use souk::base::texts::t;
use souk::base::{DAY, HOUR, Lang, MINUTE};

const PLAN: &str = "1 month, 30 GB";

async fn earned(w: &World) {
    let ali = agent(w, "Ali").await;
    sells(&ali, "Sara from work").await;
    ali.says("/agent").await;
    ali.taps("button-earnings").await;
    let told = ali.last().text;
    assert!(told.contains("Sold and renewed: 1, traffic added: 0") && told.contains("charged: 108,000"), "{told}");
    assert!(told.contains("Plans without a price of yours: 1") && !told.contains("Your margin"), "{told}");
    ali.taps("button-own-prices").await;
    ali.taps_named(PLAN).await;
    for wrong in ["0", "a lot", "-1", "900000000000000"] {
        ali.says(wrong).await;
        assert!(ali.reads("own-unread"), "{wrong}: {}", ali.sees());
    }
    ali.says("۱۵۰ هزار").await;
    assert!(ali.has_button("1 month, 30 GB · 150,000 Toman"), "{}", ali.sees());
    ali.says("/agent").await;
    ali.taps_all(&["button-sold", "sold-rack-all"]).await;
    ali.taps_named("Sara from work").await;
    ali.taps("button-traffic").await;
    ali.taps_named("10 GB").await;
    ali.taps_twice("button-traffic-yes").await;
    w.run_jobs().await;
    ali.says("/agent").await;
    ali.taps("button-earnings").await;
    let told = ali.last().text;
    // A third of the plan's gigabytes: 36,000 was charged, and 50,000 taken.
    assert!(told.contains("traffic added: 1") && told.contains("charged: 144,000"), "{told}");
    assert!(told.contains("prices: 200,000") && told.contains("margin: 56,000"), "{told}");
    assert!(told.contains("1 month, 30 GB: 2, margin 56,000") && told.contains("End within 7 days: 0"), "{told}");
    ali.taps("account-do-last").await;
    assert!(ali.reads("earn-none"), "{}", ali.sees());
    ali.taps("button-own-prices").await;
    ali.taps_named(PLAN).await;
    ali.taps_twice("own-do-forget").await;
    assert!(ali.has_button_now("no price yet"), "{}", ali.sees());
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM agents WHERE selling = '{}'").await, 1);
    assert_eq!(credit(w, &ali).await, -PRICE - 36_000);
}

#[tokio::test]
async fn an_agent_reads_what_is_left_to_him_by_his_own_prices() {
    world(earned).await;
}

#[tokio::test]
async fn own_prices_stand_updates_that_come_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, earned).await;
}

/// Half past nine of the shop's morning, so many days from now.
async fn morning_after(w: &World, days: i64) {
    let into_day = (w.clock.now().0 + 3 * HOUR + 30 * MINUTE).rem_euclid(DAY);
    w.later(days * DAY + 9 * HOUR + 30 * MINUTE - into_day).await;
}

async fn weeks(w: &World) {
    let (ali, reza, mina) = (agent(w, "Ali").await, agent(w, "Reza").await, agent(w, "Mina").await);
    w.minutes(1).await;
    sells(&ali, "Sara from work").await;
    sells(&mina, "Nima").await;
    mina.says("/agent").await;
    mina.taps_all(&["button-agent-settings", "button-digest-off"]).await;
    // The first digest day that a shop sees is let go by: 10 March 2026 is a Tuesday, the digest's day a Saturday.
    morning_after(w, 4).await;
    let told = |who: &Actor<'_>| who.told("Your week").len();
    assert_eq!((told(&ali), told(&reza), told(&mina)), (0, 0, 0));
    sells(&ali, "Another").await;
    sells(&mina, "Another").await;
    morning_after(w, 7).await;
    assert_eq!((told(&ali), told(&reza), told(&mina)), (1, 0, 0), "who sold nothing, or wants none, is left alone");
    let week = ali.told("Your week").remove(0).text;
    assert!(week.contains("14 Mar to 20 Mar") && week.contains("Sold and renewed: 1"), "{week}");
    assert!(week.contains(PLAN) && week.contains("End within 7 days: 0") && week.contains("You can spend"), "{week}");
    assert!(ali.has_button_now("button-digest-off"), "{}", ali.sees());
    ali.says("/agent").await;
    ali.taps_all(&["button-agent-settings", "button-digest-off"]).await;
    assert!(ali.reads("agency-digest-off"), "{}", ali.sees());
    ali.taps("button-digest-on").await;
    w.minutes(30).await;
    assert_eq!(told(&ali), 1, "once a week");
    // Nothing is sold any more, but what was sold ends within the week.
    morning_after(w, 14).await;
    assert_eq!((told(&ali), told(&reza), told(&mina)), (2, 0, 0), "{}", ali.chat());
    let week = ali.told("Your week").remove(1).text;
    assert!(week.contains(t(Lang::En, "earn-none")) && week.contains("End within 7 days: 1"), "{week}");
}

#[tokio::test]
async fn an_agents_week_is_told_to_who_wants_it() {
    world(weeks).await;
}

#[tokio::test]
async fn an_agents_week_is_told_once_whatever_runs_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, weeks).await;
}

async fn months(w: &World) {
    let (ali, reza) = (agent(w, "Ali").await, agent(w, "Reza").await);
    let kian = agent(w, "Kian").await;
    kian.says("/language").await;
    kian.taps(Lang::Fa.own_name()).await;
    let kian = Actor::new(w, kian.at, Lang::Fa);
    w.minutes(20).await;
    sells(&ali, "Sara from work").await;
    takes(w, &kian, 5_000).await;
    let shown = |who: &Actor<'_>| {
        let open = t(who.lang, "account-do-open");
        who.messages().iter().filter(|message| message.labels().contains(&open)).count()
    };
    assert_eq!(shown(&ali), 0);
    // 1 Farvardin 1405 is 21 March 2026: the year of who reads Persian has turned, the month of the others has not.
    morning_after(w, 11).await;
    assert_eq!((shown(&ali), shown(&reza), shown(&kian)), (0, 0, 1), "{}", kian.chat());
    let last = kian.messages().into_iter().rev().find(|message| message.text.contains("اسفند")).expect("the month");
    assert!(last.text.contains("۱ اسفند") && last.text.contains("۲۹ اسفند") && last.text.contains("۵٬۰۰۰"), "{}", last.text);
    w.minutes(30).await;
    assert_eq!(shown(&kian), 1, "once a month");
    morning_after(w, 11).await;
    assert_eq!((shown(&ali), shown(&reza), shown(&kian)), (1, 0, 1), "{}", ali.chat());
    let month = ali.told("Your statement").remove(0);
    assert!(month.text.contains("1 Mar to 31 Mar") && month.text.contains("Closing balance: −108,000"), "{}", month.text);
    ali.taps("account-do-workbook").await;
    w.run_jobs().await;
    assert!(!documents(&ali).is_empty(), "{}", ali.chat());
    assert!(ali.chat().contains("Opening balance: 0 Toman"), "{}", ali.chat());
}

#[tokio::test]
async fn a_month_that_ended_brings_each_agent_his_statement() {
    world(months).await;
}

#[tokio::test]
async fn a_months_statement_is_told_once_whatever_runs_twice() {
    world_on(Setup { jobs_twice: true, ..Setup::default() }, months).await;
}
