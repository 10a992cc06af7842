//! What admins correct by hand: wallets and agents' credit, with a reason; and what needs a second owner.
use crate::agents::stand::{ALI, LINE, form};
use crate::sales::shop::{CASHIER, OWNER, SARA, Shop, commit, irt, people, stories};
use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;
use futures::future::{join, join_all};
use souk::base::{ApplicationId, Asset, DAY, Fault, HOUR, MINUTE, Money, Page, PersonId};
use souk::shop::accounts::{self, Customer, Role};
use souk::shop::agents;
use souk::shop::checkout::{self, Corrected, Correction, CorrectionError, CorrectionState, NotAllowed, Purse, SecondError};
use souk::shop::ledger::{self, Account};
use souk::shop::notices::Notice;

/// What an admin corrects alone in a day, as the settings have it.
const ALONE: i64 = 5_000_000;

fn gift(minor: i64, key: &str) -> Correction {
    Correction { person: SARA, amount: irt(minor), reason: "a gift".to_owned(), key: key.to_owned() }
}

async fn gives(shop: &Shop, by: PersonId, gift: Correction) -> Result<Corrected, CorrectionError> {
    let (admin, now) = (shop.admin(by).await, shop.now());
    commit!(shop, tx => async move { checkout::correct(tx, &admin, (Purse::Wallet, true), &gift, now).await })
}

async fn corrects_credit(shop: &Shop, adds: bool, minor: i64, key: &str) -> Result<Corrected, CorrectionError> {
    let (admin, now) = (shop.admin(CASHIER).await, shop.now());
    let correction = Correction { person: ALI, ..gift(minor, key) };
    commit!(shop, tx => async move { checkout::correct(tx, &admin, (Purse::Credit, adds), &correction, now).await })
}

async fn confirms(shop: &Shop, by: PersonId, key: &'static str) -> Result<Money, SecondError> {
    let (admin, now) = (shop.admin(by).await, shop.now());
    commit!(shop, tx => async move { checkout::confirm_correction(tx, &admin, key, now).await })
}

async fn state(shop: &Shop, key: &str) -> CorrectionState {
    checkout::correction(shop.db.read(), key).await.expect("it reads").expect("a correction").state
}

stories! {
    async fn one_admin_alone_never_sums_to_more_than_the_day_allows(shop: Shop) {
        assert_eq!(gives(shop, CASHIER, gift(3_000_000, "a")).await.expect("booked"), Corrected::Booked(irt(3_000_000)));
        assert_eq!(gives(shop, CASHIER, gift(2_000_001, "b")).await.expect("asked"), Corrected::Waits);
        assert_eq!(gives(shop, CASHIER, gift(2_000_000, "c")).await.expect("booked"), Corrected::Booked(irt(ALONE)));
        assert_eq!(gives(shop, OWNER, gift(1_000, "d")).await.expect("another admin"), Corrected::Booked(irt(ALONE + 1_000)));
        shop.later(DAY);
        assert_eq!(gives(shop, CASHIER, gift(2_000_001, "e")).await.expect("another day"), Corrected::Booked(irt(7_001_001)));
    }

    async fn many_at_once_do_not_slip_through(shop: Shop) {
        let asked = (0..60).map(|n| {
            let (shop, gift) = (shop, gift(100_000, &format!("g{n}")));
            async move { gives(shop, CASHIER, gift).await.expect("booked or asked") }
        });
        let outcomes = join_all(asked).await;
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Corrected::Waits).count(), 10);
        assert_eq!(shop.wallet(SARA).await, ALONE);
    }

    async fn the_first_owner_who_confirms_books_it_once(shop: Shop) {
        people(shop, 100..120, Some(Role::Owner)).await;
        assert_eq!(gives(shop, PersonId(100), gift(ALONE + 1, "big")).await.expect("asked"), Corrected::Waits);
        assert_eq!(gives(shop, PersonId(100), gift(ALONE + 1, "big")).await.expect("asked"), Corrected::Waits);
        assert!(matches!(gives(shop, PersonId(101), gift(ALONE + 1, "big")).await, Err(CorrectionError::Reused)));
        assert_eq!(shop.wallet(SARA).await, 0);
        let asked = shop.told(PersonId(0)).await;
        assert_eq!(asked.iter().filter(|notice| matches!(notice, Notice::CorrectionAsked { .. })).count(), 1);
        let own = confirms(shop, PersonId(100), "big").await;
        assert!(matches!(own, Err(SecondError::NotAllowed(NotAllowed::Own))), "{own:?}");
        let cashier = confirms(shop, CASHIER, "big").await;
        assert!(matches!(cashier, Err(SecondError::NotAllowed(NotAllowed::Role))), "{cashier:?}");
        let outcomes = join_all((101..120).map(|id| confirms(shop, PersonId(id), "big"))).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(|error| matches!(error, SecondError::Decided(_))));
        assert_eq!((shop.wallet(SARA).await, state(shop, "big").await), (ALONE + 1, CorrectionState::Done));
        let told = shop.told(SARA).await;
        assert_eq!(told.iter().filter(|notice| matches!(notice, Notice::WalletChanged { .. })).count(), 1);
        assert_eq!(gives(shop, PersonId(100), gift(ALONE + 1, "big")).await.expect("done"), Corrected::Booked(irt(ALONE + 1)));
    }

    async fn what_waits_may_be_refused_taken_back_or_end(shop: Shop) {
        people(shop, 100..102, Some(Role::Owner)).await;
        for key in ["a", "b", "c"] {
            assert_eq!(gives(shop, CASHIER, gift(ALONE + 1, key)).await.expect("asked"), Corrected::Waits);
        }
        let (owner, cashier, now) = (shop.admin(PersonId(100)).await, shop.admin(CASHIER).await, shop.now());
        commit!(shop, tx => async move { checkout::refuse_correction(tx, &owner, "a", now).await }).expect("refused");
        commit!(shop, tx => async move { checkout::refuse_correction(tx, &cashier, "b", now).await }).expect("taken back");
        shop.later(DAY);
        let late = confirms(shop, PersonId(101), "c").await;
        assert!(matches!(late, Err(SecondError::Decided(row)) if row.state == CorrectionState::Expired));
        let now = shop.now();
        let ended = commit!(shop, tx => async move { checkout::expire_corrections(tx, now, 9).await }).expect("it ends");
        assert_eq!(ended, ["c"]);
        for (key, expected) in [("a", CorrectionState::Refused), ("b", CorrectionState::Refused), ("c", CorrectionState::Expired)] {
            assert_eq!(state(shop, key).await, expected);
            assert!(matches!(confirms(shop, PersonId(101), key).await, Err(SecondError::Decided(_))));
        }
        assert_eq!(shop.wallet(SARA).await, 0);
    }

    async fn a_wallet_that_is_spent_meanwhile_is_not_overdrawn(shop: Shop) {
        people(shop, 100..102, Some(Role::Owner)).await;
        gives(shop, PersonId(100), gift(ALONE, "had")).await.expect("booked");
        shop.settings(|settings| settings.correction_alone_max = 0).await;
        let (admin, now) = (shop.admin(CASHIER).await, shop.now());
        let all = gift(ALONE, "all");
        let waits = commit!(shop, tx => async move { checkout::correct(tx, &admin, (Purse::Wallet, false), &all, now).await });
        assert_eq!(waits.expect("asked"), Corrected::Waits);
        shop.settings(|settings| settings.correction_alone_max = 10).await;
        let (admin, one) = (shop.admin(CASHIER).await, gift(1, "one"));
        commit!(shop, tx => async move { checkout::correct(tx, &admin, (Purse::Wallet, false), &one, now).await }).expect("debited");
        let short = confirms(shop, PersonId(101), "all").await;
        assert!(matches!(short, Err(SecondError::Short { available }) if available == irt(ALONE - 1)), "{short:?}");
        assert_eq!((state(shop, "all").await, shop.wallet(SARA).await), (CorrectionState::Waiting, ALONE - 1));
    }

    async fn an_agents_credit_is_corrected_within_his_line(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert_eq!(corrects_credit(shop, true, 50_000, "a").await.expect("booked"), Corrected::Booked(irt(LINE + 50_000)));
        assert_eq!(corrects_credit(shop, false, LINE, "b").await.expect("booked"), Corrected::Booked(irt(50_000)));
        let short = corrects_credit(shop, false, 50_001, "c").await;
        assert!(matches!(short, Err(CorrectionError::Short { available }) if available == irt(50_000)), "{short:?}");
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { agents::freeze(tx, &owner, ALI, "a call", now).await }).expect("frozen");
        assert!(matches!(corrects_credit(shop, false, 1, "d").await, Err(CorrectionError::Frozen)));
        corrects_credit(shop, true, LINE, "e").await.expect("what is added is taken");
        assert_eq!(shop.credit(ALI).await.0, 50_000);
        shop.closes(OWNER, ALI, agents::Settlement::Paid).await.expect("closed");
        assert!(matches!(corrects_credit(shop, true, 1, "f").await, Err(CorrectionError::Unknown)));
        assert!(matches!(gives(shop, CASHIER, Correction { person: PersonId(5), ..gift(1, "g") }).await, Err(CorrectionError::Unknown)));
        assert!(matches!(gives(shop, CASHIER, Correction { reason: " ".to_owned(), ..gift(1, "h") }).await, Err(CorrectionError::BadAmount)));
    }

    async fn nothing_is_booked_on_the_account_of_an_agency_that_was_closed_while_it_waited(shop: Shop) {
        people(shop, 100..101, Some(Role::Owner)).await;
        shop.makes_agent(ALI).await;
        assert_eq!(corrects_credit(shop, true, ALONE + 1, "big").await.expect("asked"), Corrected::Waits);
        shop.closes(OWNER, ALI, agents::Settlement::Paid).await.expect("closed");
        let before = shop.all_rows().await;
        let booked = confirms(shop, PersonId(100), "big").await;
        assert!(matches!(booked, Err(SecondError::Closed)), "{booked:?}");
        assert_eq!(shop.all_rows().await, before);
        assert_eq!((state(shop, "big").await, shop.credit(ALI).await.0), (CorrectionState::Waiting, 0));
        let (owner, now) = (shop.admin(PersonId(100)).await, shop.now());
        commit!(shop, tx => async move { checkout::refuse_correction(tx, &owner, "big", now).await }).expect("refused");
    }

    async fn closings_and_corrections_at_once_leave_nothing_on_a_closed_account(shop: Shop) {
        people(shop, 100..101, Some(Role::Owner)).await;
        shop.knows(ALI, "Ali").await;
        shop.has_tiers().await;
        for round in 0..8 {
            shop.applies(ALI, 900 + round).await.expect("he applies");
            shop.accepts(CASHIER, 900 + round, "silver").await.expect("he is accepted");
            shop.later(DAY);
            let key: &'static str = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"][usize::try_from(round).expect("a place")];
            assert_eq!(corrects_credit(shop, true, ALONE + 1, key).await.expect("asked"), Corrected::Waits);
            let small = format!("s{round}");
            let ((closed, booked), corrected) = join(
                join(shop.closes(OWNER, ALI, agents::Settlement::Paid), confirms(shop, PersonId(100), key)),
                corrects_credit(shop, true, 1_000, &small),
            )
            .await;
            closed.expect("it is closed");
            assert!(booked.is_ok() || matches!(booked, Err(SecondError::Closed)), "{booked:?}");
            assert!(corrected.is_ok() || matches!(corrected, Err(CorrectionError::Unknown)), "{corrected:?}");
            assert_eq!(shop.credit(ALI).await.0, 0, "round {round}");
        }
    }

    async fn a_correction_names_what_it_corrects(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        for (key, reason, about) in [
            ("a", format!("twice paid #{}.", order.id), format!("order:{}", order.id)),
            ("b", format!("#{} was too much", payment.id), format!("payment:{}", payment.id)),
            ("c", "#0000000000 of somebody".to_owned(), format!("person:{SARA}")),
        ] {
            gives(shop, CASHIER, Correction { reason, ..gift(5, key) }).await.expect("booked");
            let wallet = Account::wallet(SARA, Asset::Irt);
            let found = ledger::statement(shop.db.read(), &wallet, Page::new(0, 1)).await.expect("it reads");
            assert_eq!(found.lines[0].about, about);
        }
    }
}

async fn asks(admin: &Actor<'_>, person: i64, button: &'static str, typed: &str) {
    admin.says(&format!("/user {person}")).await;
    admin.taps(button).await;
    admin.says(typed).await;
}

async fn a_second_owner_confirms(w: &World) {
    let sara = w.customer("Sara").await;
    let (owner, cashier) = (w.owner(), w.cashier());
    asks(&cashier, sara.id(), "admin-do-credit", "6,000,000 for a year of trouble").await;
    assert!(cashier.last().text.contains("a second owner is asked"), "{}", w.group());
    cashier.taps("admin-do-correct").await;
    assert!(cashier.reads("correction-waits"), "{}", w.group());
    w.run_jobs().await;
    assert_eq!((w.wallet(sara.id()).await, owner.told("Second owner needed").len()), (0, 1), "{}", w.group());
    cashier.taps("correction-do-confirm").await;
    assert!(cashier.toast().unwrap_or_default().contains("cashier"), "{:?}", cashier.toast());
    owner.taps_twice("correction-do-confirm").await;
    w.run_jobs().await;
    assert_eq!(w.wallet(sara.id()).await, 6_000_000);
    assert_eq!(sara.told("notice-wallet").len(), 1, "{}", sara.chat());
    let card = owner.told("Second owner needed");
    assert!(card.len() == 1 && card[0].text.contains("confirmed by Nima"), "{}", w.group());
    assert!(!owner.has_button("correction-do-confirm"));
    assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'wallet.credit' AND actor = 1001").await, 1);
}

#[tokio::test]
async fn beyond_the_sum_a_second_owner_confirms() {
    world(a_second_owner_confirms).await;
}

#[tokio::test]
async fn every_update_of_a_confirmation_may_come_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, a_second_owner_confirms).await;
}

#[tokio::test]
async fn nobody_confirms_his_own_and_it_ends_by_itself() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        let owner = w.owner();
        asks(&owner, sara.id(), "admin-do-credit", "۶٬۰۰۰٬۰۰۰ هدیه").await;
        owner.taps("admin-do-correct").await;
        w.run_jobs().await;
        owner.taps("correction-do-confirm").await;
        assert_eq!(owner.toast(), Some(owner.words("correction-own")));
        w.later(24 * HOUR).await;
        w.later(MINUTE).await;
        assert_eq!((w.wallet(sara.id()).await, owner.told("nobody confirmed it").len()), (0, 1), "{}", w.group());
        owner.taps("correction-do-refuse").await;
        assert_eq!(owner.toast(), Some(owner.words("correction-decided")));
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM corrections WHERE state = 'expired'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_agents_account_is_corrected_from_his_card() {
    world(async |w: &World| {
        let ali = w.customer("Ali").await;
        let (id, now, owners) = (PersonId(ali.id()), w.clock.now(), std::sync::Arc::clone(&w.app.owners));
        let person = accounts::person(w.app.db.read(), id).await.expect("it reads").expect("a person");
        w.app
            .write::<_, Fault, _>(move |tx| {
                Box::pin(async move {
                    let customer = Customer::of(person).expect("he is not banned");
                    agents::apply(tx, &customer, ApplicationId(1), &form(), now).await.expect("he applies");
                    let owner = accounts::admin(tx, PersonId(1001), &owners).await?.expect("an owner");
                    let silver = "silver".parse().expect("a code");
                    agents::accept(tx, &owner, ApplicationId(1), &silver, now).await.expect("he is accepted");
                    Ok(())
                })
            })
            .await
            .expect("he is an agent");
        w.run_jobs().await;
        let cashier = w.cashier();
        cashier.says("/agents karimi").await;
        cashier.taps("correction-do-add").await;
        for wrong in ["😀", "250000", "late"] {
            cashier.says(wrong).await;
            assert!(cashier.reads("admin-correction-unread"), "{wrong}: {}", cashier.sees());
        }
        cashier.says("۲۵۰٬۰۰۰ بابت تأخیر").await;
        assert!(cashier.last().text.contains("1,000,000") && cashier.last().text.contains("1,250,000"), "{}", cashier.sees());
        cashier.taps("admin-do-correct").await;
        w.run_jobs().await;
        assert_eq!(w.posted(&Account::credit(id, Asset::Irt)).await, 250_000);
        assert_eq!(ali.told("agent-credit-changed").len(), 1, "{}", ali.chat());
        cashier.says("/agents karimi").await;
        cashier.taps("correction-do-take").await;
        cashier.says("9,999,999 a fine").await;
        assert!(cashier.last().text.contains("Only 1,250,000"), "{}", cashier.sees());
        cashier.says("300k a fine").await;
        cashier.taps("admin-do-correct").await;
        w.run_jobs().await;
        assert_eq!(w.posted(&Account::credit(id, Asset::Irt)).await, -50_000);
        assert_eq!(
            w.count("SELECT COUNT(*) AS v FROM audit WHERE act IN ('agent.credit', 'agent.debit') AND actor = 1002").await,
            2
        );
    })
    .await;
}
