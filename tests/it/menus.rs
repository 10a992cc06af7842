//! The menu of commands: what Telegram offers to whom, in which chat, in the language of the phone.

use souk::app::App;
use souk::base::texts::t;
use souk::base::{Fault, Lang, PersonId};
use souk::bot::{admin, commands};
use souk::db;
use souk::sim::telegram::{NewGroup, Person, Standing};

use crate::agents::chat::agent;
use crate::world::actor::Actor;
use crate::world::ending::Allowed;
use crate::world::shop::World;
use crate::world::world;

type Menu = Vec<(String, String)>;

fn menu(lang: Lang, listed: &[(&str, &'static str)]) -> Menu {
    listed.iter().map(|(name, key)| ((*name).to_owned(), t(lang, key).to_owned())).collect()
}

fn of_customers(lang: Lang) -> Menu {
    menu(lang, &commands::CUSTOMER)
}

fn of_the_group(lang: Lang) -> Menu {
    menu(lang, admin::LISTED)
}

/// Staff's private chat: a customer's commands, and then those of staff; help is one command.
fn of_staff(lang: Lang) -> Menu {
    let mut both = of_customers(lang);
    both.extend(of_the_group(lang).into_iter().filter(|(name, _)| name != "help"));
    both
}

/// What this person reads in the private chat with the bot.
fn offered(w: &World, id: i64) -> Menu {
    w.telegram.offered_commands(id, id)
}

/// The same person, whose phone speaks another language.
fn phone_speaks(w: &World, id: i64, code: &str) {
    let known = w.telegram.people().into_iter().find(|person| person.id == id).expect("the person");
    w.telegram.add_person(Person { language_code: Some(code.to_owned()), ..known });
}

/// Calls about menus so far.
fn menus_told(w: &World) -> usize {
    w.telegram.calls().iter().filter(|call| call.method.to_ascii_lowercase().ends_with("mycommands")).count()
}

async fn opens(w: &World) {
    commands::publish(&w.app).await.expect("the menus are told");
}

#[tokio::test]
async fn customers_are_offered_their_commands_in_the_language_of_their_phone() {
    world(async |w: &World| {
        let sara = w.customer_in(Lang::En, "Sara").await;
        let leila = w.customer_in(Lang::Fa, "Leila").await;
        let boris = w.customer_in(Lang::Ru, "Boris").await;
        assert_eq!(offered(w, sara.id()), Menu::new(), "nobody is offered anything before the shop opens");
        // The second opening is as the first.
        for _ in 0..2 {
            opens(w).await;
            for (who, lang) in [(&sara, Lang::En), (&leila, Lang::Fa), (&boris, Lang::Ru)] {
                assert_eq!(offered(w, who.id()), of_customers(lang), "{lang}");
            }
        }
        assert_ne!(of_customers(Lang::Fa), of_customers(Lang::Ru));
        phone_speaks(w, sara.id(), "de");
        assert_eq!(offered(w, sara.id()), of_customers(Lang::En), "in a language that the shop does not speak");
        let elsewhere = w.telegram.add_group(NewGroup { members: vec![sara.id()], ..Default::default() });
        assert_eq!(w.telegram.offered_commands(elsewhere, sara.id()), Menu::new(), "a stranger's group has no menu");
    })
    .await;
}

#[tokio::test]
async fn staff_is_offered_its_commands_in_the_group_and_both_in_private() {
    world(async |w: &World| {
        opens(w).await;
        for who in [w.owner(), w.cashier()] {
            for lang in Lang::ALL {
                phone_speaks(w, who.id(), lang.code());
                assert_eq!(w.telegram.offered_commands(w.group_id(), who.id()), of_the_group(lang), "{lang}");
                assert_eq!(offered(w, who.id()), of_staff(lang), "{lang}");
            }
        }
        let mut names: Vec<String> = of_staff(Lang::En).into_iter().map(|(name, _)| name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "a command is listed once");
    })
    .await;
}

#[tokio::test]
async fn who_is_given_a_role_is_offered_staffs_commands_until_it_is_taken() {
    world(async |w: &World| {
        let (boris, sara) = (w.customer_in(Lang::Ru, "Boris").await, w.customer_in(Lang::En, "Sara").await);
        opens(w).await;
        let owner = w.owner();
        owner.says(&format!("/grant {} viewer", boris.id())).await;
        w.run_jobs().await;
        for lang in Lang::ALL {
            phone_speaks(w, boris.id(), lang.code());
            assert_eq!(offered(w, boris.id()), of_staff(lang), "{lang}");
        }
        assert_eq!(offered(w, sara.id()), of_customers(Lang::En), "of the others nothing changed");
        opens(w).await;
        assert_eq!(offered(w, boris.id()), of_staff(Lang::Ru), "after a restart too");
        owner.says(&format!("/revoke {}", boris.id())).await;
        w.run_jobs().await;
        for lang in Lang::ALL {
            phone_speaks(w, boris.id(), lang.code());
            assert_eq!(offered(w, boris.id()), of_customers(lang), "{lang}");
        }
        phone_speaks(w, boris.id(), "de");
        assert_eq!(offered(w, boris.id()), of_customers(Lang::En), "in no language is anything left");
        opens(w).await;
        assert_eq!(offered(w, boris.id()), of_customers(Lang::En));
    })
    .await;
}

#[tokio::test]
async fn a_role_that_is_refused_or_taken_from_nobody_moves_no_menu() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        opens(w).await;
        let told = menus_told(w);
        w.cashier().says(&format!("/grant {} owner", sara.id())).await;
        w.owner().says(&format!("/grant {} king", sara.id())).await;
        w.owner().says(&format!("/revoke {}", sara.id())).await;
        w.run_jobs().await;
        assert_eq!((menus_told(w), offered(w, sara.id())), (told, of_customers(Lang::En)), "{}", w.group());
    })
    .await;
}

/// The list names what agents need from the first day, and Telegram picks the phone's language by itself.
#[tokio::test]
async fn an_agency_and_another_language_need_no_other_menu() {
    world(async |w: &World| {
        opens(w).await;
        let told = menus_told(w);
        let ali = agent(w, "Ali").await;
        assert_eq!(offered(w, ali.id()), of_customers(Lang::En));
        assert!(offered(w, ali.id()).iter().any(|(name, _)| name == "agent"));
        ali.says("/language").await;
        ali.taps(Lang::Fa.own_name()).await;
        let ali = Actor::new(w, ali.at.clone(), Lang::Fa);
        ali.says("/wallet").await;
        assert!(ali.reads("wallet-title"), "he reads Persian: {}", ali.sees());
        assert_eq!((menus_told(w), offered(w, ali.id())), (told, of_customers(Lang::En)));
        phone_speaks(w, ali.id(), "fa");
        assert_eq!(offered(w, ali.id()), of_customers(Lang::Fa));
    })
    .await;
}

/// Telegram knows no chat of a person who never spoke: an owner may come after his shop has opened.
#[tokio::test]
async fn an_owner_who_comes_after_the_shop_opened_is_offered_staffs_commands_at_once() {
    world(async |w: &World| {
        w.ending.allow(Allowed::Telegram(400));
        let owner = w.owner().in_private();
        w.telegram.set_standing(w.group_id(), owner.id(), Standing::Left).expect("he leaves");
        w.settle().await;
        let never_came = "UPDATE people SET lang = NULL WHERE id = 1001";
        let done = w.app.write::<_, Fault, _>(move |tx| Box::pin(async move { db::execute(tx, never_came, vec![]).await })).await;
        assert_eq!(done.expect("it is written"), 1);
        opens(w).await;
        assert_eq!(offered(w, owner.id()), of_customers(Lang::En), "Telegram did not know him");
        owner.says("/start").await;
        owner.taps(Lang::En.own_name()).await;
        assert_eq!(offered(w, owner.id()), of_staff(Lang::En));
        // A customer's first word moves no menu.
        let told = menus_told(w);
        w.customer("Sara").await;
        assert_eq!(menus_told(w), told);
    })
    .await;
}

/// A chat that Telegram refuses keeps no other from its menu.
#[tokio::test]
async fn an_owner_whom_telegram_does_not_know_keeps_nobody_from_his_menu() {
    world(async |w: &World| {
        w.ending.allow(Allowed::Telegram(400));
        let sara = w.customer("Sara").await;
        let app = App { owners: [PersonId(424_242), PersonId(w.owner().id())].into(), ..w.app.clone() };
        commands::publish(&app).await.expect("a refusal is no failure");
        assert_eq!(offered(w, sara.id()), of_customers(Lang::En));
        assert_eq!(offered(w, w.owner().id()), of_staff(Lang::En));
        assert_eq!(offered(w, w.cashier().id()), of_staff(Lang::En));
    })
    .await;
}
