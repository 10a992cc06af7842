//! Hands a message to many agents to the outbox, which sends it at the pace that Telegram bears.
use crate::app::App;
use crate::base::Fault;
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::agents::{self, TellAgents};

/// Receivers in one transaction.
const AT_ONCE: i64 = 100;

impl Act<App> for TellAgents {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        loop {
            let (message, now) = (self.message, app.clock.now());
            let told = app
                .write::<_, Fault, _>(move |tx| Box::pin(async move { agents::tell_some(tx, message, AT_ONCE, now).await }))
                .await?;
            if told == 0 {
                return Ok(());
            }
        }
    }
}
