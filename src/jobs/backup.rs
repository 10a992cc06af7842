//! Makes a backup of the shop: the one that the day owes, or the one that an owner asked for.
//!
//! Always: of several processes one makes it, for the job is one row; run twice, it makes a second file at most, and the
//! group hears once. A failure is told once for the day, and is tried again at the clock's next slot.
use crate::app::App;
use crate::base::{Fault, Time};
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::backups::{self, BackUp, Newest};
use crate::shop::notices::{self, Notice};
use crate::shop::settings::{self, Settings};

impl Act<App> for BackUp {
    async fn run(self, app: &App, attempt: Attempt) -> Result<(), JobError> {
        let now = app.clock.now();
        let settings = settings::current(&app.db).await?;
        if self.asked.is_none() {
            let rules = Settings::clone(&settings);
            if !app.write(move |tx| Box::pin(async move { backups::is_owed(tx, &rules, now).await })).await? {
                return Ok(());
            }
        }
        match backups::make(&app.db, &app.seal, &settings, now).await {
            Ok(made) => tell_made(app, made, attempt, now).await?,
            Err(error) => {
                tracing::error!(%error, "a backup was not made");
                let occasion = match self.asked {
                    Some(_) => format!("job:{}", attempt.job),
                    None => backups::owed_since(settings.zone(), settings.backup_hour, now).0.to_string(),
                };
                tell_failed(app, error.to_string(), occasion, now).await?;
            }
        }
        Ok(())
    }
}

async fn tell_made(app: &App, made: Newest, attempt: Attempt, now: Time) -> Result<(), Fault> {
    app.write(move |tx| {
        Box::pin(async move {
            backups::record(tx, &made, now).await?;
            let notice = Notice::BackupMade { path: made.path, bytes: made.bytes, at: made.at };
            notices::tell_group(tx, &notice, now, Some(format!("backup-made:{}", attempt.job))).await
        })
    })
    .await
}

async fn tell_failed(app: &App, why: String, occasion: String, now: Time) -> Result<(), Fault> {
    let key = format!("backup-failed:{occasion}");
    app.write(move |tx| Box::pin(async move { notices::tell_group(tx, &Notice::BackupFailed { why }, now, Some(key)).await }))
        .await
}
