//! Staff: the card in the group's topic, commands, people's wallets, and whoever only says that he is staff.
use super::stand::{EVE, GROUP, Stand, stories};
use crate::sales::shop::{CASHIER, OWNER};
use souk::base::{ChatId, HOUR, Lang, MINUTE, PaymentId, PersonId};
use souk::bot::admin::topics;
use souk::bot::group;
use souk::queue::jobs::{Act, Attempt, JobError};
use souk::shop::checkout::{self, ReviewCard};
use souk::shop::payments;
use souk::shop::settings;
use souk::sim::telegram::SeenMessage;

/// The group as a forum in which the bot may make topics; its id.
async fn forum(stand: &Stand) -> i64 {
    let chat = stand.telegram.upgrade(GROUP).expect("it is upgraded");
    stand.settle().await;
    stand.telegram.allow_topics(chat, true, true);
    stand.app.db.forget_cached();
    assert_eq!(group::current(&stand.app).await.expect("it reads").chat, Some(ChatId(chat)));
    chat
}

/// Eve's receipt under review.
async fn under_review(stand: &Stand) -> PaymentId {
    stand.welcome(EVE, Lang::En).await;
    stand.orders(EVE, Lang::En).await;
    stand.taps_key(EVE, Lang::En, "button-receipt").await;
    stand.photo(EVE, "a receipt").await;
    let page = souk::base::Page::new(0, 9);
    let (found, _) = payments::pending(stand.app.db.read(), page).await.expect("it reads");
    found.first().expect("it waits for a decision").id
}

async fn card_job(stand: &Stand, payment: PaymentId, job: i64) -> Result<(), JobError> {
    ReviewCard { payment }.run(&stand.app, Attempt { job, number: 1, now: stand.now() }).await
}

fn from_bot(stand: &Stand, chat: i64) -> Vec<SeenMessage> {
    let all = stand.telegram.messages(chat);
    all.into_iter().filter(|message| message.is_from_bot && message.service.is_none() && !message.is_deleted).collect()
}

async fn says_in_group(stand: &Stand, who: i64, chat: i64, text: &str) -> SeenMessage {
    let there = stand.person(who).in_chat(chat);
    // Words that are no command answer the bot's newest message.
    let there = match stand.telegram.last_from_bot(chat) {
        Some(newest) if chat < 0 && !text.starts_with('/') => there.answering(newest.id),
        _ => there,
    };
    there.says(text).expect("it can be said");
    stand.settle().await;
    stand.telegram.last_from_bot(chat).expect("the bot answers")
}

async fn taps_in_group(stand: &Stand, who: i64, chat: i64, label: &str) {
    stand.person(who).in_chat(chat).taps(label).expect("it can be tapped");
    stand.settle().await;
}

/// The newest message with a button whose data begins so, and the button's data.
fn button(stand: &Stand, chat: i64, begin: &str) -> (i64, String) {
    let found = from_bot(stand, chat).into_iter().rev().find_map(|message| {
        let buttons = message.keyboard.iter().flatten();
        let data = buttons.filter_map(|button| button.data.clone()).find(|data| data.starts_with(begin))?;
        Some((message.id, data))
    });
    found.unwrap_or_else(|| panic!("no button {begin} in the chat"))
}

async fn wallet(stand: &Stand) -> i64 {
    stand.shop.wallet(PersonId(EVE)).await
}

/// A message as it looks on the phone.
fn looks(message: &SeenMessage) -> String {
    let rows = message.keyboard.iter().map(|row| {
        let row: Vec<String> = row.iter().map(|button| format!("[{}]", button.label)).collect();
        row.join(" ")
    });
    let picture = if message.media.is_some() { "(picture)\n" } else { "" };
    format!("{picture}{}\n{}\n", message.text, rows.collect::<Vec<_>>().join("\n"))
}

/// What staff reads in the group, in its language.
async fn papers(stand: &Stand, lang: Lang) -> String {
    stand.shop.settings(|settings| settings.group_lang = lang).await;
    stand.app.db.forget_cached();
    let payment = under_review(stand).await;
    let mut seen = Vec::new();
    for said in ["/payments", "/user", "/user 1003", "/panels", "/stats", "/staff", "/help", "/grant x"] {
        seen.push(looks(&says_in_group(stand, OWNER.0, GROUP, said).await));
    }
    let (_, open) = button(stand, GROUP, "1apo.");
    for tap in [open, format!("1apr.{payment}"), format!("1ap.{payment}"), format!("1apm.{payment}")] {
        taps_in_group(stand, OWNER.0, GROUP, &tap).await;
    }
    seen.push(looks(&stand.telegram.last_from_bot(GROUP).expect("a question")));
    for typed in ["plenty", "100k", "500000"] {
        seen.push(looks(&says_in_group(stand, OWNER.0, GROUP, typed).await));
    }
    taps_in_group(stand, OWNER.0, GROUP, &button(stand, GROUP, "1apn.").1).await;
    seen.push(looks(&stand.telegram.last_from_bot(GROUP).expect("the card")));
    for (tap, typed) in [("1auc.1003", "50000 late delivery"), ("1aud.1003", "20k paid twice")] {
        taps_in_group(stand, OWNER.0, GROUP, tap).await;
        seen.push(looks(&stand.telegram.last_from_bot(GROUP).expect("a question")));
        seen.push(looks(&says_in_group(stand, OWNER.0, GROUP, typed).await));
        taps_in_group(stand, OWNER.0, GROUP, &button(stand, GROUP, "1auk.").1).await;
    }
    let order = payments::get(stand.app.db.read(), payment)
        .await
        .expect("it reads")
        .expect("a payment")
        .purpose
        .order()
        .expect("an order");
    let last = stand.telegram.last_from_bot(GROUP).expect("a message").id;
    for data in [format!("1ao.{order}"), format!("1aor.{order}"), format!("1aom.{order}"), "1aub.1003".to_owned()] {
        stand.person(OWNER.0).in_chat(GROUP).presses_old(last, &data).expect("it can be pressed");
        stand.settle().await;
        let shown = from_bot(stand, GROUP).into_iter().max_by_key(|message| message.change).expect("a message");
        seen.push(looks(&shown));
    }
    seen.join("---\n")
}

stories! {
    async fn staffs_papers_in_english(stand: Stand) {
        insta::assert_snapshot!("staff_en", papers(stand, Lang::En).await);
    }

    async fn staffs_papers_in_persian(stand: Stand) {
        insta::assert_snapshot!("staff_fa", papers(stand, Lang::Fa).await);
    }

    async fn staffs_papers_in_russian(stand: Stand) {
        insta::assert_snapshot!("staff_ru", papers(stand, Lang::Ru).await);
    }

    /// One card a payment, in its topic, whoever posts it and however often; a second photo below it, once.
    async fn a_card_is_posted_once_in_its_topic(stand: Stand) {
        let chat = forum(stand).await;
        let payment = under_review(stand).await;
        card_job(stand, payment, 1).await.expect("it is posted");
        let cards = from_bot(stand, chat);
        assert_eq!(cards.len(), 1, "{}", stand.telegram.transcript(chat));
        assert_eq!(cards[0].media.as_ref().map(|media| media.kind.as_str()), Some("photo"));
        assert!(cards[0].text.contains(&payment.to_string()) && cards[0].text.contains("Eve"), "{}", cards[0].text);
        let topics = stand.telegram.topics(chat);
        let topic = topics.iter().find(|(_, name)| name == "Payments").expect("the topic is made");
        assert_eq!(cards[0].thread, Some(topic.0));

        stand.photo(EVE, "another photo").await;
        for job in [1, 2, 2, 3] {
            card_job(stand, payment, job).await.expect("it is drawn again");
        }
        let messages = from_bot(stand, chat);
        assert_eq!(messages.len(), 2, "{}", stand.telegram.transcript(chat));
        assert_eq!(messages[1].reply_to, Some(cards[0].id), "the second photo answers the card");
        assert_eq!(stand.telegram.topics(chat).len(), topics.len(), "no topic is made twice");
    }

    /// While one job posts the card, another waits; when the first has died, its next try goes on.
    async fn two_jobs_do_not_post_the_same_card(stand: Stand) {
        let payment = under_review(stand).await;
        let seen = payments::Claim::Free;
        let claim = payments::claim_card(&stand.app.db, payment, seen, 7).await;
        assert!(claim.expect("it writes").is_yes());
        assert!(matches!(card_job(stand, payment, 8).await, Err(JobError::RetryAt { .. })));
        assert!(from_bot(stand, GROUP).is_empty());
        card_job(stand, payment, 7).await.expect("its own try goes on");
        card_job(stand, payment, 8).await.expect("there is a card now");
        assert_eq!(from_bot(stand, GROUP).len(), 1);
    }

    async fn topics_are_there_before_anything_is_said(stand: Stand) {
        let chat = forum(stand).await;
        for _ in 0..2 {
            topics::prepare(&stand.app).await.expect("they are made");
            let names: Vec<String> = stand.telegram.topics(chat).into_iter().map(|(_, name)| name).collect();
            let wanted = ["Payments", "Alarms", "Support"].iter().all(|name| names.iter().any(|is| is == name));
            assert!(wanted && names.len() == 3, "{names:?}");
        }
    }

    /// A topic that is gone is made again, and nothing is lost.
    async fn a_topic_that_is_gone_is_made_again(stand: Stand) {
        let chat = forum(stand).await;
        let payment = under_review(stand).await;
        let gone = stand.app.write(|tx| Box::pin(async move { settings::set_fact(tx, "topic.payments", "999999").await })).await;
        gone.expect("it writes");
        stand.app.db.forget_cached();
        card_job(stand, payment, 1).await.expect("it is posted");
        let cards = from_bot(stand, chat);
        assert_eq!(cards.len(), 1);
        assert!(stand.telegram.topics(chat).iter().any(|(id, _)| Some(*id) == cards[0].thread));
    }

    /// A button of staff pressed by somebody else does nothing, says nothing, and is written down.
    async fn a_forged_button_is_met_with_silence(stand: Stand) {
        let payment = under_review(stand).await;
        card_job(stand, payment, 1).await.expect("it is posted");
        let (message, approve) = button(stand, GROUP, "1apa.");
        let before = from_bot(stand, GROUP);
        stand.person(EVE).in_chat(GROUP).presses_old(message, &approve).expect("it can be pressed");
        stand.settle().await;
        stand.app.clock.advance(HOUR);
        stand.person(EVE).presses_old(stand.last(EVE).id, &approve).expect("it can be pressed");
        stand.settle().await;
        assert_eq!(from_bot(stand, GROUP), before);
        let waits = payments::get(stand.app.db.read(), payment).await.expect("it reads").expect("a payment");
        assert_eq!(waits.state, payments::State::Submitted);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused' AND actor = 1003").await, 2);
    }

    /// A typed decision, by number, with Persian digits; the second is told of the first.
    async fn payments_are_decided_by_commands(stand: Stand) {
        let payment = under_review(stand).await;
        let wrong = says_in_group(stand, CASHIER.0, GROUP, "/approve").await;
        assert!(wrong.text.contains("/approve 0ABC123DEF 250000"), "{}", wrong.text);
        let unknown = says_in_group(stand, CASHIER.0, GROUP, "/approve 0ABC123DEF").await;
        assert!(unknown.text.contains("/payments"), "{}", unknown.text);
        let done = says_in_group(stand, CASHIER.0, GROUP, &format!("/approve #{payment} ۵۰۰٬۰۰۰")).await;
        assert!(done.text.contains("500,000"), "{}", done.text);
        let late = says_in_group(stand, OWNER.0, GROUP, &format!("/reject {payment} no")).await;
        assert!(late.text.contains("Cashier"), "{}", late.text);
        assert!(wallet(stand).await > 0, "the rest is in the wallet");
        let origin = stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'payment.approve' AND origin = 'group'").await;
        assert_eq!(origin, 1);
    }

    /// Amount and reason are typed, shown, and booked once, however often the yes is tapped.
    async fn a_wallet_is_credited_and_debited_once(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        let about = says_in_group(stand, CASHIER.0, GROUP, &format!("/user {EVE}")).await;
        assert!(about.text.contains("Eve"), "{}", about.text);
        let (_, credit) = button(stand, GROUP, "1auc.");
        taps_in_group(stand, CASHIER.0, GROUP, &credit).await;
        let again = says_in_group(stand, CASHIER.0, GROUP, "soon").await;
        assert_eq!(wallet(stand).await, 0, "{}", again.text);
        let shown = says_in_group(stand, CASHIER.0, GROUP, "۵۰ ۰۰۰ late delivery").await;
        assert!(shown.text.contains("50,000") && shown.text.contains("late delivery"), "{}", shown.text);
        let (message, yes) = button(stand, GROUP, "1auk.");
        // Another admin's tap finds no question of his own.
        stand.person(OWNER.0).in_chat(GROUP).presses_old(message, &yes).expect("it can be pressed");
        stand.settle().await;
        assert_eq!(wallet(stand).await, 0);
        for _ in 0..2 {
            stand.person(CASHIER.0).in_chat(GROUP).presses_old(message, &yes).expect("it can be pressed");
        }
        stand.settle().await;
        assert_eq!(wallet(stand).await, 50_000);

        taps_in_group(stand, CASHIER.0, GROUP, &format!("1aud.{EVE}")).await;
        let short = says_in_group(stand, CASHIER.0, GROUP, "60000 paid twice").await;
        assert!(short.text.contains("50,000"), "{}", short.text);
        says_in_group(stand, CASHIER.0, GROUP, "20000 paid twice").await;
        let (_, yes) = button(stand, GROUP, "1auk.");
        taps_in_group(stand, CASHIER.0, GROUP, &yes).await;
        assert_eq!(wallet(stand).await, 30_000);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act LIKE 'wallet.%'").await, 2);
    }

    /// Roles: an owner gives and takes them; a viewer looks, and is told what he may not do.
    async fn roles_open_and_close_doors(stand: Stand) {
        let payment = under_review(stand).await;
        let refused = says_in_group(stand, CASHIER.0, GROUP, &format!("/grant {EVE} owner")).await;
        assert!(refused.text.contains("cashier"), "{}", refused.text);
        let wrong = says_in_group(stand, OWNER.0, GROUP, &format!("/grant {EVE} king")).await;
        assert!(wrong.text.contains("/grant @sara cashier"), "{}", wrong.text);
        says_in_group(stand, OWNER.0, GROUP, &format!("/grant {EVE} viewer")).await;
        let list = says_in_group(stand, EVE, GROUP, "/payments").await;
        assert!(list.keyboard.iter().flatten().any(|button| button.data.as_deref() == Some(&format!("1apo.{payment}"))));
        let refused = says_in_group(stand, EVE, GROUP, &format!("/reject {payment}")).await;
        assert!(refused.text.contains("viewer"), "{}", refused.text);
        let staff = says_in_group(stand, EVE, GROUP, "/staff").await;
        assert!(staff.text.contains("Eve"), "{}", staff.text);
        says_in_group(stand, OWNER.0, GROUP, &format!("/revoke {EVE}")).await;
        let before = from_bot(stand, GROUP);
        stand.person(EVE).in_chat(GROUP).says("/payments").expect("it is said");
        stand.settle().await;
        assert_eq!(from_bot(stand, GROUP), before, "silence");
        let acts = "SELECT COUNT(*) AS v FROM audit WHERE act LIKE 'role.%' AND subject = 'person:1003' AND origin = 'group'";
        assert_eq!(stand.count(acts).await, 2);
    }

    /// Numbers come with a picture; panels with their health; help says what this role may do.
    async fn reports_are_answered_where_they_were_asked(stand: Stand) {
        let stats = says_in_group(stand, OWNER.0, GROUP, "/stats").await;
        assert_eq!(stats.media.as_ref().map(|media| media.kind.as_str()), Some("photo"));
        assert!(stats.text.contains("30"), "{}", stats.text);
        let panels = says_in_group(stand, OWNER.0, GROUP, "/nodes").await;
        assert!(panels.text.contains("marzban"), "{}", panels.text);
        let cashier = says_in_group(stand, CASHIER.0, GROUP, "/help").await;
        assert!(cashier.text.contains("/approve") && !cashier.text.contains("/grant"), "{}", cashier.text);
        let owner = says_in_group(stand, OWNER.0, GROUP, "/help").await;
        assert!(owner.text.contains("/grant"), "{}", owner.text);
    }

    /// A person is banned with a typed reason, and lifted; a message reaches him in the shop's name.
    async fn people_are_written_to_and_banned(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        says_in_group(stand, CASHIER.0, GROUP, &format!("/user {EVE}")).await;
        taps_in_group(stand, CASHIER.0, GROUP, &format!("1aum.{EVE}")).await;
        says_in_group(stand, CASHIER.0, GROUP, "We are looking at it").await;
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM outbox WHERE chat = 1003 AND body LIKE '%looking at it%'").await, 1);
        taps_in_group(stand, CASHIER.0, GROUP, &format!("1aub.{EVE}")).await;
        says_in_group(stand, CASHIER.0, GROUP, "a forged receipt").await;
        assert_eq!(stand.known(EVE).await.and_then(|eve| eve.banned).as_deref(), Some("a forged receipt"));
        taps_in_group(stand, CASHIER.0, GROUP, &format!("1aun.{EVE}")).await;
        assert_eq!(stand.known(EVE).await.and_then(|eve| eve.banned), None);
        // An owner of the environment is staff, though no row says so.
        stand.welcome(OWNER.0, Lang::En).await;
        let (message, _) = button(stand, GROUP, "1auh");
        stand.person(CASHIER.0).in_chat(GROUP).presses_old(message, &format!("1auz.{}", OWNER.0)).expect("a button from before");
        stand.settle().await;
        assert_eq!(stand.known(OWNER.0).await.and_then(|owner| owner.banned), None);
    }

    /// An order that is paid and not delivered: asked once, refunded once.
    async fn a_late_order_is_refunded_to_the_wallet(stand: Stand) {
        let payment = under_review(stand).await;
        says_in_group(stand, CASHIER.0, GROUP, &format!("/approve {payment}")).await;
        let order = payments::get(stand.app.db.read(), payment).await.expect("it reads").expect("a payment").purpose.order().expect("an order");
        stand.app.clock.advance(61 * MINUTE);
        let last = stand.telegram.last_from_bot(GROUP).expect("a message").id;
        let press = async |data: String| {
            stand.person(CASHIER.0).in_chat(GROUP).presses_old(last, &data).expect("it can be pressed");
            stand.settle().await;
        };
        press(format!("1aor.{order}")).await;
        assert_eq!(checkout::get(stand.app.db.read(), order).await.expect("it reads").expect("the order").state, checkout::State::Paid);
        press(format!("1aoz.{order}")).await;
        press(format!("1aoz.{order}")).await;
        assert_eq!(checkout::get(stand.app.db.read(), order).await.expect("it reads").expect("the order").state, checkout::State::Refunded);
        assert!(wallet(stand).await >= 150_000);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'order.refund'").await, 1);
    }
}
