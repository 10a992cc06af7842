//! A correction becomes a transfer.
use super::store::{self, CorrectionRow};
use super::{CorrectionError, Purse, account, spendable};
use crate::base::{Fault, Money, OrderId, PaymentId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin, Deed};
use crate::shop::checkout::store as orders;
use crate::shop::ledger::{self, Account, Leg, Posted, Transfer};
use crate::shop::notices::{self, AgentNotice, Notice};
use crate::shop::payments;

/// Books what its admin may do alone; what may be spent then.
pub(super) async fn book_alone(tx: &Tx, by: &Admin, row: &CorrectionRow, now: Time) -> Result<Money, CorrectionError> {
    let account = account(row.purse, row.person, row.amount.asset);
    let before = spendable(tx, &account).await?;
    let posted = post(tx, row, now).await?;
    if !posted.replay && store::insert_done(tx, row, posted.id.0, now).await?.is_yes() {
        booked(tx, by, row, before, now).await?;
    }
    Ok(spendable(tx, &account).await?)
}

/// Moves the money, once for its key. It is its asker's act, whoever confirmed it.
pub(super) async fn post(tx: &Tx, row: &CorrectionRow, now: Time) -> Result<Posted, CorrectionError> {
    let account = account(row.purse, row.person, row.amount.asset);
    let (other, amount) = (Account::correction(row.amount.asset), Money::new(row.amount.minor.abs(), row.amount.asset));
    let (kind, leg) = if row.amount.minor > 0 {
        ("credit", Leg { debit: other, credit: account, amount })
    } else {
        ("debit", Leg { debit: account, credit: other, amount })
    };
    let transfer = Transfer {
        key: format!("correction:{}", row.key),
        kind,
        about: about(tx, row).await?,
        actor: row.asked_by,
        reason: Some(row.reason.clone()),
        legs: vec![leg],
    };
    Ok(ledger::post(tx, transfer, now).await?)
}

/// The order or payment of this person whose code stands in the reason; else the person.
async fn about(tx: &Tx, row: &CorrectionRow) -> Result<String, Fault> {
    let codes = row.reason.split_whitespace().filter_map(|word| word.strip_prefix('#'));
    for id in codes.filter_map(|code| OrderId::parse(code.trim_end_matches(|c: char| !c.is_alphanumeric()))) {
        if orders::get_for(tx, row.person, id).await?.is_some() {
            return Ok(format!("order:{id}"));
        }
        if payments::get(tx, PaymentId(id.0)).await?.is_some_and(|payment| payment.person == row.person) {
            return Ok(format!("payment:{id}"));
        }
    }
    Ok(format!("person:{}", row.person))
}

/// Tells the person, and writes down who did it. `before`: what could be spent.
pub(super) async fn booked(tx: &Tx, by: &Admin, row: &CorrectionRow, before: Money, now: Time) -> Result<(), Fault> {
    let balance = spendable(tx, &account(row.purse, row.person, row.amount.asset)).await?;
    let (amount, reason) = (row.amount, row.reason.clone());
    let told = match row.purse {
        Purse::Wallet => Notice::WalletChanged { amount, balance, reason },
        Purse::Credit => AgentNotice::CreditChanged { amount, left: balance, reason }.into(),
    };
    notices::tell(tx, row.person, &told, now, Some(format!("correction:{}", row.key))).await?;
    let act = match (row.purse, row.amount.minor > 0) {
        (Purse::Wallet, true) => "wallet.credit",
        (Purse::Wallet, false) => "wallet.debit",
        (Purse::Credit, true) => "agent.credit",
        (Purse::Credit, false) => "agent.debit",
    };
    let became = if by.person() == row.asked_by {
        format!("{} ({})", balance.minor, row.reason)
    } else {
        format!("{} ({}; asked by {})", balance.minor, row.reason, row.asked_by)
    };
    accounts::audit(tx, &deed(by, row, (act, Some(before.minor.to_string()), became)), now).await
}

pub(super) fn deed<'a>(by: &Admin, row: &CorrectionRow, (act, was, became): (&'a str, Option<String>, String)) -> Deed<'a> {
    let subject = format!("person:{}", row.person);
    Deed { by: by.person(), act, subject, was, became: Some(became), origin: by.origin() }
}
