//! Ends what waited too long: orders that were not paid in time, saved ones whose time is over (their stock goes back, and
//! their customers are told), and corrections that no second owner confirmed.
//!
//! Always: a payment with a receipt does not expire. Never: loses a receipt that comes later (it is taken as late).
use crate::app::App;
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::checkout;
use serde::{Deserialize, Serialize};

/// Saved orders, or corrections, in one transaction.
const AT_ONCE: i64 = 100;
/// Transactions of a kind in one run; what is left waits for the next.
const ROUNDS_MAX: usize = 200;
/// Payments in one run, each in a transaction of its own: it locks an order, a plan's stock and a wallet, and the next one
/// would lock a second set after them, in whatever order other people's purchases hold them.
const PAYMENTS_MAX: usize = 5_000;

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExpireOrders {}

impl Payload for ExpireOrders {
    const KIND: &'static str = "expire_orders";
}

impl Act<App> for ExpireOrders {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        for _ in 0..PAYMENTS_MAX {
            let now = app.clock.now();
            if app.write(move |tx| Box::pin(checkout::expire_due(tx, now, 1))).await?.is_empty() {
                break;
            }
        }
        for _ in 0..ROUNDS_MAX {
            let now = app.clock.now();
            let saved = app.write(move |tx| Box::pin(checkout::expire_saved(tx, now, AT_ONCE))).await?;
            let unconfirmed = app.write(move |tx| Box::pin(checkout::expire_corrections(tx, now, AT_ONCE))).await?;
            if i64::try_from(saved.len().max(unconfirmed.len())).is_ok_and(|count| count < AT_ONCE) {
                break;
            }
        }
        Ok(())
    }
}
