//! Sells a batch: each service in a transaction of its own. A run that was cut short goes on where it was.
//!
//! Always: one that fails keeps no other waiting; what still fails when the job is given up is refused, and nothing was charged for
//! it; so each ends as sold or refused, and the batch is told of.
use crate::app::App;
use crate::base::{BatchId, Fault};
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::accounts::{self, Customer};
use crate::shop::agents::{self, Agent};
use crate::shop::checkout::{self, Batch, Item, ItemState, SellBatch, SellError};
use sea_orm::ConnectionTrait;

impl Act<App> for SellBatch {
    async fn run(self, app: &App, _: Attempt) -> Result<(), JobError> {
        let Some(batch) = checkout::batch(app.db.read(), self.batch).await? else { return Ok(()) };
        let (mut refused, mut failed) = (Vec::new(), None);
        for item in waiting(&batch) {
            match sell(app, &batch, item).await {
                Ok(()) => {}
                Err(SellError::Fault(fault)) => {
                    tracing::error!(order.id = %item.order, error = %fault, "a service of a batch could not be sold");
                    failed = Some(fault);
                }
                Err(refusal) => refused.push((item.clone(), word(&refusal).to_owned())),
            }
        }
        finish(app, self.batch, refused).await?;
        failed.map_or(Ok(()), |fault| Err(fault.into()))
    }

    async fn gave_up(self, app: &App, _why: &str) -> Result<(), Fault> {
        let Some(batch) = checkout::batch(app.db.read(), self.batch).await? else { return Ok(()) };
        finish(app, self.batch, waiting(&batch).map(|item| (item.clone(), FAILED.to_owned())).collect()).await
    }
}

const FAILED: &str = "fault";

fn waiting(batch: &Batch) -> impl Iterator<Item = &Item> {
    batch.items.iter().filter(|item| item.state == ItemState::Waiting)
}

async fn sell(app: &App, batch: &Batch, item: &Item) -> Result<(), SellError> {
    let (batch, item, now) = (batch.clone(), item.clone(), app.clock.now());
    app.write(move |tx| {
        Box::pin(async move {
            let agent = agent_of(tx, &batch).await?.ok_or(SellError::NotAllowed)?;
            checkout::sell_next(tx, &agent, &batch, &item, now).await
        })
    })
    .await
}

/// As he is now: he may be banned, frozen or closed since he asked, and since the last one was sold.
async fn agent_of(conn: &impl ConnectionTrait, batch: &Batch) -> Result<Option<Agent>, Fault> {
    let Some(customer) = accounts::person(conn, batch.agent).await?.and_then(Customer::of) else { return Ok(None) };
    agents::agent(conn, &customer).await
}

async fn finish(app: &App, id: BatchId, refused: Vec<(Item, String)>) -> Result<(), Fault> {
    let now = app.clock.now();
    app.write(move |tx| Box::pin(async move { checkout::finish_batch(tx, id, &refused, now).await })).await
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
        SellError::Fault(_) => FAILED,
    }
}
