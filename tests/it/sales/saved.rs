//! Saved orders: one that was short buys itself after the top-up, once, at the price that was shown; or its person is asked.
use super::shop::{CASHIER, OMID, OWNER, PRICE, SARA, Shop, commit, irt, stories};
use super::wallet::gives;
use futures::future::join_all;
use souk::base::{DAY, Fault, HOUR, OrderId, PaymentId, PersonId};
use souk::shop::catalog;
use souk::shop::checkout::{self, Order, Pay, Place, PlaceError, State, TopUp, UndoError};
use souk::shop::notices::Notice;
use souk::shop::payments::{Payment, Purpose};
use souk::shop::subscriptions::{Kind, State as Serving};

async fn saves(shop: &Shop, who: PersonId, n: i64) -> Order {
    let placed = shop.try_order(who, Place { pay: Pay::Save, ..Shop::sale(n) }).await.expect("it is saved");
    assert!(placed.payment.is_none() && placed.order.saved_until.is_some(), "{placed:?}");
    placed.order
}

/// Opens the n-th top-up and sends its receipt.
async fn tops_up(shop: &Shop, n: i64, minor: i64) -> Payment {
    let (sara, now) = (shop.customer(SARA).await, shop.now());
    let top_up = TopUp { payment: PaymentId(4_000 + n), amount: irt(minor), purpose: Purpose::Wallet, kind: None };
    let payment = commit!(shop, tx => async move { checkout::top_up(tx, &sara, &top_up, now).await }).expect("it is opened");
    shop.send(SARA, payment.id, shop.photo(&format!("top-up {n}"))).await.expect("it is taken").payment
}

/// The plan's price is another now, or it is off the shelf.
async fn reprices(shop: &Shop, minor: i64, on: bool) {
    shop.edits("m1", |plan| (plan.price, plan.on) = (irt(minor), on)).await;
}

async fn expires(shop: &Shop) -> Vec<OrderId> {
    let now = shop.now();
    commit!(shop, tx => async move { checkout::expire_saved(tx, now, 10).await }).expect("the clock's work")
}

stories! {
    async fn it_buys_itself_once_after_the_top_up(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let order = saves(shop, SARA, 1).await;
        assert_eq!(saves(shop, SARA, 1).await, order);
        assert!(shop.service(order.subscription).await.is_none(), "nothing is lent for it");
        let payment = tops_up(shop, 1, PRICE - 50_000).await;
        assert!(shop.service(order.subscription).await.is_none(), "nor for the top-up");
        let done = join_all([CASHIER, OWNER, CASHIER].map(|by| shop.approve(by, payment.id, None))).await;
        assert_eq!(done.iter().filter(|approved| approved.is_ok()).count(), 1, "{done:?}");
        let left = payment.due.minor + 50_000 - PRICE;
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Paid, left));
        let told = shop.told(SARA).await;
        let bought = Notice::SavedBought { order: order.id, price: irt(PRICE), balance: irt(left) };
        assert_eq!(told.iter().filter(|notice| **notice == bought).count(), 1, "{told:?}");
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        let second = tops_up(shop, 2, PRICE).await;
        shop.approve(CASHIER, second.id, None).await.expect("it is approved");
        assert_eq!(shop.wallet(SARA).await, left + second.due.minor, "it is bought once");
    }

    async fn a_top_up_that_is_not_enough_leaves_it_waiting(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        let first = tops_up(shop, 1, 100_000).await;
        shop.approve(CASHIER, first.id, Some(irt(100_000))).await.expect("it is approved");
        assert_eq!(shop.order(order.id).await.state, State::Placed);
        let short = Notice::SavedShort { order: order.id, missing: irt(PRICE - 100_000) };
        assert!(shop.told(SARA).await.contains(&short), "{:?}", shop.told(SARA).await);
        let second = tops_up(shop, 2, PRICE - 100_000).await;
        shop.approve(CASHIER, second.id, None).await.expect("it is approved");
        assert_eq!(shop.order(order.id).await.state, State::Paid);
    }

    async fn another_price_is_asked_for_and_nothing_is_bought(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        let payment = tops_up(shop, 1, PRICE).await;
        reprices(shop, PRICE - 10, true).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Cancelled, payment.due.minor));
        assert!(shop.told(SARA).await.contains(&Notice::SavedChanged { order: order.id, price: Some(irt(PRICE - 10)) }));
        let gone = saves_again(shop).await;
        reprices(shop, PRICE - 10, false).await;
        let second = tops_up(shop, 2, PRICE).await;
        shop.approve(CASHIER, second.id, None).await.expect("it is approved");
        assert_eq!(shop.order(gone.id).await.state, State::Cancelled);
        assert!(shop.told(SARA).await.contains(&Notice::SavedChanged { order: gone.id, price: None }));
    }

    async fn what_left_the_shelf_is_not_bought_by_a_saved_order(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        let payment = tops_up(shop, 1, PRICE).await;
        let code = "dynamic".parse().expect("a code");
        commit!(shop, tx => async move { catalog::switch_off_category(tx, &code).await }).expect("it is switched off");
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        let by_hand = commit!(shop, tx => async move { checkout::buy_saved(tx, &sara, order.id, now).await });
        assert!(matches!(by_hand, Err(PlaceError::Gone)), "{by_hand:?}");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Cancelled, payment.due.minor));
        assert!(shop.told(SARA).await.contains(&Notice::SavedChanged { order: order.id, price: None }));
    }

    async fn another_promise_is_asked_for_and_nothing_is_bought(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        let payment = tops_up(shop, 1, PRICE).await;
        shop.edits("m1", |plan| plan.devices = 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Cancelled, payment.due.minor));
        assert!(shop.told(SARA).await.contains(&Notice::SavedChanged { order: order.id, price: Some(irt(PRICE)) }));
    }

    async fn it_is_bought_by_hand_when_money_came_another_way(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        let buy = || async {
            let (sara, now) = (shop.customer(SARA).await, shop.now());
            commit!(shop, tx => async move { checkout::buy_saved(tx, &sara, order.id, now).await })
        };
        let before = shop.all_rows().await;
        let short = buy().await;
        assert!(matches!(short, Err(PlaceError::Short { .. })), "{short:?}");
        assert_eq!(shop.all_rows().await, before);
        gives(shop, SARA, PRICE).await;
        assert_eq!(buy().await.expect("it is bought").state, State::Paid);
        let again = buy().await;
        assert!(matches!(again, Err(PlaceError::AlreadyClosed(_))), "{again:?}");
        assert_eq!(shop.wallet(SARA).await, 0);
    }

    async fn whoever_orders_the_same_another_way_does_not_get_it_twice(shop: Shop) {
        let saved = saves(shop, SARA, 1).await;
        shop.submitted(SARA, 2).await;
        assert_eq!(shop.order(saved.id).await.state, State::Cancelled);
        let kept = saves(shop, SARA, 3).await;
        let other = Place { plan: "last".parse().expect("a code"), ..Shop::sale(4) };
        shop.place(SARA, other).await;
        assert_eq!(shop.order(kept.id).await.state, State::Placed);
    }

    async fn it_holds_no_stock_and_what_is_sold_out_is_said(shop: Shop) {
        let last = |n, pay| Place { plan: "last".parse().expect("a code"), pay, ..Shop::sale(n) };
        let order = shop.try_order(SARA, last(1, Pay::Save)).await.expect("it is saved").order;
        assert_eq!(shop.stock("last").await, Some(1));
        gives(shop, OMID, PRICE).await;
        let theirs = shop.try_order(OMID, last(2, Pay::Wallet)).await.expect("it is bought").order;
        let payment = tops_up(shop, 1, PRICE).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert!(shop.told(SARA).await.contains(&Notice::SavedChanged { order: order.id, price: None }));
        assert_eq!((shop.order(theirs.id).await.state, shop.stock("last").await), (State::Paid, Some(0)));
    }

    async fn a_newer_one_takes_its_place(shop: Shop) {
        let first = saves(shop, SARA, 1).await;
        let second = saves(shop, SARA, 2).await;
        assert_eq!((shop.order(first.id).await.state, shop.order(second.id).await.state), (State::Cancelled, State::Placed));
        let theirs = saves(shop, OMID, 3).await;
        let payment = tops_up(shop, 1, 2 * PRICE).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let states = [first.id, second.id, theirs.id].map(|id| shop.order(id));
        let states: Vec<State> = join_all(states).await.into_iter().map(|order| order.state).collect();
        assert_eq!(states, [State::Cancelled, State::Paid, State::Placed]);
    }

    async fn it_expires_but_not_while_its_top_up_is_under_review(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        shop.later(47 * HOUR);
        let payment = tops_up(shop, 1, PRICE).await;
        shop.later(2 * HOUR);
        assert_eq!(expires(shop).await, []);
        shop.approve(CASHIER, payment.id, Some(irt(20_000))).await.expect("it is approved");
        assert_eq!(expires(shop).await, [order.id]);
        assert_eq!(expires(shop).await, []);
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Expired, 20_000));
        assert!(shop.told(SARA).await.contains(&Notice::SavedExpired { order: order.id }));
        shop.later(DAY);
        let late = tops_up(shop, 2, PRICE).await;
        shop.approve(CASHIER, late.id, None).await.expect("it is approved");
        assert_eq!(shop.order(order.id).await.state, State::Expired);
    }

    async fn its_person_may_give_it_up(shop: Shop) {
        let order = saves(shop, SARA, 1).await;
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        commit!(shop, tx => async move { checkout::cancel(tx, &sara, order.id, now).await }).expect("it is cancelled");
        let payment = tops_up(shop, 1, PRICE).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Cancelled, payment.due.minor));
    }

    async fn an_approval_that_bought_it_is_taken_back_whole(shop: Shop) {
        let last = Place { plan: "last".parse().expect("a code"), pay: Pay::Save, ..Shop::sale(1) };
        let order = shop.try_order(SARA, last).await.expect("it is saved").order;
        let payment = tops_up(shop, 1, PRICE).await;
        for _ in 0..2 {
            shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
            assert_eq!((shop.order(order.id).await.state, shop.stock("last").await), (State::Paid, Some(0)));
            shop.proves().await;
            shop.undo(CASHIER, payment.id).await.expect("it is undone");
            assert_eq!((shop.order(order.id).await.state, shop.stock("last").await), (State::Placed, Some(1)));
            assert_eq!(shop.wallet(SARA).await, 0);
            let off = shop.service(order.subscription).await.expect("a service");
            assert_eq!((off.kind, off.state), (Kind::Provisional, Serving::Disabled));
            shop.proves().await;
        }
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        let other = tops_up(shop, 2, PRICE).await;
        shop.approve(CASHIER, other.id, None).await.expect("it is approved");
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        let before = shop.all_rows().await;
        let spent = shop.undo(CASHIER, other.id).await;
        assert!(matches!(spent, Err(UndoError::Spent)), "{spent:?}");
        assert_eq!(shop.all_rows().await, before);
    }

    async fn a_newer_one_makes_room_for_what_is_taken_back(shop: Shop) {
        let first = saves(shop, SARA, 1).await;
        let payment = tops_up(shop, 1, PRICE).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let newer = saves(shop, SARA, 2).await;
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!((shop.order(first.id).await.state, shop.order(newer.id).await.state), (State::Placed, State::Cancelled));
    }

    /// The service it renews was deleted meanwhile.
    async fn a_renewal_that_cannot_be_given_is_said(shop: Shop) {
        gives(shop, SARA, PRICE).await;
        let first = shop.try_order(SARA, Place { pay: Pay::Wallet, ..Shop::sale(1) }).await.expect("it is bought").order;
        shop.delivers(first.subscription).await;
        let renew = Place { renew: Some(first.subscription), pay: Pay::Save, ..Shop::sale(2) };
        let order = shop.try_order(SARA, renew).await.expect("it is saved").order;
        let (id, now) = (first.subscription, shop.now());
        let gone: Result<_, Fault> =
            commit!(shop, tx => async move { souk::shop::subscriptions::delete(tx, id, "by hand", now).await.map_err(Fault::from) });
        assert!(gone.expect("it is deleted").is_yes());
        let payment = tops_up(shop, 1, PRICE).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((shop.order(order.id).await.state, shop.wallet(SARA).await), (State::Cancelled, payment.due.minor));
    }
}

async fn saves_again(shop: &Shop) -> Order {
    let again = Place { price_minor: PRICE - 10, pay: Pay::Save, ..Shop::sale(9) };
    shop.try_order(SARA, again).await.expect("it is saved").order
}
