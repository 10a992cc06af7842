//! Staff and agents in the chat: the list with its search, prices of an agent's own, the end date, and a message to many.
use super::chat::agent;
use crate::world::actor::Actor;
use crate::world::ending::Allowed;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;
use souk::base::texts::t;
use souk::base::{DAY, Fault, HOUR, Lang};
use souk::db::execute;

const PLAN: &str = "1 month, 30 GB";

/// Agents of a tier by rows, from this id on: who they are does not matter.
async fn crowd(w: &World, tier: &'static str, first: i64, count: i64) {
    let made = w
        .app
        .write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                for id in first..first + count {
                    let name = format!("Crowd {id}");
                    let sql = "INSERT INTO people (id, name, first_seen) VALUES ($1, $2, 0)";
                    execute(tx, sql, vec![id.into(), name.clone().into()]).await?;
                    let sql =
                        "INSERT INTO agent_applications (id, person, first_name, last_name, phone, shop_name, province, city,
                        address, state, submitted_at, decided_at)
                        VALUES ($1, $1, $2, 'Rezaei', 'x', 'x', 'x', 'x', 'x', 'accepted', 0, 0)";
                    execute(tx, sql, vec![id.into(), name.into()]).await?;
                    let sql = "INSERT INTO agents (person, application, tier, state, prices, since)
                        VALUES ($1, $1, $2, 'active', '{}', $1)";
                    execute(tx, sql, vec![id.into(), tier.into()]).await?;
                }
                Ok(())
            })
        })
        .await;
    made.expect("they are there");
}

/// What a month costs the agent, as he is asked.
async fn offered(ali: &Actor<'_>) -> String {
    ali.says("/agent").await;
    ali.taps("button-sell").await;
    ali.sees()
}

async fn priced(w: &World) {
    let ali = agent(w, "Ali").await;
    let owner = w.owner();
    owner.says("/agents karimi").await;
    owner.taps("agencies-do-prices").await;
    assert!(owner.has_button_now("1 month, 30 GB · Abroad, any country · 108,000 Toman"), "{}", owner.sees());
    owner.taps_named(PLAN).await;
    owner.taps("agencies-do-fixed").await;
    for wrong in ["0", "cheap", "-5", "9999999999999999"] {
        owner.says(wrong).await;
        assert!(owner.reads("agencies-number-unread"), "{wrong}: {}", owner.sees());
    }
    owner.says("۹۰٬۰۰۰").await;
    assert!(owner.last().text.contains("always 90,000 Toman"), "{}", owner.sees());
    assert!(offered(&ali).await.contains("90,000 Toman"), "{}", ali.sees());
    owner.taps("agencies-do-cost").await;
    owner.says("10001").await;
    assert!(owner.reads("agencies-number-unread"), "{}", owner.sees());
    owner.says("50%").await;
    assert!(owner.last().text.contains("the cost and 50% on top"), "{}", owner.sees());
    owner.taps_twice("agencies-do-no-price").await;
    assert!(owner.last().text.contains("Own rule for this plan: none"), "{}", owner.sees());
    assert!(offered(&ali).await.contains("108,000 Toman"), "{}", ali.sees());
    owner.taps_all(&["agencies-do-prices", "agencies-price-all", "agencies-do-percent"]).await;
    owner.says("100").await;
    assert!(owner.reads("agencies-number-unread"), "{}", owner.sees());
    owner.says("۲۵٪").await;
    assert!(offered(&ali).await.contains("90,000 Toman"), "{}", ali.sees());
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'agent.prices'").await, 4);
    let data = format!("1ypx.{}.", ali.id());
    let cashier = w.cashier();
    cashier.taps_old(owner.last().id, &data).await;
    assert!(cashier.toast().is_some_and(|toast| toast.contains("owner")), "{:?}", cashier.toast());
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'agent.prices'").await, 4);
}

#[tokio::test]
async fn an_agents_own_prices_are_set_by_buttons_and_typed_numbers() {
    world(priced).await;
}

#[tokio::test]
async fn prices_are_set_once_whatever_comes_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, priced).await;
}

#[tokio::test]
async fn an_agent_sells_until_the_day_that_staff_chose() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        let owner = w.owner();
        owner.says("/agents karimi").await;
        owner.taps("agencies-do-until").await;
        owner.says("some day").await;
        assert!(owner.reads("agencies-until-unread"), "{}", owner.sees());
        owner.says("2026-03-09").await;
        assert!(owner.reads("agencies-until-past"), "{}", owner.sees());
        owner.says("۱۴۰۴/۱۲/۲۰").await;
        assert!(owner.last().text.contains("Agent until: 11 Mar"), "{}", owner.sees());
        w.later(32 * HOUR).await;
        ali.says("/agent").await;
        assert!(!ali.last().text.contains(t(Lang::En, "agency-over")), "the day itself is his: {}", ali.sees());
        w.later(DAY).await;
        ali.says("/agent").await;
        assert!(ali.last().text.contains(t(Lang::En, "agency-over")), "{}", ali.sees());
        ali.taps("button-sell").await;
        ali.taps_named(PLAN).await;
        assert!(ali.toast().is_some_and(|toast| toast.contains("11 Mar")), "{:?}", ali.toast());
        owner.says("/agents karimi").await;
        owner.taps("agencies-do-until").await;
        owner.taps_named("Until 11 Apr").await;
        assert!(owner.last().text.contains("Agent until: 11 Apr"), "{}", owner.sees());
        owner.taps("agencies-do-until").await;
        owner.taps_twice("agencies-do-forever").await;
        assert!(!owner.last().text.contains("Agent until"), "{}", owner.sees());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM agents WHERE until IS NULL").await, 1);
    })
    .await;
}

#[tokio::test]
async fn agents_are_searched_and_their_pages_turned() {
    world(async |w: &World| {
        agent(w, "Ali").await;
        crowd(w, "gold", 9_001, 6).await;
        let owner = w.owner();
        owner.says("/agents").await;
        assert!(owner.last().text.contains("Found: 7") && owner.last().text.contains("Confirmed 0 Toman"), "{}", owner.sees());
        owner.taps_named("›").await;
        assert!(owner.last().text.contains("Crowd 9001"), "{}", owner.sees());
        owner.taps("agencies-do-find").await;
        owner.says("REZAEI").await;
        assert!(owner.last().text.contains("Found: 6") && owner.last().text.contains("Looked for: REZAEI"), "{}", owner.sees());
        owner.taps_named("›").await;
        assert!(owner.last().text.contains("Crowd 9001") && !owner.last().text.contains("9002"), "{}", owner.sees());
        let (menu, data) = (owner.last().id, "1yqp.1");
        owner.says("/agents ۹۰۰۳").await;
        assert!(owner.last().text.contains("Crowd 9003"), "the only one is shown: {}", owner.sees());
        owner.says("/agents %").await;
        assert!(owner.last().text.contains("Found: 0"), "{}", owner.sees());
        owner.taps_old(menu, data).await;
        assert!(owner.chat().contains("Found: 7"), "words that are forgotten show all: {}", owner.chat());
    })
    .await;
}

const TEXT: &str = "Prices change <tomorrow> at noon";

async fn told(w: &World) {
    let (ali, reza) = (agent(w, "Ali").await, agent(w, "Reza").await);
    let owner = w.owner();
    owner.says("/agents").await;
    owner.taps("agencies-do-tell").await;
    assert!(owner.has_button_now("All agents: 2") && owner.has_button_now("Silver: 2"), "{}", owner.sees());
    assert!(!owner.has_button_now("Gold:"), "nobody would read it: {}", owner.sees());
    owner.taps_named("All agents: 2").await;
    owner.says(&"x".repeat(2_001)).await;
    assert!(owner.reads("agencies-tell-long"), "{}", owner.sees());
    owner.says(TEXT).await;
    assert!(owner.last().text.contains(TEXT) && owner.last().text.contains("Receivers: 2"), "{}", owner.sees());
    let old = owner.data_of("Yes, send it: 2");

    // Somebody leaves the bot before the yes: the number is said anew.
    reza.does(souk::sim::telegram::Actor::blocks).await;
    owner.taps_named("Yes, send it: 2").await;
    w.run_jobs().await;
    assert!(owner.last().text.contains("Receivers: 1"), "{}", owner.sees());
    assert_eq!((ali.told("Prices change").len(), w.count("SELECT COUNT(*) AS v FROM agent_messages").await), (0, 0));
    owner.taps_twice("Yes, send it: 1").await;
    owner.taps_old(old.0, &old.1).await;
    w.run_jobs().await;
    assert_eq!(ali.told("Prices change").len(), 1, "{}", ali.chat());
    assert_eq!(reza.told("Prices change").len(), 0, "{}", reza.chat());
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'agents.message'").await, 1);
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM agent_message_receivers WHERE queued_at IS NULL").await, 0);

    let cashier = w.cashier();
    cashier.taps_old(owner.last().id, "1ymt.").await;
    assert!(cashier.toast().is_some_and(|toast| toast.contains("owner")), "{:?}", cashier.toast());
    ali.taps_old(ali.last().id, "1ymt.").await;
    assert_eq!(ali.toast(), Some(String::new()), "a button of staff is met with silence");
    owner.says("/agents").await;
    owner.taps("agencies-do-tell").await;
    owner.taps_named("Silver: 1").await;
    owner.says("of no matter").await;
    owner.taps("admin-do-stop").await;
    w.run_jobs().await;
    assert_eq!(ali.told("of no matter").len(), 0, "{}", ali.chat());
}

#[tokio::test]
async fn a_message_reaches_each_agent_once() {
    world(told).await;
}

#[tokio::test]
async fn a_message_reaches_each_agent_once_whatever_comes_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, told).await;
}

#[tokio::test]
async fn a_message_to_hundreds_is_queued_once_for_each() {
    world_on(Setup { jobs_twice: true, ..Setup::default() }, async |w: &World| {
        let ali = agent(w, "Ali").await;
        // Telegram knows none of them.
        w.ending.allow(Allowed::NoticeDropped);
        w.ending.allow(Allowed::Telegram(400));
        crowd(w, "gold", 9_001, 230).await;
        let owner = w.owner();
        owner.says("/agents").await;
        owner.taps("agencies-do-tell").await;
        owner.taps_named("Gold: 230").await;
        owner.says(TEXT).await;
        owner.taps_named("Yes, send it: 230").await;
        w.run_jobs().await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM outbox WHERE dedupe LIKE 'agents:%'").await, 230);
        assert_eq!(w.count("SELECT COUNT(DISTINCT chat) AS v FROM outbox WHERE dedupe LIKE 'agents:%'").await, 230);
        assert_eq!(ali.told("Prices change").len(), 0, "he is of another tier");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM agent_message_receivers WHERE queued_at IS NULL").await, 0);
    })
    .await;
}
