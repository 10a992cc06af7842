//! Every verb of the sales side, each done twice: the second time is the same answer or a refusal, and changes no row.
use super::shop::{CASHIER, OMID, PRICE, SARA, Shop, commit, irt, stories};
use souk::base::{DAY, HOUR, MINUTE};
use souk::shop::checkout::{self, Correction, Place, Purse};
use souk::shop::{payments, settings};
use std::future::Future;

/// Does it once, which must change something, and once more, which must change nothing.
async fn twice<T, E: std::fmt::Debug, F: Future<Output = Result<T, E>>>(shop: &Shop, verb: &str, act: impl Fn() -> F) {
    let before = shop.all_rows().await;
    if let Err(error) = act().await {
        panic!("{verb}: {error:?}");
    }
    let once = shop.all_rows().await;
    assert_ne!(before, once, "{verb} did nothing");
    drop(act().await);
    assert_eq!(shop.all_rows().await, once, "{verb} did it again");
    shop.proves().await;
}

async fn paid(shop: &Shop, n: i64) -> checkout::Order {
    let (order, payment) = shop.submitted(SARA, n).await;
    shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
    order
}

stories! {
    async fn buying(shop: Shop) {
        let ids = Shop::sale(1);
        twice(shop, "place", || shop.try_place(SARA, ids.clone())).await;
        let (photo, number) = (shop.photo("a"), shop.tracking("12345678"));
        twice(shop, "receipt", || shop.send(SARA, ids.payment, photo.clone())).await;
        twice(shop, "second receipt", || shop.send(SARA, ids.payment, number.clone())).await;
        twice(shop, "approve", || shop.approve(CASHIER, ids.payment, None)).await;
        twice(shop, "undo", || shop.undo(CASHIER, ids.payment)).await;
        twice(shop, "approve again", || shop.approve(CASHIER, ids.payment, Some(irt(PRICE)))).await;
        let order = shop.order(ids.order).await;
        shop.delivers(order.subscription).await;
        let now = shop.now();
        let again = || async { commit!(shop, tx => async move { checkout::delivered(tx, order.subscription, now).await }) };
        let before = shop.all_rows().await;
        again().await.expect("nothing is left to deliver");
        assert_eq!(shop.all_rows().await, before);
        let renew = Place { renew: Some(order.subscription), ..Shop::sale(2) };
        twice(shop, "place a renewal", || shop.try_place(SARA, renew.clone())).await;
        shop.send(SARA, renew.payment, shop.photo("b")).await.expect("it is taken");
        twice(shop, "approve a renewal", || shop.approve(CASHIER, renew.payment, None)).await;
        twice(shop, "undo a renewal", || shop.undo(CASHIER, renew.payment)).await;
    }

    async fn refusing(shop: Shop) {
        shop.submitted(SARA, 1).await;
        twice(shop, "reject", || shop.reject(CASHIER, Shop::sale(1).payment, true)).await;
        twice(shop, "undo a rejection", || shop.undo(CASHIER, Shop::sale(1).payment)).await;
        twice(shop, "approve short", || shop.approve(CASHIER, Shop::sale(1).payment, Some(irt(10)))).await;
        twice(shop, "undo a short approval", || shop.undo(CASHIER, Shop::sale(1).payment)).await;
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        twice(shop, "cancel", || {
            let sara = sara.clone();
            async { commit!(shop, tx => async move { checkout::cancel(tx, &sara, Shop::sale(1).order, now).await }) }
        }).await;
        let late = shop.photo("late");
        twice(shop, "a late receipt", || shop.send(SARA, Shop::sale(1).payment, late.clone())).await;
        shop.place(OMID, Shop::sale(2)).await;
        shop.later(3 * HOUR);
        let now = shop.now();
        twice(shop, "expire", || async { commit!(shop, tx => async move { checkout::expire_due(tx, now, 10).await }) }).await;
        shop.later(4 * DAY);
        let now = shop.now();
        twice(shop, "escalate", || async { commit!(shop, tx => async move { checkout::escalate_due(tx, now, 10).await }) }).await;
    }

    async fn making_good(shop: Shop) {
        let order = paid(shop, 1).await;
        shop.later(HOUR + MINUTE);
        let (admin, now) = (shop.admin(CASHIER).await, shop.now());
        let told = || async { commit!(shop, tx => async move {
            let settings = settings::load(tx).await?;
            checkout::tell_late(tx, &settings, now, 10).await
        }) };
        twice(shop, "tell of late orders", told).await;
        let panel: souk::shop::catalog::PanelCode = "de2".parse().expect("a code");
        twice(shop, "move", || {
            let panel = panel.clone();
            async { commit!(shop, tx => async move { checkout::move_undelivered(tx, &admin, order.id, &panel, now).await }) }
        }).await;
        let refund = || async { commit!(shop, tx => async move { checkout::refund_undelivered(tx, &admin, order.id, now).await }) };
        twice(shop, "refund", refund).await;
        let gift = Correction { person: SARA, amount: irt(900), reason: "a gift".to_owned(), key: "gift".to_owned() };
        twice(shop, "credit", || {
            let gift = gift.clone();
            async { commit!(shop, tx => async move { checkout::correct(tx, &admin, (Purse::Wallet, true), &gift, now).await }) }
        }).await;
        let taken = Correction { key: "taken".to_owned(), ..gift };
        twice(shop, "debit", || {
            let taken = taken.clone();
            async { commit!(shop, tx => async move { checkout::correct(tx, &admin, (Purse::Wallet, false), &taken, now).await }) }
        }).await;
        shop.submitted(OMID, 2).await;
        let id = Shop::sale(2).payment;
        let receipt = payments::receipts(shop.db.read(), id).await.expect("receipts")[0].id;
        commit!(shop, tx => async move { payments::set_print(tx, id, receipt, 5).await }).expect("a print");
        let escalated = || async { commit!(shop, tx => async move { payments::add_flags(tx, id, &[payments::Flag::Late]).await }) };
        twice(shop, "flag", escalated).await;
    }
}
