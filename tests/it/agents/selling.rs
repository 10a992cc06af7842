//! An agent sells: once for each id, at his own price, as far as his credit goes, and only what is his.
use super::stand::{AGENT_PRICE, ALI, LINE, REZA};
use crate::sales::shop::{CASHIER, GB, OMID, OWNER, SARA, Shop, commit, irt, shown, stories};
use futures::future::join_all;
use souk::base::{BatchId, DAY, Fault, HOUR, MINUTE, OrderId, Page, PersonId, SubscriptionId};
use souk::shop::agents::{self, Prices, Rule};
use souk::shop::catalog::RefundRule;
use souk::shop::checkout::{self, AgentServiceError, Bulk, HandOverError, ItemState, Payer, Sale, Sell, SellError};
use souk::shop::notices::{AgentNotice, Notice};
use souk::shop::subscriptions::{self, Confirmed, OffFor, Shelf, State, Subscription};

const SERVICE: SubscriptionId = SubscriptionId(5_000);

fn sub(n: i64) -> SubscriptionId {
    SubscriptionId(5_000 + n)
}

fn new_sale(n: i64) -> Sell {
    let sale = Sale::New { plan: "m1".parse().expect("a code"), subscription: sub(n), label: format!("customer {n}") };
    Sell { order: OrderId(6_000 + n), sale, price_minor: AGENT_PRICE, gives: Some(shown()) }
}

impl Shop {
    async fn sells(&self, who: PersonId, sell: Sell) -> Result<checkout::Sold, SellError> {
        let (agent, now) = (self.agent(who).await.expect("an agent"), self.now());
        commit!(self, tx => async move { checkout::sell(tx, &agent, &sell, now).await })
    }

    /// Its panel has a service, as the job books it: alone, or as one of a batch.
    async fn stands(&self, id: SubscriptionId) {
        let (now, seal) = (self.now(), self.seal.clone());
        let booked: Result<bool, Fault> = commit!(self, tx => async move {
            let service = subscriptions::get(tx, id).await?.expect("a service");
            let link_sealed = Some(subscriptions::seal_link(&seal, id, "https://panel.example/sub/1")?);
            let confirmed = Confirmed { id, revision: service.revision, link_sealed, token: format!("token{}", id.0) };
            subscriptions::revision_applied(tx, confirmed, now).await?;
            checkout::delivered(tx, id, now).await?;
            checkout::batch_ready(tx, id, now).await
        });
        assert!(booked.expect("the panel confirms"), "it is one of a batch");
    }

    /// A service that Ali sold, and that stands.
    async fn sold(&self, n: i64) -> Subscription {
        self.sells(ALI, new_sale(n)).await.expect("it is sold");
        self.delivers(sub(n)).await;
        self.service(sub(n)).await.expect("a service")
    }
}

/// A verb of an agent's about a service, in a transaction of its own.
macro_rules! does {
    ($shop:expr, $who:expr, $verb:ident($($value:expr),*)) => {{
        let (agent, now) = ($shop.agent($who).await.expect("an agent"), $shop.now());
        commit!($shop, tx => async move { checkout::$verb(tx, &agent, $($value,)* now).await })
    }};
}

stories! {
    async fn a_sale_is_one_order_however_often_it_is_made(shop: Shop) {
        shop.makes_agent(ALI).await;
        let sold = shop.sells(ALI, new_sale(0)).await.expect("it is sold");
        assert!(!sold.replay && sold.order.payer == Payer::Credit && sold.order.state == checkout::State::Paid);
        assert!(shop.sells(ALI, new_sale(0)).await.expect("the same").replay);
        let at_once = join_all((0..4).map(|_| shop.sells(ALI, new_sale(1)))).await;
        assert_eq!(at_once.iter().filter(|sold| sold.as_ref().is_ok_and(|sold| !sold.replay)).count(), 1);
        assert_eq!(shop.credit(ALI).await, (-2 * AGENT_PRICE, LINE - 2 * AGENT_PRICE));
        let service = shop.service(SERVICE).await.expect("a service");
        assert_eq!((service.agent, service.person, service.label.as_deref()), (Some(ALI), ALI, Some("customer 0")));
        assert_eq!(shop.delivers(SERVICE).await, [OrderId(6_000)]);
        let his = subscriptions::of_person(shop.db.read(), ALI, Page::new(0, 9)).await.expect("read");
        assert_eq!(his.1, 0, "what he sold is not among his own");
    }

    async fn the_credit_is_the_end(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.makes_agent(REZA).await;
        let sales = join_all((0..64).map(|n| shop.sells(ALI, new_sale(n)))).await;
        let sold = sales.iter().filter(|sale| sale.is_ok()).count();
        assert_eq!(i64::try_from(sold).expect("a small number"), LINE / AGENT_PRICE);
        assert!(sales.iter().all(|sale| matches!(sale, Ok(_) | Err(SellError::Short { .. }))));
        let refused = shop.sells(ALI, new_sale(99)).await;
        assert!(matches!(refused, Err(SellError::Short { left, price })
            if left == irt(LINE % AGENT_PRICE) && price == irt(AGENT_PRICE)), "{refused:?}");
        assert!(shop.service(sub(99)).await.is_none(), "nothing was made of it");
        // Another's order opens nothing.
        let taken = sales.iter().position(Result::is_ok).expect("one was sold");
        let taken = i64::try_from(taken).expect("a small number");
        assert!(matches!(shop.sells(REZA, new_sale(taken)).await, Err(SellError::NotYours)));
    }

    async fn nothing_is_sold_while_the_credit_is_below_zero(shop: Shop) {
        shop.makes_agent(ALI).await;
        let old = shop.sold(0).await;
        let admin = shop.admin(OWNER).await;
        let now = shop.now();
        commit!(shop, tx => async move { agents::set_line(tx, &admin, ALI, Some(0), now).await }).expect("his line is gone");
        for sale in [
            new_sale(1).sale,
            Sale::Renew { subscription: old.id },
            Sale::Traffic { subscription: old.id, gigabytes: 1 },
        ] {
            let refused = shop.sells(ALI, Sell { order: OrderId(7_000), sale, price_minor: 1, gives: None }).await;
            assert!(matches!(refused, Err(SellError::Negative { left, since }) if left == irt(-AGENT_PRICE) && since == now));
        }
    }

    async fn what_may_not_be_sold_is_refused_by_name(shop: Shop) {
        shop.makes_agent(ALI).await;
        let dearer = Sell { price_minor: AGENT_PRICE - 1, ..new_sale(0) };
        assert!(matches!(shop.sells(ALI, dearer).await, Err(SellError::PriceChanged { price }) if price == irt(AGENT_PRICE)));
        let gone = Sale::New { plan: "none".parse().expect("a code"), subscription: SERVICE, label: "x".to_owned() };
        assert!(matches!(shop.sells(ALI, Sell { sale: gone, ..new_sale(0) }).await, Err(SellError::Gone)));
        let nameless = Sale::New { plan: "m1".parse().expect("a code"), subscription: SERVICE, label: " ".to_owned() };
        assert!(matches!(shop.sells(ALI, Sell { sale: nameless, ..new_sale(0) }).await, Err(SellError::BadLabel)));
        let mut narrow = crate::agents::stand::tier("silver", LINE);
        narrow.plans = vec!["other".parse().expect("a code")];
        let now = shop.now();
        commit!(shop, tx => async move { agents::put_tier(tx, &narrow, 0, now).await }).expect("a narrower tier");
        assert!(matches!(shop.sells(ALI, new_sale(0)).await, Err(SellError::NotAllowed)));
        let (cashier, owner) = (shop.admin(CASHIER).await, shop.admin(OWNER).await);
        commit!(shop, tx => async move { agents::freeze(tx, &cashier, ALI, "", now).await }).expect("he is frozen");
        assert!(matches!(shop.sells(ALI, new_sale(0)).await, Err(SellError::Frozen)));
        let cashier = shop.admin(CASHIER).await;
        commit!(shop, tx => async move {
            agents::thaw(tx, &cashier, ALI, now).await?;
            agents::set_until(tx, &owner, ALI, Some(now), now).await
        })
        .expect("his time is over");
        assert!(matches!(shop.sells(ALI, new_sale(0)).await, Err(SellError::Over { .. })));
    }

    async fn his_price_holds_for_renewals_and_traffic_too(shop: Shop) {
        shop.makes_agent(ALI).await;
        let service = shop.sold(0).await;
        let own = Prices::default().with(None, Rule::Fixed(30_000));
        let (admin, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { agents::set_prices(tx, &admin, ALI, &own, now).await }).expect("his own price");
        let renewal = Sell { order: OrderId(7_001), sale: Sale::Renew { subscription: SERVICE }, price_minor: 30_000, gives: Some(shown()) };
        shop.sells(ALI, renewal).await.expect("it is renewed");
        shop.delivers(SERVICE).await;
        let traffic = Sale::Traffic { subscription: SERVICE, gigabytes: 5 };
        shop.sells(ALI, Sell { order: OrderId(7_002), sale: traffic, price_minor: 5_000, gives: None }).await.expect("it is added");
        shop.delivers(SERVICE).await;
        let after = shop.service(SERVICE).await.expect("a service");
        assert_eq!((after.until, after.traffic_bytes), (service.until.after(30 * DAY), service.traffic_bytes + 35 * GB));
        assert_eq!(shop.credit(ALI).await.0, -AGENT_PRICE - 35_000);
        shop.later(61 * DAY);
        let late = Sell { order: OrderId(7_003), sale: Sale::Traffic { subscription: SERVICE, gigabytes: 5 }, price_minor: 5_000, gives: None };
        assert!(matches!(shop.sells(ALI, late).await, Err(SellError::NotNow)), "its time is over: it is renewed");
    }

    async fn an_agent_reaches_only_what_he_sold(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.makes_agent(REZA).await;
        shop.sold(0).await;
        let renewal = || Sell { order: OrderId(7_001), sale: Sale::Renew { subscription: SERVICE }, price_minor: AGENT_PRICE, gives: Some(shown()) };
        assert!(matches!(shop.sells(REZA, renewal()).await, Err(SellError::NotYours)));
        assert!(matches!(does!(shop, REZA, pause(SERVICE)), Err(AgentServiceError::NotYours)));
        assert!(matches!(does!(shop, REZA, resume(SERVICE)), Err(AgentServiceError::NotYours)));
        assert!(matches!(does!(shop, REZA, revoke_link(SERVICE)), Err(AgentServiceError::NotYours)));
        assert!(matches!(does!(shop, REZA, delete_sold(SERVICE, AGENT_PRICE)), Err(AgentServiceError::NotYours)));
        assert!(matches!(does!(shop, REZA, hand_over(SERVICE, "stolen")), Err(HandOverError::Unknown)));
        let conn = shop.db.read();
        let page = || Page::new(0, 9);
        assert!(subscriptions::get_of_agent(conn, REZA, SERVICE).await.expect("read").is_none());
        for text in ["customer", &SERVICE.to_string(), "token5000"] {
            assert_eq!(subscriptions::find_of_agent(conn, (REZA, &shop.seal), text, page()).await.expect("read").1, 0, "{text}");
            assert_eq!(subscriptions::find_of_agent(conn, (ALI, &shop.seal), text, page()).await.expect("read").1, 1, "{text}");
        }
        assert_eq!(subscriptions::find_of_agent(conn, (ALI, &shop.seal), "%", page()).await.expect("read").1, 0);
        let link = "https://shop.example/sub/token5000/";
        assert_eq!(subscriptions::find_of_agent(conn, (ALI, &shop.seal), link, page()).await.expect("read").1, 1);
    }

    async fn he_pauses_and_resumes_and_finds_each_on_its_shelf(shop: Shop) {
        shop.makes_agent(ALI).await;
        let before = shop.sold(0).await;
        shop.sold(1).await;
        let on = async |shelf| {
            let found = subscriptions::of_agent(shop.db.read(), ALI, shelf, Page::new(0, 9)).await.expect("read");
            found.0.into_iter().map(|service| service.id).collect::<Vec<_>>()
        };
        does!(shop, ALI, pause(SERVICE)).expect("it is paused");
        assert!(matches!(does!(shop, ALI, pause(SERVICE)), Err(AgentServiceError::NotNow)));
        let off = shop.service(SERVICE).await.expect("a service");
        assert_eq!((off.state, off.off.map(|(sake, _)| sake)), (State::Disabled, Some(OffFor::Agent)));
        assert_eq!(on(Shelf::Disabled).await, [SERVICE]);
        assert_eq!(on(Shelf::EndingBefore(before.until.after(1))).await, [sub(1)]);
        let renewal = Sell { order: OrderId(7_001), sale: Sale::Renew { subscription: SERVICE }, price_minor: AGENT_PRICE, gives: Some(shown()) };
        assert!(matches!(shop.sells(ALI, renewal).await, Err(SellError::NotNow)), "resumed first");
        shop.later(HOUR);
        does!(shop, ALI, resume(SERVICE)).expect("it works again");
        shop.delivers(SERVICE).await;
        assert_eq!(shop.service(SERVICE).await.expect("a service").until, before.until, "its time ran on");
        shop.settings(|settings| settings.pause_time_kept = true).await;
        does!(shop, ALI, pause(SERVICE)).expect("it is paused");
        shop.delivers(SERVICE).await;
        shop.later(HOUR);
        does!(shop, ALI, resume(SERVICE)).expect("it works again");
        assert_eq!(shop.service(SERVICE).await.expect("a service").until, before.until.after(HOUR), "its time was kept");
    }

    async fn a_young_service_is_deleted_for_its_price_and_an_old_one_for_nothing(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.sold(0).await;
        shop.sold(1).await;
        let stale = does!(shop, ALI, delete_sold(SERVICE, 0));
        assert!(matches!(stale, Err(AgentServiceError::RefundChanged { refund }) if refund == irt(AGENT_PRICE)));
        assert_eq!(does!(shop, ALI, delete_sold(SERVICE, AGENT_PRICE)).expect("it is deleted"), irt(AGENT_PRICE));
        assert!(matches!(does!(shop, ALI, delete_sold(SERVICE, AGENT_PRICE)), Err(AgentServiceError::NotYours)), "once");
        assert_eq!(shop.credit(ALI).await.0, -AGENT_PRICE);
        assert_eq!(shop.order(OrderId(6_000)).await.state, checkout::State::Refunded);
        shop.later(24 * HOUR + MINUTE);
        assert_eq!(does!(shop, ALI, delete_sold(sub(1), 0)).expect("it is deleted"), irt(0));
        assert_eq!(shop.credit(ALI).await.0, -AGENT_PRICE);
        assert_eq!(shop.service(sub(1)).await.expect("a row").state, State::Deleted);
    }

    async fn what_is_used_of_a_deleted_service_does_not_come_back(shop: Shop) {
        shop.makes_agent(ALI).await;
        for (n, used_percent, back) in [(0, 25, AGENT_PRICE / 4 * 3), (1, 100, 0)] {
            let service = shop.sold(n).await;
            let used = service.traffic_bytes / 100 * used_percent;
            let counted: Result<u64, Fault> = commit!(shop, tx => async move {
                let sql = "UPDATE subscriptions SET used_bytes = $2 WHERE id = $1";
                souk::db::execute(tx, sql, vec![service.id.into(), used.into()]).await
            });
            counted.expect("it is used");
            let (agent, service) = (shop.agent(ALI).await.expect("an agent"), shop.service(sub(n)).await.expect("a service"));
            let shown = checkout::refundable(shop.db.read(), &agent, &service, shop.now()).await.expect("it reads");
            assert_eq!((shown.back, shown.paid), (irt(back), irt(AGENT_PRICE)), "{used_percent}%");
            let before = shop.credit(ALI).await.0;
            let whole = does!(shop, ALI, delete_sold(sub(n), AGENT_PRICE));
            assert!(matches!(whole, Err(AgentServiceError::RefundChanged { refund }) if refund == irt(back)));
            assert_eq!(does!(shop, ALI, delete_sold(sub(n), back)).expect("it is deleted"), irt(back));
            assert_eq!(shop.credit(ALI).await.0, before + back);
            assert_eq!(shop.order(OrderId(6_000 + n)).await.refunded, irt(back));
        }
    }

    async fn a_customer_takes_a_service_over_once(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.sold(0).await;
        does!(shop, ALI, hand_over(SERVICE, "first")).expect("a link");
        does!(shop, ALI, hand_over(SERVICE, "second")).expect("a newer link");
        does!(shop, ALI, hand_over(SERVICE, "first")).expect("the same act again, which ends no newer link");
        let takes = async |who, token: &'static str| {
            let (customer, now) = (shop.customer(who).await, shop.now());
            commit!(shop, tx => async move { checkout::take_over(tx, &customer, token, now).await })
        };
        assert!(matches!(takes(SARA, "first").await, Err(HandOverError::Unknown)), "the newer link ended it");
        assert!(matches!(takes(ALI, "second").await, Err(HandOverError::Own)));
        let (sara, omid) = tokio::join!(takes(SARA, "second"), takes(OMID, "second"));
        assert_eq!([&sara, &omid].iter().filter(|taken| taken.is_ok()).count(), 1, "the first has it");
        let who = if sara.is_ok() { SARA } else { OMID };
        takes(who, "second").await.expect("the same customer finds what is his");
        assert_eq!(subscriptions::of_person(shop.db.read(), who, Page::new(0, 9)).await.expect("read").1, 1);
        assert!(matches!(does!(shop, ALI, hand_over(SERVICE, "third")), Err(HandOverError::Taken)));
        let told = shop.told(ALI).await;
        assert!(told.iter().any(|notice| matches!(notice, Notice::Agent(AgentNotice::TakenOver { subscription }) if *subscription == SERVICE)));
        // The agent renews it; the customer does not, as long as there is an agent.
        let catalog = souk::shop::catalog::Catalog::load(shop.db.read()).await.expect("read");
        let ask = checkout::Ask { plan: "m1".parse().expect("a code"), renew: Some(SERVICE) };
        let customer = shop.customer(who).await;
        let quoted = checkout::quote(shop.db.read(), &catalog, &customer, &ask, shop.now()).await;
        assert!(matches!(quoted, Err(checkout::QuoteError::NotRenewable)));
    }

    async fn a_link_that_nobody_opens_ends(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.sold(0).await;
        does!(shop, ALI, hand_over(SERVICE, "slow")).expect("a link");
        shop.later(7 * DAY);
        let (customer, now) = (shop.customer(SARA).await, shop.now());
        let taken = commit!(shop, tx => async move { checkout::take_over(tx, &customer, "slow", now).await });
        assert!(matches!(taken, Err(HandOverError::Expired)));
    }

    async fn many_at_once_are_each_sold_once(shop: Shop) {
        shop.makes_agent(ALI).await;
        let items = || (0..4).map(|n| (OrderId(8_000 + n), sub(n), format!("box {n}"))).collect::<Vec<_>>();
        let bulk = || Bulk {
            batch: BatchId(9_000),
            plan: "m1".parse().expect("a code"),
            price_minor: AGENT_PRICE,
                gives: shown(),
            items: items(),
        };
        let first = bulk();
        let taken = does!(shop, ALI, bulk(&first)).expect("it is taken");
        let again = bulk();
        assert_eq!(does!(shop, ALI, bulk(&again)).expect("the same").id, taken.id);
        assert_eq!(shop.jobs("sell_batch").await, 1);
        let mut refused = Vec::new();
        // What the job does, twice over.
        for item in taken.items.iter().chain(&taken.items) {
            let (agent, now) = (shop.agent(ALI).await.expect("an agent"), shop.now());
            let (batch, one) = (taken.clone(), item.clone());
            let sold = commit!(shop, tx => async move { checkout::sell_next(tx, &agent, &batch, &one, now).await });
            if matches!(sold, Err(SellError::Short { .. })) && !refused.contains(&(item.clone(), "short".to_owned())) {
                refused.push((item.clone(), "short".to_owned()));
            }
        }
        let now = shop.now();
        commit!(shop, tx => async move { checkout::finish_batch(tx, BatchId(9_000), &refused, now).await }).expect("it ends");
        let batch = checkout::batch(shop.db.read(), BatchId(9_000)).await.expect("read").expect("a batch");
        let states: Vec<bool> = batch.items.iter().map(|item| item.state == ItemState::Sold).collect();
        assert_eq!(states, [true, true, false, false], "as far as the credit goes");
        assert_eq!(shop.credit(ALI).await.0, -2 * AGENT_PRICE);
        let told = async || {
            let is_it = |notice: &Notice| matches!(notice, Notice::Agent(AgentNotice::BatchReady { .. }));
            shop.told(ALI).await.into_iter().filter(is_it).count()
        };
        assert_eq!(told().await, 0, "nothing stands yet");
        for n in 0..2 {
            shop.delivers(sub(n)).await;
            let now = shop.now();
            commit!(shop, tx => async move { checkout::batch_ready(tx, sub(n), now).await }).expect("it is asked");
        }
        assert_eq!(told().await, 1);
        let now = shop.now();
        let asked = commit!(shop, tx => async move { checkout::batch_ready(tx, sub(0), now).await }).expect("it is asked");
        assert!(!asked, "later news of each are its own");
    }

    async fn a_batch_gives_what_was_promised_when_it_was_taken(shop: Shop) {
        shop.makes_agent(ALI).await;
        let items = (0..2).map(|n| (OrderId(8_000 + n), sub(n), format!("box {n}"))).collect();
        let bulk = Bulk { batch: BatchId(9_000), plan: "m1".parse().expect("a code"), price_minor: AGENT_PRICE, gives: shown(), items };
        let taken = does!(shop, ALI, bulk(&bulk)).expect("it is taken");
        shop.edits("m1", |plan| (plan.days, plan.traffic_bytes, plan.refund) = (10, 10 * GB, RefundRule::Whole)).await;
        for item in taken.items.clone() {
            let (batch, one) = (taken.clone(), item.clone());
            does!(shop, ALI, sell_next(&batch, &one)).expect("it is sold");
            shop.stands(item.subscription).await;
            let service = shop.service(item.subscription).await.expect("a service");
            assert_eq!((service.days, service.traffic_bytes), (30, 30 * GB));
            let quote = checkout::quote_refund(shop.db.read(), item.order, shop.now()).await.expect("a quote");
            assert_eq!(quote.by_rule.map(|(left, _)| (left.rule, left.whole)), Some((RefundRule::Time, 30)));
        }
        shop.corrects(ALI, AGENT_PRICE).await;
        let alone = Sell { gives: Some(shop.mark("m1").await), ..new_sale(5) };
        shop.sells(ALI, alone).await.expect("it is sold");
        assert_eq!(shop.service(sub(5)).await.expect("a service").days, 10, "whoever sells now sells what there is now");
    }

    async fn a_batch_is_told_of_when_what_it_waits_for_went_back_or_is_too_late(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.corrects(ALI, 4 * AGENT_PRICE).await;
        for (batch, goes_back) in [(0, true), (1, false)] {
            let ids = [2 * batch, 2 * batch + 1];
            let bulk = Bulk {
                batch: BatchId(9_000 + batch),
                plan: "m1".parse().expect("a code"),
                price_minor: AGENT_PRICE,
                gives: shown(),
                items: ids.map(|n| (OrderId(8_000 + n), sub(n), format!("box {n}"))).to_vec(),
            };
            let taken = does!(shop, ALI, bulk(&bulk)).expect("it is taken");
            for item in taken.items.clone() {
                let (batch, one) = (taken.clone(), item);
                does!(shop, ALI, sell_next(&batch, &one)).expect("it is sold");
            }
            let now = shop.now();
            commit!(shop, tx => async move { checkout::finish_batch(tx, BatchId(9_000 + batch), &[], now).await }).expect("it ends");
            shop.stands(sub(ids[0])).await;
            let told = async || {
                let is_it = |notice: &Notice| matches!(notice, Notice::Agent(AgentNotice::BatchReady { batch: told }) if *told == taken.id);
                shop.told(ALI).await.into_iter().filter(is_it).count()
            };
            assert_eq!(told().await, 0);
            let (owner, now, late) = (shop.admin(OWNER).await, shop.now(), OrderId(8_000 + ids[1]));
            if goes_back {
                commit!(shop, tx => async move { checkout::refund_undelivered(tx, &owner, late, now).await }).expect("a refund");
            } else {
                shop.later(2 * HOUR);
                let (settings, now) = (souk::shop::settings::load(shop.db.read()).await.expect("settings"), shop.now());
                commit!(shop, tx => async move { checkout::tell_late(tx, &settings, now, 9).await }).expect("it is told");
            }
            assert_eq!(told().await, 1, "{goes_back}");
        }
        let now = shop.now();
        let asked = commit!(shop, tx => async move { checkout::batch_ready(tx, sub(3), now).await }).expect("it is asked");
        assert!(!asked, "what is ready after that is told of alone");
    }

    /// Each looks whether it is the last: two that stand in the same moment must not both take the other for it.
    async fn a_batch_whose_services_stand_at_once_is_told_of(shop: Shop) {
        const EACH: i64 = 4;
        const ROUNDS: i64 = 10;
        shop.makes_agent(ALI).await;
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { agents::set_line(tx, &owner, ALI, Some(AGENT_PRICE * EACH * ROUNDS), now).await }).expect("a line");
        for round in 0..ROUNDS {
            let batch = BatchId(9_000 + round);
            let ids = (round * EACH..).take(4);
            let bulk = Bulk {
                batch,
                plan: "m1".parse().expect("a code"),
                price_minor: AGENT_PRICE,
                gives: shown(),
                items: ids.clone().map(|n| (OrderId(8_000 + n), sub(n), format!("box {n}"))).collect(),
            };
            let taken = does!(shop, ALI, bulk(&bulk)).expect("it is taken");
            for item in taken.items.clone() {
                let (agent, now, taken) = (shop.agent(ALI).await.expect("an agent"), shop.now(), taken.clone());
                commit!(shop, tx => async move { checkout::sell_next(tx, &agent, &taken, &item, now).await }).expect("it is sold");
            }
            let now = shop.now();
            commit!(shop, tx => async move { checkout::finish_batch(tx, batch, &[], now).await }).expect("it ends");
            join_all(ids.map(|n| shop.stands(sub(n)))).await;
            let is_it = |notice: &&Notice| matches!(notice, Notice::Agent(AgentNotice::BatchReady { batch: told }) if *told == batch);
            assert_eq!(shop.told(ALI).await.iter().filter(is_it).count(), 1, "{batch:?}");
        }
    }
}
