//! A plan is edited between an order and what follows from it: what was promised with the order is given, and goes back by it.
use super::shop::{CASHIER, GB, OMID, PRICE, SARA, Shop, commit, irt, shown, stories};
use super::wallet::gives;
use crate::agents::stand::{AGENT_PRICE, ALI};
use souk::base::{BatchId, DAY, OrderId, SubscriptionId};
use souk::shop::catalog::RefundRule;
use souk::shop::checkout::{self, Bulk, Ends, Left, Order, Pay, Place, PlaceError, Sale, Sell, SellError, State};
use souk::shop::subscriptions::{Kind, Subscription, Terms};

/// A third of everything is left of the plan, for the same price, and all of it goes back.
async fn shrinks(shop: &Shop) {
    shop.edits("m1", |plan| {
        (plan.days, plan.traffic_bytes, plan.devices, plan.refund) = (10, 10 * GB, 1, RefundRule::Whole);
    })
    .await;
}

async fn service(shop: &Shop, of: &Order) -> Subscription {
    shop.service(of.subscription).await.expect("a service")
}

async fn is_as_promised(shop: &Shop, of: &Order) {
    let service = service(shop, of).await;
    let until = shop.now().after(30 * DAY);
    assert_eq!(
        (service.kind, service.days, service.until, service.traffic_bytes, service.devices),
        (Kind::Full, 30, until, 30 * GB, 2)
    );
}

async fn by_rule(shop: &Shop, order: OrderId) -> (Left, i64, Ends) {
    let quote = checkout::quote_refund(shop.db.read(), order, shop.now()).await.expect("a quote");
    let (left, amount) = quote.by_rule.expect("a rule");
    (left, amount.minor, quote.ends)
}

stories! {
    /// Between the screen and the tap: what was shown is not there any more.
    async fn what_is_not_as_it_was_shown_is_not_placed(shop: Shop) {
        gives(shop, SARA, PRICE).await;
        shop.makes_agent(ALI).await;
        shrinks(shop).await;
        let rows = shop.all_rows().await;
        for pay in [Pay::Method, Pay::Wallet, Pay::WalletAndMethod, Pay::Save] {
            let placed = shop.try_order(SARA, Place { pay, ..Shop::sale(1) }).await;
            assert!(matches!(placed, Err(PlaceError::PromiseChanged)), "{placed:?}");
        }
        let (plan, subscription, label) = ("m1".parse().expect("a code"), SubscriptionId(5_000), "box".to_owned());
        let sale = Sale::New { plan, subscription, label: label.clone() };
        let sell = Sell { order: OrderId(6_000), sale, price_minor: AGENT_PRICE, gives: Some(shown()) };
        let (agent, now) = (shop.agent(ALI).await.expect("an agent"), shop.now());
        let sold = commit!(shop, tx => async move { checkout::sell(tx, &agent, &sell, now).await });
        assert!(matches!(sold, Err(SellError::PromiseChanged)), "{sold:?}");
        let (plan, items) = ("m1".parse().expect("a code"), vec![(OrderId(6_000), subscription, label)]);
        let bulk = Bulk { batch: BatchId(9_000), plan, price_minor: AGENT_PRICE, gives: shown(), items };
        let agent = shop.agent(ALI).await.expect("an agent");
        let taken = commit!(shop, tx => async move { checkout::bulk(tx, &agent, &bulk, now).await });
        assert!(matches!(taken, Err(SellError::PromiseChanged)), "{taken:?}");
        assert_eq!(shop.all_rows().await, rows);
    }

    async fn what_was_lent_becomes_what_was_confirmed(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shrinks(shop).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        is_as_promised(shop, &order).await;
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved again");
        is_as_promised(shop, &order).await;
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        shop.later(10 * DAY);
        let left = Left { rule: RefundRule::Time, left: 20, whole: 30 };
        assert_eq!(by_rule(shop, order.id).await, (left, PRICE / 30 * 20, Ends::Service));
    }

    async fn what_is_lent_and_what_is_made_is_of_what_was_confirmed(shop: Shop) {
        let (lent, payment) = shop.place(SARA, Shop::sale(1)).await;
        shrinks(shop).await;
        shop.send(SARA, payment.id, shop.photo("late")).await.expect("it is taken");
        let part = service(shop, &lent).await;
        assert_eq!((part.kind, part.traffic_bytes, part.devices), (Kind::Provisional, 30 * GB / 100 * 10, 2));
        // Whoever orders now has what the plan promises now.
        gives(shop, OMID, PRICE).await;
        let later = Place { pay: Pay::Wallet, gives: shop.mark("m1").await, ..Shop::sale(2) };
        let later = shop.try_order(OMID, later).await.expect("it is bought").order;
        let given = service(shop, &later).await;
        assert_eq!((given.days, given.traffic_bytes, given.devices), (10, 10 * GB, 1));
        shop.delivers(later.subscription).await;
        assert_eq!(by_rule(shop, later.id).await.0.rule, RefundRule::Whole);
    }

    async fn a_renewal_adds_and_gives_back_what_was_confirmed(shop: Shop) {
        let (first, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.delivers(first.subscription).await;
        let before = service(shop, &first).await;
        let (renewal, payment) = shop.place(SARA, Place { renew: Some(first.subscription), ..Shop::sale(2) }).await;
        shrinks(shop).await;
        shop.send(SARA, payment.id, shop.photo("renewal")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let renewed = service(shop, &first).await;
        assert_eq!(
            (renewed.until, renewed.traffic_bytes, renewed.devices),
            (before.until.after(30 * DAY), 60 * GB, 2)
        );
        assert_eq!(shop.delivers(first.subscription).await, [renewal.id]);
        let (left, amount, ends) = by_rule(shop, renewal.id).await;
        assert_eq!((left, amount), (Left { rule: RefundRule::Time, left: 30, whole: 30 }, PRICE));
        assert_eq!(ends, Ends::Shorter(Terms { until: before.until, traffic_bytes: 30 * GB }));
    }

    /// It was not paid when its plan was changed: another promise is asked about like another price.
    async fn a_saved_order_asks_when_the_plan_gives_something_else(shop: Shop) {
        gives(shop, SARA, PRICE).await;
        let saves = async |n| {
            let place = Place { pay: Pay::Save, gives: shop.mark("m1").await, ..Shop::sale(n) };
            shop.try_order(SARA, place).await.expect("it is saved").order
        };
        let buys = async |id| {
            let (sara, now) = (shop.customer(SARA).await, shop.now());
            commit!(shop, tx => async move { checkout::buy_saved(tx, &sara, id, now).await })
        };
        let order = saves(1).await;
        shrinks(shop).await;
        let rows = shop.all_rows().await;
        assert!(matches!(buys(order.id).await, Err(PlaceError::PromiseChanged)));
        assert_eq!(shop.all_rows().await, rows);
        // What goes back later is no part of what is given: it keeps the rule of its day.
        let order = saves(2).await;
        shop.edits("m1", |plan| plan.refund = RefundRule::Traffic).await;
        assert_eq!(buys(order.id).await.expect("it is bought").state, State::Paid);
        shop.delivers(order.subscription).await;
        assert_eq!(by_rule(shop, order.id).await.0, Left { rule: RefundRule::Whole, left: 1, whole: 1 });
        assert_eq!(shop.order(order.id).await.price, irt(PRICE));
    }
}
