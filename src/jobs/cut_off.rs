//! Switches an agent's services off, and on again: some in each transaction, until there are no more. A run that is cut short
//! goes on where it was; one that comes too late, or twice, finds nothing to do. None is given up: nobody else would end what
//! it began.
use crate::app::App;
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::agents::{self, CutOff, Release, Restore};
use crate::shop::settings;

impl Act<App> for CutOff {
    const TRIES: u32 = u32::MAX;

    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (settings, which) = (settings::current(&app.db).await?, (self.agent, self.since));
        loop {
            let (settings, now) = (settings.clone(), app.clock.now());
            if !app.write(move |tx| Box::pin(async move { agents::cut_some(tx, which, &settings, now).await })).await? {
                return Ok(());
            }
        }
    }
}

impl Act<App> for Restore {
    const TRIES: u32 = u32::MAX;

    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (settings, which) = (settings::current(&app.db).await?, (self.agent, self.since));
        loop {
            let (settings, now) = (settings.clone(), app.clock.now());
            if !app.write(move |tx| Box::pin(async move { agents::restore_some(tx, which, &settings, now).await })).await? {
                return Ok(());
            }
        }
    }
}

impl Act<App> for Release {
    const TRIES: u32 = u32::MAX;

    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (settings, agent) = (settings::current(&app.db).await?, self.agent);
        loop {
            let (settings, now) = (settings.clone(), app.clock.now());
            if !app.write(move |tx| Box::pin(async move { agents::release_some(tx, agent, &settings, now).await })).await? {
                return Ok(());
            }
        }
    }
}
