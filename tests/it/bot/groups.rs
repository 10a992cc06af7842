//! Groups: silence for whoever is no staff, and a group that becomes a supergroup.
use super::stand::{EVE, GROUP, Stand, stories};
use crate::sales::shop::OWNER;
use souk::base::{ChatId, HOUR, Lang};
use souk::bot::{admin, group};

stories! {
    /// A stranger's command in the group is met with silence, and written down.
    async fn a_strangers_command_is_met_with_silence(stand: Stand) {
        stand.welcome(EVE, Lang::En).await;
        stand.person(EVE).in_chat(GROUP).says("/payments").expect("it is said");
        stand.person(EVE).in_chat(GROUP).says("good morning").expect("it is said");
        stand.person(EVE).in_chat(GROUP).says("/stats@other_bot").expect("it is said");
        stand.settle().await;
        assert!(stand.telegram.last_from_bot(GROUP).is_none());
        let written = "SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused' AND actor = 1003";
        assert_eq!(stand.count(written).await, 1);
        for _ in 0..25 {
            stand.says(EVE, "/approve 5").await;
        }
        assert_eq!(stand.count(written).await, 20, "whoever goes on fills no log");
        stand.app.clock.advance(HOUR);
        stand.says(EVE, "/approve 5").await;
        assert_eq!(stand.count(written).await, 21);
    }

    /// Whoever never spoke to the bot is met with silence too, and is known to nothing but the audit log.
    async fn what_the_unknown_ask_of_staff_is_written_down(stand: Stand) {
        let people = stand.count("SELECT COUNT(*) AS v FROM people").await;
        let eve = stand.person(EVE).in_chat(GROUP);
        for said in ["/approve 5", "good morning", "/stats@other_bot"] {
            eve.says(said).expect("it is said");
        }
        stand.settle().await;
        let written = |asked: &str| {
            format!("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused' AND actor = {EVE} AND origin = 'group'
                AND subject = 'chat:{GROUP}' AND became = '{asked}'")
        };
        assert_eq!(stand.count(&written("/approve")).await, 1);
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused'").await, 1);
        // The card of a payment lies in the group for all to tap.
        let owner = stand.telegram.person(OWNER.0);
        owner.starts("").expect("it is started");
        stand.settle().await;
        owner.in_chat(GROUP).says("/payments").expect("it is said");
        stand.settle().await;
        let card = stand.telegram.last_from_bot(GROUP).expect("the list is shown").id;
        eve.presses_old(card, "1apa.0000000001").expect("it is pressed");
        stand.settle().await;
        assert_eq!(stand.count(&written("1apa.0000000001")).await, 1);
        for _ in 0..25 {
            eve.says("/stats").expect("it is said");
        }
        stand.settle().await;
        assert_eq!(stand.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'command.refused'").await, 20);
        assert_eq!(stand.count(&format!("SELECT COUNT(*) AS v FROM people WHERE id = {EVE}")).await, 0);
        assert!(people <= stand.count("SELECT COUNT(*) AS v FROM people").await);
    }

    /// The group got a new id; what is meant for it goes there from now on.
    async fn a_group_that_became_a_supergroup_is_followed(stand: Stand) {
        let new = stand.telegram.upgrade(GROUP).expect("it is upgraded");
        stand.settle().await;
        assert_eq!(group::current(&stand.app).await.expect("it reads").chat, Some(ChatId(new)));
        // The commands are listed under the new id, once in each language.
        let told: Vec<_> = stand.telegram.calls().into_iter().filter(|call| call.method.eq_ignore_ascii_case("setMyCommands")).collect();
        assert_eq!(told.len(), 4, "{told:#?}");
        for call in told {
            let said = call.params.to_string();
            assert!(said.contains(&new.to_string()) && call.code == 200, "{said}");
            for name in admin::COMMANDS {
                assert!(said.contains(name), "{name} is not listed: {said}");
            }
        }
    }
}
