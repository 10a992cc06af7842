//! How staff finds a person, and names him: by an id, an @name, or a code of his; and who may give roles by name.

use souk::base::{OrderId, PaymentId, SubscriptionId};

use crate::world::actor::Actor;
use crate::world::shop::World;
use crate::world::world;

/// What the bot answers, in a message of its own.
async fn asks(who: &Actor<'_>, text: &str) -> String {
    let before = who.at.last().map(|message| message.id);
    who.says(text).await;
    let seen = who.last();
    assert_ne!(Some(seen.id), before, "{text} is not answered");
    seen.text
}

/// As a Persian keyboard types it.
fn persian(text: &str) -> String {
    let digit = |letter: char| letter.to_digit(10).and_then(|digit| char::from_u32(0x06F0 + digit)).unwrap_or(letter);
    text.chars().map(digit).collect()
}

async fn roles(w: &World, id: i64) -> i64 {
    w.count(&format!("SELECT COUNT(*) AS v FROM roles WHERE person = {id}")).await
}

async fn has_role(w: &World, id: i64, role: &str) -> bool {
    w.count(&format!("SELECT COUNT(*) AS v FROM roles WHERE person = {id} AND role = '{role}'")).await == 1
}

#[tokio::test]
async fn a_person_is_found_by_id_name_and_every_code_of_his() {
    world(async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.owns_a_service(1).await;
        ali.orders_and_pays(2).await;
        let id_in = async |table: &str| w.count(&format!("SELECT id AS v FROM {table} WHERE person = {}", sara.id())).await;
        let order = OrderId(id_in("orders").await).to_string();
        let payment = PaymentId(id_in("payments").await).to_string();
        let service = SubscriptionId(id_in("subscriptions").await).to_string();
        assert!(order != payment && payment != service, "{order} {payment} {service}");
        let mut ways = vec![
            sara.id().to_string(),
            persian(&sara.id().to_string()),
            "@person_2001".to_owned(),
            "@PERSON_2001".to_owned(),
            "person_2001".to_owned(),
        ];
        for code in [order, payment, service] {
            ways.extend([format!("#{code}"), code.clone(), code.to_lowercase(), persian(&code), format!("#{}", persian(&code))]);
        }
        let owner = w.owner();
        for way in &ways {
            let seen = asks(&owner, &format!("/user {way}")).await;
            assert!(seen.contains("Sara") && seen.contains("2001") && !seen.contains("Ali"), "{way}: {seen}");
            assert!(owner.has_button_now("admin-do-history"), "{way}: {}", owner.sees());
        }
        for who in [w.cashier(), owner.in_private()] {
            let seen = asks(&who, "/user @person_2002").await;
            assert!(seen.contains("Ali") && !seen.contains("Sara"), "{seen}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_is_found_where_nobody_is_meant() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        let owner = w.owner();
        let nobody = owner.words("admin-person-unknown");
        let long = "x".repeat(3_000);
        let others =
            ["999999", "-5", "99999999999999999999", "@nobody", "@", "#", "#0000000000", "0000000000", "#2001", "۹۹۹", "Sara"];
        for who in others.into_iter().chain([long.as_str()]) {
            assert_eq!(asks(&owner, &format!("/user {who}")).await, nobody, "{who}");
        }
        assert_eq!(asks(&owner, "/user the one who paid").await, nobody);
    })
    .await;
}

#[tokio::test]
async fn an_owner_gives_and_takes_a_role_by_name() {
    world(async |w: &World| {
        let (ali, eve) = (w.customer("Ali").await, w.customer("Eve").await);
        let owner = w.owner();
        let done = asks(&owner, "/grant @Person_2001 Cashier").await;
        assert!(done.contains("Ali is now cashier"), "{done}");
        assert!(has_role(w, ali.id(), "cashier").await);
        w.run_jobs().await;
        assert!(ali.reads("notice-role"), "{}", ali.sees());
        let done = asks(&owner.in_private(), &format!("/grant {} viewer", persian(&ali.id().to_string()))).await;
        assert!(done.contains("Ali is now viewer"), "{done}");
        assert!(has_role(w, ali.id(), "viewer").await, "another role is in the place of the first");
        w.run_jobs().await;
        asks(&owner, "/revoke @person_2001").await;
        w.run_jobs().await;
        assert_eq!((roles(w, ali.id()).await, roles(w, eve.id()).await), (0, 0));
        assert_eq!(ali.told("notice-role-taken").len(), 1, "{}", ali.chat());
        let by_owner = "SELECT COUNT(*) AS v FROM audit WHERE act LIKE 'role.%' AND subject = 'person:2001' AND actor = 1001";
        assert_eq!(w.count(by_owner).await, 3);
        assert_eq!(w.count(&format!("{by_owner} AND origin = 'group'")).await, 2, "where it was said is on record");
    })
    .await;
}

#[tokio::test]
async fn a_role_that_cannot_be_given_is_given_to_nobody() {
    world(async |w: &World| {
        let (ali, eve) = (w.customer("Ali").await, w.customer("Eve").await);
        let owner = w.owner();
        for (said, words) in [
            ("/grant @person_2001", "/grant @sara cashier"),
            ("/grant @person_2001 king", "/grant @sara cashier"),
            ("/grant cashier @person_2001", "/grant @sara cashier"),
            ("/grant @nobody cashier", "I found nobody"),
            ("/grant 999999 cashier", "I found nobody"),
            ("/grant #0000000000 cashier", "I found nobody"),
            ("/revoke @nobody", "I found nobody"),
        ] {
            let seen = asks(&owner, said).await;
            assert!(seen.contains(words), "{said}: {seen}");
        }
        // Staff who is no owner is told so, customers are met with silence.
        for role in ["cashier", "support", "viewer"] {
            asks(&owner, &format!("/grant {} {role}", eve.id())).await;
            w.run_jobs().await;
            for said in ["/grant @person_2001 viewer", "/grant @person_2002 owner", "/revoke 1002"] {
                let seen = asks(&eve, said).await;
                assert!(seen.contains(role) && !seen.contains("is now"), "{said} by a {role}: {seen}");
            }
            assert!(has_role(w, eve.id(), role).await);
        }
        let before = ali.messages().len();
        ali.says("/grant @person_2001 owner").await;
        assert_eq!(ali.messages().len(), before + 1, "silence: {}", ali.chat());
        assert_eq!(roles(w, ali.id()).await, 0);
        assert!(has_role(w, w.cashier().id(), "cashier").await);
    })
    .await;
}
