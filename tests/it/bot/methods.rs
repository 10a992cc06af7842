//! `/methods`: what lies on each method today, changing limits in the group, adding one alone with the bot; each by right.
use super::stand::{EVE, GROUP, Stand, stories};
use crate::sales::shop::{CASHIER, OWNER};
use souk::base::{Lang, PersonId};
use souk::db;
use souk::shop::accounts::{self, Role};
use souk::shop::payments::{self, Audience, Kind, Method};
use souk::sim::telegram::SeenMessage;

const SHEBA: &str = "IR062960000000100324200001";

async fn method(stand: &Stand, code: &str) -> Method {
    let code = code.parse().expect("a code");
    payments::method(stand.app.db.read(), &code).await.expect("it reads").expect("a method")
}

async fn says(stand: &Stand, who: i64, text: &str) -> SeenMessage {
    let there = stand.person(who).in_chat(GROUP);
    // Words that are no command answer the bot's newest message.
    let there = match stand.telegram.last_from_bot(GROUP) {
        Some(newest) if !text.starts_with('/') => there.answering(newest.id),
        _ => there,
    };
    there.says(text).expect("it can be said");
    stand.settle().await;
    stand.telegram.last_from_bot(GROUP).expect("the bot answers")
}

/// Taps what has this data in the newest message of the group that has it.
async fn taps(stand: &Stand, who: i64, data: &str) -> SeenMessage {
    stand.person(who).in_chat(GROUP).taps(data).expect("it can be tapped");
    stand.settle().await;
    stand.telegram.last_from_bot(GROUP).expect("a message")
}

fn told(stand: &Stand, who: i64) -> String {
    stand.person(who).in_chat(GROUP).toasts().last().map(|toast| toast.text.clone()).unwrap_or_default()
}

stories! {
    /// The list has today's load and room; limits are typed with Persian digits, and cleared; a viewer only looks.
    async fn limits_are_changed_in_the_group(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.orders(EVE, Lang::En).await;
        let list = says(stand, CASHIER.0, "/methods").await;
        assert!(list.text.contains("1 payment, 150,") && list.text.contains("Room: no limit"), "{}", list.text);
        assert!(!list.text.contains("603799"), "no number here: {}", list.text);
        taps(stand, CASHIER.0, "1ms.main").await;
        taps(stand, CASHIER.0, "1mq.main.d").await;
        let wrong = says(stand, CASHIER.0, "plenty").await;
        assert!(wrong.text.contains("above zero"), "{}", wrong.text);
        let page = says(stand, CASHIER.0, "۵۰۰٬۰۰۰").await;
        assert!(page.text.contains("at most 500,000 Toman") && page.text.contains("Room: 349,"), "{}", page.text);
        taps(stand, CASHIER.0, "1mq.main.h").await;
        let page = says(stand, CASHIER.0, "22:00-2").await;
        assert!(page.text.contains("22:00 to 02:00"), "{}", page.text);
        taps(stand, CASHIER.0, "1mq.main.h").await;
        taps(stand, CASHIER.0, "1mc.main.h").await;
        assert_eq!(method(stand, "main").await.limits.hours, None);
        taps(stand, CASHIER.0, "1mq.main.m").await;
        says(stand, CASHIER.0, "100k").await;
        taps(stand, CASHIER.0, "1mq.main.l").await;
        let crossed = says(stand, CASHIER.0, "200k").await;
        assert!(crossed.text.contains("above the largest"), "{}", crossed.text);
        says(stand, CASHIER.0, "90k").await;
        says(stand, CASHIER.0, "/methods").await;
        taps(stand, CASHIER.0, "1ms.main").await;
        taps(stand, CASHIER.0, "1mw.main").await;
        for audience in ["new", "agents", "known"] {
            taps(stand, CASHIER.0, &format!("1mt.main.{audience}")).await;
        }
        assert!(told(stand, CASHIER.0).contains("Somebody must be left"), "{}", told(stand, CASHIER.0));
        taps(stand, CASHIER.0, "1ms.main").await;
        taps(stand, CASHIER.0, "1mf.main").await;
        let known = method(stand, "main").await;
        assert!(!known.on && known.limits.audience.each().eq([Audience::Known]));
        assert_eq!((known.limits.minimum, known.limits.maximum, known.limits.daily_limit), (Some(90_000), Some(100_000), Some(500_000)));
        let owner = stand.shop.admin(OWNER).await;
        crate::sales::shop::commit!(stand.shop, tx => async move {
            accounts::grant(tx, &owner, PersonId(EVE), Role::Viewer, crate::sales::shop::NOON).await
        }).expect("she is staff");
        taps(stand, EVE, "1mo.main").await;
        assert!(told(stand, EVE).contains("viewer") && !method(stand, "main").await.on, "{}", told(stand, EVE));
        let acts = "SELECT COUNT(*) AS v FROM audit WHERE subject = 'method:main' AND origin = 'group'";
        assert_eq!(stand.count(acts).await, 8);
    }

    /// An owner adds one in private, step by step; the number lies sealed from the first moment, and is taken once.
    async fn an_owner_adds_a_method_alone_with_the_bot(stand: Stand) {
        says(stand, OWNER.0, "/methods").await;
        taps(stand, OWNER.0, "1ma").await;
        assert!(told(stand, OWNER.0).contains("private chat"), "{}", told(stand, OWNER.0));
        stand.welcome(CASHIER.0, Lang::En).await;
        stand.says(CASHIER.0, "/methods").await;
        stand.taps(CASHIER.0, "1ma").await;
        assert!(stand.toast(CASHIER.0).contains("only an owner"), "{}", stand.toast(CASHIER.0));
        stand.welcome(OWNER.0, Lang::En).await;
        for (tap, typed) in [("/methods", true), ("1ma", false), ("1mak.sheba", false)] {
            if typed {
                stand.says(OWNER.0, tap).await;
            } else {
                stand.taps(OWNER.0, tap).await;
            }
        }
        stand.says(OWNER.0, &SHEBA.replace("01", "10")).await;
        assert!(stand.last(OWNER.0).text.contains("do not fit"), "{}", stand.last(OWNER.0).text);
        stand.says(OWNER.0, "۰۶ ۲۹۶۰ ۰۰۰۰ ۰۰۱۰ ۰۳۲۴ ۲۰۰۰ ۰۱").await;
        let dialogues = "SELECT COUNT(*) AS v FROM dialogues WHERE state LIKE '%0629600%' OR state LIKE '%۰۶%'";
        assert_eq!(stand.count(dialogues).await, 0, "what was typed lies sealed");
        stand.says(OWNER.0, "S. Ahmadi").await;
        stand.says(OWNER.0, "Mellat").await;
        let shown = stand.last(OWNER.0);
        assert!(shown.text.contains("check digits are right") && shown.text.contains("Mellat"), "{}", shown.text);
        let yes = shown.keyboard.iter().flatten().filter_map(|button| button.data.clone()).find(|data| data.starts_with("1may."));
        let yes = yes.expect("a yes");
        stand.taps(OWNER.0, &yes).await;
        let added = method(stand, "sheba-1").await;
        assert_eq!((added.kind, added.alias.as_str(), added.on), (Kind::Sheba, "Mellat 0001", false));
        stand.person(OWNER.0).presses_old(shown.id, &yes).expect("it can be pressed");
        stand.settle().await;
        assert!(stand.toast(OWNER.0).contains("done already"), "{}", stand.toast(OWNER.0));
        stand.taps(OWNER.0, "1mo.sheba-1").await;
        assert!(method(stand, "sheba-1").await.on);
        // The same number once more is refused; without a bank, and a network of its own.
        stand.says(OWNER.0, "/methods").await;
        stand.taps(OWNER.0, "1ma").await;
        stand.taps(OWNER.0, "1mak.sheba").await;
        stand.says(OWNER.0, SHEBA).await;
        stand.says(OWNER.0, "S. Ahmadi").await;
        stand.taps(OWNER.0, "1mab").await;
        let last = stand.last(OWNER.0);
        let yes = last.keyboard.iter().flatten().filter_map(|button| button.data.clone()).find(|data| data.starts_with("1may."));
        stand.taps(OWNER.0, &yes.expect("a yes")).await;
        assert!(stand.toast(OWNER.0).contains("has this number"), "{}", stand.toast(OWNER.0));
        stand.says(OWNER.0, "/methods").await;
        stand.taps(OWNER.0, "1ma").await;
        stand.taps(OWNER.0, "1mak.crypto").await;
        stand.says(OWNER.0, "Solana").await;
        stand.says(OWNER.0, "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK").await;
        assert!(stand.last(OWNER.0).text.contains("letter by letter"), "{}", stand.last(OWNER.0).text);
        let total: Option<i64> = db::scalar(stand.app.db.read(), "SELECT COUNT(*) AS v FROM payment_methods", vec![]).await.expect("it counts");
        assert_eq!(total, Some(2), "nothing is added before the yes");
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'method.add' AND became LIKE '%062960%'").await, 0);
    }
}
