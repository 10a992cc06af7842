//! Decisions: approved, with another amount, rejected, refused to whom they are not allowed; corrections of a wallet.
use super::shop::{CASHIER, NOON, OMID, OWNER, PRICE, SARA, Shop, commit, irt, stories};
use souk::base::{Fault, MINUTE, Money, PersonId};
use souk::shop::accounts::{self, Hello, Role};
use souk::shop::checkout::{self, Corrected, Correction, CorrectionError, LateError, NotAllowed, Purse, ReviewError, State};
use souk::shop::notices::{Notice, RefundTo};
use souk::shop::payments::{self, State as Paying};
use souk::shop::subscriptions::{Kind, State as Serving};

async fn correct(shop: &Shop, by: PersonId, minor: i64, key: &str) -> Result<Money, CorrectionError> {
    let (admin, now) = (shop.admin(by).await, shop.now());
    let correction = Correction { person: SARA, amount: irt(minor.abs()), reason: "a gift".to_owned(), key: key.to_owned() };
    let done = commit!(shop, tx => async move {
        checkout::correct(tx, &admin, (Purse::Wallet, minor > 0), &correction, now).await
    })?;
    match done {
        Corrected::Booked(balance) => Ok(balance),
        Corrected::Waits => panic!("{minor} is within what one may correct alone"),
    }
}

async fn hire(shop: &Shop, id: PersonId, role: Role) {
    let owner = shop.admin(OWNER).await;
    commit!(shop, tx => async move {
        let hello = Hello { id, name: "New".to_owned(), username: None, came_by: None };
        accounts::know(tx, &hello, NOON).await?;
        accounts::grant(tx, &owner, id, role, NOON).await.map_err(Fault::new)
    })
    .expect("a role");
}

stories! {
    async fn an_approval_moves_the_money_and_says_so_to_everybody(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let tail = irt(payment.due.minor - PRICE);
        assert_eq!((approved.order.expect("an order").state, approved.payment.state), (State::Paid, Paying::Approved));
        assert_eq!((approved.payment.approved, approved.payment.decided_by), (Some(payment.due), Some(CASHIER)));
        let told = Notice::PaymentApproved { payment: payment.id, order: order.id, to_wallet: tail };
        assert_eq!(shop.told(SARA).await, [told]);
        let person = shop.customer(SARA).await;
        assert_eq!((person.receipts_good, person.receipts_bad), (1, 0));
        let log = accounts::audit_of(shop.db.read(), &format!("payment:{}", payment.id), souk::base::Page::new(0, 10)).await;
        let log = log.expect("the log");
        assert_eq!((log.len(), log[0].act.as_str(), log[0].actor), (1, "payment.approve", CASHIER));
        assert_eq!(log[0].became.as_deref(), Some(format!("approved {} IRT", payment.due.minor).as_str()));
        let card = checkout::card(&shop.db, payment.id).await.expect("it reads").expect("a card");
        assert_eq!(card.decided_by.expect("a name").name, "Cashier");
        let again = shop.approve(OWNER, payment.id, None).await;
        let first = |by, state| by == CASHIER && state == Paying::Approved;
        assert!(matches!(again, Err(ReviewError::AlreadyDecided { by, state, .. }) if first(by, state)), "{again:?}");
    }

    async fn what_is_more_than_the_price_stays_in_the_wallet(shop: Shop) {
        let (_, payment) = shop.submitted(SARA, 1).await;
        let approved = shop.approve(CASHIER, payment.id, Some(irt(400_000))).await.expect("it is approved");
        assert_eq!((approved.paid, approved.kept), (true, irt(400_000 - PRICE)));
        assert_eq!(shop.wallet(SARA).await, 400_000 - PRICE);
    }

    async fn what_is_less_than_the_price_stays_in_the_wallet_and_ends_the_order(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let approved = shop.approve(CASHIER, payment.id, Some(irt(PRICE - 1))).await.expect("it is approved");
        assert_eq!((approved.paid, approved.order.expect("an order").state), (false, State::Cancelled));
        assert_eq!(shop.wallet(SARA).await, PRICE - 1);
        assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Disabled);
        let told = Notice::PaymentShort { payment: payment.id, order: order.id, got: irt(PRICE - 1), needed: irt(PRICE) };
        assert_eq!(shop.told(SARA).await, [told]);
        let (_, exact) = shop.submitted(OMID, 2).await;
        let approved = shop.approve(CASHIER, exact.id, Some(irt(PRICE))).await.expect("it is approved");
        assert_eq!((approved.paid, approved.kept), (true, irt(0)));
    }

    async fn no_amount_that_cannot_have_come_is_approved(shop: Shop) {
        let (_, payment) = shop.submitted(SARA, 1).await;
        let usd = Money::new(5, souk::base::Asset::Usd);
        for amount in [irt(0), irt(-5), irt(Money::LIMIT), usd] {
            let refused = shop.approve(CASHIER, payment.id, Some(amount)).await;
            assert!(matches!(refused, Err(ReviewError::BadAmount)), "{amount:?}: {refused:?}");
        }
        let unknown = shop.approve(CASHIER, souk::base::PaymentId(5), None).await;
        assert!(matches!(unknown, Err(ReviewError::Unknown)));
        let (_, open) = shop.place(OMID, Shop::sale(2)).await;
        let early = shop.approve(CASHIER, open.id, None).await;
        assert!(matches!(early, Err(ReviewError::NotSubmitted)));
    }

    async fn a_rejection_ends_the_order_and_what_was_lent_and_may_bar_the_person(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let rejected = shop.reject(CASHIER, payment.id, true).await.expect("it is rejected");
        assert_eq!((rejected.order.expect("an order").state, rejected.payment.state, rejected.banned), (State::Rejected, Paying::Rejected, true));
        assert_eq!(rejected.payment.reason, Some(payments::RejectReason::NotReceived));
        assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Disabled);
        let person = accounts::person(shop.db.read(), SARA).await.expect("it reads").expect("a person");
        assert_eq!((person.receipts_bad, person.banned.is_some()), (1, true));
        let told = Notice::PaymentRejected { payment: payment.id, order: Some(order.id), reason: "not_received".to_owned() };
        assert!(shop.told(SARA).await.contains(&told));
        assert_eq!(shop.wallet(SARA).await, 0);
    }

    async fn only_who_may_decides_and_nobody_about_himself(shop: Shop) {
        let (helper, viewer) = (PersonId(902), PersonId(903));
        hire(shop, helper, Role::Support).await;
        hire(shop, viewer, Role::Viewer).await;
        let (_, payment) = shop.submitted(SARA, 1).await;
        for id in [helper, viewer] {
            let approved = shop.approve(id, payment.id, None).await;
            assert!(matches!(approved, Err(ReviewError::NotAllowed(NotAllowed::Role))), "{approved:?}");
            let rejected = shop.reject(id, payment.id, false).await;
            assert!(matches!(rejected, Err(ReviewError::NotAllowed(NotAllowed::Role))), "{rejected:?}");
        }
        let (_, own) = shop.submitted(CASHIER, 2).await;
        let approved = shop.approve(CASHIER, own.id, None).await;
        assert!(matches!(approved, Err(ReviewError::NotAllowed(NotAllowed::Own))), "{approved:?}");
        let banned = shop.reject(OWNER, own.id, true).await;
        assert!(matches!(banned, Err(ReviewError::CannotBan)), "{banned:?}");
        assert_eq!(shop.payment(own.id).await.state, Paying::Submitted, "nothing of it was done");
        shop.approve(OWNER, own.id, None).await.expect("it is approved");
    }

    async fn a_wallet_is_corrected_once_for_a_key_never_below_nothing_and_never_ones_own(shop: Shop) {
        assert_eq!(correct(shop, CASHIER, 500, "a").await.expect("credited"), irt(500));
        let before = shop.all_rows().await;
        assert_eq!(correct(shop, CASHIER, 500, "a").await.expect("known"), irt(500));
        assert_eq!(shop.all_rows().await, before);
        assert!(matches!(correct(shop, CASHIER, 501, "a").await, Err(CorrectionError::Reused)));
        let short = correct(shop, CASHIER, -501, "b").await;
        assert!(matches!(short, Err(CorrectionError::Short { available }) if available == irt(500)), "{short:?}");
        assert_eq!(correct(shop, CASHIER, -200, "c").await.expect("debited"), irt(300));
        assert!(matches!(correct(shop, CASHIER, 0, "d").await, Err(CorrectionError::BadAmount)));
        let owner = shop.admin(OWNER).await;
        commit!(shop, tx => async move { accounts::grant(tx, &owner, SARA, Role::Cashier, NOON).await }).expect("a role");
        assert!(matches!(correct(shop, SARA, 5, "e").await, Err(CorrectionError::NotAllowed(NotAllowed::Own))));
        let last = shop.told(SARA).await.pop().expect("a notice");
        assert_eq!(last, Notice::WalletChanged { amount: irt(-200), balance: irt(300), reason: "a gift".to_owned() });
    }

    async fn what_cannot_be_delivered_is_refunded_once_and_to_the_unit(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let refund = |by| { let (id, now) = (order.id, shop.now()); async move {
            let admin = shop.admin(by).await;
            commit!(shop, tx => async move { checkout::refund_undelivered(tx, &admin, id, now).await })
        }};
        assert_eq!(refund(CASHIER).await.expect("refunded"), irt(PRICE));
        assert_eq!(shop.wallet(SARA).await, payment.due.minor);
        assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Deleted);
        let again = refund(OWNER).await;
        assert!(matches!(again, Err(LateError::NotPaid(State::Refunded))), "{again:?}");
        assert_eq!(shop.delivers(order.subscription).await, []);
        let undone = shop.undo(CASHIER, payment.id).await;
        assert!(matches!(undone, Err(checkout::UndoError::Delivered)), "{undone:?}");
        assert!(shop.told(SARA).await.contains(&Notice::Refunded {
            order: order.id,
            amount: irt(PRICE),
            to: RefundTo::Wallet,
            so_far: 0,
            ended: false
        }));
    }

    async fn what_cannot_be_delivered_can_be_made_on_another_panel(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let to = |panel: &'static str| { let (id, now) = (order.id, shop.now()); async move {
            let admin = shop.admin(CASHIER).await;
            let panel = panel.parse().expect("a code");
            commit!(shop, tx => async move { checkout::move_undelivered(tx, &admin, id, &panel, now).await })
        }};
        assert!(matches!(to("none").await, Err(LateError::NoPanel)));
        to("de2").await.expect("it moves");
        let moved = shop.service(order.subscription).await.expect("a service");
        assert_eq!((moved.panel.as_str(), moved.kind, moved.state), ("de2", Kind::Full, Serving::Pending));
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        assert!(matches!(to("de1").await, Err(LateError::NotPaid(State::Delivered))));
    }

    async fn a_sale_without_a_panel_waits_for_one(shop: Shop) {
        commit!(shop, tx => async move {
            souk::db::execute(tx, "UPDATE panels SET state = 'off'", vec![]).await
        }).expect("they are off");
        let (order, payment) = shop.submitted(SARA, 1).await;
        assert!(shop.service(order.subscription).await.is_none(), "nothing can be lent");
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(approved.order.expect("an order").state, State::Paid);
        commit!(shop, tx => async move {
            souk::db::execute(tx, "UPDATE panels SET state = 'on'", vec![]).await
        }).expect("they are on");
        let (admin, now, id) = (shop.admin(CASHIER).await, shop.now(), order.id);
        let panel = "de1".parse().expect("a code");
        commit!(shop, tx => async move { checkout::move_undelivered(tx, &admin, id, &panel, now).await }).expect("it is made");
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
    }

    async fn pending_payments_are_listed_oldest_first_and_reviews_have_a_median(shop: Shop) {
        for n in 1..=4 {
            shop.submitted(if n % 2 == 0 { OMID } else { SARA }, n).await;
            shop.later(MINUTE);
        }
        let (page, total) = payments::pending(shop.db.read(), souk::base::Page::new(0, 3)).await.expect("a page");
        assert_eq!((page.iter().map(|payment| payment.id.0 - 2_000).collect::<Vec<_>>(), total), (vec![1, 2, 3], 4));
        assert_eq!(payments::median_review_minutes(&shop.db, shop.now()).await.expect("it reads"), None);
        for n in 1..=4 {
            shop.approve(CASHIER, Shop::sale(n).payment, None).await.expect("it is approved");
        }
        shop.db.forget_cached();
        assert_eq!(payments::median_review_minutes(&shop.db, shop.now()).await.expect("it reads"), Some(3));
        let (mine, total) = payments::of_person(shop.db.read(), SARA, souk::base::Page::new(0, 10)).await.expect("a page");
        assert_eq!((mine[0].id.0 - 2_000, total), (3, 2));
    }
}
