//! From `/start` to a receipt under review, in three languages.
use super::stand::{BORIS, EVE, LEILA, Stand, stories};
use souk::base::format::money;
use souk::base::texts::t;
use souk::base::{Lang, Page, PersonId};
use souk::db;
use souk::shop::catalog;
use souk::shop::payments::{self, Payment, State};
use souk::sim::telegram::{Pressed, SeenMessage, Upload};

async fn only_payment(stand: &Stand, who: i64) -> Payment {
    let (mut found, total) = payments::of_person(stand.app.db.read(), PersonId(who), Page::new(0, 9)).await.expect("it reads");
    assert_eq!(total, 1, "one order, one payment");
    found.remove(0)
}

/// A message as it looks on the phone.
fn looks(message: &SeenMessage) -> String {
    let rows = message.keyboard.iter().map(|row| {
        let row: Vec<String> = row.iter().map(|button| format!("[{}]", button.label)).collect();
        row.join(" ")
    });
    format!("{}\n{}\n", message.text, rows.collect::<Vec<_>>().join("\n"))
}

/// The whole way, and every screen of it.
async fn buys(stand: &Stand, who: i64, lang: Lang) -> String {
    stand.person(who).starts("").expect("it starts");
    stand.settle().await;
    let first = stand.last(who);
    assert_eq!(first.labels().len(), 3, "the languages offered");
    assert!(first.labels().iter().any(|label| *label == format!("✅ {}", lang.own_name())), "{:?}", first.labels());
    let mut seen = vec![looks(&first)];
    stand.taps(who, &format!("1cls.{lang}")).await;
    let live = stand.last(who).id;
    seen.push(looks(&stand.last(who)));
    stand.taps_key(who, lang, "button-buy").await;
    seen.push(looks(&stand.last(who)));
    stand.taps(who, "1cp.m1").await;
    seen.push(looks(&stand.last(who)));
    stand.taps_key(who, lang, "button-order").await;
    seen.push(looks(&stand.last(who)));
    stand.taps_key(who, lang, "button-pay").await;

    let payment = only_payment(stand, who).await;
    let shown = stand.last(who);
    assert_eq!(shown.id, live, "one live message, edited in place");
    assert!(shown.text.contains("6037991234567893") && shown.text.contains("S. Ahmadi"), "{}", shown.text);
    assert!(shown.text.contains(&money(lang, payment.due)), "{}", shown.text);
    seen.push(looks(&shown));
    assert_eq!(
        stand.taps_key(who, lang, "button-copy-amount").await,
        Pressed::Copied(payment.due.minor.to_string()),
        "what is copied is plain digits"
    );

    stand.taps_key(who, lang, "button-receipt").await;
    seen.push(looks(&stand.last(who)));
    stand.photo(who, "a receipt").await;
    assert_eq!(only_payment(stand, who).await.state, State::Submitted);
    let answer = stand.last(who);
    assert_ne!(answer.id, live, "the answer to a receipt stays");
    assert!(
        answer.text.contains(&payment.purpose.order().expect("an order").to_string())
            && answer.text.contains(t(lang, "receipt-provisional"))
    );
    seen.push(looks(&answer));
    seen.join("---\n")
}

stories! {
    /// What was agreed to is what is paid: another price is shown and asked for again.
    async fn a_price_that_changed_before_the_yes_is_asked_for_again(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.taps_key(EVE, Lang::En, "button-buy").await;
        stand.taps(EVE, "1cp.m1").await;
        stand.taps_key(EVE, Lang::En, "button-order").await;
        let raised = stand.app.write(|tx| {
            Box::pin(async move { db::execute(tx, "UPDATE plans SET price = price + 50000 WHERE code = 'm1'", vec![]).await })
        });
        raised.await.expect("the price is raised");
        stand.taps_key(EVE, Lang::En, "button-pay").await;
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM orders").await, 0);
        let plan = "m1".parse().expect("a code");
        let price = catalog::plan(stand.app.db.read(), &plan).await.expect("it reads").expect("a plan").price;
        let shown = stand.last(EVE);
        assert!(shown.text.contains("The price has changed") && shown.text.contains(&money(Lang::En, price)), "{}", shown.text);
        stand.taps_key(EVE, Lang::En, "button-pay").await;
        let paid = stand.count("SELECT price AS v FROM orders").await;
        assert_eq!((paid, only_payment(stand, EVE).await.state), (price.minor, State::Open));
    }

    async fn a_month_is_bought_in_english(stand: Stand) {
        insta::assert_snapshot!("buying_en", buys(stand, EVE, Lang::En).await);
    }

    async fn a_month_is_bought_in_persian(stand: Stand) {
        insta::assert_snapshot!("buying_fa", buys(stand, LEILA, Lang::Fa).await);
    }

    async fn a_month_is_bought_in_russian(stand: Stand) {
        insta::assert_snapshot!("buying_ru", buys(stand, BORIS, Lang::Ru).await);
    }

    /// The link of a plan asks for the language first, and then shows the plan.
    async fn a_deep_link_leads_to_its_plan_and_is_remembered(stand: Stand) {
        stand.person(EVE).starts("plan_m3").expect("it starts");
        stand.settle().await;
        stand.taps(EVE, "1clp.en.m3").await;
        assert!(stand.last(EVE).text.contains("3 months"), "{}", stand.last(EVE).text);
        let came = "SELECT COUNT(*) AS v FROM people WHERE id = 1003 AND came_by = 'plan_m3'";
        assert_eq!(stand.count(came).await, 1);
        stand.person(EVE).starts("plan_none").expect("it starts");
        stand.settle().await;
        assert!(stand.last(EVE).labels().iter().any(|label| label.contains("3 months")), "what is gone leads to the shelf");
    }

    /// Who brought somebody is kept from the first visit on, whatever link comes later; nobody brings himself, or whom nobody knows.
    async fn whoever_brought_somebody_is_remembered(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        for (who, payload) in [(LEILA, format!("ref_{EVE}")), (BORIS, "ref_4040404".to_owned())] {
            stand.person(who).starts(&payload).expect("it starts");
            stand.settle().await;
            let kept = format!("SELECT COUNT(*) AS v FROM people WHERE id = {who} AND came_by = '{payload}'");
            assert_eq!(stand.count(&kept).await, 1);
        }
        for (who, payload) in [(LEILA, format!("ref_{BORIS}")), (EVE, format!("ref_{EVE}")), (EVE, format!("ref_{LEILA}"))] {
            stand.person(who).starts(&payload).expect("it starts");
            stand.settle().await;
        }
        let by_eve = format!("SELECT COUNT(*) AS v FROM people WHERE id = {LEILA} AND referred_by = {EVE} AND came_by = 'ref_{EVE}'");
        assert_eq!(stand.count(&by_eve).await, 1);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM people WHERE referred_by IS NOT NULL").await, 1);
    }

    /// What is sold out is not on the shelf, and an old button to it leads to what is.
    async fn what_is_sold_out_is_not_offered(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.taps_key(EVE, Lang::En, "button-buy").await;
        let shelf = stand.last(EVE);
        assert!(!shelf.text.contains("Sold out") && !shelf.labels().iter().any(|label| label.contains("Sold out")));
        stand.person(EVE).presses_old(shelf.id, "1cp.last").expect("it is pressed");
        stand.settle().await;
        assert_eq!(stand.toast(EVE), t(Lang::En, "shop-gone"));
        assert!(stand.last(EVE).labels().iter().any(|label| label.contains("1 month")));
    }

    /// A double tap, a second phone and a replay of the update are one order.
    async fn a_double_tap_orders_once(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.taps_key(EVE, Lang::En, "button-buy").await;
        stand.taps(EVE, "1cp.m1").await;
        stand.taps_key(EVE, Lang::En, "button-order").await;
        let confirm = stand.last(EVE);
        let pay = confirm.keyboard[0][0].data.clone().expect("a button with data");
        stand.person(EVE).presses_old(confirm.id, &pay).expect("it is pressed");
        stand.person(EVE).presses_old(confirm.id, &pay).expect("it is pressed");
        let updates = stand.telegram.take_updates();
        for update in updates.iter().chain(&updates) {
            stand.hand(update).await.expect("it is handled");
        }
        assert_eq!(only_payment(stand, EVE).await.state, State::Open);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM orders").await, 1);
    }

    /// Receipts in all their shapes: an album, a file, a number with Persian digits, one that nobody asked for, an edit.
    async fn every_receipt_is_taken(stand: Stand) {
        stand.welcome(LEILA, Lang::Fa).await;
        stand.orders(LEILA, Lang::Fa).await;
        let leila = stand.person(LEILA);
        let number = leila.says("۱۲۳۴ ۵۶۷۸").expect("it is said");
        stand.settle().await;
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM receipts WHERE text = '1234 5678'").await, 1);
        leila.edits(number, "۱۲۳۴ ۵۶۷۹").expect("it is edited");
        stand.settle().await;
        let before = stand.last(LEILA).id;
        leila.sends_album(&[Upload::new("one"), Upload::new("two")], "کارت به کارت").expect("it is sent");
        stand.settle().await;
        let after = stand.last(LEILA).id;
        assert!(after > before, "an album that is not the first receipt is answered too");
        let pdf = Upload { name: Some("r.pdf".into()), mime: Some("application/pdf".into()), ..Upload::new("%PDF") };
        leila.sends_document(&pdf, "").expect("it is sent");
        stand.settle().await;
        assert!(stand.last(LEILA).id > after);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM receipts").await, 5);
        assert_eq!(only_payment(stand, LEILA).await.state, State::Submitted);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM receipts WHERE kind = 'pdf'").await, 1);
    }

    /// A receipt that comes after its order expired or was cancelled is still taken.
    async fn a_cancelled_order_still_takes_its_receipt(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.orders(EVE, Lang::En).await;
        stand.taps_key(EVE, Lang::En, "button-cancel").await;
        let safe_first: Vec<String> = stand.last(EVE).labels().iter().map(|label| (*label).to_owned()).collect();
        assert_eq!(safe_first, [t(Lang::En, "button-cancel-no"), t(Lang::En, "button-cancel-yes")]);
        stand.taps_key(EVE, Lang::En, "button-cancel-yes").await;
        assert_eq!(only_payment(stand, EVE).await.state, State::Cancelled);
        stand.photo(EVE, "late").await;
        assert_eq!(only_payment(stand, EVE).await.state, State::Submitted);
    }
}
