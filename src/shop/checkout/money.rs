//! What a sale does in the ledger.
//!
//! Each act has a key of its own for each round of the review, so that a decision which was taken back and made again
//! moves money again, and one that is repeated does not.
use super::refund::Refunded;
use super::state::Payer;
use super::store::Order;
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::Admin;
use crate::shop::agents;
use crate::shop::ledger::{self, Account, LedgerError, Leg, Reversal, TransactionId, Transfer};
use crate::shop::notices::RefundTo;
use crate::shop::payments::{Payment, Purpose};
use sea_orm::ConnectionTrait;

pub(super) const TRADE: &str = "vpn";

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Fault(fault) => fault,
            refusal => Self::new(refusal).context("the ledger refused what the shop had decided"),
        }
    }
}

fn keyed(act: &str, id: impl std::fmt::Display, round: i64) -> String {
    if round == 0 { format!("{act}:{id}") } else { format!("{act}:{id}/{round}") }
}

/// So much came by the payment's method: it is the person's, in the account that it is for.
pub(super) async fn receive(tx: &Tx, by: &Admin, payment: &Payment, amount: Money, now: Time) -> Result<i64, LedgerError> {
    let credit = account(tx, payment).await?;
    Ok(ledger::post(tx, coming(by, payment, credit, amount), now).await?.id.0)
}

fn coming(by: &Admin, payment: &Payment, credit: Account, amount: Money) -> Transfer {
    Transfer {
        key: keyed("pay", payment.id, payment.round),
        kind: "topup",
        about: format!("payment:{}", payment.id),
        actor: by.person(),
        reason: None,
        legs: vec![Leg { debit: Account::card(payment.method.as_str(), amount.asset), credit, amount }],
    }
}

/// The same for an order that it pays, whose price is taken at once. `meanwhile` is told the transactions that brought it and
/// that took it: see [`ledger::post_two`].
pub(super) async fn receive_and_charge<T, E: From<LedgerError>>(
    tx: &Tx,
    by: &Admin,
    (payment, order): (&Payment, &Order),
    (amount, now): (Money, Time),
    meanwhile: impl AsyncFnOnce(i64, i64) -> Result<T, E>,
) -> Result<T, E> {
    let came = coming(by, payment, Account::wallet(payment.person, amount.asset), amount);
    let price = price_of(order, by.person(), charge_key(order, payment.round));
    ledger::post_two(tx, [came, price], now, async |[came, charge]| meanwhile(came.0, charge.0).await).await
}

/// The accounts that a payment's money passes, in the order in which they are locked.
pub(super) async fn way_of(tx: &Tx, payment: &Payment) -> Result<[Account; 2], Fault> {
    Ok([Account::card(payment.method.as_str(), payment.due.asset), account(tx, payment).await?])
}

/// Where a payment's money goes: what is for an order passes through the wallet, and what was for the account of an agency
/// that is closed by now stays there.
pub(super) async fn account(tx: &Tx, payment: &Payment) -> Result<Account, Fault> {
    let (person, asset) = (payment.person, payment.due.asset);
    let is_credit = payment.purpose == Purpose::Credit && agents::stays_open(tx, person).await?;
    Ok(if is_credit { Account::credit(person, asset) } else { Account::wallet(person, asset) })
}

/// Whose account pays an order.
pub(super) fn purse(order: &Order) -> Account {
    match order.payer {
        Payer::Wallet => Account::wallet(order.person, order.price.asset),
        Payer::Credit => Account::credit(order.person, order.price.asset),
    }
}

/// Takes the price of what an agent sells from his credit, once.
pub(super) async fn charge_agent(tx: &Tx, order: &Order, now: Time) -> Result<i64, LedgerError> {
    charge(tx, order, (order.person, charge_key(order, 0)), now).await
}

/// Names the charge of an order that this round of its payment's review pays.
pub(super) fn charge_key(order: &Order, round: i64) -> String {
    keyed("order", order.id, round)
}

/// Takes an order's price from the account that pays it, once for a key.
pub(super) async fn charge(tx: &Tx, order: &Order, (by, key): (PersonId, String), now: Time) -> Result<i64, LedgerError> {
    Ok(ledger::post(tx, price_of(order, by, key), now).await?.id.0)
}

fn price_of(order: &Order, by: PersonId, key: String) -> Transfer {
    Transfer {
        key,
        kind: "sale",
        about: format!("order:{}", order.id),
        actor: by,
        reason: None,
        legs: vec![Leg { debit: purse(order), credit: Account::revenue(TRADE, order.price.asset), amount: order.price }],
    }
}

/// Whither a refund of an order goes: to the account that paid, but to the wallet of an agent whose account is closed.
pub(super) async fn refund_to(conn: &impl ConnectionTrait, order: &Order) -> Result<RefundTo, Fault> {
    if order.payer == Payer::Wallet {
        return Ok(RefundTo::Wallet);
    }
    let agency = agents::agency(conn, order.person).await?;
    let is_open = agency.is_some_and(|agency| agency.state != agents::State::Closed);
    Ok(if is_open { RefundTo::Credit } else { RefundTo::Wallet })
}

/// The same, and the agency stays as it is until this transaction ends.
pub(super) async fn locked_refund_to(tx: &Tx, order: &Order) -> Result<RefundTo, Fault> {
    let is_open = order.payer == Payer::Credit && agents::stays_open(tx, order.person).await?;
    Ok(if is_open { RefundTo::Credit } else { RefundTo::Wallet })
}

/// Gives back a part of an order's price; the ledger refuses more than was charged. What is paid back by hand leaves the
/// method that paid it, or comes from outside of the books.
pub(super) async fn refund(tx: &Tx, order: &Order, refund: &Refunded, now: Time) -> Result<i64, LedgerError> {
    let charge = order.charge.ok_or_else(|| Fault::new(format!("order {} is paid and has no charge", order.id)))?;
    let asset = order.price.asset;
    let credit = match (refund.to, &refund.method) {
        (RefundTo::Wallet, _) => Account::wallet(order.person, asset),
        (RefundTo::Credit, _) => Account::credit(order.person, asset),
        (RefundTo::Hand, Some(method)) => Account::card(method.as_str(), asset),
        (RefundTo::Hand, None) => Account::correction(asset),
    };
    let transfer = Transfer {
        key: match refund.so_far.minor {
            0 => format!("refund:{}", order.id),
            so_far => format!("refund:{}/{so_far}", order.id),
        },
        kind: "refund",
        about: format!("order:{}", order.id),
        actor: refund.by,
        reason: Some(refund.reason.clone()),
        legs: vec![Leg { debit: Account::refunds(TRADE, asset), credit, amount: refund.amount }],
    };
    Ok(ledger::post_against(tx, TransactionId(charge), transfer, now).await?.id.0)
}

/// Takes a whole transaction back.
pub(super) async fn reverse(tx: &Tx, by: PersonId, original: i64, now: Time) -> Result<(), LedgerError> {
    let reversal = Reversal { key: format!("undo:{original}"), actor: by, reason: "decision taken back".to_owned() };
    ledger::reverse(tx, TransactionId(original), reversal, now).await?;
    Ok(())
}

/// The same, from an account that was frozen since: what came by mistake goes before what he may do with it.
pub(super) async fn take_back(tx: &Tx, by: PersonId, original: i64, now: Time) -> Result<(), LedgerError> {
    let reversal = Reversal { key: format!("undo:{original}"), actor: by, reason: "decision taken back".to_owned() };
    ledger::take_back(tx, TransactionId(original), reversal, now).await?;
    Ok(())
}

/// What the person may spend.
pub(super) async fn wallet(tx: &Tx, person: PersonId, asset: crate::base::Asset) -> Result<Money, Fault> {
    Ok(ledger::balance(tx, &Account::wallet(person, asset)).await?.available)
}
