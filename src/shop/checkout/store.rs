//! Orders as they lie in the database.
use super::promised;
use super::state::{Kind, Payer, State, Step};
use crate::base::{Asset, Fault, Money, OrderId, Page, PaymentId, PersonId, SubscriptionId, Time};
use crate::db::{self, Moved, Tx};
use crate::shop::catalog::{PlanCode, Promise};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// What somebody wants to buy, and how far it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub person: PersonId,
    pub kind: Kind,
    pub plan: PlanCode,
    /// The service it makes or renews.
    pub subscription: SubscriptionId,
    pub price: Money,
    /// What the plan promised when the order was placed: what is given and what goes back follow from it, whatever becomes of
    /// the plan.
    pub promised: Promise,
    /// Whose account pays.
    pub payer: Payer,
    /// What an agent calls the service.
    pub label: Option<String>,
    /// What is added to the service, when only traffic is.
    pub traffic_bytes: Option<i64>,
    pub state: State,
    pub placed_at: Time,
    pub paid_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// When people were told that it is late.
    pub late_told_at: Option<Time>,
    /// The part of the price that the wallet pays; a method pays the rest. Zero when one of them pays all.
    pub from_wallet: Money,
    /// It has no payment of its own, and buys itself after a top-up until then.
    pub saved_until: Option<Time>,
    /// What went back of the price.
    pub refunded: Money,
    /// The newest hold that keeps `from_wallet`; open exactly while the order is placed.
    pub(super) hold: Option<i64>,
    /// It holds a piece of its plan's stock, or held it until it ended; a plan may get a limit later.
    pub(super) took_stock: bool,
    /// The ledger transaction that took its price.
    pub(super) charge: Option<i64>,
    /// The service as it was before this order changed it.
    pub(super) service_was: Option<String>,
}

impl Order {
    /// What a method is to bring: the price, less what the wallet pays.
    pub const fn to_pay(&self) -> Money {
        Money::new(self.price.minor - self.from_wallet.minor, self.price.asset)
    }
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    id: OrderId,
    person: PersonId,
    kind: String,
    plan: String,
    subscription: SubscriptionId,
    price: i64,
    asset: String,
    payer: String,
    label: Option<String>,
    traffic_bytes: Option<i64>,
    state: String,
    placed_at: Time,
    paid_at: Option<Time>,
    finished_at: Option<Time>,
    late_told_at: Option<Time>,
    from_wallet: i64,
    saved_until: Option<Time>,
    refunded: i64,
    hold: Option<i64>,
    took_stock: i64,
    charge: Option<i64>,
    service_was: Option<String>,
    #[sea_orm(nested)]
    promised: promised::Row,
}

pub(super) const COLUMNS: &str = "id, person, kind, plan, subscription, price, asset, payer, label, traffic_bytes, state, placed_at, paid_at, \
     finished_at, late_told_at, from_wallet, saved_until, refunded, hold, took_stock, charge, service_was";

/// Waits for a top-up; of one person, an index of its own knows it.
const SAVED: &str = "state = 'placed' AND saved_until IS NOT NULL";

impl TryFrom<Row> for Order {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let wrong = |what: &str| Fault::new(format!("an impossible row in orders ({}): {what}", row.id));
        let asset = Asset::parse(&row.asset).ok_or_else(|| wrong("asset"))?;
        Ok(Self {
            promised: row.promised.read(format_args!("order {}", row.id))?,
            kind: Kind::parse(&row.kind)?,
            plan: row.plan.parse().map_err(|_| wrong("plan"))?,
            price: Money::new(row.price, asset),
            from_wallet: Money::new(row.from_wallet, asset),
            saved_until: row.saved_until,
            refunded: Money::new(row.refunded, asset),
            hold: row.hold,
            payer: Payer::parse(&row.payer)?,
            label: row.label,
            traffic_bytes: row.traffic_bytes,
            state: State::parse(&row.state)?,
            id: row.id,
            person: row.person,
            subscription: row.subscription,
            placed_at: row.placed_at,
            paid_at: row.paid_at,
            finished_at: row.finished_at,
            late_told_at: row.late_told_at,
            took_stock: row.took_stock != 0,
            charge: row.charge,
            service_was: row.service_was,
        })
    }
}

/// The orders that a statement writes, as they are by then.
async fn written(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<Vec<Order>, Fault> {
    let rows: Vec<Row> = db::query(tx, &format!("{sql} RETURNING {COLUMNS}, {}", promised::COLUMNS), values).await?;
    rows.into_iter().map(Order::try_from).collect()
}

pub(super) async fn select(conn: &impl ConnectionTrait, rest: &str, values: Vec<Value>) -> Result<Vec<Order>, Fault> {
    let rows: Vec<Row> = db::query(conn, &format!("SELECT {COLUMNS}, {} FROM orders {rest}", promised::COLUMNS), values).await?;
    rows.into_iter().map(Order::try_from).collect()
}

/// One order, whoever's it is.
pub async fn get(conn: &impl ConnectionTrait, id: OrderId) -> Result<Option<Order>, Fault> {
    Ok(select(conn, "WHERE id = $1", vec![id.into()]).await?.pop())
}

/// An order by its id, and the person's saved order when it is another: one question for both.
pub(super) async fn known_and_saved(tx: &Tx, id: OrderId, person: PersonId) -> Result<(Option<Order>, Option<Order>), Fault> {
    let rest = format!(
        "WHERE id = $1 UNION ALL SELECT {COLUMNS}, {} FROM orders WHERE person = $2 AND id <> $1 AND {SAVED}",
        promised::COLUMNS
    );
    let found = select(tx, &rest, vec![id.into(), person.into()]).await?;
    let (mut known, mut saved): (Vec<_>, Vec<_>) = found.into_iter().partition(|order| order.id == id);
    Ok((known.pop(), saved.pop()))
}

/// The person's own order.
pub async fn get_for(conn: &impl ConnectionTrait, person: PersonId, id: OrderId) -> Result<Option<Order>, Fault> {
    Ok(get(conn, id).await?.filter(|order| order.person == person))
}

/// A person's orders, the newest first, and how many there are.
pub async fn of_person(conn: &impl ConnectionTrait, person: PersonId, page: Page) -> Result<(Vec<Order>, i64), Fault> {
    let rest = "WHERE person = $1 ORDER BY placed_at DESC, id LIMIT $2 OFFSET $3";
    let found = select(conn, rest, vec![person.into(), page.limit().into(), page.offset().into()]).await?;
    let sql = "SELECT COUNT(*) AS v FROM orders WHERE person = $1";
    let total: Option<i64> = db::scalar(conn, sql, vec![person.into()]).await?;
    Ok((found, total.unwrap_or_default()))
}

/// The orders that made or renewed a service: those that were paid, the last first, and after them the others, the newest first.
pub async fn of_subscription(conn: &impl ConnectionTrait, id: SubscriptionId) -> Result<Vec<Order>, Fault> {
    // A charge names its order alone, and a later one has a greater number; many may be placed in one moment.
    let rest = "WHERE subscription = $1 ORDER BY COALESCE(charge, 0) DESC, placed_at DESC, id";
    select(conn, rest, vec![id.into()]).await
}

/// The order, and nobody else changes it until this transaction ends.
pub(super) async fn locked(tx: &Tx, id: OrderId) -> Result<Order, Fault> {
    let rest = format!("WHERE id = $1{}", db::locking(tx, " FOR UPDATE"));
    let order = select(tx, &rest, vec![id.into()]).await?.pop();
    order.ok_or_else(|| Fault::new(format!("order {id} is named by its payment and absent")))
}

/// The order that a payment is for, locked; none for a top-up.
pub(super) async fn locked_of(tx: &Tx, payment: PaymentId) -> Result<Option<Order>, Fault> {
    let rest = format!("WHERE id = (SELECT p.order_id FROM payments p WHERE p.id = $1){}", db::locking(tx, " FOR UPDATE"));
    Ok(select(tx, &rest, vec![payment.into()]).await?.pop())
}

/// Nobody else changes the orders of a service until this transaction ends. Whoever gives several back locks them all before
/// the first: each brings what is locked after orders.
pub(super) async fn lock_of_subscription(tx: &Tx, id: SubscriptionId) -> Result<(), Fault> {
    let rest = format!("WHERE subscription = $1 ORDER BY id{}", db::locking(tx, " FOR UPDATE"));
    select(tx, &rest, vec![id.into()]).await.map(drop)
}

/// The order as it was committed last; only what never changes of it may be relied on.
pub(super) async fn unlocked(tx: &Tx, id: OrderId) -> Result<Order, Fault> {
    let order = get(tx, id).await?;
    order.ok_or_else(|| Fault::new(format!("order {id} is named by its payment and absent")))
}

/// Writes a new order; `LostRace` when its id is there already.
pub(super) async fn insert(tx: &Tx, order: &Order) -> Result<Moved, Fault> {
    let sql = format!(
        "INSERT INTO orders (id, person, kind, plan, subscription, price, asset, state, placed_at, took_stock, payer, label, \
         traffic_bytes, saved_until, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
         ON CONFLICT (id) DO NOTHING",
        promised::COLUMNS
    );
    let mut values = vec![
        order.id.into(),
        order.person.into(),
        order.kind.code().into(),
        order.plan.as_str().into(),
        order.subscription.into(),
        order.price.minor.into(),
        order.price.asset.code().into(),
        order.state.code().into(),
        order.placed_at.into(),
        i64::from(order.took_stock).into(),
        order.payer.code().into(),
        order.label.clone().into(),
        order.traffic_bytes.into(),
        order.saved_until.into(),
    ];
    values.extend(promised::values(&order.promised));
    Ok(Moved::from_rows(db::execute(tx, &sql, values).await?))
}

/// Takes a step that moves no money. `LostRace` when the order is not where it was loaded.
pub(super) async fn step(tx: &Tx, order: &Order, step: Step, now: Time) -> Result<Moved, Fault> {
    let Some(next) = order.state.after(step) else { return Ok(Moved::LostRace) };
    let finished = (next != State::Placed).then_some(now.0);
    let sql = "UPDATE orders SET state = $3, finished_at = $4 WHERE id = $1 AND state = $2";
    let values = vec![order.id.into(), order.state.code().into(), next.code().into(), finished.into()];
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}

/// The price was taken by this ledger transaction, and the service given that was `service_was` before. The order is locked.
pub(super) async fn paid(
    tx: &Tx,
    order: &Order,
    (charge, service_was): (i64, Option<String>),
    now: Time,
) -> Result<Order, Fault> {
    let sql = "UPDATE orders SET state = 'paid', charge = $2, paid_at = $3, service_was = $4, finished_at = NULL, \
               late_told_at = NULL, offered_at = NULL WHERE id = $1 AND state = 'placed'";
    db::submit_exactly(tx, 1, sql, vec![order.id.into(), charge.into(), now.into(), service_was.clone().into()]).await?;
    let (paid_at, charge) = (Some(now), Some(charge));
    Ok(Order { state: State::Paid, charge, paid_at, service_was, finished_at: None, late_told_at: None, ..order.clone() })
}

/// Delivers the paid orders for a service that its panel has confirmed; which. What was confirmed may be the lent part, while
/// the whole is on its way: then none.
pub(super) async fn deliver(tx: &Tx, subscription: SubscriptionId, now: Time) -> Result<Vec<Order>, Fault> {
    let Some(next) = State::Paid.after(Step::Deliver) else { return Ok(Vec::new()) };
    let sql = "UPDATE orders SET state = $3, finished_at = $2 WHERE subscription = $1 AND state = $4 \
               AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.id = $1 AND s.applied >= s.revision)";
    written(tx, sql, vec![subscription.into(), now.into(), next.code().into(), State::Paid.code().into()]).await
}

/// Other orders for the same service that were paid after this one and are not delivered, in their order.
pub(super) async fn paid_after(tx: &Tx, order: &Order) -> Result<Vec<Order>, Fault> {
    let Some(charge) = order.charge else { return Ok(Vec::new()) };
    let rest = "WHERE subscription = $1 AND state = 'paid' AND charge > $2 ORDER BY charge";
    select(tx, rest, vec![order.subscription.into(), charge.into()]).await
}

/// So much more of it went back. `LostRace` when the order is not as it was loaded.
pub(super) async fn refunded(tx: &Tx, order: &Order, amount: Money, now: Time) -> Result<Moved, Fault> {
    let sql = "UPDATE orders SET state = 'refunded', refunded = refunded + $4, finished_at = CASE WHEN state = 'refunded' \
               THEN finished_at ELSE $5 END WHERE id = $1 AND state = $2 AND refunded = $3";
    let (state, so_far) = (order.state.code(), order.refunded.minor);
    let values = vec![order.id.into(), state.into(), so_far.into(), amount.minor.into(), now.into()];
    Ok(Moved::from_rows(db::execute(tx, sql, values).await?))
}

/// The newest order of the same service that was paid after this one and stands.
pub(super) async fn standing_after(conn: &impl ConnectionTrait, order: &Order) -> Result<Option<OrderId>, Fault> {
    let sql = "SELECT id AS v FROM orders WHERE subscription = $1 AND state IN ('paid', 'delivered') AND charge > $2 \
               ORDER BY charge DESC LIMIT 1";
    db::scalar(conn, sql, vec![order.subscription.into(), order.charge.unwrap_or(i64::MAX).into()]).await
}

/// The charge was taken back.
pub(super) async fn unpaid(tx: &Tx, order: &Order) -> Result<Moved, Fault> {
    let sql = "UPDATE orders SET state = 'placed', charge = NULL, paid_at = NULL, service_was = NULL, topup = NULL \
               WHERE id = $1 AND state = 'paid'";
    Ok(Moved::from_rows(db::execute(tx, sql, vec![order.id.into()]).await?))
}

/// Remembers what is kept of the wallet for it.
pub(super) async fn set_hold(tx: &Tx, order: &Order, part: Money, hold: i64) -> Result<(), Fault> {
    let sql = "UPDATE orders SET from_wallet = $2, hold = $3 WHERE id = $1";
    db::submit(tx, sql, vec![order.id.into(), part.minor.into(), hold.into()]).await?;
    Ok(())
}

/// The person's saved order.
pub async fn saved_of(conn: &impl ConnectionTrait, person: PersonId) -> Result<Option<Order>, Fault> {
    Ok(select(conn, &format!("WHERE person = $1 AND {SAVED}"), vec![person.into()]).await?.pop())
}

/// Saved orders whose time is over, locked; without those whose person has a top-up under review.
pub(super) async fn saved_due(tx: &Tx, now: Time, limit: i64) -> Result<Vec<Order>, Fault> {
    let lock = db::locking(tx, " FOR UPDATE SKIP LOCKED");
    let rest = format!(
        "WHERE state = 'placed' AND saved_until <= $1 AND NOT EXISTS (SELECT 1 FROM payments p \
         WHERE p.person = orders.person AND p.purpose = 'wallet' AND p.state = 'submitted') \
         ORDER BY saved_until, id LIMIT $2{lock}"
    );
    select(tx, &rest, vec![now.into(), limit.into()]).await
}

/// Remembers which top-up bought a saved order.
pub(super) async fn bought_with(tx: &Tx, order: &Order, top_up: PaymentId) -> Result<(), Fault> {
    db::submit(tx, "UPDATE orders SET topup = $2 WHERE id = $1", vec![order.id.into(), top_up.into()]).await?;
    Ok(())
}

/// The order that this top-up bought.
pub(super) async fn bought_by(conn: &impl ConnectionTrait, top_up: PaymentId) -> Result<Option<Order>, Fault> {
    Ok(select(conn, "WHERE topup = $1", vec![top_up.into()]).await?.pop())
}

/// Remembers whether the order, that is open again, holds a piece of its plan's stock.
pub(super) async fn set_stock(tx: &Tx, order: &Order, taken: bool) -> Result<(), Fault> {
    let sql = "UPDATE orders SET took_stock = $2 WHERE id = $1";
    db::submit(tx, sql, vec![order.id.into(), i64::from(taken).into()]).await?;
    Ok(())
}

/// Remembers the service as it was before this order changed it.
pub(super) async fn remember(tx: &Tx, order: &Order, service_was: Option<String>) -> Result<(), Fault> {
    let sql = "UPDATE orders SET service_was = $2 WHERE id = $1";
    db::submit(tx, sql, vec![order.id.into(), service_was.into()]).await?;
    Ok(())
}

/// An order for tests of what shows one.
#[cfg(test)]
pub mod sample {
    use super::Order;
    use crate::base::{Asset, Money, OrderId, PersonId, SubscriptionId, Time};
    use crate::shop::catalog::{Promise, RefundRule};
    use crate::shop::checkout::{Kind, State};

    /// One that the wallet pays a part of.
    pub fn in_parts(from_wallet: i64, placed_at: Time) -> Order {
        Order { from_wallet: Money::new(from_wallet, Asset::Irt), ..order(State::Placed, placed_at) }
    }

    /// One that waits for a top-up.
    pub fn saved(until: Time, placed_at: Time) -> Order {
        Order { saved_until: Some(until), ..order(State::Placed, placed_at) }
    }

    pub fn order(state: State, placed_at: Time) -> Order {
        Order {
            id: OrderId(7_001),
            person: PersonId(501),
            kind: Kind::New,
            plan: "m1".parse().unwrap(),
            subscription: SubscriptionId(9_001),
            price: Money::new(250_000, Asset::Irt),
            promised: Promise { days: 30, traffic_bytes: 50 << 30, devices: 2, refund: RefundRule::Time },
            payer: super::Payer::Wallet,
            label: None,
            traffic_bytes: None,
            state,
            placed_at,
            paid_at: (state == State::Paid).then_some(placed_at),
            finished_at: None,
            late_told_at: None,
            from_wallet: Money::new(0, Asset::Irt),
            saved_until: None,
            refunded: Money::new(0, Asset::Irt),
            hold: None,
            took_stock: false,
            charge: None,
            service_was: None,
        }
    }
}
