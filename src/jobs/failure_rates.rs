//! Looks how much failed in the last ten minutes, and tells the group when it is too much, and when it is over.
use crate::app::App;
use crate::base::{Fault, MINUTE};
use crate::queue;
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::notices::Rate;
use crate::shop::{panels, reports, settings};
use serde::{Deserialize, Serialize};

const WINDOW: i64 = 10 * MINUTE;

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailureRates {}

impl Payload for FailureRates {
    const KIND: &'static str = "failure_rates";
}

impl Act<App> for FailureRates {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (now, settings) = (app.clock.now(), settings::current(&app.db).await?);
        let since = now.after(-WINDOW);
        let rates = [
            (Rate::Errors, queue::failures(app.db.read(), since).await?, settings.alarm_errors),
            (Rate::Panels, panels::failures(app.db.read(), since).await?, settings.alarm_panel_failures),
        ];
        for (rate, count, limit) in rates {
            if !reports::has_turn(app.db.read(), rate, (count, limit)).await? {
                continue;
            }
            app.write::<_, Fault, _>(move |tx| Box::pin(async move { reports::note_rate(tx, rate, (count, limit), now).await }))
                .await?;
        }
        Ok(())
    }
}
