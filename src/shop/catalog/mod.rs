//! What is on the shelf: categories, locations, plans, their prices and what is left of them.
//!
//! Always: a [`Catalog`] is a snapshot that never changes; what is sold is decided again in the sale's transaction by
//! [`is_on_shelf`] and [`take_stock`], so a stale snapshot can show a plan that is gone, and can never sell it.
//! Never: deletes a row (old orders name them), decides who may buy, knows how a panel is.
mod code;
mod shelf;
mod store;
mod words;

pub use code::{BadCode, CategoryCode, LocationCode, PanelCode, PlanCode, TierCode};
#[cfg(test)]
pub(crate) use shelf::sample;
pub use shelf::{Catalog, Category, Location, Mark, Plan, Promise, RefundRule};
pub use store::{
    current, give_back, is_on_shelf, plan, plan_and_shelf, plan_lately, put_category, put_location, put_plan,
    switch_off_category, switch_off_location, switch_off_plan, take_stock,
};
pub use words::Words;
