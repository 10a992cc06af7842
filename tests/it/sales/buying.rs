//! Quotes, orders, the cards they are paid on, and orders that are given up.
use super::shop::{CASHIER, NOON, OMID, PRICE, SARA, Shop, card, commit, irt, plan, stories};
use secrecy::ExposeSecret;
use souk::base::{DAY, HOUR, Time};
use souk::db;
use souk::shop::catalog::{self, Catalog};
use souk::shop::checkout::{self, Ask, CancelError, Place, PlaceError, QuoteError, State};
use souk::shop::payments::{self, State as Paying};
use souk::shop::subscriptions::Kind;

async fn quote(shop: &Shop, code: &str, renew: Option<souk::base::SubscriptionId>) -> Result<checkout::Quote, QuoteError> {
    let catalog = Catalog::load(shop.db.read()).await.expect("it loads");
    let ask = Ask { plan: code.parse().expect("a code"), renew };
    checkout::quote(shop.db.read(), &catalog, &shop.customer(SARA).await, &ask, shop.now()).await
}

stories! {
    async fn nothing_is_placed_at_a_price_that_was_not_shown(shop: Shop) {
        let before = shop.all_rows().await;
        let other = Place { price_minor: PRICE - 1, ..Shop::sale(1) };
        let placed = shop.try_place(SARA, other.clone()).await;
        assert!(matches!(placed, Err(PlaceError::PriceChanged)), "{placed:?}");
        assert_eq!(shop.all_rows().await, before);
        // Once it is placed its price stands, whatever the plan costs later.
        let (order, _) = shop.place(SARA, Shop::sale(1)).await;
        assert_eq!(shop.place(SARA, other).await.0.price, order.price);
    }

    /// The limit came after the first order: what never left the shelf is not put back.
    async fn an_order_gives_back_only_the_stock_that_it_took(shop: Shop) {
        let set = async |stock: i64| {
            let sql = "UPDATE plans SET stock = $1 WHERE code = 'm1'";
            commit!(shop, tx => async move { db::execute(tx, sql, vec![stock.into()]).await }).expect("a limit");
        };
        let (before, payment) = shop.submitted(SARA, 1).await;
        set(5).await;
        let (after, _) = shop.place(SARA, Shop::sale(2)).await;
        assert_eq!(shop.stock("m1").await, Some(4));
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        commit!(shop, tx => async move {
            checkout::cancel(tx, &sara, before.id, now).await?;
            checkout::cancel(tx, &sara, after.id, now).await
        }).expect("they are cancelled");
        assert_eq!(shop.stock("m1").await, Some(5));
        // Open again by a late receipt, it takes one, and gives that back.
        shop.send(SARA, payment.id, shop.photo("late")).await.expect("it is taken");
        assert_eq!(shop.stock("m1").await, Some(4));
        let sara = shop.customer(SARA).await;
        commit!(shop, tx => async move { checkout::cancel(tx, &sara, before.id, now).await }).expect("it is cancelled");
        assert_eq!(shop.stock("m1").await, Some(5));
    }

    async fn what_is_quoted_is_what_is_on_the_shelf(shop: Shop) {
        let quoted = quote(shop, "m1", None).await.expect("a quote");
        assert_eq!((quoted.price, quoted.renew.is_none()), (irt(PRICE), true));
        assert!(matches!(quote(shop, "none", None).await, Err(QuoteError::Gone)));
        commit!(shop, tx => async move {
            catalog::put_plan(tx, &plan("gone", Some(0)), 3, false).await?;
            catalog::switch_off_plan(tx, &"m1".parse().expect("a code")).await
        }).expect("it is changed");
        assert!(matches!(quote(shop, "gone", None).await, Err(QuoteError::SoldOut)));
        assert!(matches!(quote(shop, "m1", None).await, Err(QuoteError::Gone)));
        let stale = shop.try_place(SARA, Shop::sale(1)).await;
        assert!(matches!(stale, Err(PlaceError::Gone)), "{stale:?}");
    }

    /// What is switched off after the confirm screen was shown: its category, or its location.
    async fn what_left_the_shelf_with_its_category_or_location_is_not_sold(shop: Shop) {
        let (order, payment) = shop.place(OMID, Shop::sale(9)).await;
        for (n, table) in [(1, "categories"), (2, "locations")] {
            let switch = async |state: &'static str| {
                let sql = format!("UPDATE {table} SET state = $1");
                commit!(shop, tx => async move { db::execute(tx, &sql, vec![state.into()]).await }).expect("it is switched");
            };
            switch("off").await;
            let before = shop.all_rows().await;
            let stale = shop.try_place(SARA, Shop::sale(n)).await;
            assert!(matches!(stale, Err(PlaceError::Gone)), "{table}: {stale:?}");
            assert_eq!(shop.all_rows().await, before);
            switch("on").await;
            shop.place(SARA, Shop::sale(n)).await;
        }
        let off = "UPDATE categories SET state = 'off'";
        commit!(shop, tx => async move { db::execute(tx, off, vec![]).await }).expect("it is switched");
        // What was ordered before is given, and what somebody has may be renewed.
        shop.send(OMID, payment.id, shop.photo("a")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        assert!(quote(shop, "m1", None).await.is_err());
        let renewal = Place { renew: Some(order.subscription), ..Shop::sale(10) };
        shop.place(OMID, renewal).await;
    }

    async fn an_order_asks_for_its_price_and_a_tail_on_a_card_whose_number_only_the_payment_opens(shop: Shop) {
        let (order, payment) = shop.place(SARA, Shop::sale(1)).await;
        assert_eq!((order.state, payment.state), (State::Placed, Paying::Open));
        let tail = payment.due.minor - PRICE;
        assert!((1..=999).contains(&tail), "{tail}");
        assert_eq!(payment.expires_at, NOON.after(2 * HOUR));
        let card = payments::payee_of(shop.db.read(), &payment, &shop.seal).await.expect("a card");
        assert_eq!((card.details.expose_secret(), card.method.last4.as_str()), ("6037991234567893", "7893"));
    }

    /// A double tap, a redelivery and a replay name the same order.
    async fn the_same_order_again_is_the_same_order(shop: Shop) {
        let first = shop.place(SARA, Shop::sale(1)).await;
        let before = shop.all_rows().await;
        assert_eq!(shop.place(SARA, Shop::sale(1)).await, first);
        assert_eq!(shop.all_rows().await, before);
        let stolen = shop.try_place(OMID, Shop::sale(1)).await;
        assert!(matches!(stolen, Err(PlaceError::NotYours)), "{stolen:?}");
    }

    async fn the_last_piece_is_sold_once_and_comes_back_when_its_order_ends(shop: Shop) {
        let last = |n| Place { plan: "last".parse().expect("a code"), ..Shop::sale(n) };
        let (order, _) = shop.place(SARA, last(1)).await;
        assert_eq!(shop.stock("last").await, Some(0));
        let refused = shop.try_place(OMID, last(2)).await;
        assert!(matches!(refused, Err(PlaceError::SoldOut)), "{refused:?}");
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        commit!(shop, tx => async move { checkout::cancel(tx, &sara, order.id, now).await }).expect("it is cancelled");
        assert_eq!(shop.stock("last").await, Some(1));
        assert_eq!(shop.payment(last(1).payment).await.state, Paying::Cancelled);
        shop.place(OMID, last(2)).await;
        let again = shop.try_place(SARA, last(1)).await;
        assert!(matches!(again, Err(PlaceError::AlreadyClosed(order)) if order.state == State::Cancelled));
    }

    async fn nobody_cancels_what_is_paid_or_somebody_elses(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let (omid, sara, now) = (shop.customer(OMID).await, shop.customer(SARA).await, shop.now());
        let id = order.id;
        let theirs = commit!(shop, tx => async move { checkout::cancel(tx, &omid, id, now).await });
        assert!(matches!(theirs, Err(CancelError::NotYours)));
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let paid = commit!(shop, tx => async move { checkout::cancel(tx, &sara, id, now).await });
        assert!(matches!(paid, Err(CancelError::AlreadyClosed(order)) if order.state == State::Paid));
    }

    async fn a_person_waits_with_five_unpaid_orders_and_no_more(shop: Shop) {
        for n in 1..=5 {
            shop.place(SARA, Shop::sale(n)).await;
        }
        let sixth = shop.try_place(SARA, Shop::sale(6)).await;
        assert!(matches!(sixth, Err(PlaceError::TooManyOpen { most: 5 })), "{sixth:?}");
        shop.place(OMID, Shop::sale(7)).await;
    }

    async fn a_renewal_keeps_its_service_and_takes_no_stock(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let lent = Shop::sale(1).subscription;
        assert_eq!(shop.delivers(lent).await, [order.id]);
        let before = shop.service(lent).await.expect("a service");
        let quoted = quote(shop, "m1", Some(lent)).await.expect("a quote");
        let (_, terms) = quoted.renew.expect("a renewal");
        assert_eq!(terms.until, before.until.after(30 * DAY));
        let renew = Place { renew: Some(lent), ..Shop::sale(2) };
        let stolen = shop.try_place(OMID, renew.clone()).await;
        assert!(matches!(stolen, Err(PlaceError::NotYours)), "{stolen:?}");
        let other = Place { plan: "last".parse().expect("a code"), ..renew.clone() };
        let other = shop.try_place(SARA, other).await;
        assert!(matches!(other, Err(PlaceError::NotRenewable)), "{other:?}");
        let (order, payment) = shop.place(SARA, renew).await;
        assert_eq!((order.kind, order.subscription), (checkout::Kind::Renew, lent));
        shop.send(SARA, payment.id, shop.photo("renewal")).await.expect("it is taken");
        assert_eq!(shop.service(lent).await.expect("a service"), before, "nothing is lent of a renewal");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let after = shop.service(lent).await.expect("a service");
        assert_eq!((after.until, after.period, after.kind), (terms.until, 2, Kind::Full));
        assert_eq!(shop.delivers(lent).await, [order.id]);
    }

    /// The emptiest card of the shop's day is offered; pending and approved amounts both count; at midnight it begins anew.
    async fn cards_take_turns_up_to_their_limits_of_the_day(shop: Shop) {
        let seal = shop.seal.clone();
        commit!(shop, tx => async move {
            payments::switch_off(tx, &"main".parse().expect("a code")).await?;
            payments::save_method(tx, &card("small", Some(2 * PRICE + 2_500), 1), &seal).await?;
            payments::save_method(tx, &card("large", Some(3 * PRICE + 2_400), 2), &seal).await
        }).expect("cards");
        let mut used = Vec::new();
        for n in 1..=5 {
            let (_, payment) = shop.submitted(if n % 2 == 0 { OMID } else { SARA }, n).await;
            used.push(payment.method.to_string());
            if n == 1 {
                shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
            }
        }
        assert_eq!(used[..3], ["large", "small", "large"]);
        assert_eq!(used.iter().filter(|card| *card == "large").count(), 3);
        let full = shop.try_place(SARA, Shop::sale(6)).await;
        let midnight = Time(NOON.0 + 12 * HOUR);
        assert!(matches!(full, Err(PlaceError::NoMethod { when: Some(when) }) if when == midnight), "{full:?}");
        for n in 2..=5 {
            shop.reject(CASHIER, Shop::sale(n).payment, false).await.expect("it is rejected");
        }
        let (_, payment) = shop.place(SARA, Shop::sale(7)).await;
        assert_eq!(payment.method.as_str(), "small", "the approved one still counts");
        shop.later(12 * HOUR);
        let (_, payment) = shop.place(OMID, Shop::sale(8)).await;
        assert_eq!(payment.method.as_str(), "large", "a new day");
    }
}
