//! Groups: silence for whoever is no staff, and a group that becomes a supergroup.
use super::stand::{EVE, GROUP, Stand, stories};
use souk::base::{ChatId, HOUR, Lang};
use souk::bot::group;

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

    /// The group got a new id; what is meant for it goes there from now on.
    async fn a_group_that_became_a_supergroup_is_followed(stand: Stand) {
        let new = stand.telegram.upgrade(GROUP).expect("it is upgraded");
        stand.settle().await;
        assert_eq!(group::current(&stand.app).await.expect("it reads").chat, Some(ChatId(new)));
    }
}
