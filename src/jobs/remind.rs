//! Says what is due to be said about services: the end coming near, traffic running out, one that was never used.
use crate::app::App;
use crate::base::Fault;
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::settings;
use crate::shop::subscriptions;
use serde::{Deserialize, Serialize};

/// Services in one transaction.
const AT_ONCE: i64 = 100;
/// Transactions in one tick; what is left waits a minute.
const ROUNDS_MAX: usize = 500;

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remind {}

impl Payload for Remind {
    const KIND: &'static str = "remind";
}

impl Act<App> for Remind {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let settings = settings::current(&app.db).await?;
        for _ in 0..ROUNDS_MAX {
            let (now, settings) = (app.clock.now(), settings.clone());
            let due = subscriptions::reminders_due(app.db.read(), now, AT_ONCE).await?;
            if due.is_empty() {
                break;
            }
            app.write(move |tx| {
                Box::pin(async move {
                    for id in due {
                        subscriptions::remind(tx, id, &settings, now).await?;
                    }
                    Ok::<_, Fault>(())
                })
            })
            .await?;
        }
        Ok(())
    }
}
