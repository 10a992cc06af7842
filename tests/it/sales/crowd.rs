//! Many at once: the first wins, and the books agree.
use super::shop::{CASHIER, OMID, OWNER, PRICE, SARA, Shop, card, commit, irt, people, stories};
use futures::future::{join, join_all};
use souk::base::PersonId;
use souk::shop::accounts::Role;
use souk::shop::checkout::{self, CancelError, LateError, Place, PlaceError, ReviewError, State};
use souk::shop::payments::{self, State as Paying};
use std::collections::BTreeSet;

stories! {
    async fn twenty_admins_approve_and_one_does(shop: Shop) {
        people(shop, 910..930, Some(Role::Cashier)).await;
        let (order, payment) = shop.submitted(SARA, 1).await;
        let done = join_all((910..930).map(|id| shop.approve(PersonId(id), payment.id, None))).await;
        let won = done.iter().filter(|outcome| outcome.is_ok()).count();
        let told = done.iter().filter(|outcome| matches!(outcome, Err(ReviewError::AlreadyDecided { .. }))).count();
        assert_eq!((won, told), (1, 19), "{done:?}");
        assert_eq!(shop.wallet(SARA).await, payment.due.minor - PRICE);
        assert_eq!(shop.order(order.id).await.state, State::Paid);
        assert_eq!(shop.customer(SARA).await.receipts_good, 1);
    }

    async fn approved_and_rejected_at_once_is_one_of_both(shop: Shop) {
        for n in 1..=10 {
            let (order, payment) = shop.submitted(SARA, n).await;
            let (approved, rejected) =
                join(shop.approve(CASHIER, payment.id, None), shop.reject(OWNER, payment.id, false)).await;
            assert!(approved.is_ok() != rejected.is_ok(), "{approved:?} {rejected:?}");
            let expected = if approved.is_ok() { State::Paid } else { State::Rejected };
            assert_eq!(shop.order(order.id).await.state, expected);
        }
    }

    async fn approved_and_cancelled_at_once_is_one_of_both(shop: Shop) {
        let sara = shop.customer(SARA).await;
        for n in 1..=10 {
            let (order, payment) = shop.submitted(SARA, n).await;
            let (customer, now) = (sara.clone(), shop.now());
            let cancel = async { commit!(shop, tx => async move { checkout::cancel(tx, &customer, order.id, now).await }) };
            let (approved, cancelled) = join(shop.approve(CASHIER, payment.id, None), cancel).await;
            match (approved, cancelled) {
                (Ok(approved), Err(CancelError::AlreadyClosed(order))) => assert!(approved.paid && order.state == State::Paid),
                (Err(ReviewError::AlreadyDecided { state: Paying::Cancelled, by, .. }), Ok(order)) => {
                    assert_eq!((order.state, by), (State::Cancelled, SARA));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    async fn one_receipt_delivered_many_times_is_one(shop: Shop) {
        let (_, payment) = shop.place(SARA, Shop::sale(1)).await;
        let photo = shop.photo("a");
        let done = join_all((0..20).map(|_| shop.send(SARA, payment.id, photo.clone()))).await;
        for received in done {
            assert_eq!(received.expect("it is taken").receipt_no, 1);
        }
        assert_eq!(payments::receipts(shop.db.read(), payment.id).await.expect("receipts").len(), 1);
        assert_eq!(shop.jobs("review_card").await, 1);
    }

    async fn an_order_placed_many_times_at_once_is_one(shop: Shop) {
        let last = Place { plan: "last".parse().expect("a code"), ..Shop::sale(1) };
        let done = join_all((0..20).map(|_| shop.try_place(SARA, last.clone()))).await;
        let first = done[0].as_ref().expect("it is placed").clone();
        for placed in done {
            assert_eq!(placed.expect("it is placed"), first);
        }
        assert_eq!(shop.stock("last").await, Some(0));
    }

    async fn the_last_piece_is_sold_to_one_of_many(shop: Shop) {
        people(shop, 100..120, None).await;
        let last = |n| Place { plan: "last".parse().expect("a code"), ..Shop::sale(n) };
        let done = join_all((100..120).map(|n| shop.try_place(PersonId(n), last(n)))).await;
        let sold = done.iter().filter(|placed| placed.is_ok()).count();
        let refused = done.iter().filter(|placed| matches!(placed, Err(PlaceError::SoldOut))).count();
        assert_eq!((sold, refused), (1, 19), "{done:?}");
    }

    async fn two_hundred_payments_on_one_card_ask_for_two_hundred_amounts(shop: Shop) {
        people(shop, 100..300, None).await;
        let done = join_all((100..300).map(|n| shop.try_place(PersonId(n), Shop::sale(n)))).await;
        let dues: BTreeSet<i64> = done.into_iter().map(|placed| placed.expect("it is placed").1.due.minor).collect();
        assert_eq!(dues.len(), 200);
        assert!(dues.iter().all(|due| (PRICE + 1..=PRICE + 999).contains(due)));
    }

    async fn a_cards_limit_holds_against_many(shop: Shop) {
        let seal = shop.seal.clone();
        commit!(shop, tx => async move { payments::save_method(tx, &card("main", Some(5 * PRICE + 5_000), 1), &seal).await })
            .expect("a card");
        people(shop, 100..120, None).await;
        let done = join_all((100..120).map(|n| shop.try_place(PersonId(n), Shop::sale(n)))).await;
        let placed = done.iter().filter(|placed| placed.is_ok()).count();
        let refused = done.iter().filter(|placed| matches!(placed, Err(PlaceError::NoMethod { when: Some(_) }))).count();
        assert_eq!((placed, refused), (5, 15), "{done:?}");
    }

    async fn refunded_and_delivered_and_undone_at_once_is_one_of_them(shop: Shop) {
        for n in 1..=8 {
            let who = if n % 2 == 0 { OMID } else { SARA };
            let (order, payment) = shop.submitted(who, n).await;
            shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
            let (admin, now) = (shop.admin(OWNER).await, shop.now());
            let refund = async { commit!(shop, tx => async move { checkout::refund_undelivered(tx, &admin, order.id, now).await }) };
            let (refunded, (delivered, undone)) =
                join(refund, join(shop.delivers(order.subscription), shop.undo(CASHIER, payment.id))).await;
            let state = shop.order(order.id).await.state;
            let expected = (state == State::Refunded, state == State::Delivered, state == State::Placed);
            assert_eq!((refunded.is_ok(), !delivered.is_empty(), undone.is_ok()), expected, "{refunded:?} {delivered:?} {undone:?}");
            if let Err(error) = refunded {
                assert!(matches!(error, LateError::NotPaid(_)), "{error:?}");
            }
        }
    }

    async fn many_sales_at_once_all_stand(shop: Shop) {
        people(shop, 100..140, None).await;
        let sales = (100..140).map(|n| async move {
            let (order, payment) = shop.submitted(PersonId(n), n).await;
            shop.approve(CASHIER, payment.id, Some(irt(PRICE + n))).await.expect("it is approved");
            assert_eq!(shop.delivers(order.subscription).await, [order.id]);
            assert_eq!(shop.wallet(PersonId(n)).await, n);
        });
        join_all(sales).await;
    }
}
