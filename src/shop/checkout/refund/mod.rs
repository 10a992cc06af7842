//! Refunds: a price, or a part of it, goes back, and what it bought ends.
//!
//! What must always hold:
//! - all that goes back of an order is at most its price, however often and by whom: the ledger refuses more against the
//!   charge, and the order's row has a CHECK;
//! - a refund is named by its order and by how much went back so far, so the same yes again is the same refund, and of two
//!   admins one is first;
//! - the order's row, the refund's row and the ledger say the same amounts;
//! - it goes to the account that paid (an agent's credit; his wallet once his agency is closed), or it was paid back by
//!   hand: then it leaves the method that paid it, and a receipt is kept;
//! - with the first part the service ends, or goes on without what the order had added; jobs carry it out on the panel;
//! - what was added last goes back first.
//!
//! An order that is paid and not delivered goes back whole: to the account that paid by `late`, by hand here; an agent's own
//! deletion is in `agent_service`. All give back here. It converts nothing, and no panel is called.
mod deletion;
mod quote;
mod rules;
mod store;

use super::review::{Change, NotAllowed, may_move_money, note};
use super::state::{Kind, State, Step};
use super::store::{self as orders, Order};
use super::{batch, money, service};
use crate::base::{Fault, Money, OrderId, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::{Admin, Right};
use crate::shop::ledger::LedgerError;
use crate::shop::notices::{self, Notice, RefundTo};
use crate::shop::payments::{self, MethodCode, ReceiptKind};
use crate::shop::subscriptions;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

pub(super) use deletion::{Part, parts};
pub use quote::{Ends, RefundQuote, quote_refund};
pub use rules::Left;
pub use store::{Refunded, refunds_of};

/// Letters of a receipt's text.
pub const RECEIPT_CHARS_MAX: usize = 500;

/// What proves that money was paid back by hand: a picture or a file, or the bank's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub kind: ReceiptKind,
    /// Telegram's id of the picture or file; a text has none.
    pub file_id: Option<String>,
    /// What was typed, or a picture's caption.
    pub text: Option<String>,
}

impl Receipt {
    fn is_whole(&self) -> bool {
        let text = self.text.as_deref().unwrap_or_default();
        let length = text.chars().count();
        let has_content = if self.kind == ReceiptKind::Text { !text.trim().is_empty() } else { self.file_id.is_some() };
        has_content && (self.kind == ReceiptKind::Text) == self.file_id.is_none() && length <= RECEIPT_CHARS_MAX
    }
}

/// How it goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// To the account that paid.
    Account,
    /// Somebody paid it back outside of here: from this method of the shop's, or from elsewhere.
    Hand { method: Option<MethodCode>, receipt: Receipt },
}

/// A refund of an order, as an admin was shown it and said yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub order: OrderId,
    pub amount_minor: i64,
    /// What had gone back before.
    pub so_far_minor: i64,
    pub way: Way,
}

#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error("there is no such order")]
    Unknown,
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    /// It was never paid; or it waits for its delivery, and this would not be all of it by hand.
    #[error("the order is {}", .0.code())]
    NotDelivered(State),
    /// This order of the same service was paid after it, and goes back first.
    #[error("order {0} stands on it")]
    Later(OrderId),
    /// Somebody was faster: this went back meanwhile.
    #[error("{} went back meanwhile", .0.amount.minor)]
    Already(Box<Refunded>),
    /// So much can still go back.
    #[error("only {} can go back", .most.minor)]
    TooMuch { most: Money },
    #[error("no such amount")]
    BadAmount,
    #[error("there is no such payment method")]
    NoMethod,
    /// Nothing in it, or too long.
    #[error("no receipt")]
    BadReceipt,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Whither a refund of an order goes, unless it is paid back by hand.
pub async fn refund_to(conn: &impl ConnectionTrait, order: &Order) -> Result<RefundTo, Fault> {
    money::refund_to(conn, order).await
}

/// Gives back a part of a delivered order, or all of it, or by hand all of one that was not delivered, and ends what it bought.
/// The same again is what was done.
///
/// # Errors
/// A refusal leaves everything as it was.
pub async fn refund_delivered(tx: &Tx, by: &Admin, refund: &Refund, now: Time) -> Result<Refunded, RefundError> {
    if !by.may(Right::Money) {
        return Err(RefundError::NotAllowed(NotAllowed::Role));
    }
    let known = orders::get(tx, refund.order).await?.ok_or(RefundError::Unknown)?;
    may_move_money(by, known.person).map_err(RefundError::NotAllowed)?;
    check_way(tx, &refund.way).await?;
    // The service's lock comes before the order's.
    subscriptions::locked(tx, known.subscription).await?;
    let order = orders::locked(tx, known.id).await?;
    if order.refunded.minor != refund.so_far_minor
        && let Some(done) = refunds_of(tx, order.id).await?.into_iter().find(|done| done.so_far.minor == refund.so_far_minor)
    {
        return if done.is(by.person(), refund) { Ok(done) } else { Err(RefundError::Already(Box::new(done))) };
    }
    let quote = quote::quote(tx, order, now).await?;
    let amount = Money::new(refund.amount_minor, quote.order.price.asset);
    if quote.ends == Ends::Undelivered && (refund.way == Way::Account || amount != quote.most) {
        return Err(RefundError::NotDelivered(quote.order.state));
    }
    if amount.minor <= 0 || refund.so_far_minor != quote.order.refunded.minor {
        return Err(RefundError::BadAmount);
    }
    if amount.minor > quote.most.minor {
        return Err(RefundError::TooMuch { most: quote.most });
    }
    let back = Back { by: by.person(), amount, way: &refund.way, reason: reason(&quote, amount) };
    let done = give_back(tx, &quote.order, back, now).await.map_err(|error| match error {
        LedgerError::TooMuch => RefundError::TooMuch { most: quote.most },
        other => RefundError::Fault(other.into()),
    })?;
    end(tx, &quote, now).await?;
    tell(tx, by, &quote.order, &done, now).await?;
    Ok(done)
}

async fn check_way(tx: &Tx, way: &Way) -> Result<(), RefundError> {
    let Way::Hand { method, receipt } = way else { return Ok(()) };
    if !receipt.is_whole() {
        return Err(RefundError::BadReceipt);
    }
    match method {
        Some(code) if payments::method(tx, code).await?.is_none() => Err(RefundError::NoMethod),
        _ => Ok(()),
    }
}

/// How the amount came about.
fn reason(quote: &RefundQuote, amount: Money) -> String {
    match quote.by_rule {
        Some((left, by_rule)) if by_rule == amount => format!("{} of {} left by {}", left.left, left.whole, left.rule.code()),
        _ if amount == quote.order.price => "all of it".to_owned(),
        _ if amount == quote.most => "the rest of it".to_owned(),
        _ => "an amount of the admin's choice".to_owned(),
    }
}

/// Ends what the order bought, once.
async fn end(tx: &Tx, quote: &RefundQuote, now: Time) -> Result<(), Fault> {
    let id = quote.order.subscription;
    match (quote.ends, quote.order.kind) {
        (Ends::Nothing, _) => Ok(()),
        (Ends::Service | Ends::Undelivered, _) | (_, Kind::New) => service::revoke(tx, &quote.order, now).await,
        (Ends::Shorter(terms), Kind::Renew | Kind::Traffic) => Ok(subscriptions::shorten(tx, id, terms, now).await?),
    }
}

async fn tell(tx: &Tx, by: &Admin, order: &Order, done: &Refunded, now: Time) -> Result<(), Fault> {
    let told = Notice::Refunded {
        order: order.id,
        amount: done.amount,
        to: done.to,
        so_far: done.so_far.minor,
        ended: order.state == State::Delivered,
    };
    let once = format!("refunded:{}:{}", order.id, done.so_far.minor);
    notices::tell(tx, order.person, &told, now, Some(once)).await?;
    let change = Change {
        act: "order.refund",
        subject: format!("order:{}", order.id),
        was: Some(format!("{}, {} of {} refunded", order.state.code(), done.so_far.minor, order.price.minor)),
        became: Some(format!("{} {} to {}: {}", done.amount.minor, done.amount.asset, done.to.code(), done.reason)),
    };
    note(tx, by, change, now).await
}

/// What goes back, and why.
pub(super) struct Back<'a> {
    pub by: PersonId,
    pub amount: Money,
    pub way: &'a Way,
    pub reason: String,
}

impl Back<'_> {
    /// A part that goes back when its agent deletes the service, to the account that paid.
    pub fn part(by: PersonId, part: &Part) -> Self {
        Self { by, amount: part.back, way: &Way::Account, reason: part.reason.clone() }
    }

    /// All of an order that nothing went back of, to the account that paid.
    pub fn whole(by: PersonId, order: &Order, reason: &str) -> Self {
        Self { by, amount: order.price, way: &Way::Account, reason: reason.to_owned() }
    }
}

/// Moves the money and writes it down with the order, which must be locked as it is given; its stock goes back with the
/// first part. What the order bought is the caller's.
pub(super) async fn give_back(tx: &Tx, order: &Order, back: Back<'_>, now: Time) -> Result<Refunded, LedgerError> {
    let (method, receipt) = match back.way {
        Way::Account => (None, None),
        Way::Hand { method, receipt } => (method.clone(), Some(receipt.clone())),
    };
    let to = if receipt.is_some() { RefundTo::Hand } else { money::locked_refund_to(tx, order).await? };
    let done = Refunded {
        order: order.id,
        so_far: order.refunded,
        amount: back.amount,
        to,
        method,
        receipt,
        reason: back.reason,
        by: back.by,
        at: now,
    };
    let posting = money::refund(tx, order, &done, now).await?;
    if order.state.after(Step::Refund).is_none() || !orders::refunded(tx, order, back.amount, now).await?.is_yes() {
        return Err(Fault::new(format!("order {} changed under its lock", order.id)).into());
    }
    store::insert(tx, &done, posting).await?;
    if order.refunded.minor == 0 {
        service::return_stock(tx, order).await?;
    }
    if order.state == State::Paid {
        // It may be what the rest of a batch waits for.
        batch::batch_ready(tx, order.subscription, now).await?;
    }
    Ok(done)
}
