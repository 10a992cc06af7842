//! Tells the admin group what did not happen: a cron line that did not run, a paid order that is not delivered, a backup.
//!
//! Always: each is told once; a line that runs again and is late again is told again. The one thing it repairs: a paid
//! order that found no panel with room gets its service once there is room.
use crate::app::App;
use crate::base::{Fault, MINUTE, Time};
use crate::queue::clock::{self, Late};
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::notices::{self, Notice};
use crate::shop::{backups, checkout, settings};
use serde::{Deserialize, Serialize};

/// Orders told of in one run; what is left waits for the next.
const AT_ONCE: i64 = 100;

/// Services made in one run: each looks at all panels.
const MADE_AT_ONCE: usize = 50;

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Watchdog {}

impl Payload for Watchdog {
    const KIND: &'static str = "watchdog";
}

impl Act<App> for Watchdog {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let now = app.clock.now();
        for line in clock::late_lines(app.db.read(), now).await? {
            if line.alarmed_at.is_none() {
                app.write(move |tx| {
                    Box::pin(async move {
                        notices::tell_group(tx, &missed(&line, now), now, None).await?;
                        clock::alarmed(tx, &line.line, now).await
                    })
                })
                .await?;
            }
        }
        for order in app.write(move |tx| Box::pin(async move { checkout::make_missing(tx, now, MADE_AT_ONCE).await })).await? {
            tracing::info!(target: "payments", order = %order, "a panel has room for a paid order by now");
        }
        let settings = settings::current(&app.db).await?;
        if let Some((last, hours)) = backups::missing(app.db.read(), &settings, now).await? {
            // The key names the last backup: as long as it stays the last, this was told.
            let key = format!("backup-missing:{}", last.0);
            app.write::<_, Fault, _>(move |tx| {
                Box::pin(async move { notices::tell_group(tx, &Notice::BackupMissing { hours }, now, Some(key)).await })
            })
            .await?;
        }
        app.write(move |tx| {
            Box::pin(async move {
                checkout::tell_late(tx, &settings, now, AT_ONCE).await?;
                Ok::<_, Fault>(())
            })
        })
        .await?;
        Ok(())
    }
}

fn missed(line: &Late, now: Time) -> Notice {
    let minutes = line.last_ok.map_or(0, |at| now.since(at) / MINUTE);
    Notice::CronLate { line: line.line.clone(), minutes }
}
