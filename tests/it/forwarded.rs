//! A receipt that came from elsewhere and was forwarded, whoever made it, is a receipt like any other.

use serde_json::{Value, json};

use crate::world::actor::Actor;
use crate::world::pictures;
use crate::world::shop::World;
use crate::world::world;

async fn receipts(w: &World) -> i64 {
    w.count("SELECT COUNT(*) AS v FROM receipts").await
}

/// A picture with this origin reaches the bot, as Telegram would tell of it.
async fn forwards(w: &World, who: &Actor<'_>, (message, picture): (i64, u32), origin: &Value) {
    let photo = w.telegram.add_file(&pictures::receipt(picture), true);
    w.telegram.inject(json!({ "message": {
        "message_id": message, "date": 1_773_144_000, "photo": photo, "forward_origin": origin,
        "chat": { "id": who.id(), "type": "private", "first_name": "Sara" },
        "from": { "id": who.id(), "is_bot": false, "first_name": "Sara" },
    }}));
    w.settle().await;
}

#[tokio::test]
async fn a_friends_photo_that_is_forwarded_pays_the_order() {
    world(async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        let photo = ali.sends_photo(1).await;
        assert_eq!(receipts(w).await, 0, "he has nothing to pay");
        sara.orders().await;
        sara.does(|at| at.forwards(ali.id(), photo)).await;
        assert_eq!((receipts(w).await, w.payments("submitted").await), (1, 1), "{}", sara.chat());
        assert!(sara.told("receipt-nothing-waits").is_empty(), "{}", sara.chat());
        w.run_jobs().await;
        let card = w.owner().last();
        assert!(card.media.is_some() && card.text.contains("Sara") && !card.text.contains("Ali"), "{}", w.group());
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        assert_eq!((w.orders("delivered").await, sara.told("notice-ready").len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_forwarded_photo_is_a_receipt_whatever_its_origin() {
    let user = json!({ "id": 777, "is_bot": false, "first_name": "Bank" });
    let channel = json!({ "id": -1_009_999, "type": "channel", "title": "Bank" });
    let origins = [
        json!({ "type": "user", "date": 1, "sender_user": user }),
        json!({ "type": "hidden_user", "date": 1, "sender_user_name": "Somebody" }),
        json!({ "type": "chat", "date": 1, "sender_chat": { "id": -1_008_888, "type": "supergroup", "title": "Family" } }),
        json!({ "type": "channel", "date": 1, "chat": channel, "message_id": 7 }),
        json!({ "type": "starship", "date": 1, "captain": user }),
        json!({ "type": "user", "date": 1, "sender_user": { "name": "of another shape" } }),
        json!("not even an object"),
    ];
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.orders().await;
        for (number, origin) in (1..).zip(&origins) {
            forwards(w, &sara, (900 + i64::from(number), number), origin).await;
            assert_eq!(receipts(w).await, i64::from(number), "{origin}: {}", sara.chat());
        }
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM receipts WHERE kind = 'photo' AND file_id IS NOT NULL").await, 7);
        w.run_jobs().await;
        assert_eq!((w.payments("submitted").await, w.orders("placed").await), (1, 1));
        let pictures = w.owner().messages().iter().filter(|message| message.media.is_some()).count();
        assert_eq!(pictures, origins.len(), "the admins see every one:\n{}", w.group());
    })
    .await;
}
