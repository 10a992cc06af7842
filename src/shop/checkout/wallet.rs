//! An order and the wallet: its price is taken, or a part of it is kept until the rest comes.
//!
//! Always: an order that waits for the rest of its price has an open hold of exactly the part that the wallet pays; an order
//! that waits for nothing has none. Locks are taken in this order: the person's account, the plan's stock, and then what all sales
//! share in the ledger. The hold is given up before the price is taken in the same transaction, so that a paid
//! order has one charge of its whole price, whoever brought which part of it.
use super::money::{self, TRADE};
use super::service;
use super::store::{self, Order};
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::Tx;
use crate::shop::ledger::{self, Account, HoldId, LedgerError, Reservation};
use crate::shop::payments::Payment;

/// Takes the price of a placed order, and gives its service. `key` names this charge for ever.
pub(super) async fn settle(tx: &Tx, order: &Order, (by, key): (PersonId, String), now: Time) -> Result<Order, LedgerError> {
    release(tx, order, now).await?;
    let charge = money::charge(tx, order, (by, key), now).await?;
    let was = service::give(tx, order, now).await?;
    Ok(store::paid(tx, order, (charge, was), now).await?)
}

/// Keeps a part of the wallet for a placed order; nobody else can spend it meanwhile.
pub(super) async fn hold(tx: &Tx, order: &Order, part: Money, now: Time) -> Result<(), LedgerError> {
    // Each hold of an order has a name of its own: one that was given up is not taken up again.
    let key = match order.hold {
        None => format!("rest:{}", order.id),
        Some(last) => format!("rest:{}/{last}", order.id),
    };
    let asked = Reservation {
        key,
        kind: "sale",
        about: format!("order:{}", order.id),
        debit: Account::wallet(order.person, part.asset),
        credit: Account::revenue(TRADE, part.asset),
        amount: part,
        expires: None,
    };
    let held = ledger::hold(tx, asked, now).await?;
    Ok(store::set_hold(tx, order, part, held.id.0).await?)
}

/// Gives up what is kept for the order, if anything is.
pub(super) async fn release(tx: &Tx, order: &Order, now: Time) -> Result<(), LedgerError> {
    match order.hold {
        Some(hold) => ledger::void_hold(tx, HoldId(hold), now).await.map(drop),
        None => Ok(()),
    }
}

/// Gives up what is kept for an order whose payment brings the rest. The accounts that the money passes are locked in their
/// order first.
pub(super) async fn release_for(tx: &Tx, order: &Order, payment: &Payment, now: Time) -> Result<(), Fault> {
    if order.hold.is_some() {
        ledger::take_first(tx, &money::way_of(tx, payment).await?, now).await?;
        release(tx, order, now).await?;
    }
    Ok(())
}

/// Keeps the same part again for an order that opens again.
pub(super) async fn hold_again(tx: &Tx, order: &Order, now: Time) -> Result<(), LedgerError> {
    if order.from_wallet.minor == 0 { Ok(()) } else { hold(tx, order, order.from_wallet, now).await }
}

/// Takes again what an order that was closed needs to wait for its money: its part of the wallet and its piece of the
/// stock. False, and nothing is taken, when either is gone.
pub(super) async fn regain(tx: &Tx, order: &Order, now: Time) -> Result<bool, Fault> {
    if order.from_wallet.minor > 0 {
        ledger::lock_first(tx, &[money::purse(order)]).await?;
    }
    if !service::retake_stock(tx, order).await? {
        return Ok(false);
    }
    match hold_again(tx, order, now).await {
        Ok(()) => Ok(true),
        Err(LedgerError::Short { .. } | LedgerError::Frozen(_)) => {
            service::return_stock(tx, &store::locked(tx, order.id).await?).await?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
