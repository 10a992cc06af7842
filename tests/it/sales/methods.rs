//! Which payment method takes what, when and for whom; and that its limits hold, across midnight and against many.
use super::shop::{CASHIER, NOON, OMID, OWNER, PRICE, SARA, Shop, card, commit, irt, people, stories};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use souk::base::{DAY, Fault, HOUR, MINUTE, PersonId, Time};
use souk::shop::accounts::{self, Role};
use souk::shop::checkout::{Place, PlaceError};
use souk::shop::payments::{
    self, Audience, Audiences, Change, Draft, Flag, Kind, Limits, Method, MethodCode, MethodError, Need, NewMethod,
};
use souk::shop::settings;

const MIDNIGHT: Time = Time(NOON.0 + 12 * HOUR);

fn code(text: &str) -> MethodCode {
    text.parse().expect("a code")
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::none();
    change(&mut limits);
    limits
}

/// Takes the place of all methods: code, kind, limits.
async fn offered(shop: &Shop, all: Vec<(&'static str, Kind, Limits)>) {
    let seal = shop.seal.clone();
    commit!(shop, tx => async move {
        payments::switch_off(tx, &code("main")).await?;
        for (place, (name, kind, limits)) in (1..).zip(all) {
            let NewMethod { method, .. } = card(name, None, place);
            let coins = kind == Kind::Crypto;
            let holder = method.holder.clone().filter(|_| !coins);
            let network = coins.then(|| "TRC20".to_owned());
            let details = SecretString::from(format!("details of {name}"));
            let method = Method { kind, holder, network, limits, ..method };
            payments::save_method(tx, &NewMethod { method, details }, &seal).await?;
        }
        Ok::<_, Fault>(())
    })
    .expect("methods");
}

/// Where the n-th sale is to be paid.
async fn paid_on(shop: &Shop, who: PersonId, n: i64) -> String {
    shop.place(who, Shop::sale(n)).await.1.method.to_string()
}

async fn refused_until(shop: &Shop, who: PersonId, place: Place) -> Option<Time> {
    match shop.try_place(who, place).await {
        Err(PlaceError::NoMethod { when }) => when,
        other => panic!("{other:?}"),
    }
}

async fn offer(shop: &Shop, amount: i64, audience: Audience) -> payments::Offer {
    let zone = settings::load(shop.db.read()).await.expect("it reads").zone();
    let need = Need { amount: irt(amount), kind: None, audience, now: shop.now(), zone };
    payments::offer(&shop.db, &need).await.expect("it counts")
}

fn codes(offer: &payments::Offer) -> Vec<&str> {
    offer.methods.iter().map(|method| method.code.as_str()).collect()
}

stories! {
    /// Two a day: what is pending counts like what was approved; at the shop's midnight the count begins anew.
    async fn a_count_of_the_day_holds_until_the_shops_midnight(shop: Shop) {
        offered(shop, vec![("two", Kind::Card, limits(|limits| limits.daily_count = Some(2)))]).await;
        let (_, first) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, first.id, None).await.expect("it is approved");
        shop.submitted(OMID, 2).await;
        assert_eq!(refused_until(shop, SARA, Shop::sale(3)).await, Some(MIDNIGHT));
        shop.reject(CASHIER, Shop::sale(2).payment, false).await.expect("it is rejected");
        assert_eq!(paid_on(shop, SARA, 4).await, "two", "what was rejected leaves its room");
        assert_eq!(refused_until(shop, OMID, Shop::sale(5)).await, Some(MIDNIGHT));
        shop.later(12 * HOUR - 1);
        assert_eq!(refused_until(shop, OMID, Shop::sale(5)).await, Some(MIDNIGHT), "the last moment of the day");
        shop.later(1);
        assert_eq!(paid_on(shop, OMID, 6).await, "two", "yesterday's approved one counts no more");
        assert_eq!(refused_until(shop, OMID, Shop::sale(7)).await, Some(MIDNIGHT.after(DAY)), "the open one of yesterday does");
    }

    /// The same moment lies in another day of another zone.
    async fn the_day_is_that_of_the_shops_zone(shop: Shop) {
        offered(shop, vec![("one", Kind::Card, limits(|limits| limits.daily_count = Some(1)))]).await;
        let (_, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.later(7 * HOUR);
        // 15:30 UTC: 19:00 in Tehran, and half an hour past midnight in Tokyo.
        assert_eq!(refused_until(shop, OMID, Shop::sale(2)).await, Some(MIDNIGHT));
        shop.settings(|settings| "Asia/Tokyo".clone_into(&mut settings.time_zone)).await;
        assert_eq!(paid_on(shop, OMID, 3).await, "one", "in Tokyo it was approved yesterday");
    }

    /// Outside of its hours a method is not offered, and the customer is told when it opens, or when the day ends.
    async fn hours_open_and_close_a_method(shop: Shop) {
        let night = limits(|limits| {
            limits.hours = Some("22:00-02:00".parse().expect("hours"));
            limits.daily_count = Some(1);
        });
        offered(shop, vec![("night", Kind::Card, night)]).await;
        assert_eq!(refused_until(shop, SARA, Shop::sale(1)).await, Some(NOON.after(10 * HOUR)));
        shop.later(10 * HOUR);
        let (_, payment) = shop.submitted(SARA, 2).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(refused_until(shop, OMID, Shop::sale(3)).await, Some(MIDNIGHT), "it is open at midnight, and empty then");
        shop.later(4 * HOUR);
        assert_eq!(refused_until(shop, OMID, Shop::sale(3)).await, Some(MIDNIGHT.after(22 * HOUR)), "two at night: closed");
    }

    /// New people, people we know, agents; and the least and the most.
    async fn who_pays_and_how_much_decide_what_is_offered(shop: Shop) {
        let only = |audience| limits(|limits| limits.audience = Audiences::of([audience]).expect("somebody"));
        let large = limits(|limits| {
            limits.minimum = Some(PRICE + 1);
            limits.maximum = Some(2 * PRICE);
        });
        offered(shop, vec![
            ("new", Kind::Card, only(Audience::New)),
            ("known", Kind::Card, only(Audience::Known)),
            ("agents", Kind::Sheba, only(Audience::Agents)),
            ("large", Kind::Crypto, large),
        ]).await;
        for (amount, audience, expected) in [
            (PRICE, Audience::New, vec!["new"]),
            (PRICE, Audience::Known, vec!["known"]),
            (PRICE, Audience::Agents, vec!["agents"]),
            (PRICE + 1, Audience::New, vec!["new", "large"]),
            (2 * PRICE, Audience::Agents, vec!["agents", "large"]),
            (2 * PRICE + 1, Audience::Known, vec!["known"]),
        ] {
            assert_eq!(codes(&offer(shop, amount, audience).await), expected, "{amount} {audience:?}");
        }
        assert_eq!(offer(shop, PRICE + 1, Audience::Agents).await.kinds(), [Kind::Sheba, Kind::Crypto]);
        let (_, first) = shop.submitted(SARA, 1).await;
        assert_eq!(first.method.as_str(), "new");
        shop.approve(CASHIER, first.id, None).await.expect("it is approved");
        assert_eq!(paid_on(shop, SARA, 2).await, "known", "one good receipt makes a person known");
    }

    /// The customer's choice of a kind holds; within it the emptiest is taken, and amounts are apart on each.
    async fn within_a_kind_the_emptiest_is_taken(shop: Shop) {
        let limited = |money| limits(|limits| limits.daily_limit = Some(money));
        offered(shop, vec![
            ("card", Kind::Card, Limits::none()),
            ("sheba-a", Kind::Sheba, limited(3 * PRICE)),
            ("sheba-b", Kind::Sheba, limited(4 * PRICE)),
            ("coins", Kind::Crypto, Limits::none()),
        ]).await;
        let by = |n, kind| Place { kind: Some(kind), ..Shop::sale(n) };
        let mut used = Vec::new();
        for n in 1..=4 {
            used.push(shop.place(if n % 2 == 0 { SARA } else { OMID }, by(n, Kind::Sheba)).await.1.method.to_string());
        }
        assert_eq!(used, ["sheba-b", "sheba-a", "sheba-b", "sheba-a"]);
        shop.place(OMID, by(5, Kind::Sheba)).await;
        assert_eq!(refused_until(shop, OMID, by(6, Kind::Sheba)).await, Some(MIDNIGHT), "another kind is not slipped in");
        let (_, coins) = shop.place(OMID, by(7, Kind::Crypto)).await;
        let payee = payments::payee_of(shop.db.read(), &coins, &shop.seal).await.expect("an address");
        assert_eq!((payee.method.kind, payee.details.expose_secret()), (Kind::Crypto, "details of coins"));
    }

    /// The last room of a count goes to one of many.
    async fn a_count_holds_against_many(shop: Shop) {
        let few = limits(|limits| limits.daily_count = Some(3));
        offered(shop, vec![("few", Kind::Card, few.clone()), ("fewer", Kind::Sheba, limits(|limits| limits.daily_count = Some(2)))]).await;
        people(shop, 100..120, None).await;
        let done = join_all((100..120).map(|n| shop.try_place(PersonId(n), Shop::sale(n)))).await;
        let placed = done.iter().filter(|placed| placed.is_ok()).count();
        let told = done.iter().filter(|placed| matches!(placed, Err(PlaceError::NoMethod { when: Some(_) }))).count();
        assert_eq!((placed, told), (5, 15), "{done:?}");
    }

    /// A late receipt that a full day takes in is marked, by money and by count.
    async fn a_late_receipt_over_a_limit_is_marked(shop: Shop) {
        offered(shop, vec![("one", Kind::Card, limits(|limits| limits.daily_count = Some(1)))]).await;
        let (order, late) = shop.place(SARA, Shop::sale(1)).await;
        let (sara, now) = (shop.customer(SARA).await, shop.now());
        commit!(shop, tx => async move { souk::shop::checkout::cancel(tx, &sara, order.id, now).await }).expect("it is cancelled");
        let (_, timely) = shop.submitted(OMID, 2).await;
        assert_eq!(timely.flags, [], "within the limit");
        let received = shop.send(SARA, late.id, shop.photo("late")).await.expect("it is taken");
        assert_eq!(received.payment.flags, [Flag::DailyLimit, Flag::Late]);
    }

    /// Owners add, cashiers change, viewers look; each act leaves a row; what is open stays payable.
    async fn staff_adds_and_changes_methods_by_right(shop: Shop) {
        let owner = shop.admin(OWNER).await;
        let viewer = {
            people(shop, 910..911, Some(Role::Viewer)).await;
            shop.admin(PersonId(910)).await
        };
        let cashier = shop.admin(CASHIER).await;
        let draft = || Draft {
            kind: Kind::Sheba,
            alias: "Mellat".to_owned(),
            details: SecretString::from("IR062960000000100324200001"),
            holder: Some("S. Ahmadi".to_owned()),
            bank: None,
            network: None,
        };
        let add = async |by: accounts::Admin| {
            let (seal, now) = (shop.seal.clone(), shop.now());
            commit!(shop, tx => async move { payments::add_method(tx, &by, draft(), &seal, now).await })
        };
        assert!(matches!(add(cashier).await, Err(MethodError::NotAllowed)));
        let added = add(owner).await.expect("it is added");
        assert_eq!((added.code.as_str(), added.last4.as_str(), added.on), ("sheba-1", "0001", false));
        assert!(matches!(add(owner).await, Err(MethodError::Taken(known)) if known.code == added.code));
        let change = async |by: accounts::Admin, change: Change| {
            let now = shop.now();
            commit!(shop, tx => async move { payments::change_method(tx, &by, &code("sheba-1"), &change, now).await })
        };
        assert!(matches!(change(viewer, Change::DailyCount(Some(1))).await, Err(MethodError::NotAllowed)));
        change(cashier, Change::DailyCount(Some(1))).await.expect("it is changed");
        assert!(matches!(change(cashier, Change::DailyCount(Some(1))).await, Err(MethodError::Already)));
        change(cashier, Change::Hours(Some("9-17".parse().expect("hours")))).await.expect("it is changed");
        change(cashier, Change::Maximum(Some(500))).await.expect("it is changed");
        assert!(matches!(change(cashier, Change::Minimum(Some(501))).await, Err(MethodError::Crossed)));
        change(cashier, Change::Minimum(Some(500))).await.expect("it is changed");
        change(cashier, Change::Note(Some("ask Sara".to_owned()))).await.expect("it is changed");
        let switch = async |on: bool| {
            let now = shop.now();
            commit!(shop, tx => async move { payments::switch_method(tx, &cashier, &code("sheba-1"), on, now).await })
        };
        switch(true).await.expect("it is on");
        assert!(matches!(switch(true).await, Err(MethodError::Already)));
        let known = payments::method(shop.db.read(), &code("sheba-1")).await.expect("it reads").expect("a method");
        assert_eq!((known.limits.minimum, known.limits.maximum, known.on), (Some(500), Some(500), true), "what was refused is not there");
        assert_eq!(known.limits.hours.map(|hours| hours.to_string()).as_deref(), Some("09:00-17:00"));
        let page = souk::base::Page::new(0, 20);
        let lines = accounts::audit_of(shop.db.read(), "method:sheba-1", page).await.expect("it reads");
        let acts: Vec<&str> = lines.iter().rev().map(|line| line.act.as_str()).collect();
        assert_eq!(acts, ["method.add", "method.change", "method.change", "method.change", "method.change", "method.change", "method.switch"]);
        assert!(lines.iter().all(|line| !format!("{line:?}").contains("IR0629")), "no number in the log");
    }

    async fn rooms_are_counted_for_staff(shop: Shop) {
        let (_, first) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, first.id, Some(irt(PRICE))).await.expect("it is approved");
        shop.later(MINUTE);
        let (_, second) = shop.submitted(OMID, 2).await;
        let load = payments::load(shop.db.read(), &code("main"), shop.now()).await.expect("it counts");
        assert_eq!((load.taken, load.taken_count), (PRICE, 1));
        assert_eq!((load.pending, load.pending_count), (second.due.minor, 1));
        let room = limits(|limits| limits.daily_count = Some(3)).room(&load);
        assert_eq!((room.amount, room.count), (None, Some(1)));
    }
}
