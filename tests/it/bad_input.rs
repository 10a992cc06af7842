//! Whatever a newcomer tries: a clear sentence and the same question again; never silence, never a lost receipt.

use serde_json::json;
use souk::base::texts::t;
use souk::base::{Lang, MINUTE};
use souk::sim::telegram::{self, Fault, FaultKind, NewGroup, Upload};

use crate::world::actor::Actor;
use crate::world::ending::Allowed;
use crate::world::pictures;
use crate::world::shop::World;
use crate::world::world;

fn file(name: &str, mime: &str, megabytes: u64) -> Upload {
    let claimed_size = Some(megabytes << 20).filter(|size| *size > 0);
    Upload { name: Some(name.into()), mime: Some(mime.into()), claimed_size, ..Upload::new("some bytes") }
}

#[tokio::test]
async fn what_is_no_receipt_gets_a_kind_word_and_the_question_again() {
    for lang in Lang::ALL {
        world(async |w: &World| {
            let sara = w.customer_in(lang, "Sara").await;
            sara.orders_in(lang).await;
            let mut answers = Vec::new();
            for upload in [
                file("receipt.zip", "application/zip", 0),
                file("song.mp3", "audio/mpeg", 0),
                file("receipt.pdf", "application/pdf", 30),
                file("receipt.jpg", "image/jpeg", 30),
            ] {
                sara.sends_document(&upload).await;
                answers.push(sara.last().text);
            }
            for text in ["😀😀😀", "👍", "سلام", &"x1 ".repeat(1_660), "../../etc/passwd 1234'; DROP TABLE orders; --"]
            {
                sara.says(text).await;
                answers.push(sara.last().text);
            }
            sara.does(|person| person.sends_sticker("🙂")).await;
            answers.push(sara.last().text);
            sara.does(|person| person.sends_voice(4)).await;
            answers.push(sara.last().text);
            sara.does(telegram::Actor::sends_contact).await;
            answers.push(sara.last().text);
            for answer in &answers {
                assert!(answer.contains("920") || answer.contains("۹۲۰"), "{lang}: the question is not asked again:\n{answer}");
            }
            assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, 0);
            sara.sends_photo(1).await;
            assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, 1, "then a real one is taken");
            w.run_jobs().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_tracking_number_in_persian_digits_is_known_again() {
    world(async |w: &World| {
        let (sara, eve) = (w.customer("Sara").await, w.customer("Eve").await);
        sara.orders().await;
        sara.says("۱۲۳۴۵۶۷۸۹۰").await;
        w.run_jobs().await;
        assert!(w.owner().last().text.contains("1234567890"), "{}", w.group());
        eve.orders().await;
        eve.says("  1234567890 ").await;
        w.run_jobs().await;
        assert!(w.owner().last().text.contains("Same tracking number"), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn an_album_a_second_photo_and_an_edit_are_all_kept() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.does(|person| person.sends_album(&[pictures::receipt(1), pictures::receipt(2)], "paid")).await;
        assert_eq!(sara.told("received").len(), 1, "one answer to an album:\n{}", sara.chat());
        sara.sends_photo(3).await;
        let typed = sara.says("88776655").await;
        sara.edits(typed, "88776656").await;
        w.run_jobs().await;
        let kept = w.count("SELECT COUNT(*) AS v FROM receipts").await;
        assert!(kept >= 4, "{kept} receipts are kept");
        assert_eq!(w.payments("submitted").await, 1);
        let seen = w.group();
        assert!(seen.contains("Receipts: ") && seen.matches("(photo)").count() >= 3, "{seen}");
    })
    .await;
}

#[tokio::test]
async fn an_old_menu_says_so_and_shows_home() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        let menu = sara.last().id;
        for data in ["buy:5", "0ch", "1czzz", "1", "🙂", "{\"a\":1}"] {
            sara.taps_old(menu, data).await;
            assert_eq!(sara.toast().as_deref(), Some(t(Lang::En, "common-old-menu")), "{data}");
            assert!(sara.has_button("button-buy"), "{}", sara.chat());
        }
    })
    .await;
}

#[tokio::test]
async fn buttons_of_somebody_elses_order_open_nothing() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        sara.taps("button-service").await;
        let hers: Vec<String> = sara
            .messages()
            .iter()
            .flat_map(|message| message.keyboard.iter().flatten().filter_map(|button| button.data.clone()))
            .filter(|data| data.rsplit('.').next().is_some_and(|field| field.len() == 10))
            .collect();
        assert!(hers.len() > 3, "{hers:?}");
        let eve = w.customer("Eve").await;
        let menu = eve.last().id;
        let before = eve.chat();
        let orders = w.count("SELECT COUNT(*) AS v FROM orders").await;
        for data in hers {
            eve.taps_old(menu, &data).await;
            assert_eq!(eve.toast().as_deref(), Some(t(Lang::En, "common-not-yours")), "{data}");
        }
        assert_eq!(eve.chat(), before, "nothing was shown");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM orders").await, orders);
    })
    .await;
}

#[tokio::test]
async fn forged_admin_buttons_move_nothing_and_leave_a_line() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let (_, approve) = w.owner().data_of("admin-do-approve");
        let (_, ban) = w.owner().data_of("admin-do-reject-ban");
        let lines = w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused'").await;
        let menu = sara.last().id;
        for data in [&approve, &ban] {
            sara.taps_old(menu, data).await;
        }
        assert_eq!(w.payments("submitted").await, 1);
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused'").await, lines + 2);
    })
    .await;
}

#[tokio::test]
async fn a_strangers_admin_commands_are_met_with_silence_and_an_audit_line() {
    world(async |w: &World| {
        let eve = w.customer("Eve").await;
        let before = eve.messages().iter().filter(|message| message.is_from_bot).count();
        let commands = ["/payments", "/approve 5", "/reject 5 no", "/user 1001", "/panels", "/nodes", "/stats", "/grant 5 owner"];
        for command in commands {
            eve.says(command).await;
        }
        let said: Vec<String> =
            eve.messages().iter().filter(|message| message.is_from_bot).map(|message| message.text.clone()).collect();
        assert_eq!(said.len(), before, "silence: {said:?}");
        let lines = w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused'").await;
        assert_eq!(lines, i64::try_from(commands.len()).expect("a count"));
    })
    .await;
}

#[tokio::test]
async fn customers_commands_in_the_group_and_strangers_groups_are_met_with_silence() {
    world(async |w: &World| {
        let owner = w.owner();
        let before = w.group().matches("Souk").count();
        owner.says("/buy").await;
        owner.says("good morning").await;
        owner.says("/start@another_bot").await;
        assert_eq!(w.group().matches("Souk").count(), before, "{}", w.group());
        let elsewhere =
            w.telegram.add_group(NewGroup { title: "Elsewhere".into(), admins: vec![owner.id()], ..NewGroup::default() });
        let there = Actor::new(w, owner.at.in_chat(elsewhere), Lang::En);
        there.says("/payments").await;
        there.says("/start").await;
        assert!(!w.telegram.transcript(elsewhere).contains("Souk:"), "{}", w.telegram.transcript(elsewhere));
    })
    .await;
}

#[tokio::test]
async fn what_is_newer_than_the_library_is_still_read() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        let chat = json!({ "id": sara.id(), "type": "private", "first_name": "Sara" });
        let from = json!({ "id": sara.id(), "is_bot": false, "first_name": "Sara" });
        w.telegram.inject(json!({ "message": {
            "message_id": 900, "date": 1, "chat": chat, "from": from, "text": "/help",
            "entities": [{ "type": "bot_command", "offset": 0, "length": 5 }, { "type": "hologram", "offset": 0, "length": 5 }],
            "reply_markup": { "inline_keyboard": [[{ "text": "x", "teleport": {} }]] },
        }}));
        w.settle().await;
        assert!(sara.sees().contains("Choose a plan and place the order"), "{}", sara.sees());
        sara.orders().await;
        w.telegram.inject(json!({ "message": {
            "message_id": 950, "date": 1, "chat": chat, "from": from, "text": "4455667788",
            "forward_origin": { "type": "starship", "date": 1 },
            "entities": [{ "type": "bank_number", "offset": 0, "length": 10 }],
        }}));
        w.telegram.inject(json!({ "brand_new_kind": { "from": from, "what": 1 } }));
        w.settle().await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, 1, "{}", sara.chat());
        w.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn an_order_from_two_phones_takes_both_receipts() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        sara.at.sends_photo(&pictures::receipt(1), "").expect("one phone sends");
        sara.at.says("5544332211").expect("the other types");
        w.settle().await;
        w.run_jobs().await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts").await, 2);
        assert_eq!((w.payments("submitted").await, w.orders("placed").await), (1, 1));
        assert_eq!(w.group().matches("Amount: ").count(), 1, "one card:\n{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn an_update_that_cannot_be_answered_is_an_alarm_and_not_a_dead_chat() {
    world(async |w: &World| {
        w.ending.allow(Allowed::UpdateFails);
        let sara = w.customer("Sara").await;
        let broken = FaultKind::Status { code: 502, description: "Bad Gateway".into() };
        w.telegram.fault(Fault::new(broken).on("sendMessage").for_chat(sara.id()));
        sara.says("/help").await;
        w.telegram.clear_faults(None);
        w.later(MINUTE).await;
        assert_eq!(w.owner().told("alarm-update").len(), 1, "{}", w.group());
        sara.says("/wallet").await;
        assert!(sara.sees().contains("Wallet"), "the chat goes on: {}", sara.sees());
    })
    .await;
}
