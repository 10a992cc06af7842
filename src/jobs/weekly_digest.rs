//! Tells the group of its week, and agents of theirs, once, on the day that the shop set and from the hour of the daily proof on.
//! Not in the quiet hours: then when they end. A shop that slept over that day tells it when it wakes up, of the same seven days.
use crate::app::App;
use crate::base::Fault;
use crate::queue::jobs::{self, Act, Attempt, JobError, Payload};
use crate::shop::notices::{self, Notice};
use crate::shop::reports::AgentsRound;
use crate::shop::{reports, settings};
use serde::{Deserialize, Serialize};

/// A cron line, every ten minutes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WeeklyDigest {}

impl Payload for WeeklyDigest {
    const KIND: &'static str = "weekly_digest";
}

impl Act<App> for WeeklyDigest {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (now, settings) = (app.clock.now(), settings::current(&app.db).await?);
        let zone = settings.zone();
        let Some(ended) = reports::week_ended(zone, now, settings.proof_hour, settings.digest_weekday) else { return Ok(()) };
        if settings.after_quiet(now) > now || reports::has_told_week(app.db.read(), ended).await? {
            return Ok(());
        }
        app.write(move |tx| {
            Box::pin(async move {
                if let Some(to) = reports::claim_week(tx, ended, zone, now).await? {
                    notices::tell_group(tx, &Notice::WeeklyDigest { to }, now, None).await?;
                    jobs::enqueue(tx, &AgentsRound::Week { to }, now, Some(format!("week:{}", to.0))).await?;
                }
                Ok::<_, Fault>(())
            })
        })
        .await?;
        Ok(())
    }
}
