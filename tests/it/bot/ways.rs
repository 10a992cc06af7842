//! More than one kind of payment method on offer: the customer chooses the kind, and may choose anew until a receipt comes.
use super::stand::{EVE, LEILA, Stand, stories};
use crate::sales::shop::{PRICE, card, commit};
use souk::base::texts::t;
use souk::base::{Fault, HOUR, Lang, Page, PersonId};
use souk::shop::payments::{self, Kind, Limits, Method, NewMethod, Payment, State};
use souk::sim::telegram::Pressed;

const ADDRESS: &str = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb";
const SHEBA: &str = "IR062960000000100324200001";
const HASH: &str = "9f2c4b7a0d1e3f5a6b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c";

/// A Sheba number and an address beside the card.
async fn three_ways(stand: &Stand, of_sheba: Limits) {
    let seal = stand.shop.seal.clone();
    commit!(stand.shop, tx => async move {
        let like = |code| card(code, None, 5).method;
        let sheba = Method { kind: Kind::Sheba, limits: of_sheba, ..like("sheba") };
        payments::save_method(tx, &NewMethod { method: sheba, details: SHEBA.to_owned().into() }, &seal).await?;
        let coins = Method { kind: Kind::Crypto, holder: None, network: Some("TRC20".to_owned()), ..like("coins") };
        payments::save_method(tx, &NewMethod { method: coins, details: ADDRESS.to_owned().into() }, &seal).await?;
        Ok::<_, Fault>(())
    })
    .expect("methods");
}

async fn payment_of(stand: &Stand, who: i64) -> Payment {
    let (mut found, total) = payments::of_person(stand.app.db.read(), PersonId(who), Page::new(0, 9)).await.expect("it reads");
    assert_eq!(total, 1, "one order, one payment");
    found.remove(0)
}

stories! {
    async fn the_kind_is_chosen_first_and_may_be_changed(stand: Stand) {
        three_ways(stand, Limits::none()).await;
        stand.welcome(EVE, Lang::En).await;
        stand.orders(EVE, Lang::En).await;
        let live = stand.last(EVE).id;
        let ask = stand.last(EVE);
        assert!(ask.text.contains(t(Lang::En, "way-ask")) && ask.text.contains("150,000"), "{}", ask.text);
        assert!(!ask.text.contains("6037991234567893"), "no number before the choice: {}", ask.text);
        stand.taps_key(EVE, Lang::En, "button-way-crypto").await;
        let coins = stand.last(EVE);
        assert!(coins.id == live && coins.text.contains(ADDRESS) && coins.text.contains("TRC20"), "{}", coins.text);
        assert_eq!(stand.taps_key(EVE, Lang::En, "button-copy-address").await, Pressed::Copied(ADDRESS.to_owned()));
        let first = payment_of(stand, EVE).await;
        stand.taps_key(EVE, Lang::En, "button-ways").await;
        stand.taps_key(EVE, Lang::En, "button-way-sheba").await;
        assert!(stand.last(EVE).text.contains(SHEBA), "{}", stand.last(EVE).text);
        let second = payment_of(stand, EVE).await;
        assert_eq!((second.id, second.price, second.method.as_str()), (first.id, first.price, "sheba"));
        assert!((PRICE + 1..=PRICE + 999).contains(&second.due.minor));
        stand.taps_key(EVE, Lang::En, "button-ways").await;
        stand.taps_key(EVE, Lang::En, "button-way-crypto").await;
        stand.taps_key(EVE, Lang::En, "button-receipt").await;
        assert!(stand.last(EVE).text.contains("transaction hash"), "{}", stand.last(EVE).text);
        stand.says(EVE, "I have paid").await;
        assert!(stand.last(EVE).text.contains(t(Lang::En, "receipt-not-a-hash")), "{}", stand.last(EVE).text);
        stand.says(EVE, &format!("https://tronscan.org/#/transaction/{}", HASH.to_uppercase())).await;
        let taken = payment_of(stand, EVE).await;
        assert_eq!((taken.state, taken.method.as_str()), (State::Submitted, "coins"));
        let receipts = payments::receipts(stand.app.db.read(), taken.id).await.expect("it reads");
        assert_eq!(receipts[0].text.as_deref(), Some(HASH));
        // What a receipt names moves no more.
        stand.person(EVE).presses_old(live, &format!("1cyk.{}.card", taken.id)).expect("it can be pressed");
        stand.settle().await;
        assert_eq!(payment_of(stand, EVE).await.method.as_str(), "coins");
    }

    /// A kind that fills up meanwhile is not opened, and the customer is told when; somebody else's payment stays where it is.
    async fn a_full_kind_says_when(stand: Stand) {
        let one = Limits { daily_count: Some(1), ..Limits::none() };
        three_ways(stand, one).await;
        stand.welcome(EVE, Lang::En).await;
        stand.orders(EVE, Lang::En).await;
        let payment = payment_of(stand, EVE).await;
        stand.welcome(LEILA, Lang::Fa).await;
        stand.orders(LEILA, Lang::Fa).await;
        stand.taps_key(LEILA, Lang::Fa, "button-way-sheba").await;
        assert!(stand.last(LEILA).text.contains(SHEBA), "{}", stand.last(LEILA).text);
        stand.taps_key(EVE, Lang::En, "button-way-sheba").await;
        assert!(stand.toast(EVE).contains("try again in 12 hours"), "{}", stand.toast(EVE));
        let labels = stand.last(EVE).labels().join("|");
        assert!(!labels.contains(t(Lang::En, "button-way-sheba")), "{labels}");
        let foreign = stand.last(LEILA).id;
        stand.person(LEILA).presses_old(foreign, &format!("1cyk.{}.crypto", payment.id)).expect("it can be pressed");
        stand.settle().await;
        assert_eq!(payment_of(stand, EVE).await.method.as_str(), "main");
    }

    /// Outside of all hours the order is not placed, and the customer is told when one opens.
    async fn when_none_is_left_the_customer_is_told_when(stand: Stand) {
        let seal = stand.shop.seal.clone();
        commit!(stand.shop, tx => async move {
            let late = Limits { hours: Some("20:00-23:00".parse().expect("hours")), ..Limits::none() };
            let main = card("main", None, 1);
            let method = Method { limits: late, ..main.method };
            payments::save_method(tx, &NewMethod { method, details: main.details }, &seal).await
        }).expect("a method");
        stand.welcome(EVE, Lang::En).await;
        stand.orders(EVE, Lang::En).await;
        assert!(stand.toast(EVE).contains("try again in 8 hours"), "{}", stand.toast(EVE));
        stand.app.clock.advance(8 * HOUR);
        stand.taps_key(EVE, Lang::En, "button-pay").await;
        assert!(stand.last(EVE).text.contains("6037991234567893"), "{}", stand.last(EVE).text);
    }
}
