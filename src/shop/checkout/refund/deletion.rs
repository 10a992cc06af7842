//! What goes back when an agent deletes what he sold a short time ago.
//!
//! By the order's rule. A rule that counts days says little of a service that is a day old, so what is left of its traffic
//! counts with it: the smaller part goes back. What was not delivered goes back whole.
use super::quote::stands_at;
use super::rules::{Left, left, traffic_left};
use crate::base::{Fault, Money, Time};
use crate::shop::catalog::RefundRule;
use crate::shop::checkout::state::{Kind, State};
use crate::shop::checkout::store::Order;
use crate::shop::subscriptions::{Subscription, preview_shorten};
use sea_orm::ConnectionTrait;

/// An order that goes back, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub order: Order,
    pub back: Money,
    /// How it came about.
    pub reason: String,
}

/// The parts of a service's orders, given the newest first, in that order.
pub async fn parts(
    conn: &impl ConnectionTrait,
    service: &Subscription,
    orders: Vec<Order>,
    now: Time,
) -> Result<Vec<Part>, Fault> {
    let at = stands_at(conn, Some(service), now).await?;
    let mut service = service.clone();
    let mut parts = Vec::with_capacity(orders.len());
    for order in orders {
        parts.push(part(&order, &service, at));
        let (days, bytes) = match order.kind {
            Kind::New | Kind::Renew => (order.promised.days, order.promised.traffic_bytes),
            Kind::Traffic => (0, order.traffic_bytes.unwrap_or(0)),
        };
        let terms = preview_shorten(&service, days, bytes, at);
        (service.until, service.traffic_bytes) = (terms.until, terms.traffic_bytes);
    }
    Ok(parts)
}

fn part(order: &Order, service: &Subscription, at: Time) -> Part {
    if order.state == State::Paid && order.kind == Kind::New {
        return Part {
            order: order.clone(),
            back: order.price,
            reason: "deleted by its agent before it was delivered".to_owned(),
        };
    }
    let by_rule = left(order, Some(service), at);
    let by_traffic = (by_rule.rule == RefundRule::Time).then(|| traffic_left(order, service)).flatten();
    let smaller = by_traffic.filter(|traffic| traffic.of(order.price).minor < by_rule.of(order.price).minor).unwrap_or(by_rule);
    let Left { rule, left, whole } = smaller;
    let reason = format!("deleted by its agent: {left} of {whole} left by {}", rule.code());
    Part { order: order.clone(), back: smaller.of(order.price), reason }
}
