//! Credit enforcement through the real jobs and a simulated panel: each call of the cut and of the restoration spoiled, each
//! job run twice; and many services at once.
use crate::agents::stand::form;
use crate::spoiled::{Flow, everything_twice, flows, spoil_each_call};
use crate::world::ending::Allowed;
use crate::world::postgres::Kind;
use crate::world::shop::{Setup, World, world_on};
use souk::base::{ApplicationId, Asset, BatchId, Fault, HOUR, MINUTE, OrderId, PersonId, SECOND, SubscriptionId};
use souk::shop::accounts::{self, Admin, Customer};
use souk::shop::agents::{self, Agent};
use souk::shop::catalog;
use souk::shop::checkout::{self, Bulk, Sale, Sell};
use souk::shop::ledger::{self, Account, Leg, Transfer};
use souk::sim::marzban::{Down, FaultKind};

/// A month of the example shop, for an agent of its gold tier.
const GOLD_PRICE: i64 = 90_000;
const SOLD: i64 = 3;

async fn owner(w: &World) -> Admin {
    let owners = std::sync::Arc::clone(&w.app.owners);
    let id = *owners.first().expect("an owner");
    accounts::admin(w.app.db.read(), id, &owners).await.expect("read").expect("an owner")
}

async fn agent(w: &World) -> Agent {
    let id = PersonId(w.first().id());
    let person = accounts::person(w.app.db.read(), id).await.expect("read").expect("a person");
    let customer = Customer::of(person).expect("he is not banned");
    agents::agent(w.app.db.read(), &customer).await.expect("read").expect("an agent")
}

/// Ali, an agent of the gold tier.
async fn becomes_agent(w: &World) {
    w.customer("Ali").await;
    let id = PersonId(w.first().id());
    let person = accounts::person(w.app.db.read(), id).await.expect("read").expect("a person");
    let (admin, now) = (owner(w).await, w.clock.now());
    w.app
        .write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                let customer = Customer::of(person).expect("he is not banned");
                agents::apply(tx, &customer, ApplicationId(1), &form(), now).await.expect("he applies");
                let gold = "gold".parse().expect("a code");
                agents::accept(tx, &admin, ApplicationId(1), &gold, now).await.expect("he is accepted");
                Ok(())
            })
        })
        .await
        .expect("he is an agent");
    w.run_jobs().await;
}

/// So many services of his stand, and his credit line is gone.
async fn owes(w: &World) {
    becomes_agent(w).await;
    for n in 0..SOLD {
        let (agent, now) = (agent(w).await, w.clock.now());
        let sale = Sale::New {
            plan: "any-1m-30".parse().expect("a code"),
            subscription: SubscriptionId(500 + n),
            label: format!("customer {n}"),
        };
        let sell = Sell { order: OrderId(600 + n), sale, price_minor: GOLD_PRICE, gives: None };
        let sold = w.app.write(move |tx| Box::pin(async move { checkout::sell(tx, &agent, &sell, now).await })).await;
        sold.expect("it is sold");
    }
    w.run_jobs().await;
    let (admin, id, now) = (owner(w).await, PersonId(w.first().id()), w.clock.now());
    let done = w.app.write(move |tx| Box::pin(async move { agents::set_line(tx, &admin, id, Some(0), now).await })).await;
    done.expect("his line is gone");
}

/// He is told, and told again; an hour is left.
async fn warned(w: &World) {
    owes(w).await;
    for wait in [MINUTE, 12 * HOUR, 11 * HOUR] {
        w.later(wait).await;
    }
    assert_eq!(w.first().told("agent-negative").len(), 3, "{}", w.first().chat());
    assert_eq!(statuses(w), ["active"; 3]);
}

async fn pays(w: &World) {
    let id = PersonId(w.first().id());
    let amount = souk::base::Money::new(SOLD * GOLD_PRICE, Asset::Irt);
    let leg = Leg { debit: Account::correction(Asset::Irt), credit: Account::credit(id, Asset::Irt), amount };
    let (about, now) = (format!("person:{id}"), w.clock.now());
    let transfer = Transfer { key: "paid".to_owned(), kind: "correction", about, actor: id, reason: None, legs: vec![leg] };
    let paid = w.app.write(move |tx| Box::pin(async move { ledger::post(tx, transfer, now).await })).await;
    paid.expect("it is paid");
}

fn statuses(w: &World) -> Vec<&'static str> {
    w.panel.accounts().into_iter().map(|account| account.status).collect()
}

async fn stage(w: &World, stage: &str) -> i64 {
    w.count(&format!("SELECT COUNT(*) AS v FROM credit_episodes WHERE stage = '{stage}'")).await
}

/// The cut, from the end of the grace on.
struct CutOff;

impl Flow for CutOff {
    async fn before(w: &World) {
        warned(w).await;
    }

    async fn play(w: &World) {
        w.later(HOUR).await;
    }

    async fn ends(w: &World) {
        assert_eq!((statuses(w), stage(w, "cut").await), (vec!["disabled"; 3], 1));
        assert_eq!(w.first().told("agent-cut").len(), 1, "{}", w.first().chat());
        assert_eq!(w.owner().told("agent-cut-group").len(), 1, "{}", w.group());
        let why = "SELECT COUNT(*) AS v FROM audit WHERE act = 'service.off' AND became LIKE '%below zero%'";
        assert_eq!(w.count(why).await, SOLD);
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM orders WHERE state = 'refunded'").await, 0);
    }
}

/// The restoration, from the money on.
struct Restoration;

impl Flow for Restoration {
    async fn before(w: &World) {
        CutOff::before(w).await;
        // One of them was paused by himself before: it stays off.
        let (agent, now) = (agent(w).await, w.clock.now());
        let done =
            w.app.write(move |tx| Box::pin(async move { checkout::pause(tx, &agent, SubscriptionId(500), now).await })).await;
        done.expect("it is paused");
        CutOff::play(w).await;
        assert_eq!((statuses(w), stage(w, "cut").await), (vec!["disabled"; 3], 1));
        w.later(5 * HOUR).await;
        pays(w).await;
    }

    async fn play(w: &World) {
        w.later(MINUTE).await;
    }

    async fn ends(w: &World) {
        let mut all = statuses(w);
        all.sort_unstable();
        assert_eq!((all, stage(w, "over").await), (vec!["active", "active", "disabled"], 1));
        assert_eq!(w.first().told("agent-restored").len(), 1, "{}", w.first().chat());
        assert_eq!(w.owner().told("agent-restored-group").len(), 1, "{}", w.group());
        let sold = w.count("SELECT MIN(created_at) AS v FROM subscriptions").await;
        let kept = (sold + 30 * 24 * HOUR + 5 * HOUR) / SECOND;
        let until: Vec<i64> = w.panel.accounts().into_iter().filter_map(|account| account.expire).collect();
        assert!(until.iter().filter(|until| **until >= kept).count() == 2, "{until:?} {kept}");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'service.on'").await, SOLD - 1);
    }
}

/// Many at once, from the act on.
struct Many;

impl Flow for Many {
    async fn before(w: &World) {
        becomes_agent(w).await;
    }

    async fn play(w: &World) {
        let (agent, now, code) = (agent(w).await, w.clock.now(), "any-1m-30".parse().expect("a code"));
        let plan = catalog::plan(w.app.db.read(), &code).await.expect("read").expect("a plan");
        let bulk = Bulk {
            batch: BatchId(9),
            plan: code,
            price_minor: GOLD_PRICE,
            gives: plan.promise().mark(),
            items: (0..SOLD).map(|n| (OrderId(600 + n), SubscriptionId(500 + n), format!("box {n}"))).collect(),
        };
        let taken = w.app.write(move |tx| Box::pin(async move { checkout::bulk(tx, &agent, &bulk, now).await })).await;
        taken.expect("it is taken");
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((statuses(w), w.orders("delivered").await), (vec!["active"; 3], SOLD));
        let credit = Account::credit(PersonId(w.first().id()), Asset::Irt);
        assert_eq!(w.posted(&credit).await, -SOLD * GOLD_PRICE);
        assert_eq!(w.first().told("agent-batch").len(), 1, "{}", w.first().chat());
        assert!(w.first().told("notice-ready").is_empty(), "one word for all of them: {}", w.first().chat());
    }
}

/// One that can never be sold: the job is given up, and the others were sold long before.
#[tokio::test]
async fn one_of_many_that_always_fails_stops_none_of_the_others() {
    world_on(Setup::default(), async |w: &World| {
        w.ending.allow(Allowed::JobGivenUp);
        becomes_agent(w).await;
        // A row that cannot be read lies under the id of the second.
        let bad = "INSERT INTO orders (id, person, kind, plan, subscription, price, asset, state, placed_at)
            SELECT 601, id, 'new', 'any-1m-30', 999, 1, 'IRT', 'cancelled', 1 FROM people WHERE name = 'Ali'";
        let written =
            w.app.write::<_, Fault, _>(move |tx| Box::pin(async move { souk::db::execute(tx, bad, vec![]).await.map(drop) }));
        written.await.expect("it is written");
        Many::play(w).await;
        assert_eq!((statuses(w), w.first().told("agent-batch").len()), (vec!["active"; 2], 0), "{}", w.first().chat());
        for _ in 0..10 {
            w.later(10 * MINUTE).await;
        }
        let refused =
            "SELECT COUNT(*) AS v FROM agent_batch_items WHERE state = 'refused' AND refused = 'fault' AND order_id = 601";
        assert_eq!((w.count(refused).await, w.orders("delivered").await), (1, SOLD - 1));
        let credit = Account::credit(PersonId(w.first().id()), Asset::Irt);
        assert_eq!(w.posted(&credit).await, -(SOLD - 1) * GOLD_PRICE);
        assert_eq!(w.first().told("agent-batch").len(), 1, "{}", w.first().chat());
    })
    .await;
}

flows! {
    cutting_off is CutOff;
    restoring is Restoration;
    selling_many is Many;
}

#[tokio::test]
async fn a_panel_that_is_down_is_cut_off_when_it_is_back() {
    world_on(Setup::default(), async |w: &World| {
        CutOff::before(w).await;
        w.panel.set_down(Down::BadGateway).await;
        CutOff::play(w).await;
        assert_eq!((statuses(w), stage(w, "cut").await), (vec!["active"; 3], 1), "it is written down, and waits");
        // He pays before the panel is back: nothing is switched off any more.
        pays(w).await;
        w.later(MINUTE).await;
        w.panel.set_down(Down::No).await;
        for _ in 0..20 {
            w.later(MINUTE).await;
        }
        assert_eq!((statuses(w), stage(w, "over").await), (vec!["active"; 3], 1));
    })
    .await;
}

#[tokio::test]
async fn a_new_link_ends_the_old_one() {
    world_on(Setup { jobs_twice: true, ..Setup::default() }, async |w: &World| {
        owes(w).await;
        pays(w).await;
        let id = SubscriptionId(500);
        let link = async || {
            use secrecy::ExposeSecret as _;
            let service = souk::shop::subscriptions::get(w.app.db.read(), id).await.expect("read").expect("a service");
            let link = service.open_link(&w.app.seal).expect("it opens").expect("a link");
            (link.expose_secret().to_owned(), service.token)
        };
        let before = link().await;
        let (agent, now) = (agent(w).await, w.clock.now());
        let done = w.app.write(move |tx| Box::pin(async move { checkout::revoke_link(tx, &agent, id, now).await })).await;
        done.expect("it is revoked");
        w.run_jobs().await;
        let after = link().await;
        assert!(before.0 != after.0 && before.1 != after.1, "both links are new");
    })
    .await;
}
