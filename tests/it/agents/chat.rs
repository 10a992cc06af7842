//! Agents in the chat: applying, selling, handing over, many at once, and what is refused.
use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;
use souk::base::texts::t;
use souk::base::{Asset, Lang, Money, PersonId, SubscriptionId};
use souk::shop::agents::Settlement;
use souk::shop::ledger::{self, Account, LedgerError, Leg, Transfer};
use souk::shop::{accounts, checkout};

/// What the first plan costs an agent of the first tier.
pub const PRICE: i64 = 108_000;
const PLAN: &str = "1 month, 30 GB";

/// The whole application, sent.
pub async fn applies(ali: &Actor<'_>) {
    ali.says("/agent").await;
    ali.taps("button-apply").await;
    ali.says("Ali").await;
    assert!(ali.reads("apply-wrong-name"), "{}", ali.sees());
    ali.says("Ali Karimi").await;
    ali.does(|at| at.sends_contact_of("+989350000000", "Reza", None)).await;
    assert!(ali.reads("apply-others-phone"), "{}", ali.sees());
    ali.says("0912 000 0000").await;
    assert!(ali.reads("apply-wrong-phone"), "what is typed may be anybody's: {}", ali.sees());
    ali.does(souk::sim::telegram::Actor::sends_contact).await;
    for answer in ["Ali Net", "Fars", "Shiraz", "Street 1"] {
        ali.says(answer).await;
    }
    assert!(ali.reads("apply-summary"), "{}", ali.sees());
    ali.taps_twice("button-apply-file").await;
    assert!(ali.reads("apply-waits-title"), "{}", ali.sees());
    ali.world.run_jobs().await;
}

/// An agent of the first tier.
pub async fn agent<'w>(w: &'w World, name: &str) -> Actor<'w> {
    let ali = w.customer(name).await;
    applies(&ali).await;
    w.owner().taps_named("Accept as Silver").await;
    w.run_jobs().await;
    assert_eq!(ali.told("agent-accepted").len(), 1, "{}", ali.chat());
    ali
}

pub async fn credit(w: &World, agent: &Actor<'_>) -> i64 {
    w.posted(&Account::credit(PersonId(agent.id()), Asset::Irt)).await
}

/// Sells a month; the link has come.
pub async fn sells(ali: &Actor<'_>, label: &str) {
    ali.says("/agent").await;
    ali.taps("button-sell").await;
    ali.taps_named(PLAN).await;
    ali.says(label).await;
    assert!(ali.last().text.contains("892,000"), "what is left is said: {}", ali.sees());
    ali.taps_twice("button-sell-yes").await;
    ali.world.run_jobs().await;
}

/// The payload of the hand-over link on the screen.
fn token(ali: &Actor<'_>) -> String {
    let text = ali.last().text;
    let (_, rest) = text.split_once("start=give_").unwrap_or_else(|| panic!("no link in {text}"));
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn applied_sold_and_handed_over(w: &World) {
    let ali = agent(w, "Ali").await;
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM agent_applications").await, 1);
    sells(&ali, "Sara from work").await;
    assert_eq!((w.orders("delivered").await, credit(w, &ali).await), (1, -PRICE));
    assert_eq!(ali.told("notice-ready").len(), 1, "{}", ali.chat());
    ali.taps("button-sold-open").await;
    assert!(ali.last().text.contains("Sara from work") && ali.last().text.contains("/sub/"), "{}", ali.sees());
    let shown = ali.last().text;
    let link = shown.split(|c: char| c.is_whitespace() || "<>".contains(c)).find(|word| word.contains("/sub/")).expect("a link");
    ali.says("/agent").await;
    ali.taps_all(&["button-sold", "button-find"]).await;
    ali.says(&format!(" {link}x")).await;
    assert!(ali.last().text.contains(t(Lang::En, "sold-find-none")), "{}", ali.sees());
    ali.says(&format!(" {link}")).await;
    assert!(ali.last().text.contains("Sara from work"), "the link that it shows finds it: {}", ali.sees());
    ali.taps("button-give").await;
    let give = format!("/start give_{}", token(&ali));

    ali.says(&give).await;
    assert!(ali.last().text.contains(t(Lang::En, "give-own")), "{}", ali.sees());
    let sara = w.stranger("Sara", Lang::En);
    sara.says(&give).await;
    assert!(!sara.told("/sub/").is_empty(), "{}", sara.chat());
    sara.taps(Lang::En.own_name()).await;
    sara.taps("button-services").await;
    sara.taps_named(PLAN).await;
    assert!(sara.last().text.contains("/sub/") && !sara.last().text.contains("Sara from work"), "{}", sara.sees());
    assert!(!sara.has_button_now("button-renew") && sara.has_button_now("button-apps"), "{}", sara.sees());
    let service = SubscriptionId(w.count("SELECT id AS v FROM subscriptions").await);
    sara.taps_old(sara.last().id, &format!("1cr.{service}")).await;
    assert_eq!(sara.toast(), Some(sara.words("services-hint-resold")), "an old button");
    let boris = w.customer("Boris").await;
    boris.says(&give).await;
    assert!(boris.last().text.contains(t(Lang::En, "give-used")), "{}", boris.sees());
    w.run_jobs().await;
    assert_eq!(ali.told("agent-taken").len(), 1, "{}", ali.chat());
    ali.says("/agent").await;
    ali.taps_all(&["button-sold", "sold-rack-all"]).await;
    ali.taps_named("Sara from work").await;
    assert!(ali.reads("sold-customer") && !ali.has_button_now("button-give"), "{}", ali.sees());
    assert_eq!(w.orders("delivered").await, 1, "one sale, whatever was tapped twice");
    ali.taps_all(&["button-delete", "button-delete-yes"]).await;
    w.run_jobs().await;
    assert_eq!((w.orders("refunded").await, sara.told("notice-gone").len()), (1, 1), "{}", sara.chat());
}

#[tokio::test]
async fn an_agent_applies_sells_and_hands_over() {
    world(applied_sold_and_handed_over).await;
}

#[tokio::test]
async fn every_update_of_an_agent_may_come_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, applied_sold_and_handed_over).await;
}

#[tokio::test]
async fn many_are_sold_at_once_with_a_file_of_links() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        ali.says("/agent").await;
        ali.taps("button-sell").await;
        ali.taps_named(PLAN).await;
        ali.taps("button-many").await;
        ali.says("10").await;
        assert!(ali.last().text.contains(t(Lang::En, "many-title").trim_start_matches("<b>").trim_end_matches("</b>")));
        ali.says("۳").await;
        ali.says("Café").await;
        assert!(ali.last().text.contains("Café 1 … Café 3") && ali.last().text.contains("324,000"), "{}", ali.sees());
        ali.taps_twice("button-many-yes").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, credit(w, &ali).await), (3, -3 * PRICE));
        let told = ali.told("agent-batch");
        assert_eq!(told.len(), 1, "{}", ali.chat());
        assert!(ali.told("notice-ready").is_empty(), "no word for each");
        assert_eq!(told[0].media.as_ref().map(|media| media.kind.as_str()), Some("document"));
        ali.taps("button-batch-pictures").await;
        assert_eq!(ali.last().media.map(|media| media.kind), Some("document".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn an_amount_and_a_tap_that_come_again_are_no_answer_to_what_they_led_to() {
    world_on(Setup { updates_twice: true, ..Setup::default() }, async |w: &World| {
        let ali = agent(w, "Ali").await;
        ali.says("/agent").await;
        ali.taps("button-credit").await;
        ali.says("500000").await;
        let waits = "SELECT COUNT(*) AS v FROM payments WHERE purpose = 'credit' AND state = 'open'";
        assert_eq!((w.count(waits).await, w.count("SELECT COUNT(*) AS v FROM receipts").await), (1, 0), "{}", ali.sees());
        ali.says("/agent").await;
        ali.taps("button-sell").await;
        ali.taps_named(PLAN).await;
        ali.taps("button-many").await;
        ali.says("3").await;
        ali.taps("button-many-no-prefix").await;
        assert!(ali.has_button_now("button-many-yes"), "{}", ali.sees());
    })
    .await;
}

/// As after a crash between the deletion and its answer.
#[tokio::test]
async fn a_second_tap_on_delete_says_that_it_is_deleted() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        sells(&ali, "Sara from work").await;
        w.run_jobs().await;
        let service = souk::base::SubscriptionId(w.count("SELECT id AS v FROM subscriptions").await);
        for again in [false, true] {
            // A screen that does not say it yet.
            ali.says("/agent").await;
            let menu = ali.last().id;
            ali.taps_old(menu, &format!("1gvx.{service}.{PRICE}")).await;
            let seen = ali.sees();
            assert!(seen.contains("The service is deleted"), "again: {again}: {seen}");
            assert!(!seen.contains(t(Lang::En, "sold-delete-ask")), "again: {again}: {seen}");
        }
        w.run_jobs().await;
        assert_eq!(credit(w, &ali).await, 0, "its price came back once");
    })
    .await;
}

#[tokio::test]
async fn an_id_of_another_agents_opens_nothing() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        sells(&ali, "Sara from work").await;
        let (service, order) = (
            souk::base::SubscriptionId(w.count("SELECT id AS v FROM subscriptions").await),
            souk::base::OrderId(w.count("SELECT id AS v FROM orders").await),
        );
        let reza = agent(w, "Reza").await;
        reza.says("/agent").await;
        let menu = reza.last().id;
        let of_service =
            ["vs", "vq", "vr", "vt", "vp", "vu", "vn", "vl", "vd", "vb", "vh"].map(|tag| format!("1g{tag}.{service}"));
        let others = [
            format!("1gvg.{service}.5"),
            format!("1gva.{order}.{service}.5.18000"),
            format!("1gvy.{order}.{service}.{PRICE}.0"),
            format!("1gvx.{service}.{PRICE}"),
            format!("1gsb.{order}.{PRICE}.0"),
            format!("1gbb.{order}"),
            format!("1gbl.{order}"),
            format!("1gbp.{order}"),
        ];
        let refusals = [t(Lang::En, "common-not-yours"), t(Lang::En, "sell-gone"), t(Lang::En, "give-unknown")];
        let before = reza.last();
        for data in of_service.iter().chain(&others) {
            reza.taps_old(menu, data).await;
            let told = reza.toast().unwrap_or_default();
            assert!(refusals.contains(&told.as_str()), "{data} was answered «{told}»");
        }
        assert_eq!((reza.last().id, reza.last().text), (before.id, before.text), "nothing was shown");
        let eve = w.customer("Eve").await;
        eve.taps_old(eve.last().id, &format!("1gvs.{service}")).await;
        assert_eq!(eve.toast(), Some(t(Lang::En, "agency-none").to_owned()));
        w.run_jobs().await;
        assert_eq!((credit(w, &ali).await, credit(w, &reza).await), (-PRICE, 0));
        assert_eq!(w.account().status, "active");
        reza.says("/agent").await;
        reza.taps_all(&["button-sold", "button-find"]).await;
        reza.says("Sara").await;
        assert!(reza.last().text.contains(t(Lang::En, "sold-find-none")), "{}", reza.sees());
    })
    .await;
}

/// Takes so much from an agent's account by hand.
pub async fn takes(w: &World, who: &Actor<'_>, minor: i64) {
    let (agent, now) = (PersonId(who.id()), w.clock.now());
    let transfer = Transfer {
        key: "by hand".to_owned(),
        kind: "debit",
        about: format!("person:{agent}"),
        actor: PersonId(1001),
        reason: Some("a fine".to_owned()),
        legs: vec![Leg {
            debit: Account::credit(agent, Asset::Irt),
            credit: Account::correction(Asset::Irt),
            amount: Money::new(minor, Asset::Irt),
        }],
    };
    let posted = w.app.write(move |tx| Box::pin(async move { ledger::post(tx, transfer, now).await }));
    posted.await.map(drop).map_err(|error: LedgerError| error.to_string()).expect("it is taken");
}

#[tokio::test]
async fn a_paused_agency_and_an_empty_account_are_told_in_words() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        takes(w, &ali, 950_000).await;
        ali.says("/agent").await;
        assert!(ali.last().text.contains("50,000 Toman") && ali.last().text.contains("−950,000"), "{}", ali.sees());
        ali.taps("button-sell").await;
        ali.taps_named(PLAN).await;
        let told = ali.toast().unwrap_or_default();
        assert!(told.contains("50,000") && told.contains("108,000"), "{told}");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM orders").await, 0);
        ali.says("/agent").await;
        ali.taps("button-statement").await;
        assert!(ali.last().text.contains("a fine"), "{}", ali.sees());
    })
    .await;
}

#[tokio::test]
async fn an_application_is_rejected_with_typed_words() {
    world(async |w: &World| {
        let ali = w.customer("Ali").await;
        ali.says("/agent").await;
        ali.taps("button-apply").await;
        ali.says("Ali Karimi").await;
        ali.says("/cancel").await;
        assert_eq!(ali.told("apply-stopped").len(), 1, "{}", ali.chat());
        ali.says("0912 000 0000").await;
        assert!(ali.reads("common-unexpected"), "what was stopped asks nothing any more: {}", ali.sees());
        applies(&ali).await;
        let owner = w.owner();
        owner.taps("applicant-do-reject").await;
        owner.says("not in your city").await;
        w.run_jobs().await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM agents").await, 0);
        let told = ali.told("agent-rejected");
        assert!(told.len() == 1 && told[0].text.contains("not in your city"), "{}", ali.chat());
        assert!(!owner.has_button_now("applicant-do-reject"), "{}", w.group());
        applies(&ali).await;
        w.owner().taps_named("Accept as Gold").await;
        w.run_jobs().await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM agents WHERE tier = 'gold'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn staff_takes_the_line_and_what_is_below_zero_sells_nothing() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        sells(&ali, "Sara from work").await;
        let owner = w.owner();
        owner.says("/agents").await;
        assert!(owner.last().text.contains("Found: 1"), "{}", owner.sees());
        owner.says("/agents karimi").await;
        assert!(owner.last().text.contains("−108,000") && owner.last().text.contains("1,000,000"), "{}", owner.sees());
        w.cashier().taps("agencies-do-line").await;
        assert!(!w.cashier().reads("agencies-ask-line"), "a credit line is the owner's");
        owner.taps("agencies-do-line").await;
        owner.says("plenty").await;
        owner.says("۰").await;
        assert!(owner.last().text.contains("Below zero since"), "{}", owner.sees());

        ali.says("/agent").await;
        assert!(ali.last().text.contains("−108,000"), "{}", ali.sees());
        ali.taps("button-sell").await;
        ali.taps_named(PLAN).await;
        let told = ali.toast().unwrap_or_default();
        assert!(told.contains("below zero") && told.contains("−108,000"), "{told}");
        owner.says("/agents karimi").await;
        owner.taps("agencies-do-line").await;
        owner.taps("agencies-do-line-tier").await;
        assert!(!owner.last().text.contains("Below zero since"), "{}", owner.sees());
        owner.taps("agencies-do-freeze").await;
        owner.says("a call is needed").await;
        w.run_jobs().await;
        assert_eq!(ali.told("agent-frozen").len(), 1, "{}", ali.chat());
        ali.says("/agent").await;
        ali.taps("button-sell").await;
        ali.taps_named(PLAN).await;
        assert_eq!(ali.toast(), Some(t(Lang::En, "sell-frozen").to_owned()));
        owner.says("/agents karimi").await;
        owner.taps("agencies-do-close").await;
        assert!(owner.last().text.contains("108,000"), "the debt is named: {}", owner.sees());
        owner.taps("agencies-do-close-yes").await;
        assert_eq!((credit(w, &ali).await, w.count("SELECT COUNT(*) AS v FROM agents WHERE state = 'closed'").await), (0, 1));
        w.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_done_to_a_service_is_read_by_its_agent_and_by_staff() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        sells(&ali, "Sara at work").await;
        ali.taps("button-sold-open").await;
        ali.taps("button-history").await;
        assert!(ali.last().text.contains(": made") && !ali.last().text.contains("paused"), "{}", ali.sees());
        ali.taps("button-back").await;
        ali.taps("button-pause").await;
        w.run_jobs().await;
        ali.taps("button-history").await;
        assert!(ali.last().text.contains("paused by the agent"), "{}", ali.sees());
        let owner = w.owner();
        owner.says(&format!("/user {}", ali.id())).await;
        owner.taps("history-do-services").await;
        owner.taps_named("Sara at work").await;
        let told = owner.last().text;
        assert!(told.contains("paused by the agent") && told.contains("Why it is so: paused by its agent"), "{told}");
        assert!(told.contains("Sold by agent: Ali"), "{told}");
        let reza = agent(w, "Reza").await;
        let service = SubscriptionId(w.count("SELECT id AS v FROM subscriptions").await);
        reza.taps_old(reza.last().id, &format!("1gvi.{service}")).await;
        assert_eq!(reza.toast(), Some(reza.words("common-not-yours")));
    })
    .await;
}

#[tokio::test]
async fn what_a_closed_agent_sold_is_his_own_and_he_renews_it_as_a_customer() {
    world(async |w: &World| {
        let ali = agent(w, "Ali").await;
        sells(&ali, "Sara at work").await;
        let service = SubscriptionId(w.count("SELECT id AS v FROM subscriptions").await);
        ali.says("/services").await;
        assert!(!ali.has_button_now(PLAN), "{}", ali.sees());
        let (id, now, owners) = (PersonId(ali.id()), w.clock.now(), std::sync::Arc::clone(&w.app.owners));
        let by = *owners.first().expect("an owner");
        let owner = accounts::admin(w.app.db.read(), by, &owners).await.expect("it reads").expect("an owner");
        let given_up = Settlement::WriteOff(Money::new(PRICE, Asset::Irt));
        let closed =
            w.app.write(move |tx| Box::pin(async move { checkout::close_agency(tx, &owner, id, given_up, now).await })).await;
        closed.expect("it is closed");
        w.run_jobs().await;
        ali.taps_old(ali.last().id, &format!("1gvr.{service}")).await;
        assert!(ali.has_button_now("button-renew") && ali.last().text.contains("/sub/"), "{}", ali.sees());
        ali.says("/services").await;
        ali.taps_named(PLAN).await;
        ali.taps("button-renew").await;
        assert!(ali.reads("order-renew-title"), "{}", ali.sees());
    })
    .await;
}
