//! What agents are told by the clock: their week, and the statement of a month that ended; and what they earn by their own prices.
use super::chat::{PRICE, agent, credit, sells, takes};
use crate::reports::documents;
use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;
use souk::base::texts::t;
use souk::base::{Asset, DAY, Fault, HOUR, Lang, MINUTE, PersonId};
use souk::db;
use souk::shop::ledger::{self, Limits};
use souk::shop::{agents, settings};

const PLAN: &str = "1 month, 30 GB";
/// What whoever is below zero is told.
const TOLD: &str = "agent-negative";

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
    assert!(ali.has_button("1 month, 30 GB · Abroad, any country · 150,000 Toman"), "{}", ali.sees());
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
    assert!(
        told.contains("1 month, 30 GB · Abroad, any country: 2, margin 56,000") && told.contains("End within 7 days: 0"),
        "{told}"
    );
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
    // 10 March 2026 is a Tuesday, the digest's day a Saturday.
    morning_after(w, 4).await;
    let told = |who: &Actor<'_>| who.told("Your week").len();
    assert_eq!((told(&ali), told(&reza), told(&mina)), (1, 0, 0), "who sold nothing, or wants none, is left alone");
    sells(&ali, "Another").await;
    sells(&mina, "Another").await;
    // A day late: the shop slept.
    morning_after(w, 8).await;
    assert_eq!((told(&ali), told(&reza), told(&mina)), (2, 0, 0), "who sold nothing, or wants none, is left alone");
    let week = ali.told("Your week").remove(1).text;
    assert!(week.contains("14 Mar to 20 Mar") && week.contains("Sold and renewed: 1"), "{week}");
    assert!(week.contains(PLAN) && week.contains("End within 7 days: 0") && week.contains("You can spend"), "{week}");
    assert!(ali.has_button_now("button-digest-off"), "{}", ali.sees());
    ali.says("/agent").await;
    ali.taps_all(&["button-agent-settings", "button-digest-off"]).await;
    assert!(ali.reads("agency-digest-off"), "{}", ali.sees());
    ali.taps("button-digest-on").await;
    w.minutes(30).await;
    assert_eq!(told(&ali), 2, "once a week");
    // Nothing is sold any more, but what was sold ends within the week.
    morning_after(w, 14).await;
    assert_eq!((told(&ali), told(&reza), told(&mina)), (3, 0, 0), "{}", ali.chat());
    let week = ali.told("Your week").remove(2).text;
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

/// Writes into the database what no verb would.
async fn meddle(w: &World, sql: &str) {
    let sql = sql.to_owned();
    let written = w.app.write::<_, Fault, _>(move |tx| Box::pin(async move { db::execute(tx, &sql, vec![]).await.map(drop) }));
    written.await.expect("it is written");
}

/// An agent below zero who sold one service.
async fn below_zero<'w>(w: &'w World, name: &str) -> Actor<'w> {
    let who = agent(w, name).await;
    sells(&who, "a customer").await;
    let (account, now) = (agents::account(PersonId(who.id()), Asset::Irt), w.clock.now());
    let set = w.app.write(move |tx| Box::pin(async move { ledger::set_limits(tx, &account, Limits::default(), now).await }));
    set.await.map(drop).expect("he has no line any more");
    who
}

#[tokio::test]
async fn staff_reads_that_an_agent_is_cut_off_and_that_a_receipt_is_under_review() {
    world(async |w: &World| {
        let (ali, owner) = (below_zero(w, "Ali").await, w.owner());
        let page = async || {
            owner.says("/agents karimi").await;
            owner.sees()
        };
        w.minutes(1).await;
        let before = page().await;
        assert!(before.contains("Services are switched off: ") && !owner.reads("agencies-cut"), "{before}");
        w.days(2).await;
        page().await;
        assert!(owner.reads("agencies-cut"), "{}", owner.sees());
        let (account, now) = (agents::account(PersonId(ali.id()), Asset::Irt), w.clock.now());
        let limits = Limits { pending_per_mille: 1_000, pending_max: 1_000_000, ..Limits::default() };
        let set = w.app.write(move |tx| Box::pin(async move { ledger::set_limits(tx, &account, limits, now).await }));
        set.await.map(drop).expect("what is under review counts");
        ali.says("/agent").await;
        ali.taps("button-credit").await;
        ali.says("500000").await;
        ali.sends_photo(1).await;
        w.run_jobs().await;
        page().await;
        assert!(owner.reads("agencies-cut-pending"), "{}", owner.sees());
        ali.says("/agent").await;
        assert!(ali.reads("agency-cut-pending"), "and so does he: {}", ali.sees());
        owner.taps("admin-do-approve").await;
        w.minutes(2).await;
        page().await;
        assert!(!owner.reads("agencies-cut") && !owner.reads("agencies-cut-pending"), "{}", owner.sees());
    })
    .await;
}

#[tokio::test]
async fn an_agent_who_cannot_be_looked_at_keeps_no_other_waiting() {
    for spoiled in 0..2 {
        world(async |w: &World| {
            let ahead = w.clock.now().after(3 * DAY).0.to_string();
            let written = w.app.write::<_, Fault, _>(move |tx| {
                Box::pin(async move { settings::set_fact(tx, "credit.looked_at", &ahead).await })
            });
            written.await.expect("a clock that was ahead");
            let both = [below_zero(w, "Ali").await, below_zero(w, "Reza").await];
            let (bad, good) = (&both[spoiled], &both[1 - spoiled]);
            meddle(w, &format!("UPDATE agents SET selling = 'spoiled' WHERE person = {}", bad.id())).await;
            w.minutes(1).await;
            assert_eq!((bad.told(TOLD).len(), good.told(TOLD).len()), (0, 1), "{}", good.chat());
            meddle(w, &format!("UPDATE agents SET selling = '{{}}' WHERE person = {}", bad.id())).await;
            w.minutes(2).await;
            assert_eq!((bad.told(TOLD).len(), good.told(TOLD).len()), (1, 1), "{}", bad.chat());
        })
        .await;
    }
}

#[tokio::test]
async fn a_cut_that_fails_for_hours_is_made_all_the_same() {
    world(async |w: &World| {
        let ali = below_zero(w, "Ali").await;
        w.minutes(1).await;
        assert_eq!(ali.told(TOLD).len(), 1, "{}", ali.chat());
        meddle(w, "ALTER TABLE audit RENAME TO audit_gone").await;
        w.later(2 * DAY).await;
        for _ in 0..20 {
            w.later(10 * MINUTE).await;
        }
        let stage =
            async |stage: &str| w.count(&format!("SELECT COUNT(*) AS v FROM credit_episodes WHERE stage = '{stage}'")).await;
        assert_eq!((stage("cutting").await, stage("cut").await), (1, 0));
        assert!(w.count("SELECT attempts AS v FROM jobs WHERE kind = 'cut_off'").await > 8);
        assert_eq!(w.owner().told("alarm-job-stuck").len(), 1, "{}", w.group());
        meddle(w, "ALTER TABLE audit_gone RENAME TO audit").await;
        w.later(10 * MINUTE).await;
        assert_eq!((stage("cutting").await, stage("cut").await), (0, 1));
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM subscriptions WHERE off_for = 'credit'").await, 1);
    })
    .await;
}
