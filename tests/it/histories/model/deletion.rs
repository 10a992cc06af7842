//! What the model gives back when an agent deletes what he sold a short time ago.
//!
//! A day has most of a month's days left, so what is left of the traffic decides.
use super::{Model, Order, Outcome, Serving, Way, or_refuse};
use souk::base::DAY;
use souk::shop::checkout::{Kind, State};
use std::cmp::Reverse;

pub const GIGABYTE: i64 = 1 << 30;
/// Of each plan.
const MONTH: i64 = 30 * GIGABYTE;
const YOUNG: i64 = DAY;

/// What an order adds to its service.
const fn adds(kind: Kind) -> i64 {
    match kind {
        Kind::New | Kind::Renew => MONTH,
        Kind::Traffic => GIGABYTE,
    }
}

impl Model {
    /// The traffic of a service: what its orders added that still stand.
    pub fn traffic(&self, service: i64) -> i64 {
        let stands = |order: &&Order| order.service == service && matches!(order.state, State::Paid | State::Delivered);
        self.orders.values().filter(stands).map(|order| adds(order.kind)).sum()
    }

    /// What an agent gets back of each order if he deletes a service now: what came last goes first.
    pub fn gets_back(&self, who: i64, service: i64) -> Vec<(i64, i64)> {
        let is_young = |order: &Order| {
            order.service == service
                && order.person == who
                && order.on_credit
                && matches!(order.state, State::Paid | State::Delivered)
                && order.paid_at.is_some_and(|at| at > self.now - YOUNG)
        };
        let mut young: Vec<(i64, &Order)> =
            self.orders.iter().filter(|(_, order)| is_young(order)).map(|(id, order)| (*id, order)).collect();
        young.sort_by_key(|(_, order)| Reverse(order.charge));
        let (mut traffic, used) = (self.traffic(service), self.used.get(&service).copied().unwrap_or(0));
        let part = |(id, order): (i64, &Order)| {
            let whole = adds(order.kind);
            let left = (traffic - used).clamp(0, whole);
            traffic = (traffic - whole).max(1);
            // What was never delivered goes back whole.
            let is_due = order.state == State::Paid && order.kind == Kind::New;
            (id, if is_due { order.price } else { order.price * left / whole })
        };
        young.into_iter().map(part).collect()
    }

    pub(super) fn delete(&mut self, who: i64, service: i64, refund: i64) -> Outcome {
        self.of_agent(who, service)?;
        let parts = self.gets_back(who, service);
        or_refuse(parts.iter().map(|part| part.1).sum::<i64>() == refund, "refund_changed")?;
        for (id, back) in parts.into_iter().filter(|part| part.1 > 0) {
            self.give_back(id, back, (false, Way::Account));
        }
        self.serve(service, Serving::Deleted);
        Ok(())
    }
}
