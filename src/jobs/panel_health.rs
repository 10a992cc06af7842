//! Asks every panel how it is; the group hears of a loss, and of the return.
use super::provision::note;
use crate::app::App;
use crate::base::Fault;
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::panels::{self, Intake, Outcome, Panel, ProviderError};
use crate::shop::settings;
use futures::future::join_all;
use serde::{Deserialize, Serialize};

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PanelHealth {}

impl Payload for PanelHealth {
    const KIND: &'static str = "panel_health";
}

impl Act<App> for PanelHealth {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let panels = panels::all(app.db.read()).await?;
        // All at once: one that does not answer keeps nobody waiting.
        let checks = panels.iter().filter(|panel| panel.intake != Intake::Off).map(|panel| check(app, panel));
        for outcome in join_all(checks).await {
            outcome?;
        }
        Ok(())
    }
}

async fn check(app: &App, panel: &Panel) -> Result<(), Fault> {
    let client = match panels::connected(&app.db, &app.seal, &panel.code).await {
        Ok(client) => client,
        Err(fault) => {
            // It cannot be spoken to as it is configured: as good as down, and its operator must know.
            let error = ProviderError::refused("config", fault.chain());
            return write(app, panel, Outcome::Down { error: error.to_string() }).await;
        }
    };
    let health = match client.health().await {
        Ok(health) => health,
        Err(error) => return note(app, &panel.code, &error).await,
    };
    if !health.core_running {
        return write(app, panel, Outcome::Down { error: "it answers, but its core does not run".to_owned() }).await;
    }
    let accounts = i64::try_from(health.accounts_total).unwrap_or(i64::MAX);
    write(app, panel, Outcome::Well { version: health.version, accounts, warning: health.warning }).await
}

async fn write(app: &App, panel: &Panel, outcome: Outcome) -> Result<(), Fault> {
    let (code, now) = (panel.code.clone(), app.clock.now());
    let settings = settings::current(&app.db).await?;
    app.write(move |tx| Box::pin(async move { panels::note_health(tx, &code, &outcome, &settings, now).await.map(drop) })).await
}
