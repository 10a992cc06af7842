//! Looks at the agents whose credit crossed zero, and takes the steps that are due for those below it.
//!
//! Always: what is found is what crossed lately or is due now, however many agents there are; an account that crossed while
//! nobody looked is found, for the moment of the last look is kept, and stays where it is until each was looked at. Each agent
//! is acted on in a transaction of his own, so one that fails keeps no other waiting.
use crate::app::App;
use crate::base::{Fault, MINUTE, Time};
use crate::queue::jobs::{Act, Attempt, JobError, Payload};
use crate::shop::agents;
use crate::shop::ledger::{self, Crossing};
use crate::shop::settings::{self, Settings};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A transaction that moved money with an older moment may be committed so much later.
const SLACK: i64 = 15 * MINUTE;
/// Episodes asked for at once.
const AT_ONCE: i64 = 100;
/// Questions in one tick; what is left waits a minute.
const ROUNDS_MAX: usize = 500;
const LOOKED_AT: &str = "credit.looked_at";

/// A cron line, every minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnforceCredit {}

impl Payload for EnforceCredit {
    const KIND: &'static str = "enforce_credit";
}

impl Act<App> for EnforceCredit {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let (settings, now) = (settings::current(&app.db).await?, app.clock.now());
        let last = settings::fact(app.db.read(), LOOKED_AT).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
        // A clock that was ahead must not hide what happens until then.
        let since = Time(last).min(now).after(-SLACK);
        let mut unseen = None;
        for crossing in ledger::crossed(app.db.read(), since).await? {
            let account = crossing.account.clone();
            if let Err(fault) = look(app, crossing, &settings, now).await {
                tracing::error!(?account, error = %fault, "an account that crossed zero could not be looked at");
                unseen = Some(fault);
            }
        }
        let stuck = advance_due(app, &settings, now).await?;
        if unseen.is_none() {
            app.write(move |tx| Box::pin(async move { settings::set_fact(tx, LOOKED_AT, &now.0.to_string()).await })).await?;
        }
        unseen.or(stuck).map_or(Ok(()), |fault| Err(fault.into()))
    }
}

/// Takes the steps that are due; the last fault, if some failed.
async fn advance_due(app: &App, settings: &Arc<Settings>, now: Time) -> Result<Option<Fault>, Fault> {
    let mut failed = None;
    for _ in 0..ROUNDS_MAX {
        let due = agents::due(app.db.read(), now, AT_ONCE).await?;
        let whole = i64::try_from(due.len()).is_ok_and(|count| count == AT_ONCE);
        let mut moved = false;
        for episode in due {
            let settings = Arc::clone(settings);
            let which = (episode.agent, episode.since);
            let advanced = app.write(move |tx| Box::pin(async move { agents::advance(tx, which, &settings, now).await })).await;
            match advanced {
                Ok(_) => moved = true,
                Err(fault) => {
                    tracing::error!(agent = %episode.agent, error = %fault, "an agent's credit could not be acted on");
                    failed = Some(fault);
                }
            }
        }
        if !(whole && moved) {
            break;
        }
    }
    Ok(failed)
}

async fn look(app: &App, crossing: Crossing, settings: &Arc<Settings>, now: Time) -> Result<(), Fault> {
    if agents::is_settled(app.db.read(), &crossing).await? {
        return Ok(());
    }
    let settings = Arc::clone(settings);
    app.write(move |tx| Box::pin(async move { agents::look(tx, &crossing, &settings, now).await.map(drop) })).await
}
