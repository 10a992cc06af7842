//! Orders and the wallet: paid whole from it, or in parts; the part is kept while the rest is open, and nobody else has it.
use super::shop::{CASHIER, OMID, OWNER, PRICE, SARA, Shop, commit, irt, stories};
use futures::future::join_all;
use souk::base::{HOUR, PersonId};
use souk::shop::accounts::{self, Hello};
use souk::shop::checkout::{self, Correction, Pay, Place, PlaceError, Placed, Purse, State, UndoError};
use souk::shop::ledger::{self, Account};
use souk::shop::notices::Notice;
use souk::shop::payments::{Flag, State as Paying};
use souk::shop::subscriptions::{Kind, State as Serving};

/// Puts so much into a wallet.
pub async fn gives(shop: &Shop, who: PersonId, minor: i64) {
    let (owner, now, key) = (shop.admin(OWNER).await, shop.now(), format!("gift {}", shop.update()));
    let gift = Correction { person: who, amount: irt(minor), reason: "a gift".to_owned(), key };
    commit!(shop, tx => async move { checkout::correct(tx, &owner, (Purse::Wallet, true), &gift, now).await }).expect("credited");
}

fn paying(n: i64, pay: Pay) -> Place {
    Place { pay, ..Shop::sale(n) }
}

async fn in_parts(shop: &Shop, n: i64) -> Placed {
    shop.try_order(SARA, paying(n, Pay::WalletAndMethod)).await.expect("it is placed")
}

/// Posted, and kept for open orders.
async fn purse(shop: &Shop, who: PersonId) -> (i64, i64) {
    let balance = ledger::balance(shop.db.read(), &Account::wallet(who, souk::base::Asset::Irt)).await.expect("it reads");
    (balance.posted.minor, balance.held.minor)
}

stories! {
    async fn a_wallet_that_covers_it_pays_at_once_and_once(shop: Shop) {
        gives(shop, SARA, PRICE + 5).await;
        let placed = shop.try_order(SARA, paying(1, Pay::Wallet)).await.expect("it is placed");
        assert_eq!((placed.order.state, placed.payment, shop.wallet(SARA).await), (State::Paid, None, 5));
        let before = shop.all_rows().await;
        let again = shop.try_order(SARA, paying(1, Pay::Wallet)).await;
        assert!(matches!(again, Err(PlaceError::AlreadyClosed(order)) if order.state == State::Paid));
        assert_eq!(shop.all_rows().await, before);
        assert_eq!(shop.delivers(placed.order.subscription).await, [placed.order.id]);
        assert_eq!(shop.service(placed.order.subscription).await.expect("a service").kind, Kind::Full);
        let before = shop.all_rows().await;
        let short = shop.try_order(SARA, paying(2, Pay::Wallet)).await;
        assert!(matches!(short, Err(PlaceError::Short { available }) if available == irt(5)), "{short:?}");
        assert_eq!(shop.all_rows().await, before);
    }

    async fn a_renewal_is_paid_from_the_wallet(shop: Shop) {
        gives(shop, SARA, 2 * PRICE).await;
        let first = shop.try_order(SARA, paying(1, Pay::Wallet)).await.expect("it is placed").order;
        shop.delivers(first.subscription).await;
        let before = shop.service(first.subscription).await.expect("a service").until;
        let renew = Place { renew: Some(first.subscription), ..paying(2, Pay::Wallet) };
        let placed = shop.try_order(SARA, renew).await.expect("it is placed");
        assert_eq!((placed.order.state, shop.wallet(SARA).await), (State::Paid, 0));
        assert!(shop.service(first.subscription).await.expect("a service").until > before);
    }

    async fn the_last_piece_is_paid_from_the_wallet_or_nothing_is_taken(shop: Shop) {
        gives(shop, SARA, 2 * PRICE).await;
        let last = |n| Place { plan: "last".parse().expect("a code"), ..paying(n, Pay::Wallet) };
        shop.try_order(SARA, last(1)).await.expect("it is placed");
        assert_eq!(shop.stock("last").await, Some(0));
        let gone = shop.try_order(SARA, last(2)).await;
        assert!(matches!(gone, Err(PlaceError::SoldOut)), "{gone:?}");
        assert_eq!(shop.wallet(SARA).await, PRICE);
    }

    async fn many_taps_spend_one_wallet_exactly(shop: Shop) {
        gives(shop, SARA, 3 * PRICE + 7).await;
        let done = join_all((1..=12).map(|n| shop.try_order(SARA, paying(n, Pay::Wallet)))).await;
        let bought = done.iter().filter(|placed| placed.is_ok()).count();
        let short = done.iter().filter(|placed| matches!(placed, Err(PlaceError::Short { .. }))).count();
        assert_eq!((bought, short, shop.wallet(SARA).await), (3, 9, 7), "{done:?}");
    }

    async fn a_part_is_kept_until_the_rest_comes_and_all_is_taken_together(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let placed = in_parts(shop, 1).await;
        let payment = placed.payment.expect("a payment");
        assert_eq!((placed.order.from_wallet, placed.order.to_pay()), (irt(50_000), irt(PRICE - 50_000)));
        assert!((PRICE - 50_000 + 1..=PRICE - 50_000 + 999).contains(&payment.due.minor), "{payment:?}");
        assert_eq!(purse(shop, SARA).await, (50_000, 50_000));
        assert_eq!(in_parts(shop, 1).await.payment.expect("the same").id, payment.id);
        let other = shop.try_order(SARA, paying(2, Pay::Wallet)).await;
        assert!(matches!(other, Err(PlaceError::Short { available }) if available == irt(0)), "{other:?}");
        shop.proves().await;
        let received = shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        assert!(received.provisional, "a part is lent while the receipt is under review");
        let card = checkout::card(&shop.db, payment.id).await.expect("it reads").expect("a card");
        assert_eq!(card.order.expect("an order").from_wallet, irt(50_000));
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let tail = payment.due.minor - (PRICE - 50_000);
        assert_eq!((approved.paid, approved.kept), (true, irt(tail)));
        assert_eq!(purse(shop, SARA).await, (tail, 0));
        let told = Notice::PaymentApproved { payment: payment.id, order: placed.order.id, to_wallet: irt(tail) };
        assert!(shop.told(SARA).await.contains(&told));
        assert_eq!(shop.delivers(placed.order.subscription).await, [placed.order.id]);
    }

    async fn rejected_cancelled_and_expired_give_the_part_back(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let first = in_parts(shop, 1).await;
        let payment = first.payment.expect("a payment");
        shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        let rejected = shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        assert_eq!(rejected.order.expect("an order").state, State::Rejected);
        assert_eq!(purse(shop, SARA).await, (50_000, 0));
        shop.proves().await;
        let second = in_parts(shop, 2).await;
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        commit!(shop, tx => async move { checkout::cancel(tx, &sara, second.order.id, now).await }).expect("it is cancelled");
        assert_eq!(purse(shop, SARA).await, (50_000, 0));
        let third = in_parts(shop, 3).await;
        assert_eq!(purse(shop, SARA).await, (50_000, 50_000));
        shop.later(3 * HOUR);
        let now = shop.now();
        commit!(shop, tx => async move { checkout::expire_due(tx, now, 10).await }).expect("it expires");
        assert_eq!(shop.order(third.order.id).await.state, State::Expired);
        assert_eq!(purse(shop, SARA).await, (50_000, 0));
    }

    async fn too_little_of_the_rest_ends_the_order_and_all_of_it_is_the_persons(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let placed = in_parts(shop, 1).await;
        let payment = placed.payment.expect("a payment");
        shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        let approved = shop.approve(CASHIER, payment.id, Some(irt(PRICE - 50_001))).await.expect("it is approved");
        assert_eq!((approved.paid, approved.order.expect("an order").state), (false, State::Cancelled));
        assert_eq!(purse(shop, SARA).await, (PRICE - 1, 0));
        let (got, needed) = (irt(PRICE - 50_001), irt(PRICE - 50_000));
        assert!(shop.told(SARA).await.contains(&Notice::PaymentShort { payment: payment.id, order: placed.order.id, got, needed }));
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!(purse(shop, SARA).await, (50_000, 50_000));
        shop.proves().await;
        assert!(shop.approve(CASHIER, payment.id, None).await.expect("it is approved").paid);
    }

    async fn an_approval_in_parts_is_undone_and_the_part_is_kept_again(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let placed = in_parts(shop, 1).await;
        let payment = placed.payment.expect("a payment");
        shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        for _ in 0..2 {
            shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
            shop.proves().await;
            let undone = shop.undo(CASHIER, payment.id).await.expect("it is undone");
            assert_eq!(undone.order.expect("an order").state, State::Placed);
            assert_eq!(purse(shop, SARA).await, (50_000, 50_000));
            shop.proves().await;
        }
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!(purse(shop, SARA).await, (50_000, 50_000));
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(shop.order(placed.order.id).await.state, State::Paid);
    }

    /// The part was spent after the order had expired: the late money stays in the wallet, with a notice.
    async fn a_late_receipt_whose_part_is_spent_goes_to_the_wallet(shop: Shop) {
        gives(shop, SARA, PRICE - 1_000).await;
        let late = in_parts(shop, 1).await;
        let payment = late.payment.expect("a payment");
        shop.later(3 * HOUR);
        let now = shop.now();
        commit!(shop, tx => async move { checkout::expire_due(tx, now, 10).await }).expect("it expires");
        gives(shop, SARA, 1_000).await;
        shop.try_order(SARA, paying(2, Pay::Wallet)).await.expect("it is bought");
        let received = shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!((received.order.expect("an order").state, received.provisional), (State::Expired, false));
        assert!(received.payment.flags.contains(&Flag::Late));
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((approved.paid, shop.wallet(SARA).await), (false, payment.due.minor));
        let told = Notice::PaymentKept { payment: payment.id, order: late.order.id, amount: payment.due };
        assert!(shop.told(SARA).await.contains(&told));
    }

    async fn a_late_receipt_whose_part_is_there_opens_the_order_again(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let placed = in_parts(shop, 1).await;
        let payment = placed.payment.expect("a payment");
        shop.later(3 * HOUR);
        let now = shop.now();
        commit!(shop, tx => async move { checkout::expire_due(tx, now, 10).await }).expect("it expires");
        let received = shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!(received.order.expect("an order").state, State::Placed);
        assert_eq!(purse(shop, SARA).await, (50_000, 50_000));
        shop.proves().await;
        assert!(shop.approve(CASHIER, payment.id, None).await.expect("it is approved").paid);
    }

    async fn what_the_wallet_has_by_now_decides(shop: Shop) {
        let nothing = in_parts(shop, 1).await;
        assert_eq!((nothing.order.from_wallet, nothing.payment.expect("a payment").state), (irt(0), Paying::Open));
        gives(shop, SARA, PRICE).await;
        let all = in_parts(shop, 2).await;
        assert_eq!((all.order.state, all.payment, shop.wallet(SARA).await), (State::Paid, None, 0));
    }

    /// Undo needs the part again, and it is gone.
    async fn an_approval_is_not_undone_when_what_it_left_is_spent(shop: Shop) {
        gives(shop, SARA, 50_000).await;
        let payment = in_parts(shop, 1).await.payment.expect("a payment");
        shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, Some(irt(2 * PRICE))).await.expect("it is approved");
        shop.try_order(SARA, paying(2, Pay::Wallet)).await.expect("it is bought");
        let before = shop.all_rows().await;
        let spent = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(spent, Err(UndoError::Spent)), "{spent:?}");
        assert_eq!(shop.all_rows().await, before);
    }

    async fn nobody_elses_wallet_pays(shop: Shop) {
        gives(shop, OMID, PRICE).await;
        let short = shop.try_order(SARA, paying(1, Pay::Wallet)).await;
        assert!(matches!(short, Err(PlaceError::Short { .. })), "{short:?}");
        shop.try_order(OMID, paying(1, Pay::Wallet)).await.expect("it is bought");
        let theirs = shop.try_order(SARA, paying(1, Pay::Wallet)).await;
        assert!(matches!(theirs, Err(PlaceError::NotYours)), "{theirs:?}");
    }

    async fn many_people_buy_from_their_wallets_at_once(shop: Shop) {
        for id in 100..120 {
            let hello = Hello { id: PersonId(id), name: "New".to_owned(), username: None, came_by: None };
            let now = shop.now();
            commit!(shop, tx => async move { accounts::know(tx, &hello, now).await }).expect("known");
            gives(shop, PersonId(id), PRICE + id).await;
        }
        let done = join_all((100..120).map(|n| shop.try_order(PersonId(n), paying(n, Pay::Wallet)))).await;
        for (n, placed) in (100..120).zip(done) {
            let order = placed.expect("it is bought").order;
            assert_eq!((order.state, shop.wallet(PersonId(n)).await), (State::Paid, n));
            assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Pending);
        }
    }
}
