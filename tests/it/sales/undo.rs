//! Decisions that are taken back within a minute: everything they did is undone, and can be done again.
use super::shop::{CASHIER, GB, OWNER, PRICE, SARA, Shop, commit, irt, stories};
use souk::base::{DAY, SECOND};
use souk::shop::accounts;
use souk::shop::checkout::{self, Correction, Place, Purse, State, UndoError};
use souk::shop::notices::Notice;
use souk::shop::payments::State as Paying;
use souk::shop::subscriptions::{Kind, State as Serving};

stories! {
    async fn an_approval_is_undone_whole_and_made_again(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let lent = shop.service(order.subscription).await.expect("a service");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.later(60 * SECOND);
        let undone = shop.undo(OWNER, payment.id).await.expect("it is undone");
        assert_eq!((undone.payment.state, undone.order.expect("an order").state), (Paying::Submitted, State::Placed));
        assert_eq!(shop.wallet(SARA).await, 0);
        let back = shop.service(order.subscription).await.expect("a service");
        assert_eq!((back.kind, back.traffic_bytes, back.until), (Kind::Provisional, 30 * GB / 100 * 10, lent.until));
        assert!(back.revision > lent.revision && !back.is_confirmed(), "the panel hears of it");
        assert_eq!(shop.customer(SARA).await.receipts_good, 0);
        assert!(shop.told(SARA).await.contains(&Notice::PaymentReopened { payment: payment.id, order: Some(order.id) }));
        shop.proves().await;
        let twice = shop.undo(OWNER, payment.id).await;
        assert!(matches!(twice, Err(UndoError::NotDecided)), "{twice:?}");
        let again = shop.approve(CASHIER, payment.id, Some(irt(PRICE + 7))).await.expect("it is approved again");
        assert_eq!((again.paid, shop.wallet(SARA).await), (true, 7));
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        shop.proves().await;
        let late = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(late, Err(UndoError::Delivered)), "{late:?}");
    }

    /// Without a lent part the approval makes the service; its undoing switches it off, and it is nobody's until it is paid.
    async fn a_service_that_was_made_is_switched_off_and_comes_back_when_it_is_paid(shop: Shop) {
        shop.settings(|settings| settings.provisional_percent = 0).await;
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        let off = shop.service(order.subscription).await.expect("a service");
        assert_eq!((off.kind, off.state), (Kind::Provisional, Serving::Disabled));
        shop.proves().await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Active);
    }

    async fn a_renewal_is_undone_to_what_was_before(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.delivers(order.subscription).await;
        let before = shop.service(order.subscription).await.expect("a service");
        let renew = Place { renew: Some(order.subscription), ..Shop::sale(2) };
        let (_, payment) = shop.place(SARA, renew).await;
        shop.send(SARA, payment.id, shop.photo("renewal")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_ne!(shop.service(order.subscription).await.expect("a service").until, before.until);
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        let back = shop.service(order.subscription).await.expect("a service");
        assert_eq!(
            (back.until, back.traffic_bytes, back.period, back.state, back.ready_at),
            (before.until, before.traffic_bytes, before.period, Serving::Active, before.ready_at)
        );
    }

    /// Two renewals were paid while the panel was down; taking back the first leaves what the second bought.
    async fn a_renewal_that_is_undone_leaves_a_later_one(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.delivers(order.subscription).await;
        let before = shop.service(order.subscription).await.expect("a service");
        let mut payments = Vec::new();
        for n in [2, 3] {
            let renew = Place { renew: Some(order.subscription), ..Shop::sale(n) };
            let (_, payment) = shop.place(SARA, renew).await;
            shop.send(SARA, payment.id, shop.photo(&format!("renewal {n}"))).await.expect("it is taken");
            shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
            payments.push(payment.id);
        }
        shop.undo(CASHIER, payments[0]).await.expect("it is undone");
        let back = shop.service(order.subscription).await.expect("a service");
        assert_eq!((back.until, back.traffic_bytes), (before.until.after(30 * DAY), before.traffic_bytes + 30 * GB));
        shop.undo(CASHIER, payments[1]).await.expect("it is undone too");
        let back = shop.service(order.subscription).await.expect("a service");
        assert_eq!((back.until, back.traffic_bytes, back.period), (before.until, before.traffic_bytes, before.period));
        shop.proves().await;
    }

    /// The renewal would be left without the service it renews.
    async fn an_approval_whose_service_was_renewed_stands_until_the_renewal_is_undone(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let renew = Place { renew: Some(order.subscription), ..Shop::sale(2) };
        let (_, renewal) = shop.place(SARA, renew).await;
        shop.send(SARA, renewal.id, shop.photo("renewal")).await.expect("it is taken");
        shop.approve(CASHIER, renewal.id, None).await.expect("it is approved");
        let before = shop.all_rows().await;
        let refused = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(refused, Err(UndoError::Renewed)), "{refused:?}");
        assert_eq!(shop.all_rows().await, before);
        shop.undo(CASHIER, renewal.id).await.expect("it is undone");
        shop.undo(CASHIER, payment.id).await.expect("it is undone too");
        shop.proves().await;
        let kept = shop.approve(CASHIER, renewal.id, None).await.expect("it is approved");
        assert_eq!((kept.paid, kept.order.expect("an order").state, kept.kept), (false, State::Cancelled, renewal.due));
    }

    async fn a_rejection_is_undone_with_its_ban_and_what_was_lent_works_again(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.reject(CASHIER, payment.id, true).await.expect("it is rejected");
        let undone = shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!((undone.payment.state, undone.order.expect("an order").state), (Paying::Submitted, State::Placed));
        let person = accounts::person(shop.db.read(), SARA).await.expect("it reads").expect("a person");
        assert_eq!((person.banned, person.receipts_bad), (None, 0));
        let back = shop.service(order.subscription).await.expect("a service");
        assert_eq!((back.kind, back.state), (Kind::Provisional, Serving::Pending));
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
    }

    async fn a_ban_of_before_stays(shop: Shop) {
        let (_, payment) = shop.submitted(SARA, 1).await;
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { accounts::ban(tx, &owner, SARA, "rude", now).await }).expect("banned");
        shop.reject(CASHIER, payment.id, true).await.expect("it is rejected");
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        let person = accounts::person(shop.db.read(), SARA).await.expect("it reads").expect("a person");
        assert_eq!(person.banned.as_deref(), Some("rude"));
    }

    async fn a_short_payment_is_undone_and_then_approved_in_full(shop: Shop) {
        let last = Place { plan: "last".parse().expect("a code"), ..Shop::sale(1) };
        let (order, payment) = shop.place(SARA, last).await;
        shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        shop.approve(CASHIER, payment.id, Some(irt(15_000))).await.expect("a zero was forgotten");
        assert_eq!(shop.stock("last").await, Some(1));
        let undone = shop.undo(CASHIER, payment.id).await.expect("it is undone");
        assert_eq!((undone.order.expect("an order").state, shop.stock("last").await), (State::Placed, Some(0)));
        assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Pending);
        assert!(shop.approve(CASHIER, payment.id, None).await.expect("it is approved").paid);
    }

    /// An admin deleted the service meanwhile: the money is taken back all the same, and what comes again is kept.
    async fn a_deleted_service_does_not_keep_a_decision_from_being_undone(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let (id, now) = (order.subscription, shop.now());
        let gone = commit!(shop, tx => async move { souk::shop::subscriptions::delete(tx, id, "by hand", now).await });
        assert!(gone.expect("it is deleted").is_yes());
        shop.undo(CASHIER, payment.id).await.expect("it is undone");
        let again = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((again.paid, again.order.expect("an order").state, again.kept), (false, State::Cancelled, payment.due));
    }

    async fn a_minute_later_it_stands(shop: Shop) {
        let (_, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.later(60 * SECOND + 1);
        let late = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(late, Err(UndoError::TooLate)), "{late:?}");
    }

    async fn money_that_was_spent_is_not_taken_back(shop: Shop) {
        let (_, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, Some(irt(2 * PRICE))).await.expect("it is approved");
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        let taken = Correction { person: SARA, amount: irt(PRICE), reason: "sent back".to_owned(), key: "a".to_owned() };
        commit!(shop, tx => async move { checkout::correct(tx, &owner, (Purse::Wallet, false), &taken, now).await }).expect("debited");
        let before = shop.all_rows().await;
        let undone = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(undone, Err(UndoError::Spent)), "{undone:?}");
        assert_eq!(shop.all_rows().await, before);
    }
}
