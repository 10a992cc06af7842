//! The review of a receipt in the admin group: every way in which it may end.

use souk::base::texts::t;
use souk::base::{DAY, HOUR, Lang, MINUTE, PaymentId, PersonId, SECOND};
use souk::shop::{accounts, checkout};
use souk::sim::marzban::Down;
use souk::sim::telegram::{Actor, SeenMessage};

use crate::world::shop::World;
use crate::world::shopping::PRICE;
use crate::world::world;

const GIGABYTE: i64 = 1 << 30;

/// How often this message of the group was edited.
fn drawn(w: &World, message: i64) -> usize {
    let here = |value: &serde_json::Value, id: i64| value.to_string().trim_matches('"') == id.to_string();
    let calls = w.telegram.calls().into_iter().filter(|call| call.method.to_ascii_lowercase().starts_with("editmessage"));
    calls.filter(|call| here(&call.params["chat_id"], w.group_id()) && here(&call.params["message_id"], message)).count()
}

#[tokio::test]
async fn a_card_tells_who_what_and_how_much() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let card = w.owner().last();
        assert_eq!(card.media.as_ref().map(|media| media.kind.as_str()), Some("photo"));
        for fact in ["120,", "Sara", &sara.id().to_string(), "1 month, 30 GB", "First card", "0 good, 0 bad"] {
            assert!(card.text.contains(fact), "«{fact}» is not in:\n{}", card.text);
        }
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let decided = w.owner().messages().into_iter().find(|message| message.id == card.id).expect("the card");
        assert!(decided.text.contains("Approved") && decided.text.contains("Nima"), "{}", decided.text);
        assert_eq!(decided.text.lines().count(), 3, "{}", decided.text);
    })
    .await;
}

#[tokio::test]
async fn a_rejected_receipt_ends_what_was_lent_and_says_why() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        assert_eq!(w.account().status, "active");
        w.owner().taps("admin-do-reject").await;
        assert_eq!(w.payments("submitted").await, 1, "it asks for a reason first");
        w.owner().taps("admin-reason-unreadable").await;
        w.run_jobs().await;
        w.later(HOUR).await;
        assert_eq!((w.orders("rejected").await, w.payments("rejected").await), (1, 1));
        assert_eq!(sara.told("notice-rejected").len(), 1);
        assert!(sara.told("notice-rejected")[0].text.contains("cannot be read"));
        let left: Vec<_> = w.panel.accounts().into_iter().filter(|account| account.status == "active").collect();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(w.wallet(sara.id()).await, 0);
        // Somebody with a bad receipt is lent nothing the next time.
        sara.says("/start").await;
        sara.orders_and_pays(2).await;
        assert_eq!(sara.told("notice-provisional").len(), 1, "{}", sara.chat());
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!(w.orders("delivered").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_typed_reason_reaches_the_customer() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps_all(&["admin-do-reject", "admin-do-ask-reason"]).await;
        owner.says("the photo is cut off").await;
        w.run_jobs().await;
        let told = sara.told("notice-rejected");
        assert!(told[0].text.contains("Reason: the photo is cut off"), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn in_the_group_only_a_reply_is_an_answer() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps_all(&["admin-do-reject", "admin-do-ask-reason"]).await;
        let question = owner.last();
        let says = async |at: &Actor, text: &str| {
            at.says(text).expect("he may write");
            w.settle().await;
            owner.last().text
        };
        let told = says(&owner.at, "who is on duty tonight?").await;
        assert!(told.contains(t(Lang::En, "admin-ask-reply")), "{told}");
        let hint = owner.last().id;
        let colleague = w.cashier().at.says("I am").expect("she may write");
        w.settle().await;
        assert_eq!(owner.last().id, hint, "nobody else is asked");
        says(&owner.at.answering(colleague), "good").await;
        assert_eq!(owner.last().id, hint, "he was told once, and talks with a colleague: {}", w.group());
        owner.at.answering(question.id).sends_sticker("👍").expect("he may send it");
        w.settle().await;
        assert!(owner.last().text.contains(t(Lang::En, "admin-ask-words")), "{}", w.group());
        let told = owner.last().id;
        owner.at.sends_sticker("👍").expect("he may send it");
        w.settle().await;
        assert_eq!(owner.last().id, told, "a sticker among admins is nobody's business: {}", w.group());
        assert_eq!(w.payments("submitted").await, 1);
        owner.at.answering(question.id).says("the photo is cut off").expect("he may write");
        w.settle().await;
        w.run_jobs().await;
        assert!(sara.told("notice-rejected")[0].text.contains("Reason: the photo is cut off"), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn a_reply_to_an_older_question_or_to_a_card_is_no_answer_to_the_newest() {
    world(async |w: &World| {
        let owner = w.owner();
        let says = async |at: &Actor, text: &str| {
            at.says(text).expect("he may write");
            w.settle().await;
            owner.last().text
        };
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        owner.taps_all(&["admin-do-reject", "admin-do-ask-reason"]).await;
        let older = owner.last();
        let omid = w.customer("Omid").await;
        omid.orders_and_pays(2).await;
        let card = owner.last();
        owner.taps_all(&["admin-do-reject", "admin-do-ask-reason"]).await;
        let newest = owner.last();
        assert!(newest.id != older.id && newest.text != older.text, "{}", w.group());

        let told = says(&owner.at.answering(older.id), "Sara's photo is cut off").await;
        assert!(told.contains(t(Lang::En, "admin-ask-gone")), "{}", w.group());
        let told = says(&owner.at.answering(card.id), "this one is a fraud, I think").await;
        assert!(told.contains(t(Lang::En, "admin-ask-reply")), "{}", w.group());
        let hint = owner.last().id;
        says(&w.cashier().at.answering(newest.id), "yes, write that").await;
        assert_eq!(owner.last().id, hint, "it was not put to her: {}", w.group());
        let stops = |message: &SeenMessage| {
            let stop = message.keyboard.iter().flatten().find(|button| button.label.contains("Stop"));
            stop.and_then(|button| button.data.clone()).expect("the button")
        };
        owner.taps_old(older.id, &stops(&older)).await;
        assert_eq!(owner.toast().as_deref(), Some(t(Lang::En, "admin-ask-gone")), "{}", w.group());
        let cashier = w.cashier();
        cashier.taps_old(newest.id, &stops(&newest)).await;
        assert_eq!(cashier.toast().as_deref(), Some(t(Lang::En, "admin-ask-not-yours")), "{}", w.group());
        assert_eq!((w.payments("submitted").await, w.payments("rejected").await), (2, 0), "{}", w.group());

        says(&owner.at.answering(newest.id), "Omid's photo is cut off").await;
        w.run_jobs().await;
        assert_eq!((w.payments("submitted").await, w.payments("rejected").await), (1, 1), "{}", w.group());
        assert!(sara.told("notice-rejected").is_empty(), "{}", sara.chat());
        assert!(omid.told("notice-rejected")[0].text.contains("Omid's photo is cut off"), "{}", omid.chat());
    })
    .await;
}

/// The hint has a Stop of its own, and people answer what stands last.
#[tokio::test]
async fn a_reply_to_the_question_said_again_is_an_answer() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps("admin-do-ask-amount").await;
        owner.at.says("120000").expect("he may write");
        w.settle().await;
        assert!(owner.reads("admin-ask-reply"), "{}", w.group());
        owner.says("a hundred").await;
        assert!(owner.last().text.contains("I cannot read that as an amount"), "{}", w.group());
        owner.says("120000").await;
        assert!(owner.has_button_now("admin-do-approve-as"), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn an_admin_who_hides_behind_the_group_is_told_why_nothing_happens() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        let mask = owner.at.anonymously();
        mask.says("/payments").expect("he may write");
        w.settle().await;
        let told = owner.last();
        assert!(told.text.contains(t(Lang::En, "admin-anonymous")), "{}", w.group());
        mask.says("good morning").expect("he may write");
        mask.says("/weather@other_bot").expect("he may write");
        w.settle().await;
        assert_eq!(owner.last().id, told.id, "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn reject_and_ban_asks_once_and_closes_the_shop() {
    world(async |w: &World| {
        let eve = w.customer("Eve").await;
        eve.orders_and_pays(1).await;
        w.owner().taps("admin-do-reject-ban").await;
        assert_eq!(w.payments("submitted").await, 1, "it asks once");
        w.owner().taps("admin-do-reject-ban-yes").await;
        w.run_jobs().await;
        assert_eq!(w.payments("rejected").await, 1);
        let receipts = w.count("SELECT COUNT(*) AS v FROM receipts").await;
        eve.says("/start").await;
        assert!(eve.sees().contains("closed to your account"), "{}", eve.sees());
        eve.sends_photo(2).await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, receipts);
        assert!(w.panel.accounts().iter().all(|account| account.status != "active"));
    })
    .await;
}

#[tokio::test]
async fn less_money_than_the_price_goes_to_the_wallet() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps("admin-do-ask-amount").await;
        owner.says("۱۰۰٬۰۰۰").await;
        owner.taps("admin-do-approve-as").await;
        w.run_jobs().await;
        w.later(HOUR).await;
        assert_eq!(w.wallet(sara.id()).await, 100_000);
        assert_eq!((w.orders("delivered").await, w.payments("approved").await), (0, 1));
        let told = &sara.told("notice-short")[0].text;
        assert!(told.contains("100,000") && told.contains("120,000"), "{told}");
        assert!(w.panel.accounts().iter().all(|account| account.status != "active"), "what was lent has ended");
    })
    .await;
}

#[tokio::test]
async fn more_money_than_the_price_leaves_the_rest_in_the_wallet() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps("admin-do-ask-amount").await;
        owner.says("150k").await;
        owner.taps("admin-do-approve-as").await;
        w.run_jobs().await;
        assert_eq!(w.wallet(sara.id()).await, 150_000 - PRICE);
        assert_eq!(w.orders("delivered").await, 1);
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
    })
    .await;
}

#[tokio::test]
async fn the_first_of_two_admins_wins_and_the_second_is_told() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let (owner, cashier) = (w.owner(), w.cashier());
        cashier.taps("admin-do-reject").await;
        let (message, reject) = cashier.data_of("admin-reason-unreadable");
        cashier.taps("admin-do-card").await;
        owner.press("admin-do-approve");
        cashier.press("admin-do-approve");
        w.settle().await;
        cashier.taps_old(message, &reject).await;
        w.run_jobs().await;
        assert_eq!((w.payments("approved").await, w.payments("rejected").await), (1, 0));
        let told = cashier.toast().expect("an answer");
        assert!(told.contains("Decided already"), "{told}");
        assert_eq!(w.orders("delivered").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act LIKE 'payment.%'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_decision_is_taken_back_within_a_minute() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps_all(&["admin-do-reject", "admin-reason-not-received"]).await;
        w.run_jobs().await;
        w.clock.advance(30 * SECOND);
        owner.taps("admin-do-undo").await;
        w.run_jobs().await;
        assert_eq!((w.payments("submitted").await, w.payments("rejected").await), (1, 0));
        owner.taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(HOUR).await;
        assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1));
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
    })
    .await;
}

#[tokio::test]
async fn a_decision_stands_after_a_minute() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps_all(&["admin-do-reject", "admin-reason-not-received"]).await;
        let (message, undo) = owner.data_of("admin-do-undo");
        w.later(61 * SECOND).await;
        assert!(!owner.has_button("admin-do-undo"), "{}", w.group());
        owner.taps_old(message, &undo).await;
        assert_eq!(owner.toast(), Some(owner.words("admin-undo-late")));
        assert_eq!(w.payments("rejected").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_delivered_cannot_be_taken_back() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let owner = w.owner();
        owner.taps("admin-do-approve").await;
        let (message, undo) = owner.data_of("admin-do-undo");
        w.run_jobs().await;
        owner.taps_old(message, &undo).await;
        assert_eq!(owner.toast(), Some(owner.words("admin-undo-delivered")));
        assert_eq!(w.payments("approved").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_late_receipt_is_still_taken_and_marked() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        w.later(3 * HOUR).await;
        assert_eq!(w.payments("expired").await, 1);
        sara.sends_photo(1).await;
        w.run_jobs().await;
        let card = w.owner().last();
        assert!(card.text.contains(&sara.words("admin-flag-late")), "{}", card.text);
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1));
        assert!(sara.told("notice-ready")[0].text.contains("/sub/"));
    })
    .await;
}

#[tokio::test]
async fn the_clock_accepts_after_three_days_what_nobody_decided() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        w.later(3 * DAY - HOUR).await;
        assert_eq!(w.payments("submitted").await, 1, "not yet");
        w.later(2 * HOUR).await;
        assert_eq!((w.orders("delivered").await, w.payments("approved").await), (1, 1));
        assert!(w.group().contains(&sara.words("admin-clock")), "{}", w.group());
        assert_eq!(sara.told("notice-ready").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_doubtful_receipt_is_escalated_instead() {
    world(async |w: &World| {
        let (sara, eve) = (w.customer("Sara").await, w.customer("Eve").await);
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        eve.orders_and_pays(1).await;
        assert!(w.owner().last().text.contains("Same photo"), "{}", w.group());
        w.later(3 * DAY + HOUR).await;
        w.later(DAY).await;
        assert_eq!((w.payments("submitted").await, w.payments("approved").await), (1, 1), "the clock leaves it alone");
        assert_eq!(w.owner().told("alarm-escalated").len(), 1, "{}", w.group());
        w.owner().taps_all(&["admin-do-reject", "admin-reason-duplicate"]).await;
        w.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_delivered_has_no_button_that_takes_it_back() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let card = w.owner().last().id;
        // The panel answers at the second try only, when the card stands there with its button.
        w.panel.set_down(Down::BadGateway).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert!(w.owner().has_button("admin-do-undo"), "{}", w.group());
        w.panel.set_down(Down::No).await;
        let before = drawn(w, card);
        w.later(11 * SECOND).await;
        assert_eq!(w.orders("delivered").await, 1);
        w.later(3 * SECOND).await;
        assert!(!w.owner().has_button("admin-do-undo"), "{}", w.group());
        w.later(MINUTE).await;
        w.later(MINUTE).await;
        assert_eq!(drawn(w, card), before + 1, "it is drawn once for that");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_delivered_can_be_taken_back_for_a_minute() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.set_down(Down::BadGateway).await;
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(30 * SECOND).await;
        assert!(w.owner().has_button("admin-do-undo"), "{}", w.group());
        w.later(32 * SECOND).await;
        assert!(!w.owner().has_button("admin-do-undo"), "{}", w.group());
        w.panel.set_down(Down::No).await;
        w.minutes(3).await;
        assert_eq!(w.orders("delivered").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_card_is_drawn_when_it_changes_and_no_more() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let card = w.owner().last().id;
        assert_eq!(drawn(w, card), 0, "it is posted whole");
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, drawn(w, card)), (1, 1), "the answer to the tap");
        w.later(2 * SECOND).await;
        assert!(!w.owner().has_button("admin-do-undo"), "{}", w.group());
        w.later(MINUTE).await;
        w.later(HOUR).await;
        assert_eq!(drawn(w, card), 2, "without its button");
    })
    .await;
}

#[tokio::test]
async fn a_decision_that_was_typed_is_seen_on_the_card_at_once() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let card = w.owner().last();
        let payment = PaymentId(w.count("SELECT id AS v FROM payments").await);
        w.cashier().says(&format!("/reject {payment} cut off")).await;
        w.run_jobs().await;
        let seen = w.owner().messages().into_iter().find(|message| message.id == card.id).expect("the card");
        assert!(seen.text.contains("Rejected") && seen.text.contains("Cyrus"), "{}", seen.text);
        w.later(61 * SECOND).await;
        let seen = w.owner().messages().into_iter().find(|message| message.id == card.id).expect("the card");
        assert!(seen.keyboard.is_empty(), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn a_decision_whose_answer_was_lost_is_seen_on_the_card() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let card = w.owner().last();
        let payment = PaymentId(w.count("SELECT id AS v FROM payments").await);
        let by = accounts::admin(w.app.db.read(), PersonId(w.cashier().id()), &[]).await.expect("it reads").expect("he is staff");
        let now = w.clock.now();
        // What a tap does, up to the moment when the process died.
        w.app
            .write(move |tx| Box::pin(async move { checkout::approve(tx, &by, payment, None, now).await }))
            .await
            .expect("it is approved");
        w.run_jobs().await;
        w.later(2 * SECOND).await;
        let seen = w.owner().messages().into_iter().find(|message| message.id == card.id).expect("the card");
        assert!(seen.text.contains("Approved") && seen.text.contains("Cyrus"), "{}", seen.text);
        assert!(seen.keyboard.is_empty(), "{}", w.group());
    })
    .await;
}
