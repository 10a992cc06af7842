//! Ends the services whose time has passed. Those whose traffic is used up are ended by whoever sees it, in `sync_usage`.
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
pub struct EndServices {}

impl Payload for EndServices {
    const KIND: &'static str = "end_services";
}

impl Act<App> for EndServices {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let settings = settings::current(&app.db).await?;
        for _ in 0..ROUNDS_MAX {
            let (now, settings) = (app.clock.now(), settings.clone());
            let due = subscriptions::end_due(app.db.read(), now, AT_ONCE).await?;
            let whole = i64::try_from(due.len()).is_ok_and(|count| count == AT_ONCE);
            app.write(move |tx| {
                Box::pin(async move {
                    for service in due {
                        subscriptions::end(tx, service.id, &settings, now).await?;
                    }
                    Ok::<_, Fault>(())
                })
            })
            .await?;
            if !whole {
                break;
            }
        }
        Ok(())
    }
}
