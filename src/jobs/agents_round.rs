//! Tells agents of their week or their month: finds those whom it concerns, and queues a notice for each, once.
use crate::app::App;
use crate::base::{Fault, PersonId};
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::reports::{self, AgentsRound};
use crate::shop::{notices, settings};

/// Agents in one transaction.
const AT_ONCE: i64 = 100;

impl Act<App> for AgentsRound {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let settings = settings::current(&app.db).await?;
        let mut after = PersonId(i64::MIN);
        loop {
            let now = app.clock.now();
            let (some, next) = reports::round(app.db.read(), self, &settings, (after, now), AT_ONCE).await?;
            let Some(next) = next else { return Ok(()) };
            app.write::<_, Fault, _>(move |tx| {
                Box::pin(async move {
                    for agent in some {
                        notices::tell(tx, agent, &self.notice(agent).into(), now, Some(self.occasion(agent))).await?;
                    }
                    Ok(())
                })
            })
            .await?;
            after = next;
        }
    }
}
