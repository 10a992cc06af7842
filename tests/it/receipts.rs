//! Receipts as people really send them: with words that name another amount, in albums, one after another, and with more
//! than one order open.

use souk::base::{Fault as Failure, HOUR, MINUTE, PersonId, SECOND, UpdateId};
use souk::shop::checkout::{self, Keeping};
use souk::shop::payments::{NewReceipt, ReceiptKind, Unnamed};
use souk::sim::telegram::{Fault, FaultKind, SeenMessage, Upload};

use crate::world::actor::Actor;
use crate::world::ending::Allowed;
use crate::world::pictures;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;

const DIFFERS: &str = "which is not what is due";

/// What is due for the newest payment.
async fn due(w: &World) -> i64 {
    w.count("SELECT due AS v FROM payments ORDER BY opened_at DESC, id DESC LIMIT 1").await
}

async fn receipts(w: &World) -> i64 {
    w.count("SELECT COUNT(*) AS v FROM receipts").await
}

async fn sends_album(sara: &Actor<'_>, pictures: &[u32], caption: &str) {
    let uploads: Vec<_> = pictures.iter().map(|number| pictures::receipt(*number)).collect();
    sara.does(|person| person.sends_album(&uploads, caption)).await;
}

/// The data of the button whose label holds these words, without the commas of its numbers.
fn data_of(message: &SeenMessage, words: &str) -> String {
    let mut all = message.keyboard.iter().flatten();
    let button = all.find(|button| button.label.replace(',', "").contains(words));
    button.and_then(|button| button.data.clone()).unwrap_or_else(|| panic!("no button {words}: {:?}", message.labels()))
}

/// The card of the payment under review.
fn card(w: &World) -> String {
    let cards = w.owner().messages();
    let card = cards.iter().rev().find(|message| message.labels().iter().any(|label| label.contains("Approve another amount")));
    card.unwrap_or_else(|| panic!("no card; there is:\n{}", w.group())).text.clone()
}

#[tokio::test]
async fn a_caption_that_names_another_amount_is_a_warning() {
    for (caption, warned) in [
        ("I paid 100,000 toman", Some("100,000 Toman")),
        ("۵۰ هزار تومان زدم", Some("50,000 Toman")),
        ("50k", Some("50,000 Toman")),
        ("۱٬۰۰۰٬۰۰۰ ریال", Some("100,000 Toman")),
        ("DUE toman", None),
        ("کد پیگیری ۱۲۳۴۵۶۷۸ تاریخ ۱۴۰۵/۰۸/۲۹ ساعت ۱۲:۳۰", None),
        ("6037 9900 0000 0006", None),
        ("thank you 😀", None),
    ] {
        world(async |w: &World| {
            let sara = w.customer("Sara").await;
            sara.orders().await;
            let caption = caption.replace("DUE", &due(w).await.to_string());
            sara.sends_photo_saying(1, &caption).await;
            w.run_jobs().await;
            let card = card(w);
            match warned {
                Some(amount) => assert!(card.contains(&format!("⚠️ The message names {amount}, {DIFFERS}")), "{card}"),
                None => assert!(!card.contains(DIFFERS), "{caption}:\n{card}"),
            }
        })
        .await;
    }
}

#[tokio::test]
async fn of_what_receipts_say_of_the_amount_the_last_word_counts() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.sends_photo_saying(1, "I paid 100,000 toman").await;
        w.run_jobs().await;
        assert!(card(w).contains(DIFFERS), "{}", card(w));
        sara.sends_photo_saying(2, "and the rest").await;
        w.run_jobs().await;
        assert!(card(w).contains(DIFFERS), "this names no amount: {}", card(w));
        sara.sends_photo_saying(3, &format!("now {} toman, together", due(w).await)).await;
        w.run_jobs().await;
        assert!(!card(w).contains(DIFFERS) && card(w).contains("Receipts: 3; the last counts"), "{}", card(w));
    })
    .await;
}

#[tokio::test]
async fn a_tracking_number_is_no_amount_and_an_amount_beside_it_is() {
    world(async |w: &World| {
        let (sara, eve) = (w.customer("Sara").await, w.customer("Eve").await);
        sara.orders().await;
        sara.says("120000").await;
        w.run_jobs().await;
        assert!(!card(w).contains(DIFFERS), "{}", card(w));
        eve.orders().await;
        eve.says("پیگیری ۸۷۶۵۴۳۲۱ مبلغ ۹۰ هزار").await;
        w.run_jobs().await;
        assert!(card(w).contains("The message names 90,000 Toman"), "{}", card(w));
        // The clock does not accept what is doubtful.
        w.days(4).await;
        assert_eq!((w.payments("approved").await, w.payments("submitted").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn the_message_of_a_bank_is_a_receipt() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        let due = due(w).await;
        sara.says(&format!("بانک نمونه\nانتقال به کارت 6037***0006\nمبلغ: {due}0 ریال\nمانده: 12,345,678\nپیگیری: 140508291234"))
            .await;
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1));
        let card = card(w);
        assert!(card.contains("140508291234") && !card.contains(DIFFERS), "{card}");
    })
    .await;
}

#[tokio::test]
async fn a_later_album_is_one_answer_and_the_admins_see_every_picture() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let before = sara.told("received").len();
        // At once after the first, and long after it.
        for (pictures, wait) in [([2, 3, 4], 0), ([5, 6, 7], 120 * SECOND)] {
            w.later(wait).await;
            sends_album(&sara, &pictures, "more").await;
            w.run_jobs().await;
        }
        assert_eq!(sara.told("received").len(), before + 2, "one answer to an album:\n{}", sara.chat());
        assert_eq!(receipts(w).await, 7);
        assert_eq!(w.group().matches("(photo)").count(), 7, "{}", w.group());
        let answers = w.owner().told("Another receipt");
        assert_eq!(answers.len(), 6, "{}", w.group());
        assert!(card(w).contains("Receipts: 7"), "{}", card(w));
    })
    .await;
}

#[tokio::test]
async fn no_picture_is_lost_when_telegram_asks_to_wait() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let group = w.group_id();
        w.ending.allow(Allowed::Telegram(429));
        w.telegram.fault(Fault::new(FaultKind::TooMany { retry_after: 7 }).on("sendPhoto").for_chat(group).times(1));
        sends_album(&sara, &[2, 3, 4], "").await;
        w.run_jobs().await;
        w.telegram.clear_faults(None);
        for _ in 0..4 {
            w.later(30 * SECOND).await;
        }
        assert_eq!(w.group().matches("(photo)").count(), 4, "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn every_text_is_seen_by_the_admins() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        for number in ["11112222", "33334444", "55556666", "77778888"] {
            sara.says(number).await;
            w.run_jobs().await;
        }
        let seen = w.group();
        for number in ["11112222", "33334444", "55556666", "77778888"] {
            assert!(seen.contains(number), "{number} is not seen:\n{seen}");
        }
    })
    .await;
}

#[tokio::test]
async fn with_two_orders_open_a_picture_is_kept_until_its_order_is_named() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.says("/start").await;
        sara.orders().await;
        sara.says("/start").await;
        let wanted = w.count("SELECT due AS v FROM payments ORDER BY id LIMIT 1").await;
        sends_album(&sara, &[1, 2], "").await;
        assert_eq!(sara.told("receipt-which-title").len(), 1, "it is asked once:\n{}", sara.chat());
        assert_eq!(receipts(w).await, 0);
        let question = sara.last();
        let label = question.labels().into_iter().find(|label| label.replace(',', "").contains(&wanted.to_string()));
        sara.taps_named(label.expect("the order's button")).await;
        assert!(sara.last().text.contains("received"), "{}", sara.chat());
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (2, 1));
        assert_eq!(w.count("SELECT due AS v FROM payments WHERE state = 'submitted'").await, wanted);
        assert_eq!(w.group().matches("(photo)").count(), 2, "{}", w.group());
    })
    .await;
}

/// What came unasked outlives whatever is opened and asked before its order is named, and what names no order is asked again.
#[tokio::test]
async fn what_waits_for_its_order_is_forgotten_for_nothing() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.says("/start").await;
        sara.orders().await;
        sara.says("/start").await;
        sends_album(&sara, &[1, 2], "").await;
        let question = sara.last();
        for words in ["I sent it", &"long ".repeat(400)] {
            sara.says(words).await;
            assert!(sara.reads("receipt-which-title"), "{}", sara.chat());
        }
        sara.says("/start").await;
        sara.says("/cancel").await;
        sara.says("/wallet").await;
        sara.taps("button-topup-other").await;
        sara.says("nothing").await;
        let wanted = w.count("SELECT due AS v FROM payments ORDER BY id LIMIT 1").await;
        sara.taps_old(question.id, &data_of(&question, &wanted.to_string())).await;
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (2, 1), "{}", sara.chat());
    })
    .await;
}

/// "Send the receipt" names the order of what is there already.
#[tokio::test]
async fn what_waits_for_its_order_is_taken_when_that_orders_receipt_is_asked_for() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.says("/start").await;
        sara.orders().await;
        let order = sara.last();
        sara.says("/start").await;
        sends_album(&sara, &[1, 2], "").await;
        sara.taps_old(order.id, &data_of(&order, &sara.words("button-receipt"))).await;
        assert!(sara.last().text.contains("received"), "{}", sara.chat());
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (2, 1), "{}", sara.chat());
    })
    .await;
}

/// A third order that is opened later has nothing to do with it.
#[tokio::test]
async fn what_waits_for_its_order_is_none_of_an_order_that_came_after_it() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        orders_twice(&sara).await;
        let second = sara.last();
        sara.says("/start").await;
        sara.sends_photo(1).await;
        let question = sara.last();
        w.later(MINUTE).await;
        sara.says("/start").await;
        sara.orders().await;
        let third = due(w).await;
        sara.taps("button-receipt").await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (0, 0), "{}", sara.chat());

        // The second one's button names what was kept, and what was asked of the third is asked no more.
        sara.taps_old(second.id, &data_of(&second, &sara.words("button-receipt"))).await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1), "{}", sara.chat());
        sara.sends_photo(2).await;
        assert!(sara.reads("receipt-which-title"), "the third was not named: {}", sara.chat());
        assert_eq!(w.count(&format!("SELECT COUNT(*) AS v FROM payments WHERE due = {third} AND state = 'open'")).await, 1);
        let first = w.count("SELECT due AS v FROM payments ORDER BY opened_at, id LIMIT 1").await;
        sara.taps_old(question.id, &data_of(&question, &first.to_string())).await;
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await, w.payments("open").await), (2, 2, 1), "{}", sara.chat());
    })
    .await;
}

/// Who never says which order it is must not lose it with the orders.
async fn nobody_names_it(w: &World) {
    let sara = w.customer("Sara").await;
    orders_twice(&sara).await;
    sara.says("/start").await;
    let newest = due(w).await;
    let first = w.count("SELECT due AS v FROM payments ORDER BY opened_at, id LIMIT 1").await;
    sends_album(&sara, &[1, 2], "").await;
    let changed = sara.sends_photo(3).await;
    w.later(9 * MINUTE).await;
    sara.sends_photo_saying(4, &format!("{first} toman")).await;
    // One message is one receipt, whatever became of it before it was named.
    sara.edits(changed, "paid").await;
    assert!(sara.reads("receipt-which-title"), "{}", sara.chat());
    w.later(9 * MINUTE).await;
    assert_eq!(receipts(w).await, 0, "he was asked only now");
    w.later(MINUTE).await;
    assert_eq!((receipts(w).await, w.payments("submitted").await), (4, 2), "{}", sara.chat());
    for (due, count) in [(newest, 3), (first, 1)] {
        let sql = format!(
            "SELECT COUNT(*) AS v FROM receipts r JOIN payments p ON r.payment = p.id WHERE p.due = {due} AND p.flags LIKE '%unnamed%'"
        );
        assert_eq!(w.count(&sql).await, count, "due {due}: {}", w.group());
    }
    assert_eq!(sara.told("notice-receipt-named").len(), 2, "{}", sara.chat());
    assert!(card(w).contains("did not choose the order"), "{}", w.group());
    // The question of then names nothing any more, and nothing is taken twice.
    sara.says("/start").await;
    w.later(HOUR).await;
    assert_eq!((receipts(w).await, sara.told("notice-receipt-named").len()), (4, 2), "{}", sara.chat());
}

#[tokio::test]
async fn a_receipt_whose_order_nobody_names_is_seen_by_a_reviewer() {
    world(nobody_names_it).await;
}

#[tokio::test]
async fn it_is_named_once_though_everything_comes_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, nobody_names_it).await;
}

/// The process died before it answered, and the same update is handled a minute later.
#[tokio::test]
async fn an_update_that_comes_again_later_puts_the_naming_off_for_nobody() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        orders_twice(&sara).await;
        let keep = async || {
            let now = w.clock.now();
            let receipt = NewReceipt {
                kind: ReceiptKind::Text,
                file_id: None,
                file_key: None,
                text: Some("11112222".to_owned()),
                album: None,
                message: Some(77),
                edited: false,
                update: UpdateId(9_000_001),
            };
            let (new, person) = (Unnamed { receipt, came_at: now, kept_at: now }, PersonId(sara.id()));
            let kept: Result<Keeping, Failure> =
                w.app.write(move |tx| Box::pin(async move { checkout::keep_receipt(tx, person, new).await })).await;
            assert_eq!(kept.expect("it is kept"), Keeping::Kept);
        };
        keep().await;
        w.later(MINUTE).await;
        keep().await;
        w.later(9 * MINUTE).await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn a_receipt_outlives_the_orders_that_it_could_be_for() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        orders_twice(&sara).await;
        w.later(HOUR + 50 * MINUTE).await;
        sara.says("/start").await;
        sara.sends_photo(1).await;
        assert!(sara.reads("receipt-which-title"), "{}", sara.chat());
        for _ in 0..11 {
            w.later(MINUTE).await;
        }
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1), "{}", sara.chat());
        assert!(card(w).contains("did not choose the order"), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn the_rest_of_an_album_goes_where_its_first_picture_went() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.says("/start").await;
        sara.orders().await;
        sara.taps("button-receipt").await;
        sends_album(&sara, &[1, 2, 3], "").await;
        w.run_jobs().await;
        assert!(sara.told("receipt-which-title").is_empty(), "{}", sara.chat());
        assert_eq!((receipts(w).await, w.payments("submitted").await, w.payments("open").await), (3, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_file_with_two_orders_open_gets_a_kind_word() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.says("/start").await;
        sara.orders().await;
        sara.says("/start").await;
        let zip = Upload { name: Some("receipt.zip".into()), mime: Some("application/zip".into()), ..Upload::new("some bytes") };
        sara.sends_document(&zip).await;
        assert!(sara.reads("receipt-wrong-file") && sara.reads("receipt-which-again"), "{}", sara.chat());
        assert_eq!(receipts(w).await, 0);
    })
    .await;
}

/// Two orders are open, and the question for the newer one's receipt.
async fn orders_twice(sara: &Actor<'_>) {
    sara.orders().await;
    sara.says("/start").await;
    sara.world.later(MINUTE).await;
    sara.orders().await;
    sara.world.later(MINUTE).await;
}

/// Payments with a receipt that was changed after it had been taken.
const EDITED: &str = "SELECT COUNT(*) AS v FROM payments WHERE flags LIKE '%edited%'";

#[tokio::test]
async fn an_edited_receipt_goes_where_the_first_words_went_though_another_order_waits() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        orders_twice(&sara).await;
        let typed = sara.says("11112222").await;
        let newest = w.count("SELECT payment AS v FROM receipts").await;
        // Another question is open by now, and stays so.
        sara.says("/wallet").await;
        sara.taps("button-topup-other").await;
        sara.edits(typed, "11113333").await;
        assert!(sara.last().text.contains("Receipt 2 for order"), "{}", sara.chat());
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await, w.payments("open").await), (2, 1, 1));
        assert_eq!(w.count(&format!("SELECT COUNT(*) AS v FROM receipts WHERE payment = {newest}")).await, 2);
        assert_eq!(w.count(EDITED).await, 1);
        let seen = w.group();
        assert!(seen.contains("11112222") && seen.contains("11113333") && seen.contains("edited after"), "{seen}");
        sara.says("50000").await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM payments WHERE purpose = 'wallet'").await, 1, "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn an_edited_message_that_nobody_took_is_asked_about_when_two_orders_wait() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        orders_twice(&sara).await;
        sara.says("/start").await;
        let typed = sara.says("I have paid").await;
        sara.edits(typed, "44445555").await;
        assert!(sara.reads("receipt-which-title"), "{}", sara.chat());
        assert_eq!(receipts(w).await, 0);
        let wanted = w.count("SELECT due AS v FROM payments ORDER BY opened_at LIMIT 1").await;
        let question = sara.last();
        let label = question.labels().into_iter().find(|label| label.replace(',', "").contains(&wanted.to_string()));
        sara.taps_named(label.expect("the order's button")).await;
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1));
        assert_eq!(w.count(EDITED).await, 0, "what no admin had seen before is no changed receipt");
    })
    .await;
}

#[tokio::test]
async fn the_message_of_a_bank_may_be_edited() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        w.later(MINUTE).await;
        let due = due(w).await;
        let bank = |number: &str| format!("بانک نمونه\nانتقال به کارت 6037***0006\nمبلغ: {due}0 ریال\nپیگیری: {number}");
        let typed = sara.says("I have paid").await;
        assert!(sara.reads("receipt-not-a-number"));
        sara.edits(typed, &bank("140508291234")).await;
        assert_eq!(receipts(w).await, 1, "{}", sara.chat());
        sara.edits(typed, &bank("140508291235")).await;
        w.run_jobs().await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (2, 1), "{}", sara.chat());
        assert!(w.group().contains("140508291235"), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn an_edited_picture_is_looked_at_like_a_new_one() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        let photo = sara.sends_photo(1).await;
        let zip = Upload { name: Some("receipt.zip".into()), mime: Some("application/zip".into()), ..Upload::new("some bytes") };
        let large = Upload { claimed_size: Some(30 << 20), ..pictures::receipt(2) };
        for (upload, word) in [(&zip, "receipt-wrong-file"), (&large, "receipts up to 10 MB work")] {
            sara.does(|person| person.edits_file(photo, upload, false, "")).await;
            assert!(sara.reads(word), "{}", sara.chat());
            assert_eq!(receipts(w).await, 1);
        }
        sara.does(|person| person.edits_file(photo, &pictures::receipt(3), true, "this one")).await;
        assert!(sara.last().text.contains("Receipt 2 for order"), "{}", sara.chat());
        w.run_jobs().await;
        assert_eq!(receipts(w).await, 2);
        assert_eq!(w.group().matches("(photo)").count(), 2, "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn an_edit_that_changes_nothing_or_comes_after_the_review_adds_nothing() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        let typed = sara.says("1111 2222").await;
        let last = sara.last().id;
        sara.edits(typed, "۱۱۱۱ ۲۲۲۲").await;
        assert_eq!((receipts(w).await, w.count(EDITED).await, sara.last().id), (1, 0, last), "{}", sara.chat());
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        sara.edits(typed, "33334444").await;
        assert_eq!(receipts(w).await, 1);
        assert!(sara.last().text.contains("approved"), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn an_edited_amount_of_a_top_up_is_no_receipt() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.says("/wallet").await;
        sara.taps("button-topup-other").await;
        let typed = sara.says("50000").await;
        sara.edits(typed, "60000").await;
        assert_eq!(receipts(w).await, 0);
        assert!(sara.last().text.contains("Receipt for top-up"), "{}", sara.chat());
        // Long after, and with nothing asked, it is not spoken of.
        sara.says("/start").await;
        let last = sara.last().id;
        sara.edits(typed, "70000").await;
        assert_eq!((receipts(w).await, sara.last().id), (0, last), "{}", sara.chat());
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_compared_is_a_warning_and_waits_for_a_person() {
    for (name, mime) in [("r.heic", "image/heic"), ("r.pdf", "application/pdf")] {
        world(async |w: &World| {
            let (sara, ali, omid) = (w.customer("Sara").await, w.customer("Ali").await, w.customer("Omid").await);
            sara.orders().await;
            sara.sends_document(&Upload {
                name: Some(name.into()),
                mime: Some(mime.into()),
                ..Upload::new("no picture that we read")
            })
            .await;
            w.run_jobs().await;
            assert!(card(w).contains("could not be compared"), "{name}: {}", card(w));
            ali.orders_and_pays(2).await;
            assert!(!card(w).contains("could not be compared"), "{}", card(w));
            omid.orders().await;
            omid.says("87654321").await;
            w.run_jobs().await;
            assert!(!card(w).contains("could not be compared"), "a number is compared: {}", card(w));
            // The clock accepts the others, and leaves this one to a person.
            w.days(4).await;
            assert_eq!((w.payments("approved").await, w.payments("submitted").await), (2, 1), "{name}");
            assert_eq!(w.owner().told("alarm-escalated").len(), 1, "{}", w.group());
        })
        .await;
    }
}

/// Words of a bank that are read only as an answer: whose answer they are has to be known.
const OF_A_BANK: &str = "انتقال انجام شد\nمبلغ: ۱٬۲۰۰٬۰۰۰ ریال\nپیگیری: 140508291234";

#[tokio::test]
async fn a_receipt_that_is_made_into_none_stays_and_the_question_that_comes_is_answered() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        let typed = sara.says("88776655").await;
        w.run_jobs().await;
        sara.edits(typed, "oops").await;
        assert!(sara.reads("receipt-not-a-number"), "{}", sara.sees());
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1));
        sara.says(OF_A_BANK).await;
        assert_eq!((receipts(w).await, sara.told("received").len()), (2, 2), "{}", sara.chat());
        // While something else is asked, that stays asked.
        sara.says("/wallet").await;
        sara.taps("button-topup-other").await;
        let last = sara.last();
        sara.edits(typed, "oops again").await;
        assert_eq!((sara.last().id, sara.last().text), (last.id, last.text), "{}", sara.chat());
        sara.says("50000").await;
        assert!(sara.last().text.contains("Receipt for top-up") || sara.has_button_now("button-receipt"), "{}", sara.sees());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM payments WHERE purpose = 'wallet'").await, 1, "{}", sara.chat());
        w.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_edit_of_what_was_refused_is_passed_over_unless_it_is_a_receipt() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        w.later(MINUTE).await;
        let zip = Upload { name: Some("r.zip".into()), mime: Some("application/zip".into()), ..Upload::new("zip") };
        let (text, file) = (sara.says("سلام").await, sara.sends_document(&zip).await);
        assert!(sara.reads("receipt-wrong-file"), "{}", sara.sees());
        sara.sends_photo(1).await;
        w.run_jobs().await;
        let last = sara.last();
        sara.edits(text, "hello").await;
        sara.edits(file, "what is inside").await;
        assert_eq!((sara.last().id, sara.last().text), (last.id, last.text), "{}", sara.chat());
        assert_eq!(receipts(w).await, 1);
        sara.edits(text, "88776655").await;
        assert_eq!(receipts(w).await, 2, "{}", sara.chat());
        w.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_is_asked_again_unasked_can_answer() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let zip = Upload { name: Some("r.zip".into()), mime: Some("application/zip".into()), ..Upload::new("zip") };
        sara.sends_document(&zip).await;
        assert!(sara.reads("receipt-wrong-file"), "{}", sara.sees());
        sara.says(OF_A_BANK).await;
        assert_eq!(receipts(w).await, 2, "{}", sara.chat());
        w.run_jobs().await;
    })
    .await;
}
