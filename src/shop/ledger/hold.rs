//! Two steps: an amount is held, and later posted (whole or in part), given up, or expired. It resolves once (I5).
use super::account::Account;
use super::post::{Admitted, Draft, Posted, TransactionId, admitted, made, pair, write};
use super::rules::{Changes, fingerprint};
use super::table::HoldRow;
use super::{LedgerError, store};
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::Tx;
use sea_orm::DeriveValueType;

/// A hold's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
pub struct HoldId(pub i64);

/// Where a hold stands. All but `Open` are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldState {
    Open,
    Posted,
    Voided,
    Expired,
}

impl HoldState {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Posted => "posted",
            Self::Voided => "voided",
            Self::Expired => "expired",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, Fault> {
        let all = [Self::Open, Self::Posted, Self::Voided, Self::Expired];
        all.into_iter().find(|state| state.code() == code).ok_or_else(|| Fault::new(format!("no hold is {code}")))
    }
}

/// What is to be held: `debit` cannot spend it meanwhile, `credit` does not have it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Names this hold for ever, as a transfer's key does; holds and transfers have keys of their own.
    pub key: String,
    /// The kind of the transaction that will post it.
    pub kind: &'static str,
    pub about: String,
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
    /// From this moment on it can only be released. `None`: it waits for ever.
    pub expires: Option<Time>,
}

/// `replay`: it had been held before, and nothing was changed now (whatever became of the hold since).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    pub id: HoldId,
    pub replay: bool,
}

/// A hold that expired just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    pub id: HoldId,
    pub about: String,
    pub amount: Money,
}

/// Holds an amount, once.
///
/// # Errors
/// `Short`, `Frozen`, `KeyReused`, `Overflow`.
pub async fn hold(tx: &Tx, asked: Reservation, now: Time) -> Result<Reserved, LedgerError> {
    pair(asked.debit.clone(), asked.credit.clone(), asked.amount)?;
    let hash = hash_of(&asked);
    if let Some(before) = store::hold_by_key(tx, &asked.key).await? {
        return replay(&before, &hash);
    }
    let mut changes = Changes::default();
    changes.pend(&asked.debit, &asked.credit, asked.amount.minor, 1)?;
    let ids = match locked(tx, &changes, false, now).await {
        Ok(ids) => ids,
        Err(LedgerError::Fault(fault)) => return Err(fault.into()),
        // The same hold may have been made while we waited for the lock, and have taken what we miss.
        Err(refusal) => return store::hold_by_key(tx, &asked.key).await?.map_or(Err(refusal), |row| replay(&row, &hash)),
    };
    if let Some(id) = store::insert_hold(tx, &asked, &hash, &ids, now).await? {
        store::apply(tx, (&changes, true), &ids, now).await?;
        return Ok(Reserved { id: HoldId(id), replay: false });
    }
    let before = store::hold_by_key(tx, &asked.key).await?.ok_or_else(|| Fault::new("a hold's key is taken by no hold"))?;
    // Rows of accounts may have been made for nothing: only a fault takes them back.
    replay(&before, &hash).map_err(|refusal| Fault::new(refusal).context("two holds at once under one key").into())
}

async fn locked(tx: &Tx, changes: &Changes, resolving: bool, now: Time) -> Result<store::Ids, LedgerError> {
    match admitted(tx, changes, resolving).await? {
        Admitted::Locked(ids) => Ok(ids),
        Admitted::Unlocked => Ok(made(tx, changes, resolving, now).await?.0),
    }
}

fn hash_of(asked: &Reservation) -> String {
    let expires = asked.expires.map_or_else(String::new, |time| time.0.to_string());
    let (debit, credit, amount) = (asked.debit.to_string(), asked.credit.to_string(), asked.amount.minor.to_string());
    fingerprint(["hold", asked.kind, &asked.about, &debit, &credit, &amount, &expires])
}

fn replay(before: &HoldRow, hash: &str) -> Result<Reserved, LedgerError> {
    if before.input_hash == hash { Ok(Reserved { id: HoldId(before.id), replay: true }) } else { Err(LedgerError::KeyReused) }
}

/// Posts the held amount or a part of it; the rest is released. The same again is a replay.
///
/// # Errors
/// `HoldResolved` (also when its time is over and nobody has swept it yet), `TooMuch`, `Overflow`. Nothing, or money of
/// another asset, is a fault.
pub async fn post_hold(tx: &Tx, id: HoldId, amount: Money, actor: PersonId, now: Time) -> Result<Posted, LedgerError> {
    let row = store::lock_hold(tx, id.0).await?;
    if let (HoldState::Posted, Some(by)) = (row.state, row.resolving_tx)
        && row.posted_amount == amount.minor
        && row.amount.asset == amount.asset
    {
        return Ok(Posted { id: TransactionId(by), replay: true });
    }
    if row.state != HoldState::Open {
        return Err(LedgerError::HoldResolved(row.state));
    }
    if is_over(&row, now) {
        return Err(LedgerError::HoldResolved(HoldState::Expired));
    }
    let entries = pair(row.debit.clone(), row.credit.clone(), amount)?;
    if amount.minor > row.amount.minor {
        return Err(LedgerError::TooMuch);
    }
    let mut changes = Changes::default();
    changes.post(&entries)?;
    changes.pend(&row.debit, &row.credit, -row.amount.minor, 0)?;
    let draft = Draft {
        key: format!("hold:{}", id.0),
        hash: fingerprint(["post hold", &id.0.to_string(), &amount.minor.to_string()]),
        kind: row.kind,
        about: row.about,
        actor,
        reason: None,
        reverses: None,
        against: None,
        entries: entries.into(),
        passes_frozen: false,
    };
    let posted = write(tx, &draft, &changes, now).await?;
    store::mark_posted(tx, id.0, amount, posted.id, now).await?;
    Ok(posted)
}

/// Gives a hold up: all of it is released. A hold whose time is over becomes `Expired`, which is as good; one that was
/// released before stays as it is.
///
/// # Errors
/// `HoldResolved` when it was posted.
pub async fn void_hold(tx: &Tx, id: HoldId, now: Time) -> Result<HoldState, LedgerError> {
    let row = store::lock_hold(tx, id.0).await?;
    match row.state {
        HoldState::Posted => Err(LedgerError::HoldResolved(HoldState::Posted)),
        HoldState::Voided | HoldState::Expired => Ok(row.state),
        HoldState::Open => {
            let state = if is_over(&row, now) { HoldState::Expired } else { HoldState::Voided };
            release(tx, &[row], state, now).await?;
            Ok(state)
        }
    }
}

/// Releases at most `limit` holds whose time is over, and says which.
///
/// # Errors
/// Only faults.
pub async fn expire_holds(tx: &Tx, now: Time, limit: u32) -> Result<Vec<Expired>, LedgerError> {
    let due = store::lock_due_holds(tx, now, limit).await?;
    if !due.is_empty() {
        release(tx, &due, HoldState::Expired, now).await?;
    }
    Ok(due.into_iter().map(|row| Expired { id: HoldId(row.id), about: row.about, amount: row.amount }).collect())
}

fn is_over(row: &HoldRow, now: Time) -> bool {
    row.expires_at.is_some_and(|expires| expires <= now.0)
}

async fn release(tx: &Tx, holds: &[HoldRow], state: HoldState, now: Time) -> Result<(), LedgerError> {
    let mut changes = Changes::default();
    for row in holds {
        changes.pend(&row.debit, &row.credit, -row.amount.minor, 1)?;
    }
    let ids = locked(tx, &changes, true, now).await?;
    store::mark_released(tx, holds, state.code(), now).await?;
    store::apply(tx, (&changes, true), &ids, now).await?;
    Ok(())
}
