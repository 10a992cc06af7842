//! Top-ups: money that a person puts into the wallet, or an agent into the credit account, before it buys anything.
//!
//! A top-up is a payment like any other: a method, a tail, receipts, one review. It has no order, so nothing is lent for
//! it, and a rejection takes nothing away. What its approval and the undoing of that do is said here, for each purpose.
use super::approve::{Approved, book};
use super::job::ReviewCard;
use super::place::OPEN_MAX;
use super::review::{ReviewError, decided};
use super::undo::UndoError;
use super::{money, pending, saved};
use crate::base::{Fault, Money, PaymentId, Time};
use crate::db::Tx;
use crate::queue::jobs;
use crate::shop::accounts::{Admin, Customer};
use crate::shop::agents;
use crate::shop::ledger::{self, Account, Standing};
use crate::shop::notices::{self, AgentNotice, Notice};
use crate::shop::payments::{self, Audience, Open, OpenError, Payment, Purpose};
use crate::shop::settings;

/// A top-up to open. Its id was minted with the screen that offered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopUp {
    pub payment: PaymentId,
    /// In the shop's asset; the tail comes on top.
    pub amount: Money,
    /// The wallet, or an agent's credit account.
    pub purpose: Purpose,
    /// How the person chose to pay; `None` takes any method.
    pub kind: Option<payments::Kind>,
}

#[derive(Debug, thiserror::Error)]
pub enum TopUpError {
    #[error("less than the shop takes")]
    TooSmall { least: Money },
    #[error("more than the shop takes at once")]
    TooLarge { most: Money },
    /// No method can take it now; `when` one could, if we know.
    #[error("no payment method can take this amount now")]
    NoMethod { when: Option<Time> },
    /// The person has as many unpaid payments as he may.
    #[error("too many unpaid payments")]
    TooManyOpen { most: i64 },
    #[error("the payment is somebody else's, or there is none")]
    NotYours,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<OpenError> for TopUpError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NoMethod { when } => Self::NoMethod { when },
            OpenError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Opens a top-up, once: the same id again gives the same payment, whatever became of it.
pub async fn open(tx: &Tx, customer: &Customer, top_up: &TopUp, now: Time) -> Result<Payment, TopUpError> {
    if let Some(known) = payments::get(tx, top_up.payment).await? {
        return mine(customer, known);
    }
    if top_up.purpose == Purpose::Credit && agents::agent(tx, customer).await?.is_none() {
        return Err(TopUpError::NotYours);
    }
    let settings = settings::load(tx).await?;
    let money = |minor| Money::new(minor, settings.asset);
    if top_up.amount.asset != settings.asset || top_up.amount.minor < settings.topup_min {
        return Err(TopUpError::TooSmall { least: money(settings.topup_min) });
    }
    if top_up.amount.minor > settings.topup_max {
        return Err(TopUpError::TooLarge { most: money(settings.topup_max) });
    }
    if payments::open_of(tx, customer.id).await? >= OPEN_MAX {
        return Err(TopUpError::TooManyOpen { most: OPEN_MAX });
    }
    let TopUp { payment: id, amount: price, purpose, kind } = *top_up;
    let audience = Audience::who_pays(purpose, customer);
    let open =
        Open { id, purpose, person: customer.id, price, kind, audience, now, zone: settings.zone(), ttl: settings.order_ms() };
    mine(customer, payments::open(tx, open).await?)
}

/// A top-up of this person's.
fn mine(customer: &Customer, payment: Payment) -> Result<Payment, TopUpError> {
    let is_mine = payment.person == customer.id && payment.purpose.order().is_none();
    if is_mine { Ok(payment) } else { Err(TopUpError::NotYours) }
}

/// The customer gives up a top-up, even while its receipt is under review. A receipt that comes later is still taken.
pub async fn cancel(tx: &Tx, customer: &Customer, id: PaymentId, now: Time) -> Result<Payment, TopUpError> {
    let payment = payments::locked(tx, id).await?.ok_or(TopUpError::NotYours)?;
    let payment = mine(customer, payment)?;
    if payments::cancel(tx, &payment, now).await?.is_yes() && payment.state == payments::State::Submitted {
        pending::give_up(tx, &payment, now).await?;
        jobs::enqueue(tx, &ReviewCard { payment: id }, now, None).await?;
    }
    payments::get(tx, id).await?.ok_or_else(|| Fault::new("a locked payment is gone").into())
}

/// All of it goes to the account that the top-up is for. An order that waits for it buys itself.
pub(super) async fn approve(tx: &Tx, by: &Admin, payment: &Payment, amount: Money, now: Time) -> Result<Approved, ReviewError> {
    let account = money::account(tx, payment).await?;
    // Its locks come before those of the ledger.
    let saved = if account.kind == ledger::Kind::Wallet { saved::waiting(tx, payment.person).await? } else { None };
    let approved = book(tx, by, payment, amount, now).await?;
    let told = arrived(tx, payment, (&account, amount)).await?;
    notices::tell(tx, payment.person, &told, now, Some(format!("approved:{}:{}", payment.id, payment.round))).await?;
    if let Some(saved) = saved {
        saved::buy(tx, by, &saved, payment, now).await?;
    }
    decided(tx, by, (payment, &approved), now).await?;
    Ok(Approved { payment: approved, order: None, paid: false, kept: amount })
}

/// What is told of it: the account it came to, as it is by now.
async fn arrived(tx: &Tx, payment: &Payment, (account, amount): (&Account, Money)) -> Result<Notice, Fault> {
    if account.kind == ledger::Kind::Credit {
        let Standing { confirmed, left, .. } = ledger::standing(tx, account).await?;
        return Ok(AgentNotice::ToppedUp { amount, confirmed, left }.into());
    }
    let balance = ledger::balance(tx, account).await?.available;
    Ok(match payment.purpose {
        Purpose::Order(_) | Purpose::Wallet => Notice::ToppedUp { payment: payment.id, amount, balance },
        Purpose::Credit => AgentNotice::KeptInWallet { amount, balance }.into(),
    })
}

/// Takes back what its approval brought, and what that bought; nothing when it was rejected.
pub(super) async fn undo(tx: &Tx, by: &Admin, payment: &Payment, now: Time) -> Result<(), UndoError> {
    // An agent's is pending again, before its money is taken back: he may have spent a part of what counts.
    pending::hold(tx, payment, &again(payment), now).await?;
    match payment.posting {
        Some(posting) => {
            saved::take_back(tx, by, payment, now).await?;
            Ok(money::take_back(tx, by.person(), posting, now).await?)
        }
        None => Ok(()),
    }
}

/// The occasion on which a decided top-up is under review again.
pub(super) fn again(payment: &Payment) -> String {
    format!("r{}", payment.round + 1)
}
