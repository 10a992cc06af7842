//! What every story of a sale does first.

use souk::base::Lang;
use souk::shop::catalog;

use super::actor::Actor;

/// The price of [`Actor::orders`]'s plan.
pub const PRICE: i64 = 120_000;
const PLAN: &str = "any-1m-30";

impl Actor<'_> {
    /// Orders a month of 30 GB, card to card; the screen says how to pay.
    pub async fn orders(&self) {
        self.orders_in(Lang::En).await;
    }

    pub async fn orders_in(&self, lang: Lang) {
        self.chooses_in(lang).await;
        self.taps("button-pay").await;
    }

    /// Stands before the price of that month, and the ways to pay it.
    pub async fn chooses_in(&self, lang: Lang) {
        let shelf = catalog::current(&self.world.app.db).await.expect("the shelf");
        let plan = shelf.plans().iter().find(|plan| plan.code.as_str() == PLAN).expect("the plan");
        let category = shelf.categories().iter().find(|category| category.code == plan.category).expect("its category");
        let location = shelf.locations().iter().find(|location| location.code == plan.location).expect("its location");
        self.taps("button-buy").await;
        self.taps_named(category.titles.say(lang)).await;
        self.taps_named(location.titles.say(lang)).await;
        self.taps_named(plan.titles.say(lang)).await;
        self.taps("button-order").await;
    }

    /// Puts an amount that the wallet offers into it, and sends the picture of this number; the admins see it.
    pub async fn tops_up(&self, amount: &str, picture: u32) {
        self.says("/wallet").await;
        self.taps_named(amount).await;
        self.sends_photo(picture).await;
        self.world.run_jobs().await;
    }

    /// Has so much in the wallet, and its tail.
    pub async fn has_in_wallet(&self, amount: &str, picture: u32) {
        self.tops_up(amount, picture).await;
        self.world.owner().taps("admin-do-approve").await;
        self.world.run_jobs().await;
    }

    /// Orders and sends a receipt, the picture of this number; jobs have run, so the admins see it.
    pub async fn orders_and_pays(&self, picture: u32) {
        self.orders().await;
        self.sends_photo(picture).await;
        self.world.run_jobs().await;
    }

    /// Orders, pays, and is approved by the owner; the link has come.
    pub async fn owns_a_service(&self, picture: u32) {
        self.orders_and_pays(picture).await;
        self.world.owner().taps("admin-do-approve").await;
        self.world.run_jobs().await;
    }
}
