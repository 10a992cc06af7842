//! Forgets what nobody needs any more: updates, jobs and notices that ended long ago, dialogues that expired.
//!
//! Always: a few rows in a transaction, so that nobody waits for it. Never: touches orders, payments, receipts, the
//! ledger or the audit log.
use crate::app::App;
use crate::base::DAY;
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::{accounts, settings};
use serde::{Deserialize, Serialize};

/// Rows of each table in one transaction.
const AT_ONCE: u32 = 500;
/// Transactions in one run; what is left waits for the next.
const ROUNDS_MAX: usize = 200;

/// A cron line, every hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prune {}

impl Payload for Prune {
    const KIND: &'static str = "prune";
}

impl Act<App> for Prune {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let now = app.clock.now();
        let keep = settings::current(&app.db).await?.retention_days.saturating_mul(DAY);
        for _ in 0..ROUNDS_MAX {
            if !crate::queue::prune(&app.db, now.after(-keep), AT_ONCE).await?.hit(u64::from(AT_ONCE)) {
                break;
            }
        }
        for _ in 0..ROUNDS_MAX {
            let gone = app
                .write(move |tx| Box::pin(async move { accounts::dialogue::prune(tx, now, i64::from(AT_ONCE)).await }))
                .await?;
            if gone < u64::from(AT_ONCE) {
                break;
            }
        }
        Ok(())
    }
}
