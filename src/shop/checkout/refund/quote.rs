//! What a refund of an order would be: the exact numbers, before anything is written.
use super::rules::{Left, left};
use super::{RefundError, money};
use crate::base::{Fault, Money, OrderId, Time};
use crate::shop::checkout::state::{Kind, State};
use crate::shop::checkout::store::{self, Order};
use crate::shop::notices::RefundTo;
use crate::shop::settings;
use crate::shop::subscriptions::{self, OffFor, Subscription, Terms, preview_shorten};
use sea_orm::ConnectionTrait;

/// What becomes of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// It ends for good.
    Service,
    /// It goes on without what the order had added.
    Shorter(Terms),
    /// It is gone already, or was ended by an earlier refund of the order.
    Nothing,
    /// The order was not delivered, and is not any more. It goes back whole.
    Undelivered,
}

/// The numbers of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundQuote {
    pub order: Order,
    pub service: Option<Subscription>,
    /// What can still go back: the price, less what went back before.
    pub most: Money,
    /// By the order's rule; `None` when a part went back before, or it was not delivered.
    pub by_rule: Option<(Left, Money)>,
    /// Whither it goes, unless it is paid back by hand.
    pub to: RefundTo,
    pub ends: Ends,
}

/// The numbers of an order as it is now.
///
/// # Errors
/// `Unknown`, `NotDelivered`, and `Later` when a later order of the same service stands: what it added came on top, so it
/// goes back first.
pub async fn quote_refund(conn: &impl ConnectionTrait, order: OrderId, now: Time) -> Result<RefundQuote, RefundError> {
    let order = store::get(conn, order).await?.ok_or(RefundError::Unknown)?;
    quote(conn, order, now).await
}

pub(super) async fn quote(conn: &impl ConnectionTrait, order: Order, now: Time) -> Result<RefundQuote, RefundError> {
    if order.state == State::Paid {
        return undelivered(conn, order).await;
    }
    if !matches!(order.state, State::Delivered | State::Refunded) {
        return Err(RefundError::NotDelivered(order.state));
    }
    let is_first = order.state == State::Delivered;
    if let Some(later) = store::standing_after(conn, &order).await?.filter(|_| is_first) {
        return Err(RefundError::Later(later));
    }
    let service = subscriptions::get(conn, order.subscription).await?;
    let most = order.price.minus(order.refunded).map_err(Fault::from)?;
    let by_rule = if is_first {
        let left = left(&order, service.as_ref(), stands_at(conn, service.as_ref(), now).await?);
        Some((left, left.of(order.price)))
    } else {
        None
    };
    let living = service.as_ref().filter(|service| is_first && service.state != subscriptions::State::Deleted);
    let ends = match (living, order.kind) {
        (None, _) => Ends::Nothing,
        (Some(_), Kind::New) => Ends::Service,
        (Some(service), Kind::Renew) => {
            Ends::Shorter(preview_shorten(service, order.promised.days, order.promised.traffic_bytes, now))
        }
        (Some(service), Kind::Traffic) => Ends::Shorter(preview_shorten(service, 0, order.traffic_bytes.unwrap_or(0), now)),
    };
    let to = money::refund_to(conn, &order).await?;
    Ok(RefundQuote { order, service, most, by_rule, to, ends })
}

async fn undelivered(conn: &impl ConnectionTrait, order: Order) -> Result<RefundQuote, RefundError> {
    let service = subscriptions::get(conn, order.subscription).await?;
    let to = money::refund_to(conn, &order).await?;
    Ok(RefundQuote { most: order.price, order, service, by_rule: None, to, ends: Ends::Undelivered })
}

/// The moment that counts for a service: it stands still while the service is off, if the shop gives that time back.
pub(super) async fn stands_at(conn: &impl ConnectionTrait, service: Option<&Subscription>, now: Time) -> Result<Time, Fault> {
    let Some((sake, since)) = service.and_then(|service| service.off) else { return Ok(now) };
    let settings = settings::load(conn).await?;
    let kept = match sake {
        OffFor::Credit => settings.credit_time_kept,
        OffFor::Agent => settings.pause_time_kept,
    };
    Ok(if kept { since } else { now })
}
