//! What bad input gets: a clear sentence, the same question again, and never a lost receipt.
use super::stand::{BORIS, EVE, LEILA, Stand, stories};
use crate::sales::shop::OWNER;
use souk::base::texts::t;
use souk::base::{Cause, ChatId, Lang, MINUTE, PersonId};
use souk::bot::notices::Herald;
use souk::queue::Alarm;
use souk::queue::inbox::{self, Incoming};
use souk::queue::outbox::{Sender, Sent};
use souk::shop::notices::{self, Notice};
use souk::sim::telegram::{Fault, FaultKind, Upload};
use std::time::Duration;

/// What a person sends, and the text that answers it.
type Sends<'a> = (&'static str, Box<dyn Fn() -> i64 + 'a>);

/// Everything that is no receipt is met kindly with the question again; then a real one is taken.
async fn asks_again(stand: &Stand, who: i64, lang: Lang) {
    stand.welcome(who, lang).await;
    stand.orders(who, lang).await;
    stand.taps_key(who, lang, "button-receipt").await;
    let person = stand.person(who);
    let zip = Upload { name: Some("a.zip".into()), mime: Some("application/zip".into()), ..Upload::new("PK") };
    let huge = Upload {
        name: Some("r.pdf".into()),
        mime: Some("application/pdf".into()),
        claimed_size: Some(30 << 20),
        ..Upload::new("%PDF")
    };
    let sends: Vec<Sends<'_>> = vec![
        ("receipt-wrong-file", Box::new(|| person.sends_document(&zip, "").expect("it is sent"))),
        ("receipt-not-a-number", Box::new(|| person.says("😀😀😀😀").expect("it is said"))),
        ("receipt-not-a-number", Box::new(|| person.says("سلام").expect("it is said"))),
        ("receipt-wrong-kind", Box::new(|| person.says(&"x1".repeat(2_000)).expect("it is said"))),
        ("receipt-wrong-kind", Box::new(|| person.sends_sticker("🙂").expect("it is sent"))),
        ("receipt-wrong-kind", Box::new(|| person.sends_voice(3).expect("it is sent"))),
    ];
    for (key, send) in sends {
        let before = stand.last(who).id;
        send();
        stand.settle().await;
        let answer = stand.last(who);
        assert!(answer.id > before && answer.text.starts_with(t(lang, key)), "{lang} {key}: {}", answer.text);
    }
    person.sends_document(&huge, "").expect("it is sent");
    stand.settle().await;
    let size = if lang == Lang::Fa { "۳۰" } else { "30" };
    assert!(stand.last(who).text.contains(size), "{}", stand.last(who).text);
    assert_eq!(stand.count("SELECT COUNT(*) AS v FROM receipts").await, 0);
    stand.photo(who, "at last").await;
    assert_eq!(stand.count("SELECT COUNT(*) AS v FROM receipts").await, 1);
}

stories! {
    async fn what_is_no_receipt_is_asked_again_in_english(stand: Stand) { asks_again(stand, EVE, Lang::En).await; }

    async fn what_is_no_receipt_is_asked_again_in_persian(stand: Stand) { asks_again(stand, LEILA, Lang::Fa).await; }

    async fn what_is_no_receipt_is_asked_again_in_russian(stand: Stand) { asks_again(stand, BORIS, Lang::Ru).await; }

    /// Buttons of an older version, of nobody, and of an admin's: home, or nothing at all.
    async fn old_and_forged_buttons_do_nothing(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        let menu = stand.last(EVE).id;
        for data in ["buy:5", "0ch", "1czzz", "🙂"] {
            stand.person(EVE).presses_old(menu, data).expect("it is pressed");
            stand.settle().await;
            assert_eq!(stand.toast(EVE), t(Lang::En, "common-old-menu"), "{data}");
        }
        let before = stand.shop.all_rows().await;
        for data in ["1cy.0000000001", "1coc.0000000001", "1csv.0000000001", "1cr.0000000001", "1csq.0000000001"] {
            stand.person(EVE).presses_old(menu, data).expect("it is pressed");
            stand.settle().await;
            assert_eq!(stand.toast(EVE), t(Lang::En, "common-not-yours"), "{data}");
        }
        assert_eq!(stand.shop.all_rows().await, before, "nothing was written");
        stand.person(EVE).presses_old(menu, "1apa.0000000001").expect("it is pressed");
        stand.settle().await;
        assert_eq!(stand.toast(EVE), "", "a button of staff is met with silence");
        let audited = format!("{before}2 command.refused\n");
        assert_eq!(stand.shop.all_rows().await, audited, "and with a line of the audit log, and nothing else");
    }

    /// Nobody sees or moves what is another's.
    async fn what_is_anothers_opens_nothing(stand: Stand) {
        stand.welcome(LEILA, Lang::Fa).await;
        stand.orders(LEILA, Lang::Fa).await;
        let data: Vec<String> = stand.last(LEILA).keyboard.iter().flatten().filter_map(|button| button.data.clone()).collect();
        stand.welcome(EVE, Lang::En).await;
        let menu = stand.last(EVE).id;
        for data in data.iter().filter(|data| !data.starts_with("1ch")) {
            stand.person(EVE).presses_old(menu, data).expect("it is pressed");
            stand.settle().await;
            assert_eq!(stand.toast(EVE), t(Lang::En, "common-not-yours"), "{data}");
        }
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM orders WHERE state = 'placed'").await, 1);
    }

    /// A number of ours opens what it names for its owner, and nothing for others.
    async fn a_pasted_number_opens_what_it_names(stand: Stand) {
        stand.welcome(LEILA, Lang::Fa).await;
        stand.orders(LEILA, Lang::Fa).await;
        let shown = stand.last(LEILA).text;
        let order = shown.lines().next().and_then(|line| line.split_whitespace().last()).expect("an order's number").to_owned();
        let order: String = order.chars().filter(char::is_ascii_alphanumeric).collect();
        stand.says(LEILA, &format!("#{}", order.to_lowercase())).await;
        assert!(stand.last(LEILA).text.contains("6037991234567893"), "{}", stand.last(LEILA).text);
        stand.welcome(EVE, Lang::En).await;
        stand.says(EVE, &order).await;
        assert_eq!(stand.last(EVE).text, t(Lang::En, "common-unexpected"));
    }

    /// Words that mean nothing, commands that do not exist, and texts without end lead home.
    async fn what_means_nothing_leads_home(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        for (said, key) in [("hello?", "common-unexpected"), ("/dance", "common-unexpected"), ("/cancel", "common-nothing-to-cancel")] {
            stand.says(EVE, said).await;
            assert_eq!(stand.last(EVE).text, t(Lang::En, key), "{said}");
            assert!(stand.last(EVE).labels().iter().any(|label| label.contains("Buy")));
        }
        stand.says(EVE, &"long ".repeat(800)).await;
        assert_eq!(stand.last(EVE).text, t(Lang::En, "common-too-long"));
        stand.photo(EVE, "a cat").await;
        assert_eq!(stand.last(EVE).text, t(Lang::En, "receipt-nothing-waits"));
    }

    /// Somebody who is barred is told so, whatever he does, and nothing happens.
    async fn the_barred_are_told_so(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        let menu = stand.last(EVE).id;
        let (owner, now) = (stand.shop.admin(crate::sales::shop::OWNER).await, stand.now());
        let barred = stand.app.write(move |tx| Box::pin(async move {
            souk::shop::accounts::ban(tx, &owner, PersonId(EVE), "spam", now).await
        }));
        barred.await.expect("he is barred");
        stand.says(EVE, "/buy").await;
        assert!(stand.last(EVE).text.contains("@souk_help"));
        stand.person(EVE).presses_old(menu, "1ctt").expect("it is pressed");
        stand.settle().await;
        assert!(stand.toast(EVE).contains("@souk_help"));
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM subscriptions").await, 0);
        // What is staff's is met with silence, as from anybody else.
        let told = stand.last(EVE).id;
        stand.says(EVE, "/payments").await;
        assert_eq!(stand.last(EVE).id, told, "{}", stand.last(EVE).text);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused'").await, 1);
    }

    /// Who blocked the bot is written down, which is no error; who comes back is welcome.
    async fn a_blocked_bot_is_no_error(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.person(EVE).says("/buy").expect("it is said");
        let waiting = stand.telegram.take_updates();
        stand.person(EVE).blocks().expect("he blocks");
        for update in &waiting {
            stand.hand(update).await.expect("no error");
        }
        stand.settle().await;
        assert!(stand.known(EVE).await.expect("known").blocked_at.is_some());
        stand.person(EVE).unblocks().expect("he comes back");
        stand.says(EVE, "/buy").await;
        assert!(stand.known(EVE).await.expect("known").blocked_at.is_none());
    }

    /// A message that can no longer be edited is followed by a new one.
    async fn a_message_that_cannot_be_edited_is_sent_anew(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        let menu = stand.last(EVE).id;
        let refused = FaultKind::Status { code: 400, description: "Bad Request: message can't be edited".into() };
        stand.telegram.fault(Fault::new(refused).on("editMessageText").times(1));
        stand.taps_key(EVE, Lang::En, "button-help").await;
        let answer = stand.last(EVE);
        assert!(answer.id > menu && answer.text.starts_with("Help"), "{}", answer.text);
        for _ in 0..2 {
            stand.person(EVE).presses_old(answer.id, "1ch").expect("it is pressed");
            stand.settle().await;
        }
        assert_eq!(stand.last(EVE).id, answer.id, "the same again is no new message");
    }

    /// A fault of Telegram's leaves the update to be handled again, and its effects happen once.
    async fn a_broken_answer_is_given_again(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.taps_key(EVE, Lang::En, "button-buy").await;
        stand.taps(EVE, "1cp.m1").await;
        stand.taps_key(EVE, Lang::En, "button-order").await;
        let pay = stand.last(EVE).keyboard[0][0].data.clone().expect("data");
        stand.person(EVE).taps(&pay).expect("it is tapped");
        let updates = stand.telegram.take_updates();
        let broken = FaultKind::Status { code: 502, description: "Bad Gateway".into() };
        stand.telegram.fault(Fault::new(broken).on("editMessageText").times(1));
        assert!(stand.hand(&updates[0]).await.is_err(), "Telegram's fault is ours to repeat");
        stand.hand(&updates[0]).await.expect("now it goes");
        assert!(stand.last(EVE).text.contains("6037991234567893"));
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM payments").await, 1);
    }

    /// Telegram asks for a pause that no worker can sit out: the update is tried again then, and not before.
    async fn a_long_pause_is_a_fault_that_says_how_long(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.person(EVE).says("/buy").expect("it is said");
        let update = stand.telegram.take_updates().remove(0);
        stand.telegram.fault(Fault::new(FaultKind::TooMany { retry_after: 600 }).on("sendMessage").times(1));
        let fault = stand.hand(&update).await.expect_err("it must wait");
        assert_eq!(fault.cause(), Cause::Wait(Duration::from_mins(10)), "{fault}");
        stand.app.clock.advance(10 * MINUTE);
        stand.hand(&update).await.expect("now it goes");
        assert!(stand.last(EVE).labels().iter().any(|label| label.contains("1 month")), "{}", stand.last(EVE).text);
        let broken = FaultKind::Status { code: 502, description: "Bad Gateway".into() };
        stand.telegram.fault(Fault::new(broken).on("sendMessage").times(1));
        let fault = stand.hand(&update).await.expect_err("Telegram is away");
        assert_eq!(fault.cause(), Cause::Away, "{fault}");
    }

    /// A receipt was taken and the answer broke: the same answer comes, though two orders wait by then.
    async fn a_receipts_broken_answer_is_given_again(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        for _ in 0..2 {
            stand.says(EVE, "/start").await;
            stand.orders(EVE, Lang::En).await;
        }
        stand.person(EVE).sends_photo(&Upload::new("receipt"), "").expect("it is sent");
        let update = stand.telegram.take_updates().remove(0);
        let broken = FaultKind::Status { code: 502, description: "Bad Gateway".into() };
        stand.telegram.fault(Fault::new(broken).on("sendMessage").times(1));
        assert!(stand.hand(&update).await.is_err(), "Telegram's fault is ours to repeat");
        stand.hand(&update).await.expect("now it goes");
        let which = t(Lang::En, "receipt-which-title");
        assert!(!stand.last(EVE).text.contains(which), "{}", stand.last(EVE).text);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM receipts").await, 1);
    }

    /// What a person could not be told is told to the group; what the group could not be told goes no further.
    async fn a_notice_that_is_dropped_is_spoken_of(stand: Stand) {
        for (id, chat) in [(7, ChatId(LEILA)), (8, notices::GROUP)] {
            let hook = souk::run::alarms(&stand.app);
            let alarm = Alarm::Notice { id, chat, why: "400".to_owned() };
            stand.app.write(move |tx| hook(tx, alarm)).await.expect("it is told");
        }
        let told = stand.shop.told(PersonId(0)).await;
        assert_eq!(told, [Notice::Undelivered { person: PersonId(LEILA), why: "400".to_owned() }]);
    }

    /// The bot was put out of the group: its owner hears what the group was to hear.
    async fn a_closed_group_is_no_silence(stand: Stand) {
        stand.welcome(OWNER.0, Lang::En).await;
        let closed = FaultKind::Status { code: 403, description: "Forbidden: bot was kicked from the group chat".into() };
        stand.telegram.fault(Fault::new(closed).on("sendMessage").times(1));
        let late = Notice::CronLate { line: "remind".to_owned(), minutes: 12 };
        let body = serde_json::to_value(&late).expect("it is written");
        let sent = Herald::new(stand.app.clone()).send(notices::GROUP, body).await;
        assert!(matches!(sent, Sent::Ok { .. }), "{sent:?}");
        assert!(stand.last(OWNER.0).text.contains("remind"), "{}", stand.last(OWNER.0).text);
    }

    /// An update that is given up leaves nobody waiting in silence: its sender is told once, in his language.
    async fn what_is_given_up_is_told_to_whoever_waits(stand: Stand) {
        stand.welcome(LEILA, Lang::Fa).await;
        stand.person(LEILA).says("/buy").expect("it is said");
        let update = stand.telegram.take_updates().remove(0);
        let incoming = Incoming::read(update.to_string()).expect("an update");
        let id = incoming.update;
        inbox::accept(&stand.app.db, vec![incoming], None, stand.now()).await.expect("it is stored");
        for _ in 0..2 {
            let hook = souk::run::alarms(&stand.app);
            let alarm = Alarm::Update { update: id, why: "it broke".to_owned() };
            stand.app.write(move |tx| hook(tx, alarm)).await.expect("it is told");
        }
        let told = stand.shop.told(PersonId(LEILA)).await;
        assert_eq!(told, [Notice::Sorry { code: id.to_string() }]);
    }
}
