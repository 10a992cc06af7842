//! An admin adds to a wallet or takes from it, with a reason.
use super::money::wallet;
use super::review::{Change, NotAllowed, may_move_money, note};
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin};
use crate::shop::ledger::{self, Account, LedgerError, Leg, Transfer};
use crate::shop::notices::{self, Notice};

/// What is to be corrected. `key` was minted with the screen that asked, so that a second tap is the same act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub person: PersonId,
    pub amount: Money,
    pub reason: String,
    pub key: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    #[error("nobody of that id is known")]
    Unknown,
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    #[error("no such amount")]
    BadAmount,
    /// The wallet holds less than is to be taken.
    #[error("the wallet holds {} only", .available.minor)]
    Short { available: Money },
    /// The key was used for another correction.
    #[error("this was used for something else")]
    Reused,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<LedgerError> for CorrectionError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Short { available, .. } => Self::Short { available },
            LedgerError::KeyReused => Self::Reused,
            LedgerError::Overflow => Self::BadAmount,
            other => Self::Fault(other.into()),
        }
    }
}

/// Adds to a wallet; what is on it then.
pub async fn admin_credit(tx: &Tx, by: &Admin, correction: &Correction, now: Time) -> Result<Money, CorrectionError> {
    let wallet = Account::wallet(correction.person, correction.amount.asset);
    let leg = Leg { debit: Account::correction(correction.amount.asset), credit: wallet, amount: correction.amount };
    correct(tx, by, correction, ("wallet.credit", leg), now).await
}

/// Takes from a wallet; what is on it then.
pub async fn admin_debit(tx: &Tx, by: &Admin, correction: &Correction, now: Time) -> Result<Money, CorrectionError> {
    let wallet = Account::wallet(correction.person, correction.amount.asset);
    let leg = Leg { debit: wallet, credit: Account::correction(correction.amount.asset), amount: correction.amount };
    correct(tx, by, correction, ("wallet.debit", leg), now).await
}

async fn correct(
    tx: &Tx,
    by: &Admin,
    correction: &Correction,
    (act, leg): (&'static str, Leg),
    now: Time,
) -> Result<Money, CorrectionError> {
    let Correction { person, amount, reason, key } = correction;
    may_move_money(by, *person).map_err(CorrectionError::NotAllowed)?;
    if amount.minor <= 0 || amount.minor >= Money::LIMIT {
        return Err(CorrectionError::BadAmount);
    }
    if accounts::person(tx, *person).await?.is_none() {
        return Err(CorrectionError::Unknown);
    }
    let before = wallet(tx, *person, amount.asset).await?;
    let adds = act == "wallet.credit";
    let transfer = Transfer {
        key: format!("correction:{key}"),
        kind: if adds { "credit" } else { "debit" },
        about: format!("person:{person}"),
        actor: by.person(),
        reason: Some(reason.clone()),
        legs: vec![leg],
    };
    let posted = ledger::post(tx, transfer, now).await?;
    let balance = wallet(tx, *person, amount.asset).await?;
    if !posted.replay {
        let signed = if adds { amount.minor } else { -amount.minor };
        let told = Notice::WalletChanged { amount: Money::new(signed, amount.asset), balance, reason: reason.clone() };
        notices::tell(tx, *person, &told, now, Some(format!("correction:{key}"))).await?;
        let (was, became) = (Some(before.minor.to_string()), Some(format!("{} ({reason})", balance.minor)));
        note(tx, by, Change { act, subject: format!("person:{person}"), was, became }, now).await?;
    }
    Ok(balance)
}
