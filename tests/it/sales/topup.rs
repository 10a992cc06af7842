//! Top-ups of the wallet: opened once, within the limits, decided like every payment, late, taken back.
use super::shop::{CASHIER, OMID, OWNER, PRICE, SARA, Shop, commit, irt, stories};
use souk::base::{Asset, HOUR, PaymentId, PersonId, SECOND};
use souk::shop::checkout::{self, Correction, Purse, ReviewError, TopUp, TopUpError, UndoError};
use souk::shop::ledger::{self, Account};
use souk::shop::notices::Notice;
use souk::shop::payments::{Flag, Payment, Purpose, State};

const AMOUNT: i64 = 100_000;

fn of(n: i64, minor: i64) -> TopUp {
    TopUp { payment: PaymentId(4_000 + n), amount: irt(minor), purpose: Purpose::Wallet, kind: None }
}

async fn open(shop: &Shop, who: PersonId, top_up: TopUp) -> Result<Payment, TopUpError> {
    let (customer, now) = (shop.customer(who).await, shop.now());
    commit!(shop, tx => async move { checkout::top_up(tx, &customer, &top_up, now).await })
}

/// The n-th top-up, with its receipt.
async fn submitted(shop: &Shop, n: i64) -> Payment {
    let payment = open(shop, SARA, of(n, AMOUNT)).await.expect("it is opened");
    shop.send(SARA, payment.id, shop.photo(&format!("top-up {n}"))).await.expect("it is taken").payment
}

stories! {
    async fn a_top_up_is_put_into_the_wallet_to_the_unit_and_once(shop: Shop) {
        let payment = submitted(shop, 1).await;
        assert_eq!((payment.purpose, payment.state), (Purpose::Wallet, State::Submitted));
        assert!((AMOUNT + 1..=AMOUNT + 999).contains(&payment.due.minor), "{payment:?}");
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((approved.order, approved.paid, approved.kept), (None, false, payment.due));
        assert_eq!(shop.wallet(SARA).await, payment.due.minor);
        let told = Notice::ToppedUp { payment: payment.id, amount: payment.due, balance: payment.due };
        assert_eq!(shop.told(SARA).await, [told]);
        let again = shop.approve(OWNER, payment.id, None).await;
        assert!(matches!(again, Err(ReviewError::AlreadyDecided { by: CASHIER, .. })), "{again:?}");
        assert_eq!(shop.wallet(SARA).await, payment.due.minor);
        assert!(shop.service(Shop::sale(1).subscription).await.is_none());
    }

    async fn what_came_is_what_is_credited(shop: Shop) {
        let payment = submitted(shop, 1).await;
        let approved = shop.approve(CASHIER, payment.id, Some(irt(70_001))).await.expect("it is approved");
        assert_eq!((approved.kept, shop.wallet(SARA).await), (irt(70_001), 70_001));
    }

    async fn the_same_button_opens_one_and_each_amount_is_alone(shop: Shop) {
        let first = open(shop, SARA, of(1, AMOUNT)).await.expect("it is opened");
        let before = shop.all_rows().await;
        assert_eq!(open(shop, SARA, of(1, AMOUNT)).await.expect("it is opened"), first);
        let theirs = open(shop, OMID, of(1, AMOUNT)).await;
        assert!(matches!(theirs, Err(TopUpError::NotYours)), "{theirs:?}");
        assert_eq!(shop.all_rows().await, before);
        let order = shop.place(SARA, Shop::sale(1)).await.1;
        let stolen = open(shop, SARA, TopUp { payment: order.id, ..of(1, AMOUNT) }).await;
        assert!(matches!(stolen, Err(TopUpError::NotYours)), "{stolen:?}");
        let other = open(shop, OMID, of(2, AMOUNT)).await.expect("it is opened");
        assert_ne!(other.due, first.due);
    }

    async fn the_limits_are_kept(shop: Shop) {
        shop.settings(|settings| (settings.topup_min, settings.topup_max) = (20_000, 300_000)).await;
        let small = open(shop, SARA, of(1, 19_999)).await;
        assert!(matches!(small, Err(TopUpError::TooSmall { least }) if least == irt(20_000)), "{small:?}");
        let large = open(shop, SARA, of(1, 300_001)).await;
        assert!(matches!(large, Err(TopUpError::TooLarge { most }) if most == irt(300_000)), "{large:?}");
        for (n, amount) in [20_000, 300_000, 30_000, 40_000, 50_000].into_iter().enumerate() {
            open(shop, SARA, of(i64::try_from(n).expect("few"), amount)).await.expect("it is within them");
        }
        let more = open(shop, SARA, of(9, AMOUNT)).await;
        assert!(matches!(more, Err(TopUpError::TooManyOpen { most: 5 })), "{more:?}");
    }

    async fn a_rejection_changes_nothing_but_the_record(shop: Shop) {
        let payment = submitted(shop, 1).await;
        let rejected = shop.reject(CASHIER, payment.id, true).await.expect("it is rejected");
        assert_eq!((rejected.order, rejected.banned, shop.wallet(SARA).await), (None, true, 0));
        let reason = "not_received".to_owned();
        assert!(shop.told(SARA).await.contains(&Notice::PaymentRejected { payment: payment.id, order: None, reason }));
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!(shop.customer(SARA).await.receipts_bad, 0);
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(shop.wallet(SARA).await, payment.due.minor);
    }

    async fn an_approval_is_taken_back_within_the_minute(shop: Shop) {
        let payment = submitted(shop, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let undone = shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!((undone.payment.state, undone.order, shop.wallet(SARA).await), (State::Submitted, None, 0));
        assert!(shop.told(SARA).await.contains(&Notice::PaymentReopened { payment: payment.id, order: None }));
        shop.approve(CASHIER, payment.id, Some(irt(5_000))).await.expect("it is approved");
        assert_eq!(shop.wallet(SARA).await, 5_000);
        shop.later(60 * SECOND + 1);
        let late = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(late, Err(UndoError::TooLate)), "{late:?}");
    }

    async fn what_was_spent_meanwhile_is_not_taken_back(shop: Shop) {
        let payment = submitted(shop, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        let taken = Correction { person: SARA, amount: irt(1), reason: "a test".to_owned(), key: "a".to_owned() };
        commit!(shop, tx => async move { checkout::correct(tx, &owner, (Purse::Wallet, false), &taken, now).await }).expect("debited");
        let before = shop.all_rows().await;
        let spent = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(spent, Err(UndoError::Spent)), "{spent:?}");
        assert_eq!(shop.all_rows().await, before);
    }

    async fn one_that_expired_or_was_cancelled_is_still_taken(shop: Shop) {
        let payment = open(shop, SARA, of(1, AMOUNT)).await.expect("it is opened");
        shop.later(3 * HOUR);
        let now = shop.now();
        let expired = commit!(shop, tx => async move { checkout::expire_due(tx, now, 10).await }).expect("it expires");
        assert_eq!(expired, [payment.id]);
        assert_eq!(shop.told(SARA).await, [Notice::TopUpExpired { payment: payment.id }]);
        let late = shop.send(SARA, payment.id, shop.photo("late")).await.expect("it is taken");
        assert!(late.payment.flags.contains(&Flag::Late), "{late:?}");
        let sara = shop.customer(SARA).await;
        let cancelled = commit!(shop, tx => async move { checkout::cancel_top_up(tx, &sara, payment.id, now).await });
        assert_eq!(cancelled.expect("it is cancelled").state, State::Cancelled);
        shop.send(SARA, payment.id, shop.photo("later still")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let sara = shop.customer(SARA).await;
        let kept = commit!(shop, tx => async move { checkout::cancel_top_up(tx, &sara, payment.id, now).await });
        assert_eq!(kept.expect("it is answered").state, State::Approved);
        let omid = shop.customer(OMID).await;
        let theirs = commit!(shop, tx => async move { checkout::cancel_top_up(tx, &omid, payment.id, now).await });
        assert!(matches!(theirs, Err(TopUpError::NotYours)), "{theirs:?}");
    }

    async fn an_agents_top_up_goes_to_the_credit_account(shop: Shop) {
        shop.makes_agent(SARA).await;
        let top_up = TopUp { purpose: Purpose::Credit, ..of(1, PRICE) };
        let payment = open(shop, SARA, top_up).await.expect("it is opened");
        shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let credit = ledger::balance(shop.db.read(), &Account::credit(SARA, Asset::Irt)).await.expect("it reads");
        assert_eq!((credit.posted, shop.wallet(SARA).await), (payment.due, 0));
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
    }
}
