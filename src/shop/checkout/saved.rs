//! Saved orders: one that was short waits for a top-up, and buys itself when that comes.
//!
//! Always: a person has at most one (a unique index); it has no payment, no hold and no piece of stock; it is bought once,
//! at the price that the person was shown, or the person is asked. It was not paid when its plan was changed, so it does not
//! bind the shop to what it no longer sells: other days, traffic or devices are asked about like another price. A rule of
//! refunds is no reason to ask: the order keeps the one it was placed with. What an approval bought is given back when that
//! approval is taken back.
use super::cancel::close;
use super::place::PlaceError;
use super::review::Change;
use super::state::{Kind, State, Step};
use super::store::{self, Order};
use super::undo::{self, UndoError};
use super::{money, review, service, wallet};
use crate::base::{Fault, Money, OrderId, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::{Admin, Customer};
use crate::shop::catalog::Plan;
use crate::shop::ledger::{self, LedgerError};
use crate::shop::notices::{self, Notice};
use crate::shop::payments::Payment;

/// The person's saved order, locked after its service, and whether it can still be given.
pub(super) struct Waiting {
    order: Order,
    can_be_given: bool,
}

pub(super) async fn waiting(tx: &Tx, person: PersonId) -> Result<Option<Waiting>, Fault> {
    locked(tx, store::saved_of(tx, person).await?).await
}

async fn locked(tx: &Tx, unlocked: Option<Order>) -> Result<Option<Waiting>, Fault> {
    let Some(unlocked) = unlocked else { return Ok(None) };
    let can_be_given = service::can_be_given(tx, &unlocked).await?;
    let order = store::locked(tx, unlocked.id).await?;
    Ok((order.state == State::Placed).then_some(Waiting { order, can_be_given }))
}

/// A newer order takes the place of the person's saved one: another that is saved, or one for the same.
pub(super) async fn give_up(tx: &Tx, saved: Option<Order>, newer: &Order, now: Time) -> Result<(), Fault> {
    match locked(tx, saved).await? {
        Some(Waiting { order, .. }) if order.id != newer.id => {
            let same = order.plan == newer.plan && order.kind == newer.kind;
            let same = same && (order.kind == Kind::New || order.subscription == newer.subscription);
            if same || newer.saved_until.is_some() { close(tx, &order, Step::Cancel, now).await } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// The person buys it now: money has come into the wallet by another way.
pub async fn buy_saved(tx: &Tx, customer: &Customer, id: OrderId, now: Time) -> Result<Order, PlaceError> {
    let known = store::get_for(tx, customer.id, id).await?.ok_or(PlaceError::NotYours)?;
    let can_be_given = service::can_be_given(tx, &known).await?;
    let order = store::locked(tx, id).await?;
    if order.state != State::Placed || order.saved_until.is_none() {
        return Err(PlaceError::AlreadyClosed(Box::new(order)));
    }
    let plan = service::plan_of(tx, &order).await?;
    if !service::is_sold(tx, order.kind, &plan).await? {
        return Err(PlaceError::Gone);
    }
    if plan.price != order.price {
        return Err(PlaceError::PriceChanged);
    }
    if !plan.promise().gives_as(&order.promised) {
        return Err(PlaceError::PromiseChanged);
    }
    if !can_be_given {
        return Err(PlaceError::NotRenewable);
    }
    ledger::lock_first(tx, &[money::purse(&order)]).await?;
    if !service::retake_stock(tx, &order).await? {
        return Err(PlaceError::SoldOut);
    }
    Ok(wallet::settle(tx, &order, (customer.id, money::charge_key(&order, 0)), now).await?)
}

/// A top-up came: buys what waits for it, if the wallet covers it and it is as the person was shown. The payment is
/// decided already, and its money in the wallet.
pub(super) async fn buy(tx: &Tx, by: &Admin, waiting: &Waiting, payment: &Payment, now: Time) -> Result<(), Fault> {
    let order = &waiting.order;
    let plan = service::plan_of(tx, order).await?;
    if !waiting.can_be_given || !service::is_sold(tx, order.kind, &plan).await? {
        return ask(tx, order, None, payment, now).await;
    }
    if plan.price != order.price || !plan.promise().gives_as(&order.promised) {
        return ask(tx, order, Some(&plan), payment, now).await;
    }
    let missing = missing(order.price, money::wallet(tx, order.person, order.price.asset).await?);
    if missing.minor > 0 {
        return tell(tx, order, &Notice::SavedShort { order: order.id, missing }, payment, now).await;
    }
    if !service::retake_stock(tx, order).await? {
        return ask(tx, order, None, payment, now).await;
    }
    let key = format!("saved:{}:{}/{}", order.id, payment.id, payment.round);
    match wallet::settle(tx, order, (by.person(), key), now).await {
        Ok(_) => {}
        // Nobody spends from it now; the order waits on.
        Err(LedgerError::Frozen(_)) => return no_stock(tx, order).await,
        Err(error) => return Err(error.into()),
    }
    store::bought_with(tx, order, payment.id).await?;
    let change = Change {
        act: "order.saved",
        subject: format!("order:{}", order.id),
        was: Some(order.state.code().to_owned()),
        became: Some(State::Paid.code().to_owned()),
    };
    review::note(tx, by, change, now).await?;
    let balance = money::wallet(tx, order.person, order.price.asset).await?;
    tell(tx, order, &Notice::SavedBought { order: order.id, price: order.price, balance }, payment, now).await
}

/// It is not what the person was shown: the order ends, and the person chooses. `now_is`: the plan, when it is still sold.
async fn ask(tx: &Tx, order: &Order, now_is: Option<&Plan>, payment: &Payment, now: Time) -> Result<(), Fault> {
    close(tx, order, Step::Cancel, now).await?;
    let told = Notice::SavedChanged { order: order.id, price: now_is.map(|plan| plan.price) };
    tell(tx, order, &told, payment, now).await
}

async fn tell(tx: &Tx, order: &Order, notice: &Notice, payment: &Payment, now: Time) -> Result<(), Fault> {
    notices::tell(tx, order.person, notice, now, Some(format!("saved:{}:{}:{}", order.id, payment.id, payment.round))).await
}

/// The approval that bought it is taken back: its price goes back to the wallet, and it waits again.
pub(super) async fn take_back(tx: &Tx, by: &Admin, payment: &Payment, now: Time) -> Result<(), UndoError> {
    let Some(unlocked) = store::bought_by(tx, payment.id).await? else { return Ok(()) };
    service::can_be_given(tx, &unlocked).await?;
    let order = store::locked(tx, unlocked.id).await?;
    if order.state != State::Paid {
        // What was delivered stays; whether the wallet still holds the top-up is for the ledger to say.
        return Ok(());
    }
    // One that was saved since makes room for it.
    let saved = store::saved_of(tx, order.person).await?;
    give_up(tx, saved, &order, now).await?;
    ledger::lock_first(tx, &money::way_of(tx, payment).await?).await?;
    // The lock of the stock comes before those of what all sales share in the ledger.
    no_stock(tx, &order).await?;
    undo::unpay(tx, by, &order, now).await
}

/// A saved order holds no piece of the stock.
async fn no_stock(tx: &Tx, order: &Order) -> Result<(), Fault> {
    if order.kind != Kind::New {
        return Ok(());
    }
    service::return_stock(tx, &store::locked(tx, order.id).await?).await?;
    store::set_stock(tx, order, false).await
}

/// Expires saved orders whose time is over, at most `limit`; says which. One whose person has a top-up under review waits
/// for its outcome.
pub async fn expire_saved(tx: &Tx, now: Time, limit: i64) -> Result<Vec<OrderId>, Fault> {
    let mut expired = Vec::new();
    for order in store::saved_due(tx, now, limit).await? {
        close(tx, &order, Step::Expire, now).await?;
        let told = Notice::SavedExpired { order: order.id };
        notices::tell(tx, order.person, &told, now, Some(format!("expired:{}", order.id))).await?;
        expired.push(order.id);
    }
    Ok(expired)
}

/// What the wallet lacks for an order; zero when it covers it.
pub fn missing(price: Money, available: Money) -> Money {
    Money::new(price.minor.saturating_sub(available.minor.max(0)).max(0), price.asset)
}
