//! Gives the accounts of a tier's agents the limits that the tier has by now.
use crate::app::App;
use crate::base::{Fault, PersonId};
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::agents::{self, ApplyTier};

/// Agents in one transaction.
const AT_ONCE: i64 = 50;

impl Act<App> for ApplyTier {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let mut after = PersonId(0);
        loop {
            let some = agents::of_tier(app.db.read(), &self.tier, after, AT_ONCE).await?;
            let Some(last) = some.last().copied() else { return Ok(()) };
            let now = app.clock.now();
            app.write(move |tx| {
                Box::pin(async move {
                    // In the order of their ids, as their accounts are locked by others too.
                    for agent in some {
                        agents::set_limits(tx, agent, now).await?;
                    }
                    Ok::<_, Fault>(())
                })
            })
            .await?;
            after = last;
        }
    }
}
