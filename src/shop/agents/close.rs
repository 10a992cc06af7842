//! An agency is closed, and its account settled: what the shop owes goes to the person's wallet; what he owes is paid
//! first, or written off by name. What he sold runs to its end, what he had paused too: whoever took it over keeps it, and what
//! nobody took over is his own, as a customer.
use super::agency::{Agency, State};
use super::job::Release;
use super::manage::{ManageError, to_change};
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::{self, Tx};
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Deed, Right};
use crate::shop::ledger::{self, Account, LedgerError, Leg, Limits, TransactionId, Transfer};
use crate::shop::notices::{self, AgentNotice};
use crate::shop::settings;

/// What is done about a debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// There may be none.
    Paid,
    /// So much, and no more, is given up.
    WriteOff(Money),
}

#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    #[error("there is no such agent, or his agency is closed")]
    Unknown,
    #[error("not allowed")]
    NotAllowed,
    /// Receipts under review, or sales on hold: they are decided first.
    #[error("{} is still pending", .0.minor)]
    Pending(Money),
    /// He owes so much.
    #[error("{} is owed", .0.minor)]
    Owes(Money),
    /// It is more than this admin may give up alone today.
    #[error("only {} can be given up alone", .alone.minor)]
    NeedsSecond { alone: Money },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ManageError> for CloseError {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Unknown => Self::Unknown,
            ManageError::Fault(fault) => Self::Fault(fault),
            ManageError::NotAllowed | ManageError::NoTier | ManageError::BadValue | ManageError::Already => Self::NotAllowed,
        }
    }
}

impl From<LedgerError> for CloseError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Fault(fault) => Self::Fault(fault),
            refusal => Self::Fault(Fault::new(refusal).context("settling an agency")),
        }
    }
}

/// An agency was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// What went to the person's wallet.
    pub to_wallet: Money,
    /// What was given up, and by which ledger transaction.
    pub written_off: Option<(Money, TransactionId)>,
}

/// Closes an agency. `alone`: no more than that is given up.
pub async fn close(
    tx: &Tx,
    by: &Admin,
    agent: PersonId,
    (how, alone): (Settlement, Money),
    now: Time,
) -> Result<Closed, CloseError> {
    let agency = to_change(tx, by, Right::Staff, agent).await?;
    let asset = settings::load(tx).await?.asset;
    let account = agency.account(asset);
    // Its row is locked here, so that nothing comes between what is read now and the settlement.
    ledger::set_state(tx, &account, ledger::State::Open, now).await?;
    ledger::set_limits(tx, &account, Limits::default(), now).await?;
    let standing = ledger::standing(tx, &account).await?;
    for pending in [standing.pending, standing.held] {
        if pending.minor > 0 {
            return Err(CloseError::Pending(pending));
        }
    }
    let owed = Money::new(-standing.confirmed.minor, asset);
    if owed.minor > 0 && how != Settlement::WriteOff(owed) {
        return Err(CloseError::Owes(owed));
    }
    if owed.minor > alone.minor {
        return Err(CloseError::NeedsSecond { alone });
    }
    let back = standing.confirmed;
    let posting = settle(tx, by, &agency, back, now).await?;
    ledger::set_state(tx, &account, ledger::State::Closed, now).await?;
    db::submit(tx, "UPDATE agents SET state = 'closed' WHERE person = $1", vec![agent.into()]).await?;
    let deed = Deed {
        by: by.person(),
        act: "agent.close",
        subject: format!("person:{agent}"),
        was: Some(format!("{}, {} {asset}", agency.state.code(), back.minor)),
        became: Some(State::Closed.code().to_owned()),
        origin: by.origin(),
    };
    accounts::audit(tx, &deed, now).await?;
    jobs::enqueue(tx, &Release { agent }, now, None).await?;
    let to_wallet = Money::new(back.minor.max(0), asset);
    notices::tell(tx, agent, &AgentNotice::Closed { to_wallet }.into(), now, None).await?;
    Ok(Closed { to_wallet, written_off: posting.filter(|_| owed.minor > 0).map(|posting| (owed, posting)) })
}

/// Makes the account hold nothing.
async fn settle(tx: &Tx, by: &Admin, agency: &Agency, holds: Money, now: Time) -> Result<Option<TransactionId>, LedgerError> {
    let (agent, asset) = (agency.person, holds.asset);
    let account = agency.account(asset);
    let amount = Money::new(holds.minor.abs(), asset);
    let leg = match holds.minor {
        0 => return Ok(None),
        ..0 => Leg { debit: Account::correction(asset), credit: account, amount },
        _ => Leg { debit: account, credit: Account::wallet(agent, asset), amount },
    };
    let transfer = Transfer {
        key: format!("settle:{agent}:{}", agency.application),
        kind: "settlement",
        about: format!("person:{agent}"),
        actor: by.person(),
        reason: Some("the agency was closed".to_owned()),
        legs: vec![leg],
    };
    Ok(Some(ledger::post(tx, transfer, now).await?.id))
}
