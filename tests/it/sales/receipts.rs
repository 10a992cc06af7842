//! Receipts: first, second, twice, late, used before; and what is lent meanwhile.
use super::shop::{CASHIER, GB, OMID, PRICE, SARA, Shop, commit, irt, stories};
use souk::base::{DAY, HOUR, PaymentId};
use souk::shop::checkout::{self, Place, State};
use souk::shop::notices::Notice;
use souk::shop::payments::{self, Alike, Flag, NewReceipt, State as Paying, SubmitError};
use souk::shop::subscriptions::{Kind, State as Serving};

async fn expire(shop: &Shop) -> Vec<PaymentId> {
    let now = shop.now();
    commit!(shop, tx => async move { checkout::expire_due(tx, now, 100).await }).expect("it expires")
}

async fn cancel(shop: &Shop, n: i64) {
    let (sara, now) = (shop.customer(SARA).await, shop.now());
    commit!(shop, tx => async move { checkout::cancel(tx, &sara, Shop::sale(n).order, now).await }).expect("it is cancelled");
}

stories! {
    async fn the_first_receipt_lends_a_part_and_the_approval_makes_it_whole_with_the_same_service(shop: Shop) {
        let (order, payment) = shop.place(SARA, Shop::sale(1)).await;
        let received = shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!((received.first, received.receipt_no, received.provisional), (true, 1, true));
        assert_eq!(received.payment.state, Paying::Submitted);
        let lent = shop.service(order.subscription).await.expect("a service");
        assert_eq!((lent.kind, lent.days, lent.person), (Kind::Provisional, 3, SARA));
        assert_eq!(lent.traffic_bytes, 30 * GB / 100 * 10);
        assert_eq!(shop.delivers(order.subscription).await, [], "what is lent is no delivery");
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert!(approved.paid);
        assert_eq!(approved.kept, irt(payment.due.minor - PRICE));
        let full = shop.service(order.subscription).await.expect("a service");
        assert_eq!((full.kind, full.traffic_bytes, full.until), (Kind::Full, 30 * GB, shop.now().after(30 * DAY)));
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        assert_eq!(shop.order(order.id).await.state, State::Delivered);
        assert_eq!(shop.wallet(SARA).await, payment.due.minor - PRICE);
    }

    /// The panel may confirm the lent part after the whole was paid: that is no delivery yet.
    async fn a_late_word_about_the_lent_part_delivers_nothing(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let (now, seal) = (shop.now(), shop.seal.clone());
        let lent = shop.service(order.subscription).await.expect("a service");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let done = commit!(shop, tx => async move {
            let link = souk::shop::subscriptions::seal_link(&seal, lent.id, "https://panel.example/sub/1")?;
            let confirmed = souk::shop::subscriptions::Confirmed {
                id: lent.id, revision: lent.revision, link_sealed: Some(link), token: "token".to_owned(),
            };
            souk::shop::subscriptions::revision_applied(tx, confirmed, now).await?;
            checkout::delivered(tx, lent.id, now).await
        }).expect("it is noted");
        assert_eq!(done, []);
        assert_eq!(shop.order(order.id).await.state, State::Paid);
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
    }

    async fn a_redelivered_update_is_one_receipt_and_a_second_photo_another(shop: Shop) {
        let (_, payment) = shop.place(SARA, Shop::sale(1)).await;
        let photo = shop.photo("a");
        let first = shop.send(SARA, payment.id, photo.clone()).await.expect("it is taken");
        let before = shop.all_rows().await;
        assert_eq!(shop.send(SARA, payment.id, photo).await.expect("it is known"), first);
        assert_eq!(shop.all_rows().await, before);
        let second = shop.send(SARA, payment.id, shop.photo("b")).await.expect("it is taken");
        assert_eq!((second.first, second.receipt_no, second.provisional), (false, 2, true));
        assert_eq!(second.payment.submitted_at, first.payment.submitted_at);
        let edited = NewReceipt { edited: true, ..shop.tracking("کد رهگیری ۱۲۳۴۵۶۷۸") };
        let third = shop.send(SARA, payment.id, edited).await.expect("it is taken");
        assert_eq!((third.receipt_no, third.payment.flags.as_slice()), (3, [Flag::Edited].as_slice()));
        let all = payments::receipts(shop.db.read(), payment.id).await.expect("receipts");
        assert_eq!(all.len(), 3);
        assert_eq!(all[2].text.as_deref(), Some("کد رهگیری 12345678"));
        assert_eq!(shop.jobs("review_card").await, 3);
        let theirs = shop.send(OMID, payment.id, shop.photo("c")).await;
        assert!(matches!(theirs, Err(SubmitError::NotYours)), "{theirs:?}");
    }

    async fn a_receipt_used_before_is_known_by_its_file_its_looks_and_its_number(shop: Shop) {
        let (_, first) = shop.place(SARA, Shop::sale(1)).await;
        shop.send(SARA, first.id, shop.photo("a")).await.expect("it is taken");
        shop.send(SARA, first.id, shop.tracking("998877665544")).await.expect("it is taken");
        let (_, second) = shop.place(OMID, Shop::sale(2)).await;
        let same = shop.send(OMID, second.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!(same.payment.flags, [Flag::SamePhoto]);
        let number = shop.send(OMID, second.id, shop.tracking("۹۹۸۸۷۷۶۶۵۵۴۴")).await.expect("it is taken");
        assert_eq!(number.payment.flags, [Flag::SamePhoto, Flag::SameNumber]);
        let (_, third) = shop.place(OMID, Shop::sale(3)).await;
        let clean = shop.send(OMID, third.id, shop.photo("c")).await.expect("it is taken");
        assert_eq!(clean.payment.flags, []);
        let all = async |payment| payments::receipts(shop.db.read(), payment).await.expect("receipts");
        let receipt = async |n: i64| all(Shop::sale(n).payment).await[0].id;
        let (ours, theirs) = (receipt(1).await, receipt(3).await);
        let (one, three) = (first.id, third.id);
        let said = commit!(shop, tx => async move {
            let alone = payments::set_print(tx, one, ours, 0x0F0F).await?;
            let alike = payments::set_print(tx, three, theirs, 0x0F0F ^ 0b101).await?;
            Ok::<_, souk::base::Fault>((alone, alike))
        }).expect("prints");
        assert_eq!(said, (false, true));
        assert_eq!(shop.payment(three).await.flags, [Flag::AlikePhoto]);
        let twins = payments::twins(shop.db.read(), &all(three).await).await.expect("twins");
        assert_eq!(twins.iter().map(|twin| (twin.payment, twin.alike)).collect::<Vec<_>>(), [(one, Alike::Looks { bits: 2 })]);
        let twins = payments::twins(shop.db.read(), &all(second.id).await).await.expect("twins");
        assert_eq!(twins.iter().map(|twin| (twin.payment, twin.alike)).collect::<Vec<_>>(), [(one, Alike::SameFile)]);
        let card = checkout::card(&shop.db, second.id).await.expect("it reads").expect("a card");
        assert_eq!((card.receipts.len(), card.twins.len(), card.person.id), (2, 1, OMID));
        assert_eq!((card.has_file, card.wallet, card.lent), (true, None, Some(Shop::sale(2).subscription)));
    }

    async fn an_unpaid_order_expires_with_a_word_and_its_late_receipt_is_taken(shop: Shop) {
        let last = Place { plan: "last".parse().expect("a code"), ..Shop::sale(1) };
        let (order, payment) = shop.place(SARA, last).await;
        shop.later(2 * HOUR - 1);
        assert_eq!(expire(shop).await, []);
        shop.later(1);
        assert_eq!(expire(shop).await, [payment.id]);
        assert_eq!(shop.order(order.id).await.state, State::Expired);
        assert_eq!(shop.told(SARA).await, [Notice::OrderExpired { order: order.id }]);
        assert_eq!(shop.stock("last").await, Some(1));
        let late = shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!((late.payment.state, late.payment.flags.as_slice()), (Paying::Submitted, [Flag::Late].as_slice()));
        assert_eq!((late.payment.due, late.order.expect("an order").state), (payment.due, State::Placed));
        assert_eq!(shop.stock("last").await, Some(0));
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert!(approved.paid);
    }

    async fn a_late_receipt_for_what_is_sold_out_goes_to_the_wallet(shop: Shop) {
        let last = |n| Place { plan: "last".parse().expect("a code"), ..Shop::sale(n) };
        let (order, payment) = shop.place(SARA, last(1)).await;
        cancel(shop, 1).await;
        shop.place(OMID, last(2)).await;
        let late = shop.send(SARA, payment.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!((late.order.expect("an order").state, late.provisional), (State::Cancelled, false));
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((approved.paid, approved.kept), (false, payment.due));
        assert_eq!(shop.wallet(SARA).await, payment.due.minor);
        let told = Notice::PaymentKept { payment: payment.id, order: order.id, amount: payment.due };
        assert_eq!(shop.told(SARA).await, [told]);
    }

    /// Ids 999 apart begin with the same tail.
    async fn a_late_receipt_whose_amount_is_taken_moves_by_one_and_says_so(shop: Shop) {
        let (_, first) = shop.place(SARA, Shop::sale(1)).await;
        cancel(shop, 1).await;
        let twin = Place { payment: PaymentId(Shop::sale(1).payment.0 + 999), ..Shop::sale(2) };
        let (_, second) = shop.place(OMID, twin).await;
        assert_eq!(second.due, first.due);
        let late = shop.send(SARA, first.id, shop.photo("a")).await.expect("it is taken");
        assert_eq!(late.payment.due, irt(first.due.minor + 1));
        assert_eq!(late.payment.flags, [Flag::Late]);
    }

    async fn a_decided_payment_takes_no_receipt(shop: Shop) {
        let (_, payment) = shop.submitted(SARA, 1).await;
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        let after = shop.send(SARA, payment.id, shop.photo("b")).await;
        assert!(matches!(after, Err(SubmitError::Decided { state: Paying::Rejected, at: Some(_) })), "{after:?}");
    }

    async fn nothing_is_lent_to_whom_a_receipt_speaks_against(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let second = shop.place(SARA, Shop::sale(2)).await.1;
        let waiting = shop.send(SARA, second.id, shop.photo("b")).await.expect("it is taken");
        assert!(!waiting.provisional, "one receipt of hers is undecided");
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        let off = shop.service(order.subscription).await.expect("a service");
        assert_eq!(off.state, Serving::Disabled);
        shop.approve(CASHIER, second.id, None).await.expect("it is approved");
        let third = shop.place(SARA, Shop::sale(3)).await.1;
        let doubted = shop.send(SARA, third.id, shop.photo("c")).await.expect("it is taken");
        assert!(!doubted.provisional, "a receipt of hers was rejected");
        shop.settings(|settings| settings.provisional_percent = 0).await;
        let fourth = shop.place(OMID, Shop::sale(4)).await.1;
        let closed = shop.send(OMID, fourth.id, shop.photo("d")).await.expect("it is taken");
        assert!(!closed.provisional, "the shop lends nothing");
    }

    async fn cancelling_under_review_takes_what_was_lent(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        cancel(shop, 1).await;
        assert_eq!(shop.service(order.subscription).await.expect("a service").state, Serving::Disabled);
        assert_eq!(shop.payment(payment.id).await.state, Paying::Cancelled);
        assert_eq!(shop.jobs("review_card").await, 2, "the card is drawn again");
        let late = shop.send(SARA, payment.id, shop.photo("b")).await.expect("it is taken");
        assert_eq!((late.order.expect("an order").state, late.provisional), (State::Placed, false));
        let approved = shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert!(approved.paid);
        let full = shop.service(order.subscription).await.expect("a service");
        assert_eq!((full.kind, full.state), (Kind::Full, Serving::Pending));
    }
}
