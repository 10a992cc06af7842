//! Sells a batch: each service in a transaction of its own. A run that was cut short goes on where it was.
use crate::app::App;
use crate::base::Fault;
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::accounts::{self, Customer};
use crate::shop::agents::{self, Agent};
use crate::shop::checkout::{self, Item, ItemState, SellBatch, SellError};

impl Act<App> for SellBatch {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let Some(batch) = checkout::batch(app.db.read(), self.batch).await? else { return Ok(()) };
        let agent = agent_of(app, &batch).await?;
        let mut refused: Vec<(Item, String)> = Vec::new();
        for item in batch.items.iter().filter(|item| item.state == ItemState::Waiting) {
            let Some(agent) = agent.clone() else {
                refused.push((item.clone(), "not_allowed".to_owned()));
                continue;
            };
            let (batch, one, now) = (batch.clone(), item.clone(), app.clock.now());
            let sold: Result<(), SellError> =
                app.write(move |tx| Box::pin(async move { checkout::sell_next(tx, &agent, &batch, &one, now).await })).await;
            match sold {
                Ok(()) => {}
                Err(SellError::Fault(fault)) => return Err(fault.into()),
                Err(refusal) => refused.push((item.clone(), word(&refusal).to_owned())),
            }
        }
        let (id, now) = (self.batch, app.clock.now());
        app.write(move |tx| Box::pin(async move { checkout::finish_batch(tx, id, &refused, now).await })).await?;
        Ok(())
    }
}

/// As he is now: he may be banned or closed since he asked.
async fn agent_of(app: &App, batch: &checkout::Batch) -> Result<Option<Agent>, Fault> {
    let Some(customer) = accounts::person(app.db.read(), batch.agent).await?.and_then(Customer::of) else { return Ok(None) };
    agents::agent(app.db.read(), &customer).await
}

/// Why one was not sold, as its row has it.
const fn word(refusal: &SellError) -> &'static str {
    match refusal {
        SellError::Frozen => "frozen",
        SellError::Over { .. } => "over",
        SellError::Negative { .. } => "negative",
        SellError::Short { .. } => "short",
        SellError::NotAllowed => "not_allowed",
        SellError::Gone => "gone",
        SellError::SoldOut => "sold_out",
        SellError::PriceChanged { .. } => "price_changed",
        SellError::PromiseChanged => "promise_changed",
        SellError::NotYours => "not_yours",
        SellError::NotNow => "not_now",
        SellError::BadLabel => "bad_label",
        SellError::Fault(_) => "fault",
    }
}
