//! The admins' commands, from the group and from a private chat, and what each leaves in the audit log.

use souk::base::Lang;
use souk::sim::telegram;

use crate::world::pictures;
use crate::world::shop::World;
use crate::world::world;

#[tokio::test]
async fn a_payment_is_found_and_approved_by_command_in_private() {
    world(async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.orders_and_pays(1).await;
        ali.orders_and_pays(2).await;
        let owner = w.owner().in_private();
        owner.says("/payments").await;
        let rows: Vec<String> = owner.last().labels().iter().map(|label| (*label).to_owned()).collect();
        assert!(rows[0].contains("Sara") && rows[1].contains("Ali"), "the oldest first: {rows:?}");
        owner.taps("Sara").await;
        assert_eq!(owner.last().media.map(|media| media.kind), Some("photo".to_owned()), "{}", owner.chat());
        let id = w.count("SELECT id AS v FROM payments WHERE person = 2002").await;
        let id = souk::base::PaymentId(id);
        owner.says(&format!("/approve {id}")).await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, w.payments("submitted").await), (1, 1));
        assert_eq!(ali.told("notice-ready").len(), 1);
        owner.says(&format!("/reject {id} too late")).await;
        assert!(owner.last().text.contains("Decided already"), "{}", owner.sees());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act LIKE 'payment.%' AND actor = 1001").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_photo_that_looks_the_same_is_pointed_at() {
    world(async |w: &World| {
        let (sara, eve) = (w.customer("Sara").await, w.customer("Eve").await);
        sara.orders_and_pays(1).await;
        eve.orders().await;
        eve.at.sends_photo(&pictures::receipt_again(1), "").expect("it is sent");
        w.run_jobs().await;
        assert!(w.owner().last().text.contains("looks like"), "{}", w.group());
        assert!(w.owner().last().text.contains("Sara"), "it says whose:\n{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn wrong_commands_are_shown_how() {
    world(async |w: &World| {
        let owner = w.owner();
        for (command, key) in [
            ("/approve", "admin-usage-approve"),
            ("/reject", "admin-usage-reject"),
            ("/user", "admin-usage-user"),
            ("/grant", "admin-usage-grant"),
            ("/user @nobody", "admin-person-unknown"),
            ("/approve 0000000000", "admin-payment-unknown"),
        ] {
            owner.says(command).await;
            let first = owner.words(key).lines().next().expect("words").replace("<code>", "").replace("</code>", "");
            assert!(owner.last().text.contains(&first), "{command}: {}", owner.sees());
        }
    })
    .await;
}

#[tokio::test]
async fn an_owner_gives_and_takes_roles_and_a_cashier_does_not() {
    world(async |w: &World| {
        let ali = w.customer_in(Lang::En, "Ali").await;
        w.cashier().says(&format!("/grant {} owner", ali.id())).await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM roles WHERE person = 2001").await, 0);
        w.owner().says(&format!("/grant {} cashier", ali.id())).await;
        w.run_jobs().await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM roles WHERE person = 2001 AND role = 'cashier'").await, 1);
        assert!(ali.reads("notice-role"), "{}", ali.sees());
        ali.says("/payments").await;
        assert!(ali.reads("admin-pending-none"), "{}", ali.sees());
        w.owner().says(&format!("/revoke {}", ali.id())).await;
        w.run_jobs().await;
        assert_eq!(ali.told("notice-role-taken").len(), 1, "{}", ali.chat());
        let before = ali.messages().len();
        ali.says("/payments").await;
        assert_eq!(ali.messages().len(), before + 1, "silence again:\n{}", ali.chat());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act LIKE 'role.%' AND subject = 'person:2001'").await, 2);
    })
    .await;
}

#[tokio::test]
async fn who_blocked_the_bot_cannot_be_written_to_and_staff_is_told() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        let owner = w.owner();
        owner.says(&format!("/user {}", sara.id())).await;
        owner.taps("admin-do-message").await;
        sara.does(telegram::Actor::blocks).await;
        owner.says("hello").await;
        assert!(owner.last().text.contains("has blocked the bot"), "{}", owner.sees());
        owner.says(&format!("/user {}", sara.id())).await;
        owner.taps("admin-do-message").await;
        assert!(owner.toast().is_some_and(|told| told.contains("has blocked the bot")), "{:?}", owner.toast());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'person.message'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn numbers_and_panels_are_shown() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.minutes(2).await;
        let owner = w.owner();
        owner.says("/stats").await;
        let stats = owner.last();
        assert_eq!(stats.media.as_ref().map(|media| media.kind.as_str()), Some("photo"), "a chart");
        assert!(stats.text.contains("120,000"), "{}", stats.text);
        owner.says("/panels").await;
        assert!(owner.last().text.contains("0.8.4"), "its version: {}", owner.sees());
    })
    .await;
}
