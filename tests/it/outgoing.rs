//! What goes out when Telegram says wait, blocked, or moved: nothing is lost, nothing is doubled.

use souk::base::{DAY, HOUR, SECOND};
use souk::sim::telegram::{self, Fault, FaultKind};

use crate::world::ending::Allowed;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;

#[tokio::test]
async fn a_reply_that_must_wait_comes_once() {
    world(async |w: &World| {
        w.ending.allow(Allowed::Telegram(429));
        let sara = w.customer("Sara").await;
        w.telegram.fault(Fault::new(FaultKind::TooMany { retry_after: 1 }).on("sendMessage").for_chat(sara.id()).times(1));
        sara.says("/help").await;
        assert_eq!(sara.told("help-title").len(), 1, "{}", sara.chat());
        assert_eq!(w.telegram.counters().sent_while_penalised, 0, "it waited as long as it was told");
    })
    .await;
}

#[tokio::test]
async fn a_notice_that_must_wait_comes_once_and_holds_up_nobody_else() {
    world(async |w: &World| {
        w.ending.allow(Allowed::Telegram(429));
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.orders_and_pays(1).await;
        ali.orders_and_pays(2).await;
        w.telegram.fault(Fault::new(FaultKind::TooMany { retry_after: 40 }).for_chat(sara.id()).times(1));
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        let pending = w.owner().messages().into_iter().find(|card| card.text.contains("Sara") && !card.labels().is_empty());
        w.owner().at.presses(pending.expect("Sara's card").id, "✅ Approve").expect("the button");
        w.run_jobs().await;
        assert_eq!(ali.told("notice-ready").len(), 1, "{}", ali.chat());
        assert!(sara.told("notice-ready").is_empty(), "{}", sara.chat());
        w.later(41 * SECOND).await;
        assert_eq!(sara.told("notice-approved").len(), 1, "{}", sara.chat());
        assert_eq!(sara.told("notice-ready").len(), 1, "{}", sara.chat());
        assert_eq!(w.telegram.counters().sent_while_penalised, 0, "nothing was tried before its time");
    })
    .await;
}

#[tokio::test]
async fn a_group_that_must_wait_holds_up_no_delivery() {
    world(async |w: &World| {
        w.ending.allow(Allowed::Telegram(429));
        let (sara, ali, omid) = (w.customer("Sara").await, w.customer("Ali").await, w.customer("Omid").await);
        sara.orders_and_pays(1).await;
        w.telegram.fault(Fault::new(FaultKind::TooMany { retry_after: 40 }).for_chat(w.group_id()).times(1));
        ali.orders_and_pays(2).await;
        omid.orders_and_pays(3).await;
        let cards = |who: &str| w.owner().messages().iter().filter(|card| card.text.contains(who)).count();
        assert_eq!((cards("Ali"), cards("Omid")), (0, 0), "{}", w.group());
        w.minutes(1).await;
        assert_eq!((cards("Ali"), cards("Omid")), (1, 1), "{}", w.group());
        assert_eq!(w.telegram.counters().sent_while_penalised, 0, "nothing was tried before its time");
    })
    .await;
}

#[tokio::test]
async fn who_blocked_the_bot_is_left_alone_and_served() {
    world(async |w: &World| {
        for trouble in [Allowed::Telegram(403), Allowed::NoticeDropped] {
            w.ending.allow(trouble);
        }
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        sara.does(telegram::Actor::blocks).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!(w.orders("delivered").await, 1, "what is paid is delivered");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM people WHERE blocked_at IS NOT NULL").await, 1);
        let tries = w.telegram.counters().refused.get(&403).copied().unwrap_or_default();
        w.later(30 * DAY).await;
        w.later(HOUR).await;
        let later = w.telegram.counters().refused.get(&403).copied().unwrap_or_default();
        assert!(later <= tries + 3, "left alone: {tries} tries, then {later}");
        assert_eq!(w.owner().told("alarm-undelivered").len(), 0, "it is no alarm");
        sara.does(telegram::Actor::unblocks).await;
        sara.says("/services").await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM people WHERE blocked_at IS NOT NULL").await, 0);
        assert!(sara.sees().contains("My services"), "{}", sara.sees());
    })
    .await;
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_is_followed_in_the_middle_of_a_review() {
    let setup = Setup { small_group: true, ..Setup::default() };
    world_on(setup, async |w: &World| {
        w.ending.allow(Allowed::Telegram(400));
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.orders_and_pays(1).await;
        assert!(w.owner().last().text.contains("Sara"), "{}", w.group());
        w.group_grows().await;
        ali.orders_and_pays(2).await;
        assert!(w.owner().last().text.contains("Ali"), "{}", w.group());
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!(w.orders("delivered").await, 1);
        w.owner().says("/payments").await;
        assert!(w.owner().sees().contains("Waiting: 1"), "{}", w.owner().sees());
    })
    .await;
}

#[tokio::test]
async fn a_notice_whose_answer_was_lost_is_sent_again_and_delivers_once() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        w.telegram.fault(Fault::new(FaultKind::DropAnswer).for_chat(sara.id()).times(1));
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.minutes(3).await;
        assert!(!sara.told("notice-ready").is_empty());
        assert_eq!((w.orders("delivered").await, w.panel.accounts().len()), (1, 1));
    })
    .await;
}
