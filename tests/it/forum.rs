//! A group with topics in which the bot may make none, and what becomes of it when it may.

use souk::base::{MINUTE, SECOND};
use souk::bot::admin::topics;
use souk::sim::marzban::Down;
use souk::sim::telegram::SeenMessage;

use crate::world::ending::Allowed;
use crate::world::shop::World;
use crate::world::world;

/// The bot is an administrator, and managing topics is not among its rights.
fn may_make_no_topics(w: &World) {
    w.telegram.allow_topics(w.group_id(), true, false);
    w.ending.allow(Allowed::Telegram(400));
}

fn topic(w: &World, name: &str) -> Option<i64> {
    w.telegram.topics(w.group_id()).into_iter().find(|(_, known)| known == name).map(|(thread, _)| thread)
}

fn names(w: &World) -> Vec<String> {
    w.telegram.topics(w.group_id()).into_iter().map(|(_, name)| name).collect()
}

/// The only thing that was said so.
fn said(w: &World, text: &'static str) -> SeenMessage {
    let mut told = w.owner().told(text);
    assert_eq!(told.len(), 1, "{text}:\n{}", w.group());
    told.remove(0)
}

fn topics_asked_for(w: &World) -> usize {
    w.telegram.calls().iter().filter(|call| call.method.eq_ignore_ascii_case("createForumTopic")).count()
}

/// A panel does not answer for some minutes; the group hears of the loss and of the return.
async fn a_panel_goes_and_comes(w: &World) {
    w.panel.set_down(Down::BadGateway).await;
    w.minutes(7).await;
    w.panel.set_down(Down::No).await;
    w.minutes(2).await;
}

#[tokio::test]
async fn where_the_bot_may_make_no_topics_all_is_said_in_the_group_itself() {
    world(async |w: &World| {
        may_make_no_topics(w);
        topics::prepare(&w.app).await.expect("a refusal is no failure");
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        let card = w.owner().last();
        assert!(card.media.is_some() && card.text.contains("Sara"), "{}", w.group());
        assert_eq!(card.thread, None);
        sara.sends_photo(2).await;
        w.run_jobs().await;
        let second = w.owner().last();
        assert_eq!((second.thread, second.reply_to), (None, Some(card.id)), "{}", w.group());
        a_panel_goes_and_comes(w).await;
        assert_eq!((said(w, "alarm-panel-down").thread, said(w, "alarm-panel-well").thread), (None, None));
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, sara.told("notice-ready").len()), (1, 1));
        let asked = topics_asked_for(w);
        assert!((1..=2).contains(&asked), "a refusal is believed for a while: {asked}");
        assert_eq!(names(w), Vec::<String>::new());
        // Whoever asks in a topic that people made is answered there.
        let chat = w.telegram.open_topic(w.group_id(), w.owner().id(), "Chat");
        w.owner().does(|at| at.in_topic(chat).says("/payments")).await;
        assert_eq!(w.owner().last().thread, Some(chat), "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_opens_again_with_the_right_makes_its_topics_at_once() {
    world(async |w: &World| {
        may_make_no_topics(w);
        topics::prepare(&w.app).await.expect("a refusal is no failure");
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        ali.orders_and_pays(1).await;
        let old = w.owner().last();
        assert_eq!(old.thread, None);
        w.telegram.allow_topics(w.group_id(), true, true);
        w.clock.advance(30 * SECOND);
        let after = w.restarted().await;
        after.ending.allow(Allowed::Telegram(400));
        topics::prepare(&after.app).await.expect("they are made");
        let wanted = ["Payments", "Alarms", "Support"];
        assert!(wanted.iter().all(|name| topic(w, name).is_some()) && names(w).len() == 3, "{:?}", names(w));
        let sara = crate::world::actor::Actor::new(&after, sara.at.clone(), sara.lang);
        sara.orders_and_pays(2).await;
        let card = after.owner().last();
        assert!(card.text.contains("Sara") && card.thread == topic(w, "Payments"), "{}", w.group());
        a_panel_goes_and_comes(&after).await;
        assert_eq!(said(&after, "alarm-panel-down").thread, topic(w, "Alarms"));
        assert_eq!(names(w).len(), 3, "none is made twice: {:?}", names(w));
        // What was said before it could is decided where it lies.
        let (_, approve) = after.owner().data_of("admin-do-approve");
        assert!(approve.starts_with("1apa."));
        let mine = old.keyboard.iter().flatten().find_map(|button| button.data.clone().filter(|data| data.starts_with("1apa.")));
        after.owner().taps_old(old.id, &mine.expect("the button")).await;
        after.run_jobs().await;
        let seen = after.owner().messages().into_iter().find(|message| message.id == old.id).expect("the first card");
        assert!(seen.thread.is_none() && seen.text.contains("Approved") && seen.text.contains("Ali"), "{}", w.group());
        assert_eq!(after.orders("delivered").await, 1);
        after.later(2 * MINUTE).await;
        after.end().await;
    })
    .await;
}

#[tokio::test]
async fn the_right_that_is_given_is_used_after_a_while_without_a_restart() {
    world(async |w: &World| {
        may_make_no_topics(w);
        let sara = w.customer("Sara").await;
        sara.orders_and_pays(1).await;
        assert_eq!(w.owner().last().thread, None);
        w.telegram.allow_topics(w.group_id(), true, true);
        w.later(11 * MINUTE).await;
        a_panel_goes_and_comes(w).await;
        assert_eq!(said(w, "alarm-panel-down").thread, topic(w, "Alarms"));
        assert!(topic(w, "Alarms").is_some());
        let ali = w.customer("Ali").await;
        ali.orders_and_pays(2).await;
        assert!(topic(w, "Payments").is_some() && w.owner().last().thread == topic(w, "Payments"), "{}", w.group());
    })
    .await;
}
