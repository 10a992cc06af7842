//! The verb itself: what it refuses, what happens at once, and whose account it is.
use crate::agents::stand::{AGENT_PRICE, ALI};
use crate::sales::shop::{CASHIER, OWNER, PRICE, SARA, Shop, commit, irt, people, shown, stories};
use futures::future::{join, join_all};
use souk::base::{DAY, OrderId, PersonId, SubscriptionId};
use souk::shop::accounts::Role;
use souk::shop::agents::Settlement;
use souk::shop::checkout::{self, NotAllowed, Refund, RefundError, RefundReceipt, RefundWay, Refunded, Sale, Sell, State};
use souk::shop::notices::{Notice, RefundTo};
use souk::shop::payments::ReceiptKind;

/// An order of the n-th sale, delivered.
async fn delivered(shop: &Shop, n: i64) -> OrderId {
    let (order, payment) = shop.submitted(SARA, n).await;
    shop.approve(OWNER, payment.id, None).await.expect("it is approved");
    shop.delivers(order.subscription).await;
    order.id
}

fn asked(order: OrderId, amount_minor: i64, so_far_minor: i64) -> Refund {
    Refund { order, amount_minor, so_far_minor, way: RefundWay::Account }
}

async fn refunds(shop: &Shop, by: PersonId, refund: Refund) -> Result<Refunded, RefundError> {
    let (admin, now) = (shop.admin(by).await, shop.now());
    commit!(shop, tx => async move { checkout::refund_delivered(tx, &admin, &refund, now).await })
}

fn by_hand(method: Option<&str>, text: &str) -> RefundWay {
    let receipt = RefundReceipt { kind: ReceiptKind::Text, file_id: None, text: Some(text.to_owned()) };
    RefundWay::Hand { method: method.map(|code| code.parse().expect("a code")), receipt }
}

/// Ali sells a month on credit; it is delivered.
async fn sold(shop: &Shop) -> OrderId {
    shop.makes_agent(ALI).await;
    let order = sells(shop, 9).await;
    shop.delivers(SubscriptionId(9)).await;
    order
}

/// Ali sells his n-th month.
async fn sells(shop: &Shop, n: i64) -> OrderId {
    let (agent, now) = (shop.agent(ALI).await.expect("an agent"), shop.now());
    let sale = Sale::New { plan: "m1".parse().expect("a code"), subscription: SubscriptionId(n), label: "box".to_owned() };
    let sell = Sell { order: OrderId(100 + n), sale, price_minor: AGENT_PRICE, gives: Some(shown()) };
    commit!(shop, tx => async move { checkout::sell(tx, &agent, &sell, now).await }).expect("it is sold").order.id
}

/// Sara takes a service of his over.
async fn taken_over(shop: &Shop, n: i64) {
    let (agent, sara, now) = (shop.agent(ALI).await.expect("an agent"), shop.customer(SARA).await, shop.now());
    let token = format!("token-{n}");
    commit!(shop, tx => async move {
        checkout::hand_over(tx, &agent, SubscriptionId(n), &token, now).await?;
        checkout::take_over(tx, &sara, &token, now).await
    })
    .expect("she takes it over");
}

stories! {
    async fn twenty_admins_at_once_give_back_once(shop: Shop) {
        let order = delivered(shop, 1).await;
        people(shop, 100..120, Some(Role::Cashier)).await;
        let before = shop.wallet(SARA).await;
        let outcomes = join_all((100..120).map(|id| refunds(shop, PersonId(id), asked(order, 100_000, 0)))).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|error| matches!(error, RefundError::Already(_))));
        assert_eq!((shop.wallet(SARA).await, shop.order(order).await.refunded), (before + 100_000, irt(100_000)));
    }

    async fn the_same_yes_again_is_the_same_refund(shop: Shop) {
        let order = delivered(shop, 1).await;
        let first = refunds(shop, CASHIER, asked(order, 50_000, 0)).await.expect("it goes back");
        let rows = shop.all_rows().await;
        let again = refunds(shop, CASHIER, asked(order, 50_000, 0)).await.expect("it went back");
        assert_eq!((&again, shop.all_rows().await), (&first, rows));
        let other = refunds(shop, CASHIER, asked(order, 60_000, 0)).await;
        assert!(matches!(other, Err(RefundError::Already(done)) if done.amount == irt(50_000)));
        assert_eq!(shop.order(order).await.state, State::Refunded);
    }

    async fn what_cannot_go_back_changes_nothing(shop: Shop) {
        let order = delivered(shop, 1).await;
        let (waits, _) = shop.submitted(SARA, 2).await;
        let (paid, later) = shop.submitted(SARA, 3).await;
        people(shop, 100..101, Some(Role::Support)).await;
        let too_much = refunds(shop, OWNER, asked(order, PRICE + 1, 0)).await;
        assert!(matches!(too_much, Err(RefundError::TooMuch { most }) if most == irt(PRICE)));
        for amount in [0, -5, i64::MIN] {
            assert!(matches!(refunds(shop, OWNER, asked(order, amount, 0)).await, Err(RefundError::BadAmount)));
        }
        assert!(matches!(refunds(shop, OWNER, asked(order, 5, 1)).await, Err(RefundError::BadAmount)));
        let support = refunds(shop, PersonId(100), asked(order, 5, 0)).await;
        assert!(matches!(support, Err(RefundError::NotAllowed(NotAllowed::Role))));
        let placed = refunds(shop, OWNER, asked(waits.id, 5, 0)).await;
        assert!(matches!(placed, Err(RefundError::NotDelivered(State::Placed))));
        shop.approve(OWNER, later.id, None).await.expect("it is approved, and not delivered yet");
        let before = shop.all_rows().await;
        let part = Refund { way: by_hand(None, "123456"), ..asked(paid.id, 5, 0) };
        for refund in [asked(paid.id, PRICE, 0), asked(paid.id, 5, 0), part] {
            let refused = refunds(shop, OWNER, refund).await;
            assert!(matches!(refused, Err(RefundError::NotDelivered(State::Paid))), "{refused:?}");
        }
        assert_eq!(shop.all_rows().await, before);
        let rows = before;
        assert!(matches!(refunds(shop, OWNER, asked(OrderId(5), 5, 0)).await, Err(RefundError::Unknown)));
        let unread = Refund { way: by_hand(None, "  "), ..asked(order, 5, 0) };
        assert!(matches!(refunds(shop, OWNER, unread).await, Err(RefundError::BadReceipt)));
        let elsewhere = Refund { way: by_hand(Some("gone"), "123456"), ..asked(order, 5, 0) };
        assert!(matches!(refunds(shop, OWNER, elsewhere).await, Err(RefundError::NoMethod)));
        assert_eq!(shop.all_rows().await, rows);
    }

    async fn nobody_gives_himself_back(shop: Shop) {
        let order = delivered(shop, 1).await;
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { souk::shop::accounts::grant(tx, &owner, SARA, Role::Cashier, now).await }).expect("a role");
        let own = refunds(shop, SARA, asked(order, 5, 0)).await;
        assert!(matches!(own, Err(RefundError::NotAllowed(NotAllowed::Own))), "{own:?}");
    }

    async fn stock_comes_back_with_the_first_part_and_once(shop: Shop) {
        let place = checkout::Place { plan: "last".parse().expect("a code"), ..Shop::sale(1) };
        let (order, payment) = shop.place(SARA, place).await;
        shop.send(SARA, payment.id, shop.photo("p")).await.expect("it is taken");
        shop.approve(OWNER, payment.id, None).await.expect("it is approved");
        shop.delivers(order.subscription).await;
        assert_eq!(shop.stock("last").await, Some(0));
        refunds(shop, OWNER, asked(order.id, 100, 0)).await.expect("a part goes back");
        refunds(shop, OWNER, asked(order.id, 200, 100)).await.expect("a part goes back");
        assert_eq!((shop.stock("last").await, shop.order(order.id).await.refunded), (Some(1), irt(300)));
    }

    async fn an_agents_sale_goes_back_to_his_credit(shop: Shop) {
        let order = sold(shop).await;
        shop.later(15 * DAY);
        let quote = checkout::quote_refund(shop.db.read(), order, shop.now()).await.expect("a quote");
        let half = quote.by_rule.expect("a rule").1;
        assert_eq!((half.minor, quote.to), (AGENT_PRICE / 2, RefundTo::Credit));
        refunds(shop, CASHIER, asked(order, half.minor, 0)).await.expect("it goes back");
        assert_eq!((shop.credit(ALI).await.0, shop.wallet(ALI).await), (half.minor - AGENT_PRICE, 0));
        let told = shop.told(ALI).await;
        assert!(told.iter().any(|notice| matches!(notice, Notice::Refunded { to: RefundTo::Credit, amount, .. } if *amount == half)));
        // Once his agency is closed, the rest goes to his wallet.
        let rest = AGENT_PRICE - half.minor;
        shop.closes(OWNER, ALI, Settlement::WriteOff(irt(rest))).await.expect("it is closed");
        let done = refunds(shop, CASHIER, asked(order, rest, half.minor)).await.expect("it goes back");
        assert_eq!((done.to, shop.wallet(ALI).await, shop.credit(ALI).await.0), (RefundTo::Wallet, rest, 0));
    }

    async fn a_refund_beside_a_closing_leaves_nothing_on_the_closed_account(shop: Shop) {
        shop.makes_agent(ALI).await;
        for round in 0..8 {
            let order = sells(shop, 20 + round).await;
            shop.delivers(SubscriptionId(20 + round)).await;
            let written_off = Settlement::WriteOff(irt(AGENT_PRICE));
            let (closed, back) = join(shop.closes(OWNER, ALI, written_off), refunds(shop, CASHIER, asked(order, AGENT_PRICE, 0))).await;
            let to = back.expect("it goes back").to;
            closed.expect("it is closed, with a debt or without");
            assert_eq!(shop.credit(ALI).await.0, 0, "round {round}, {to:?}");
            shop.applies(ALI, 800 + round).await.expect("he applies");
            shop.accepts(CASHIER, 800 + round, "silver").await.expect("he is accepted");
        }
    }

    async fn whoever_took_a_service_over_is_told_that_it_is_gone(shop: Shop) {
        let gone = async |id| {
            let told = shop.told(SARA).await;
            let gone = Notice::ServiceGone { subscription: SubscriptionId(id) };
            told.iter().filter(|notice| **notice == gone).count()
        };
        let order = sold(shop).await;
        taken_over(shop, 9).await;
        // The money goes back in two parts; the service ends once.
        refunds(shop, OWNER, asked(order, 50_000, 0)).await.expect("it goes back");
        refunds(shop, OWNER, asked(order, 20_000, 50_000)).await.expect("more of it goes back");
        assert_eq!(gone(9).await, 1, "{:?}", shop.told(SARA).await);
        let refunded = |notice: &Notice| matches!(notice, Notice::Refunded { .. });
        assert!(!shop.told(SARA).await.iter().any(refunded), "the money is the agent's affair");
        // One that its panel never made, and one that its agent deletes.
        for n in [10, 11] {
            sells(shop, n).await;
            taken_over(shop, n).await;
        }
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { checkout::refund_undelivered(tx, &owner, OrderId(110), now).await }).expect("a refund");
        let agent = shop.agent(ALI).await.expect("an agent");
        commit!(shop, tx => async move { checkout::delete_sold(tx, &agent, SubscriptionId(11), AGENT_PRICE, now).await })
            .expect("it is deleted");
        assert_eq!((gone(10).await, gone(11).await), (1, 1));
        // What nobody took over is nobody else's.
        sells(shop, 12).await;
        let agent = shop.agent(ALI).await.expect("an agent");
        commit!(shop, tx => async move { checkout::delete_sold(tx, &agent, SubscriptionId(12), AGENT_PRICE, now).await })
            .expect("it is deleted");
        assert!(!shop.told(ALI).await.iter().any(|notice| matches!(notice, Notice::ServiceGone { .. })));
    }

    async fn an_agents_own_deletion_is_a_refund_like_any_other(shop: Shop) {
        let order = sold(shop).await;
        let (agent, now) = (shop.agent(ALI).await.expect("an agent"), shop.now());
        let back = commit!(shop, tx => async move {
            checkout::delete_sold(tx, &agent, SubscriptionId(9), AGENT_PRICE, now).await
        });
        assert_eq!(back.expect("it is deleted"), irt(AGENT_PRICE));
        let rows = checkout::refunds_of(shop.db.read(), order).await.expect("it reads");
        assert!(matches!(rows.as_slice(), [done] if done.by == ALI && done.amount == irt(AGENT_PRICE) && done.to == RefundTo::Credit));
        let again = refunds(shop, OWNER, asked(order, 5, AGENT_PRICE)).await;
        assert!(matches!(again, Err(RefundError::TooMuch { most }) if most.minor == 0), "{again:?}");
    }
}
