//! An admin adds to a wallet or an agent's credit account, or takes from it, with a reason.
//!
//! What must always hold:
//! - a correction is a new transfer, and what it corrects stays: a code of the person's order or payment in the reason is
//!   what the transfer is about;
//! - its key was minted with the screen that showed it, so the same yes again is the same correction;
//! - nobody corrects his own account, nor confirms what he asked for;
//! - what one admin corrects alone in a day of the shop's zone never sums to more than the setting: what is beyond it is a
//!   row that waits, moves nothing, and is booked by the first owner who confirms it, unless it ends before;
//! - nothing is booked on the account of an agency that was closed meanwhile;
//! - each leaves an audit row, and the person is told.
mod book;
mod second;
mod store;
mod write_off;

use super::review::{NotAllowed, may_move_money};
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::{self, Tx};
use crate::shop::accounts::{self, Admin};
use crate::shop::agents;
use crate::shop::ledger::{self, Account, LedgerError};
use crate::shop::notices::{self, Notice};
use crate::shop::payments::day_of;
use crate::shop::settings;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

pub use second::{SecondError, confirm_correction, expire_corrections, refuse_correction};
pub use store::{CorrectionRow, CorrectionState, correction};
pub use write_off::close_agency;

/// Which account of a person is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purse {
    #[default]
    Wallet,
    /// An agent's credit account.
    Credit,
}

impl Purse {
    /// As its column has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Credit => "credit",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [Self::Wallet, Self::Credit].into_iter().find(|purse| purse.code() == code)
    }
}

/// What is to be corrected, by a positive amount. `key` was minted with the screen that asked, so that a second tap is the
/// same act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub person: PersonId,
    pub amount: Money,
    pub reason: String,
    pub key: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corrected {
    /// It is booked; what may be spent then.
    Booked(Money),
    /// It waits for a second owner.
    Waits,
}

#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    /// There is no such person; or, for a credit account, no agent.
    #[error("nobody of that id is known")]
    Unknown,
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    #[error("no such amount")]
    BadAmount,
    /// The account holds less than is to be taken.
    #[error("the account holds {} only", .available.minor)]
    Short { available: Money },
    /// Nothing is taken from an account that is frozen.
    #[error("the account is frozen")]
    Frozen,
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
            LedgerError::Frozen(_) => Self::Frozen,
            LedgerError::KeyReused => Self::Reused,
            LedgerError::Overflow => Self::BadAmount,
            other => Self::Fault(other.into()),
        }
    }
}

/// The account of a person that is meant.
pub fn account(purse: Purse, person: PersonId, asset: crate::base::Asset) -> Account {
    match purse {
        Purse::Wallet => Account::wallet(person, asset),
        Purse::Credit => Account::credit(person, asset),
    }
}

/// What may be spent of it: of a credit account, with its line and what counts of what is pending.
pub async fn spendable(conn: &impl ConnectionTrait, account: &Account) -> Result<Money, Fault> {
    match account.kind {
        ledger::Kind::Credit => Ok(ledger::standing(conn, account).await?.left),
        _ => Ok(ledger::balance(conn, account).await?.available),
    }
}

/// Corrects an account, `adds` to it or takes from it. What the admin may not correct alone any more today waits for a
/// second owner, of which the group is told.
pub async fn correct(
    tx: &Tx,
    by: &Admin,
    (purse, adds): (Purse, bool),
    correction: &Correction,
    now: Time,
) -> Result<Corrected, CorrectionError> {
    let wanted = checked(tx, by, (purse, adds), correction, now).await?;
    if let Some(known) = store::correction(tx, &correction.key).await? {
        return again(tx, &wanted, known).await;
    }
    let alone = locked_alone_left(tx, by, now).await?;
    if !can_be_booked(tx, &wanted).await? {
        return Err(CorrectionError::Unknown);
    }
    if correction.amount.minor <= alone.minor {
        return Ok(Corrected::Booked(book::book_alone(tx, by, &wanted, now).await?));
    }
    if store::insert(tx, &wanted, now).await?.is_yes() {
        let told = Notice::CorrectionAsked { key: wanted.key.clone() };
        notices::tell_group(tx, &told, now, Some(format!("correction-asked:{}", wanted.key))).await?;
        let deed = book::deed(by, &wanted, ("correction.ask", None, wanted.said()));
        accounts::audit(tx, &deed, now).await?;
        return Ok(Corrected::Waits);
    }
    let known = store::correction(tx, &correction.key).await?;
    again(tx, &wanted, known.ok_or_else(|| Fault::new("a correction's key is taken and its row absent"))?).await
}

/// The row that it would be, if this admin may ask for it.
async fn checked(
    tx: &Tx,
    by: &Admin,
    (purse, adds): (Purse, bool),
    correction: &Correction,
    now: Time,
) -> Result<CorrectionRow, CorrectionError> {
    let Correction { person, amount, reason, key } = correction;
    may_move_money(by, *person).map_err(CorrectionError::NotAllowed)?;
    if amount.minor <= 0 || amount.minor >= Money::LIMIT || reason.trim().is_empty() {
        return Err(CorrectionError::BadAmount);
    }
    if accounts::person(tx, *person).await?.is_none() {
        return Err(CorrectionError::Unknown);
    }
    if purse == Purse::Credit {
        let agency = agents::agency(tx, *person).await?;
        agency.filter(|agency| agency.state != agents::State::Closed).ok_or(CorrectionError::Unknown)?;
    }
    let signed = if adds { amount.minor } else { -amount.minor };
    Ok(CorrectionRow {
        key: key.clone(),
        purse,
        person: *person,
        amount: Money::new(signed, amount.asset),
        reason: reason.clone(),
        state: CorrectionState::Waiting,
        asked_by: by.person(),
        asked_at: now,
        expires_at: now.after(second::LASTS),
        decided_by: None,
        decided_at: None,
    })
}

/// Is there still the account that it corrects? The agency of a credit account stays open until this transaction ends. Its lock
/// comes after that of the admin, and before those of the ledger.
async fn can_be_booked(tx: &Tx, row: &CorrectionRow) -> Result<bool, Fault> {
    match row.purse {
        Purse::Wallet => Ok(true),
        Purse::Credit => agents::stays_open(tx, row.person).await,
    }
}

/// The same key again: the same correction, or another.
async fn again(tx: &Tx, wanted: &CorrectionRow, known: CorrectionRow) -> Result<Corrected, CorrectionError> {
    if !known.is_same(wanted) {
        return Err(CorrectionError::Reused);
    }
    match known.state {
        CorrectionState::Done => {
            let account = account(known.purse, known.person, known.amount.asset);
            Ok(Corrected::Booked(spendable(tx, &account).await?))
        }
        CorrectionState::Waiting => Ok(Corrected::Waits),
        CorrectionState::Refused | CorrectionState::Expired => Err(CorrectionError::Reused),
    }
}

/// What an admin may still correct alone today.
pub async fn alone_left(conn: &impl ConnectionTrait, admin: PersonId, now: Time) -> Result<Money, Fault> {
    let settings = settings::load(conn).await?;
    let today = day_of(settings.zone(), now).start;
    let done = store::alone_since(conn, admin, today, settings.asset).await?;
    Ok(Money::new((settings.correction_alone_max - done).max(0), settings.asset))
}

/// The same, and no other correction of this admin's comes between.
async fn locked_alone_left(tx: &Tx, by: &Admin, now: Time) -> Result<Money, Fault> {
    let sql = format!("SELECT id AS v FROM people WHERE id = $1{}", db::locking(tx, " FOR NO KEY UPDATE"));
    db::scalar::<i64>(tx, &sql, vec![by.person().into()]).await?;
    alone_left(tx, by.person(), now).await
}
