//! Orders that are paid: delivered, or late and then made where there is room, refunded, or made on another panel.
use super::job::ReviewCard;
use super::refund::Back;
use super::review::{Change, NotAllowed, may_move_money, note};
use super::state::{Kind, State};
use super::store::{self, Order};
use super::{batch, refund, service};
use crate::base::{Fault, MINUTE, Money, OrderId, SECOND, SubscriptionId, Time};
use crate::db::{self, Tx};
use crate::queue::jobs;
use crate::shop::accounts::{Admin, Right};
use crate::shop::catalog::{self, PanelCode, PlanCode};
use crate::shop::notices::{self, Notice};
use crate::shop::panels::{self, Intake};
use crate::shop::payments;
use crate::shop::settings::Settings;
use crate::shop::subscriptions::{self, ChangeError};

/// By then whoever decided has seen the answer to his tap.
const ANSWERED: i64 = 2 * SECOND;

#[derive(Debug, thiserror::Error)]
pub enum LateError {
    #[error("there is no such order")]
    Unknown,
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    /// It was delivered meanwhile, refunded before, or never paid.
    #[error("the order is {}", .0.code())]
    NotPaid(State),
    /// There is no such panel, or it takes no new accounts.
    #[error("the panel takes no new accounts")]
    NoPanel,
    /// Its service is in a state that cannot be moved.
    #[error("the service cannot be moved now")]
    CannotMove,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The order, locked after its service, if it is paid and not delivered and this admin may act on it.
async fn undelivered(tx: &Tx, by: &Admin, id: OrderId) -> Result<Order, LateError> {
    if !by.may(Right::Money) {
        return Err(LateError::NotAllowed(NotAllowed::Role));
    }
    let order = store::get(tx, id).await?.ok_or(LateError::Unknown)?;
    may_move_money(by, order.person).map_err(LateError::NotAllowed)?;
    subscriptions::locked(tx, order.subscription).await?;
    let order = store::locked(tx, id).await?;
    if order.state == State::Paid { Ok(order) } else { Err(LateError::NotPaid(order.state)) }
}

/// Gives an order's price back to the account that paid, and ends the service that was not delivered.
pub async fn refund_undelivered(tx: &Tx, by: &Admin, order: OrderId, now: Time) -> Result<Money, LateError> {
    let order = undelivered(tx, by, order).await?;
    let back = Back::whole(by.person(), &order, "not delivered");
    let done = refund::give_back(tx, &order, back, now).await.map_err(Fault::from)?;
    service::revoke(tx, &order, now).await?;
    let told = Notice::Refunded { order: order.id, amount: done.amount, to: done.to, so_far: 0, ended: false };
    notices::tell(tx, order.person, &told, now, Some(format!("refunded:{}", order.id))).await?;
    let change = Change {
        act: "order.refund",
        subject: format!("order:{}", order.id),
        was: Some(order.state.code().to_owned()),
        became: Some(State::Refunded.code().to_owned()),
    };
    note(tx, by, change, now).await?;
    Ok(order.price)
}

/// Makes an undelivered order's service on another panel.
pub async fn move_undelivered(tx: &Tx, by: &Admin, order: OrderId, panel: &PanelCode, now: Time) -> Result<(), LateError> {
    let order = undelivered(tx, by, order).await?;
    if panels::get(tx, panel).await?.is_none_or(|panel| panel.intake != Intake::On) {
        return Err(LateError::NoPanel);
    }
    let service = subscriptions::get(tx, order.subscription).await?;
    if service.as_ref().is_some_and(|service| service.panel == *panel) {
        return Ok(());
    }
    let was = service.as_ref().map(|service| service.panel.to_string());
    match service {
        Some(service) => subscriptions::move_to(tx, service.id, panel, now).await.map_err(|error| match error {
            ChangeError::Fault(fault) => LateError::Fault(fault),
            ChangeError::Absent | ChangeError::NotNow { .. } => LateError::CannotMove,
        })?,
        None if order.kind == Kind::New => service::make_on(tx, &order, panel, now).await?,
        None => return Err(LateError::CannotMove),
    }
    let change = Change { act: "order.move", subject: format!("order:{}", order.id), was, became: Some(panel.to_string()) };
    note(tx, by, change, now).await?;
    Ok(())
}

/// A panel confirmed a service, in this transaction, which holds its lock: the paid orders for it are delivered, if it is all
/// that was promised. Says which.
pub async fn delivered(tx: &Tx, subscription: SubscriptionId, now: Time) -> Result<Vec<OrderId>, Fault> {
    let mut done = Vec::new();
    for order in store::deliver(tx, subscription, now).await? {
        no_undo(tx, &order, now).await?;
        done.push(order.id);
    }
    Ok(done)
}

/// Whoever decided sees the card with a button that takes it back, for a while: what is delivered stays, so the button goes
/// now. Not at once: the answer to his tap draws the card too, and must not come after.
async fn no_undo(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    let Some(payment) = payments::of_order(tx, order.id).await? else { return Ok(()) };
    jobs::hasten::<ReviewCard>(tx, &ReviewCard::when_undo_ends(&payment), now.after(ANSWERED)).await
}

/// What an agent who is cut off had bought before is made when he is back.
const UNSERVED: &str =
    "state = 'paid' AND paid_at IS NOT NULL AND kind = 'new' AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.id = orders.subscription)
    AND NOT (payer = 'credit' AND EXISTS (SELECT 1 FROM credit_episodes c WHERE c.agent = orders.person AND c.ended_at IS NULL
        AND c.stage IN ('cutting', 'cut', 'restoring')))";

/// Makes the services of paid orders that found no panel with room, where there is room by now. At most `limit`, each
/// plan's oldest first; says for which.
pub async fn make_missing(tx: &Tx, now: Time, limit: usize) -> Result<Vec<OrderId>, Fault> {
    let mut made = Vec::new();
    // Plan by plan: those whose panels are full do not keep others from theirs.
    for plan in plans_unserved(tx).await? {
        let Some(plan) = catalog::plan(tx, &plan).await? else { continue };
        while made.len() < limit {
            let Some(panel) = panels::choose(tx, &plan).await? else { break };
            let Some(order) = oldest_unserved(tx, &plan.code).await? else { break };
            service::make_on(tx, &order, &panel, now).await?;
            made.push(order.id);
        }
    }
    Ok(made)
}

async fn plans_unserved(tx: &Tx) -> Result<Vec<PlanCode>, Fault> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        plan: String,
    }
    let sql = format!("SELECT DISTINCT plan FROM orders WHERE {UNSERVED} ORDER BY plan");
    let rows: Vec<Row> = db::query(tx, &sql, vec![]).await?;
    rows.into_iter().map(|row| row.plan.parse().map_err(|_| Fault::new("an order names an impossible plan"))).collect()
}

/// Locked, so that a refund waits; one that was refunded a moment before is not found.
async fn oldest_unserved(tx: &Tx, plan: &PlanCode) -> Result<Option<Order>, Fault> {
    let lock = db::locking(tx, "FOR UPDATE");
    let rest = format!("WHERE {UNSERVED} AND plan = $1 ORDER BY paid_at, id LIMIT 1 {lock}");
    Ok(store::select(tx, &rest, vec![plan.as_str().into()]).await?.pop())
}

/// How many late orders people were told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    pub late: usize,
    pub offered: usize,
}

/// Tells the group and the customer, once, of orders that are paid and late; and offers the group, once, what can be done
/// about those that are very late. At most `limit` of each.
pub async fn tell_late(tx: &Tx, settings: &Settings, now: Time, limit: i64) -> Result<Told, Fault> {
    let mut told = Told::default();
    for order in overdue(tx, "late_told_at", now.after(-settings.late_ms()), limit).await? {
        if mark(tx, &order, "late_told_at", now).await? {
            alarm(tx, &order, false, now).await?;
            notices::tell(tx, order.person, &Notice::DeliveryLate { order: order.id }, now, None).await?;
            told.late += 1;
        }
    }
    let offer_ms = settings.refund_offer_minutes.saturating_mul(MINUTE);
    let mut offered = Vec::new();
    for order in overdue(tx, "offered_at", now.after(-offer_ms), limit).await? {
        if mark(tx, &order, "offered_at", now).await? {
            alarm(tx, &order, true, now).await?;
            offered.push(order.subscription);
            told.offered += 1;
        }
    }
    // Whoever delivers or gives back a service holds its order when he asks for its batch: the batches come after all orders.
    for late in offered {
        batch::tell_without(tx, late, now).await?;
    }
    Ok(told)
}

/// Locked. One that somebody else holds is being delivered or given back just now: it is left to the next tick, since he may
/// wait for another that is held here.
async fn overdue(tx: &Tx, mark: &str, before: Time, limit: i64) -> Result<Vec<Order>, Fault> {
    let lock = db::locking(tx, " FOR UPDATE SKIP LOCKED");
    let rest = format!("WHERE state = 'paid' AND paid_at <= $1 AND {mark} IS NULL ORDER BY paid_at, id LIMIT $2{lock}");
    store::select(tx, &rest, vec![before.into(), limit.into()]).await
}

async fn mark(tx: &Tx, order: &Order, mark: &str, now: Time) -> Result<bool, Fault> {
    let sql = format!("UPDATE orders SET {mark} = $2 WHERE id = $1 AND state = 'paid' AND {mark} IS NULL");
    Ok(db::execute(tx, &sql, vec![order.id.into(), now.into()]).await? == 1)
}

async fn alarm(tx: &Tx, order: &Order, offer: bool, now: Time) -> Result<(), Fault> {
    let minutes = order.paid_at.map_or(0, |at| now.since(at) / MINUTE);
    notices::tell_group(tx, &Notice::OrderLate { order: order.id, minutes, offer }, now, None).await
}
