//! An agent's top-up under review: its amount is pending on his credit account, as a hold of the ledger.
//!
//! Always: a credit top-up is under review exactly while its hold is open; it is posted by the approval, and given up by
//! whatever else ends the review. Giving it up is never refused, so the account may stand below zero after it. When the
//! agency is closed by now nothing is held: the money will go to the wallet.
use super::money;
use crate::base::{Fault, Money, Time};
use crate::db::Tx;
use crate::shop::accounts::Admin;
use crate::shop::ledger::{self, Account, HoldId, LedgerError, Reservation};
use crate::shop::payments::{self, Payment, Purpose};

/// Holds the amount, once an occasion (a receipt's update, a decision taken back).
pub(super) async fn hold(tx: &Tx, payment: &Payment, occasion: &str, now: Time) -> Result<Option<HoldId>, Fault> {
    if payment.purpose != Purpose::Credit {
        return Ok(None);
    }
    let credit = money::account(tx, payment).await?;
    if credit.kind != ledger::Kind::Credit {
        return Ok(None);
    }
    let asked = Reservation {
        key: format!("pending:{}:{occasion}", payment.id),
        kind: "topup",
        about: format!("payment:{}", payment.id),
        debit: Account::card(payment.method.as_str(), payment.due.asset),
        credit,
        amount: payment.due,
        expires: None,
    };
    Ok(Some(ledger::hold(tx, asked, now).await?.id))
}

/// The same, and remembered with the payment, which is under review.
pub(super) async fn begin(tx: &Tx, payment: &Payment, occasion: &str, now: Time) -> Result<(), Fault> {
    if let Some(hold) = hold(tx, payment, occasion, now).await? {
        payments::set_hold(tx, payment, hold.0).await?;
    }
    Ok(())
}

/// So much came: the ledger transaction that brought it. What is pending is gone with it.
pub(super) async fn post(tx: &Tx, by: &Admin, payment: &Payment, amount: Money, now: Time) -> Result<i64, Fault> {
    let Some(hold) = payment.hold.map(HoldId) else { return Ok(money::receive(tx, by, payment, amount, now).await?) };
    match ledger::post_hold(tx, hold, amount, by.person(), now).await {
        Ok(posted) => Ok(posted.id.0),
        // More came than was pending: it is booked whole, before what was pending is given up, lest the account stand
        // below zero for a moment in which it does not.
        Err(LedgerError::TooMuch) => {
            let posting = money::receive(tx, by, payment, amount, now).await?;
            ledger::void_hold(tx, hold, now).await?;
            Ok(posting)
        }
        Err(error) => Err(error.into()),
    }
}

/// The review ended without money. `payment` is as it was under review.
pub(super) async fn give_up(tx: &Tx, payment: &Payment, now: Time) -> Result<(), Fault> {
    if let Some(hold) = payment.hold.map(HoldId) {
        ledger::void_hold(tx, hold, now).await?;
    }
    Ok(())
}
