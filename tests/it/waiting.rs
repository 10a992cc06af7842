//! Staff's lists: what waits for a decision, page by page, and what one person has sent.

use souk::base::MINUTE;
use souk::base::texts::t;

use crate::world::actor::Actor;
use crate::world::shop::World;
use crate::world::world;

fn labels(who: &Actor<'_>) -> Vec<String> {
    who.last().labels().into_iter().map(str::to_owned).collect()
}

/// So many guests whose receipts wait, sent a minute apart.
async fn guests_wait(w: &World, count: u32) {
    for number in 1..=count {
        let guest = w.customer(&format!("Guest{number:02}")).await;
        guest.orders_and_pays(number).await;
        w.clock.advance(MINUTE);
    }
    w.tick().await;
}

/// The guests of the rows, by number.
fn guests(who: &Actor<'_>) -> Vec<u32> {
    let number = |label: String| label.split_once("Guest").and_then(|(_, rest)| rest.get(..2)?.parse().ok());
    labels(who).into_iter().filter_map(number).collect()
}

#[tokio::test]
async fn more_receipts_than_a_page_holds_are_turned_through_the_oldest_first() {
    world(async |w: &World| {
        guests_wait(w, 10).await;
        let owner = w.owner();
        owner.says("/payments").await;
        let list = owner.last().id;
        assert!(owner.last().text.contains("Waiting: 10"), "{}", owner.sees());
        assert_eq!(guests(&owner), (1..=8).collect::<Vec<_>>());
        assert_eq!(labels(&owner)[8..], ["1 / 2", "›"]);
        owner.taps_named("›").await;
        assert_eq!((owner.last().id, guests(&owner)), (list, vec![9, 10]), "in the same message: {}", owner.sees());
        assert_eq!(labels(&owner)[2..], ["‹", "2 / 2"]);
        owner.taps_named("‹").await;
        assert_eq!((owner.last().id, guests(&owner)), (list, (1..=8).collect()), "{}", owner.sees());
        owner.taps_named("›").await;
        // A row opens the receipt, as a message of its own; the list stays.
        owner.taps_named("Guest10").await;
        let card = owner.last();
        assert!(card.id != list && card.text.contains("Guest10") && card.media.is_some(), "{}", owner.sees());
        assert!(owner.has_button_now("admin-do-approve"), "{}", owner.sees());
        owner.taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.payments("approved").await, w.orders("delivered").await), (1, 1));
        // The page of before, shown anew, has what is left.
        owner.taps_named("2 / 2").await;
        let seen = owner.messages().into_iter().find(|message| message.id == list).expect("the list");
        assert!(seen.text.contains("Waiting: 9") && seen.labels().len() == 3, "{seen:?}");
        owner.says("/approve 0000000000").await;
        owner.says("/payments").await;
        assert_eq!(guests(&owner), (1..=8).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_page_that_emptied_meanwhile_shows_what_there_is() {
    world(async |w: &World| {
        guests_wait(w, 9).await;
        let owner = w.owner();
        owner.says("/payments").await;
        let list = owner.last().id;
        assert_eq!(labels(&owner)[8..], ["1 / 2", "›"]);
        let (_, next) = owner.data_of("›");
        owner.taps_named("Guest01").await;
        owner.taps("admin-do-approve").await;
        w.run_jobs().await;
        owner.taps_old(list, &next).await;
        let seen = owner.messages().into_iter().find(|message| message.id == list).expect("the list");
        assert!(seen.text.contains("Waiting: 8"), "{}", seen.text);
        let rows = seen.labels().iter().filter(|label| label.contains("Guest")).count();
        assert_eq!(rows, 8, "no empty page: {:?}", seen.labels());
    })
    .await;
}

#[tokio::test]
async fn the_card_shows_what_its_person_sent_before() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.later(MINUTE).await;
        sara.says("/start").await;
        sara.orders_and_pays(2).await;
        w.owner().taps_all(&["admin-do-reject", "admin-reason-unreadable"]).await;
        w.run_jobs().await;
        w.later(MINUTE).await;
        sara.says("/start").await;
        sara.orders_and_pays(3).await;
        let ali = w.customer("Ali").await;
        ali.orders_and_pays(4).await;
        let owner = w.owner();
        let card = owner.told("Sara").pop().expect("the card of her payment");
        let history = card.keyboard.iter().flatten().find(|button| button.label.contains("Show history")).expect("the button");
        let history = history.data.clone().expect("a button that asks the bot");
        assert!(history.starts_with("1auh."), "{history}");
        owner.taps_old(card.id, &history).await;
        let seen = owner.last();
        assert!(seen.id != card.id && seen.text.contains("Sara") && !seen.text.contains("Ali"), "{}", seen.text);
        assert!(seen.text.contains("1 good, 1 bad"), "{}", seen.text);
        let states = ["admin-payment-submitted", "admin-payment-rejected", "admin-payment-approved"];
        let rows = labels(&owner);
        assert_eq!(rows.len(), 4, "three payments and the person: {rows:?}");
        for (row, state) in rows.iter().zip(states) {
            assert!(row.contains(t(owner.lang, state)) && row.contains("120,"), "the newest first: {rows:?}");
        }
        let stays = owner.messages().into_iter().find(|message| message.id == card.id).expect("the card");
        assert_eq!((stays.text, stays.keyboard), (card.text, card.keyboard), "the card stays as it was");
        // A row opens what it names; the person's button opens the person.
        let list = owner.last().id;
        owner.taps_named(&rows[2]).await;
        assert!(owner.last().text.contains("Approved") && owner.last().media.is_some(), "{}", owner.sees());
        owner.taps_named(&rows[3]).await;
        let person = owner.messages().into_iter().find(|message| message.id == list).expect("the list");
        assert!(person.text.contains("person_2001"), "{}", person.text);
    })
    .await;
}

#[tokio::test]
async fn a_long_history_has_pages() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        for number in 1..=9 {
            sara.has_in_wallet("50,000", number).await;
            w.later(MINUTE).await;
        }
        sara.tops_up("100,000", 10).await;
        let owner = w.owner();
        owner.taps("admin-do-history").await;
        assert!(owner.last().text.contains("9 good, 0 bad"), "{}", owner.sees());
        let rows = labels(&owner);
        assert!(rows[0].contains("100,") && rows[0].contains(t(owner.lang, "admin-payment-submitted")), "{rows:?}");
        assert!(rows[1..8].iter().all(|row| row.contains("50,")), "{rows:?}");
        assert_eq!(rows[8..10], ["1 / 2", "›"]);
        let list = owner.last().id;
        owner.taps_named("›").await;
        let rows = labels(&owner);
        assert_eq!(owner.last().id, list, "in the same message");
        assert!(rows[..2].iter().all(|row| row.contains("50,")) && rows[2..4] == ["‹", "2 / 2"], "{rows:?}");
    })
    .await;
}
