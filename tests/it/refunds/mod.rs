//! What goes back of a delivered order: how much, whither, what ends with it; and what cannot go back.
mod hand;
mod part;
mod spoiled;
mod verbs;

use crate::world::actor::Actor;
use crate::world::shop::World;

/// Sara's month is delivered; so many days later.
async fn sara_after(w: &World, days: i64) -> Actor<'_> {
    let sara = w.customer("Sara").await;
    sara.owns_a_service(1).await;
    if days > 0 {
        w.later(days * souk::base::DAY).await;
    }
    sara
}

/// The admin stands before the question how much goes back of the newest order of a person.
async fn asks_refund(admin: &Actor<'_>, person: i64) {
    admin.says(&format!("/user {person}")).await;
    admin.taps("refund-do-orders").await;
    admin.taps("1 month").await;
    admin.taps("admin-do-refund").await;
}
