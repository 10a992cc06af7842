//! What is left to an agent by his own prices when a part of what he sold went back.
use super::stand::{AGENT_PRICE, ALI};
use crate::sales::shop::{OWNER, Shop, commit, irt, shown, stories};
use souk::base::{Asset, OrderId, SubscriptionId};
use souk::shop::agents;
use souk::shop::catalog::{self, PlanCode};
use souk::shop::checkout::{self, Refund, RefundWay, Sale, Sell};
use souk::shop::reports::{self, Resale, Resold};

/// What he takes from his own customers.
const TAKEN: i64 = 150_000;

fn m1() -> PlanCode {
    "m1".parse().expect("a code")
}

impl Shop {
    /// The n-th service that Ali sold; it is delivered.
    async fn stands_sold(&self, n: i64) -> OrderId {
        let (agent, now) = (self.agent(ALI).await.expect("an agent"), self.now());
        let subscription = SubscriptionId(5_000 + n);
        let sale = Sale::New { plan: m1(), subscription, label: format!("customer {n}") };
        let sell = Sell { order: OrderId(6_000 + n), sale, price_minor: AGENT_PRICE, gives: Some(shown()) };
        commit!(self, tx => async move { checkout::sell(tx, &agent, &sell, now).await }).expect("it is sold");
        self.delivers(subscription).await;
        OrderId(6_000 + n)
    }

    async fn gives_back(&self, order: OrderId, amount_minor: i64, so_far_minor: i64) {
        let (owner, now) = (self.admin(OWNER).await, self.now());
        let refund = Refund { order, amount_minor, so_far_minor, way: RefundWay::Account };
        commit!(self, tx => async move { checkout::refund_delivered(tx, &owner, &refund, now).await }).expect("it goes back");
    }

    async fn resold_of_ali(&self) -> (Vec<Resale>, Resold) {
        let (agency, shelf, now) = (self.agency(ALI).await, catalog::current(&self.db).await.expect("a shelf"), self.now());
        let plans = reports::resale(self.db.read(), (&agency, &shelf), Asset::Irt, now, now.after(1)).await.expect("it reads");
        let all = reports::resold(&plans, Asset::Irt);
        (plans, all)
    }
}

stories! {
    async fn what_went_back_in_part_is_charged_in_part(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.corrects(ALI, 10 * AGENT_PRICE).await;
        let agent = shop.agent(ALI).await.expect("an agent");
        commit!(shop, tx => async move { agents::set_selling(tx, &agent, &m1(), Some(TAKEN)).await }).expect("his price is known");
        let [_, half, whole] = [shop.stands_sold(0).await, shop.stands_sold(1).await, shop.stands_sold(2).await];
        let (plans, all) = shop.resold_of_ali().await;
        assert_eq!((plans[0].sales, all.charged, all.margin), (3, irt(3 * AGENT_PRICE), irt(3 * (TAKEN - AGENT_PRICE))));

        shop.gives_back(half, AGENT_PRICE / 2, 0).await;
        shop.gives_back(whole, AGENT_PRICE / 3, 0).await;
        let (plans, all) = shop.resold_of_ali().await;
        let charged = 3 * AGENT_PRICE - AGENT_PRICE / 2 - AGENT_PRICE / 3;
        assert_eq!((plans[0].sales, all.charged, all.margin), (3, irt(charged), irt(3 * TAKEN - charged)));

        // The rest of it goes back too: then it is no sale.
        shop.gives_back(whole, AGENT_PRICE - AGENT_PRICE / 3, AGENT_PRICE / 3).await;
        let (plans, all) = shop.resold_of_ali().await;
        let charged = 2 * AGENT_PRICE - AGENT_PRICE / 2;
        assert_eq!((plans[0].sales, all.sales, all.charged), (2, 2, irt(charged)));
        assert_eq!((all.taken, all.margin), (irt(2 * TAKEN), irt(2 * TAKEN - charged)));
        assert_eq!(plans[0].margin(), Some(all.margin));
    }
}
