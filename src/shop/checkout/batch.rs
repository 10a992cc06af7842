//! Many services at once: an agent's one act, sold by a job one by one, each an order in a transaction of its own.
//!
//! Always: the ids of all orders and services are minted with the act, so whatever runs twice sells once; what cannot be sold
//! is marked with why, and does not stop the rest; all of them give what the plan promised when the batch was taken; it is told
//! of once: when all of it is ready or went back, or when some of it is so late that a refund is offered. What is ready after
//! that is told of alone.
use super::job::SellBatch;
use super::promised;
use super::sell::{Sale, Sell, SellError, label_of, quote_sale, sell_as};
use crate::base::{BatchId, Fault, OrderId, Page, PersonId, SubscriptionId, Time};
use crate::db::{self, Tx};
use crate::queue::jobs;
use crate::shop::agents::Agent;
use crate::shop::catalog::{Mark, PlanCode, Promise};
use crate::shop::notices::{self, AgentNotice};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// No act asks for more services.
pub const BATCH_MAX: usize = 200;

/// What is asked for. All ids were minted with the screen that offered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    pub batch: BatchId,
    pub plan: PlanCode,
    /// What the agent was shown for each, and said yes to: the price, and what the plan gives.
    pub price_minor: i64,
    pub gives: Mark,
    /// Order, service, and what he calls it.
    pub items: Vec<(OrderId, SubscriptionId, String)>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatchState {
    Selling,
    /// Each was sold or refused; some may wait for their panel.
    Sold,
}

/// How far a service of a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    Waiting,
    Sold,
    Refused { why: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub order: OrderId,
    pub subscription: SubscriptionId,
    pub label: String,
    pub state: ItemState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub agent: PersonId,
    pub plan: PlanCode,
    pub price_minor: i64,
    /// What the plan promised when it was taken.
    pub promised: Promise,
    pub state: BatchState,
    pub created_at: Time,
    pub items: Vec<Item>,
}

#[derive(FromQueryResult)]
struct Row {
    id: BatchId,
    agent: PersonId,
    plan: String,
    price: i64,
    state: String,
    created_at: Time,
    #[sea_orm(nested)]
    promised: promised::Row,
}

#[derive(FromQueryResult)]
struct ItemRow {
    order_id: OrderId,
    subscription: SubscriptionId,
    label: String,
    state: String,
    refused: Option<String>,
}

impl From<ItemRow> for Item {
    fn from(row: ItemRow) -> Self {
        let state = match (row.state.as_str(), row.refused) {
            (_, Some(why)) => ItemState::Refused { why },
            ("sold", None) => ItemState::Sold,
            _ => ItemState::Waiting,
        };
        Self { order: row.order_id, subscription: row.subscription, label: row.label, state }
    }
}

impl Row {
    fn read(self, items: Vec<Item>) -> Result<Batch, Fault> {
        let plan = self.plan.parse().map_err(|_| Fault::new(format!("batch {} names an impossible plan", self.id)))?;
        let state = if self.state == "selling" { BatchState::Selling } else { BatchState::Sold };
        let promised = self.promised.read(format_args!("batch {}", self.id))?;
        let Self { id, agent, price: price_minor, created_at, .. } = self;
        Ok(Batch { id, agent, plan, price_minor, promised, state, created_at, items })
    }
}

fn select(rest: &str) -> String {
    format!("SELECT id, agent, plan, price, state, created_at, {} FROM agent_batches {rest}", promised::COLUMNS)
}

/// A batch with all its items, in their order: whose it is, is for the caller to compare.
pub async fn batch(conn: &impl ConnectionTrait, id: BatchId) -> Result<Option<Batch>, Fault> {
    let Some(row) = db::one::<Row>(conn, &select("WHERE id = $1"), vec![id.into()]).await? else { return Ok(None) };
    let sql = "SELECT order_id, subscription, label, state, refused FROM agent_batch_items WHERE batch = $1 ORDER BY place";
    let items = db::query::<ItemRow>(conn, sql, vec![id.into()]).await?;
    row.read(items.into_iter().map(Item::from).collect()).map(Some)
}

/// An agent's batches, the newest first, without their items.
pub async fn batches(conn: &impl ConnectionTrait, agent: &Agent, page: Page) -> Result<Vec<Batch>, Fault> {
    let sql = select("WHERE agent = $1 ORDER BY created_at DESC, id LIMIT $2 OFFSET $3");
    let values = vec![agent.person.into(), page.limit().into(), page.offset().into()];
    db::query::<Row>(conn, &sql, values).await?.into_iter().map(|row| row.read(Vec::new())).collect()
}

/// Takes a batch, once, if the first of it could be sold now. The job sells it.
pub async fn bulk(tx: &Tx, agent: &Agent, bulk: &Bulk, now: Time) -> Result<Batch, SellError> {
    if let Some(known) = batch(tx, bulk.batch).await? {
        return if known.agent == agent.person { Ok(known) } else { Err(SellError::NotYours) };
    }
    let Some((_, subscription, label)) = bulk.items.first().filter(|_| bulk.items.len() <= BATCH_MAX) else {
        return Err(SellError::NotNow);
    };
    let first = Sale::New { plan: bulk.plan.clone(), subscription: *subscription, label: label.clone() };
    let quote = quote_sale(tx, agent, &first, now).await?;
    if quote.price.minor != bulk.price_minor {
        return Err(SellError::PriceChanged { price: quote.price });
    }
    if quote.plan.promise().mark() != bulk.gives {
        return Err(SellError::PromiseChanged);
    }
    let sql = format!(
        "INSERT INTO agent_batches (id, agent, plan, price, state, created_at, {}) VALUES ($1, $2, $3, $4, 'selling', $5, $6, $7, \
         $8, $9)",
        promised::COLUMNS
    );
    let mut values: Vec<Value> =
        vec![bulk.batch.into(), agent.person.into(), bulk.plan.as_str().into(), bulk.price_minor.into(), now.into()];
    values.extend(promised::values(&quote.plan.promise()));
    db::submit(tx, &sql, values).await?;
    for (place, (order, subscription, label)) in bulk.items.iter().enumerate() {
        let label = label_of(label).ok_or(SellError::BadLabel)?;
        let place = i64::try_from(place).map_err(Fault::new)?;
        let sql = "INSERT INTO agent_batch_items (batch, place, order_id, subscription, label, state) \
                   VALUES ($1, $2, $3, $4, $5, 'waiting')";
        let values: Vec<Value> = vec![bulk.batch.into(), place.into(), (*order).into(), (*subscription).into(), label.into()];
        db::submit(tx, sql, values).await?;
    }
    jobs::enqueue(tx, &SellBatch { batch: bulk.batch }, now, None).await?;
    Ok(batch(tx, bulk.batch).await?.ok_or_else(|| Fault::new("a batch just written is absent"))?)
}

/// Sells one that waits; what refuses it is in the error, and for [`finish_batch`] to write down.
pub async fn sell_next(tx: &Tx, agent: &Agent, batch: &Batch, item: &Item, now: Time) -> Result<(), SellError> {
    let sale = Sale::New { plan: batch.plan.clone(), subscription: item.subscription, label: item.label.clone() };
    let agreed = Sell { order: item.order, sale, price_minor: batch.price_minor, gives: None };
    sell_as(tx, agent, &agreed, Some(batch.promised), now).await?;
    settle(tx, item, None).await?;
    Ok(())
}

/// Marks one as refused (`why`) or sold.
async fn settle(tx: &Tx, item: &Item, why: Option<&str>) -> Result<(), Fault> {
    let sql = "UPDATE agent_batch_items SET state = $2, refused = $3 WHERE order_id = $1 AND state = 'waiting'";
    let state = if why.is_some() { "refused" } else { "sold" };
    db::submit(tx, sql, vec![item.order.into(), state.into(), why.map(str::to_owned).into()]).await?;
    Ok(())
}

/// What was refused is written down; when nothing waits any more, the batch is sold, and told of if all of it is ready.
pub async fn finish_batch(tx: &Tx, id: BatchId, refused: &[(Item, String)], now: Time) -> Result<(), Fault> {
    for (item, why) in refused {
        settle(tx, item, Some(why)).await?;
    }
    let sql = "UPDATE agent_batches SET state = 'sold' WHERE id = $1 AND state = 'selling' AND NOT EXISTS \
               (SELECT 1 FROM agent_batch_items i WHERE i.batch = agent_batches.id AND i.state = 'waiting')";
    db::submit(tx, sql, vec![id.into()]).await?;
    tell_if_ready(tx, id, now).await.map(drop)
}

/// A service stands on its panel, or went back: is it one of a batch of which all is told at once? Then it is, if this was the last.
pub async fn batch_ready(tx: &Tx, subscription: SubscriptionId, now: Time) -> Result<bool, Fault> {
    // Under the lock: a batch that is being told of now, without this service, leaves it to be told of alone.
    let sql = format!(
        "SELECT b.id AS v FROM agent_batch_items i JOIN agent_batches b ON b.id = i.batch
         WHERE i.subscription = $1 AND b.told_at IS NULL{}",
        db::locking(tx, " FOR UPDATE OF b")
    );
    match db::scalar::<i64>(tx, &sql, vec![subscription.into()]).await? {
        Some(id) => tell_if_ready(tx, BatchId(id), now).await.map(|()| true),
        None => Ok(false),
    }
}

/// The batch is locked first: of two services that stand at once, the later sees that the other does.
async fn tell_if_ready(tx: &Tx, id: BatchId, now: Time) -> Result<(), Fault> {
    let lock = format!("SELECT id AS v FROM agent_batches WHERE id = $1{}", db::locking(tx, " FOR UPDATE"));
    db::scalar::<i64>(tx, &lock, vec![id.into()]).await?;
    let sql = "UPDATE agent_batches SET told_at = $2 WHERE id = $1 AND state = 'sold' AND told_at IS NULL AND NOT EXISTS \
               (SELECT 1 FROM agent_batch_items i JOIN orders o ON o.id = i.order_id \
                WHERE i.batch = agent_batches.id AND o.state = 'paid' AND o.offered_at IS NULL) RETURNING agent AS v";
    match db::scalar::<i64>(tx, sql, vec![id.into(), now.into()]).await? {
        Some(agent) => tell(tx, id, PersonId(agent), now).await,
        None => Ok(()),
    }
}

async fn tell(tx: &Tx, id: BatchId, agent: PersonId, now: Time) -> Result<(), Fault> {
    let told = AgentNotice::BatchReady { batch: id };
    notices::tell(tx, agent, &told.into(), now, Some(format!("batch:{id}"))).await
}

/// A service of a batch is late: what is ready waits for it no longer.
pub(super) async fn tell_without(tx: &Tx, late: SubscriptionId, now: Time) -> Result<(), Fault> {
    #[derive(FromQueryResult)]
    struct Told {
        id: BatchId,
        agent: PersonId,
    }
    let sql = "UPDATE agent_batches SET told_at = $2 WHERE state = 'sold' AND told_at IS NULL \
               AND id = (SELECT i.batch FROM agent_batch_items i WHERE i.subscription = $1) RETURNING id, agent";
    match db::one::<Told>(tx, sql, vec![late.into(), now.into()]).await? {
        Some(Told { id, agent }) => tell(tx, id, agent, now).await,
        None => Ok(()),
    }
}
