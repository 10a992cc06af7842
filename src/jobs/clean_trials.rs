//! Deletes the panel accounts of trials that ended some days ago. The rows stay: one trial a person, for ever.
use crate::app::App;
use crate::base::DAY;
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::settings;
use crate::shop::subscriptions::{self, ChangeError, Reason};
use serde::{Deserialize, Serialize};

/// Trials in one run; each is a job of its own on its panel.
const AT_ONCE: i64 = 500;

/// A cron line, every hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CleanTrials {}

impl Payload for CleanTrials {
    const KIND: &'static str = "clean_trials";
}

impl Act<App> for CleanTrials {
    async fn run(self, app: &App, attempt: Attempt) -> Result<(), JobError> {
        let settings = settings::current(&app.db).await?;
        let now = attempt.now;
        let before = now.after(-settings.trial_cleanup_days.saturating_mul(DAY));
        let over = subscriptions::trials_to_clean(app.db.read(), before, AT_ONCE).await?;
        if over.is_empty() {
            return Ok(());
        }
        app.write(move |tx| {
            Box::pin(async move {
                for trial in over {
                    match subscriptions::delete(tx, trial.id, Reason::TrialOver.words(), now).await {
                        Ok(_) | Err(ChangeError::Absent | ChangeError::NotNow { .. }) => {}
                        Err(ChangeError::Fault(fault)) => return Err(fault),
                    }
                }
                Ok(())
            })
        })
        .await?;
        Ok(())
    }
}
