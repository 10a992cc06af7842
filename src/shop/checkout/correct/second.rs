//! A second owner's word about a correction that waits: the first decides, and nobody about his own.
use super::store::{self, CorrectionRow, CorrectionState};
use super::{CorrectionError, account, book, can_be_booked, spendable};
use crate::base::{DAY, Fault, Money, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Admin, Right};
use crate::shop::checkout::review::NotAllowed;
use crate::shop::notices::{self, Notice};

/// It waits for so long.
pub(super) const LASTS: i64 = DAY;

#[derive(Debug, thiserror::Error)]
pub enum SecondError {
    #[error("there is no such correction")]
    Unknown,
    /// He is no owner, asked for it himself, or it is his own account.
    #[error("not allowed: {0:?}")]
    NotAllowed(NotAllowed),
    /// Somebody was faster, or its time is over.
    #[error("it is {} already", .0.state.code())]
    Decided(Box<CorrectionRow>),
    /// The account holds less by now. It still waits.
    #[error("the account holds {} only", .available.minor)]
    Short { available: Money },
    /// Nothing is taken from an account that is frozen. It still waits.
    #[error("the account is frozen")]
    Frozen,
    /// The agency was closed, and its account settled. It waits for its own end.
    #[error("the agency is closed")]
    Closed,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<CorrectionError> for SecondError {
    fn from(error: CorrectionError) -> Self {
        match error {
            CorrectionError::Short { available } => Self::Short { available },
            CorrectionError::Frozen => Self::Frozen,
            CorrectionError::Fault(fault) => Self::Fault(fault),
            other => Self::Fault(Fault::new(other).context("a correction that waited cannot be booked")),
        }
    }
}

/// The row, locked, while it waits.
async fn waiting(tx: &Tx, key: &str, now: Time) -> Result<CorrectionRow, SecondError> {
    let row = store::locked(tx, key).await?.ok_or(SecondError::Unknown)?;
    match row.state {
        CorrectionState::Waiting if row.expires_at > now => Ok(row),
        CorrectionState::Waiting => Err(SecondError::Decided(Box::new(CorrectionRow { state: CorrectionState::Expired, ..row }))),
        CorrectionState::Done | CorrectionState::Refused | CorrectionState::Expired => Err(SecondError::Decided(Box::new(row))),
    }
}

/// Books it: by an owner who neither asked for it nor gains by it.
pub async fn confirm_correction(tx: &Tx, by: &Admin, key: &str, now: Time) -> Result<Money, SecondError> {
    if !by.may(Right::Staff) {
        return Err(SecondError::NotAllowed(NotAllowed::Role));
    }
    let row = waiting(tx, key, now).await?;
    if [row.asked_by, row.person].contains(&by.person()) {
        return Err(SecondError::NotAllowed(NotAllowed::Own));
    }
    if !can_be_booked(tx, &row).await? {
        return Err(SecondError::Closed);
    }
    let account = account(row.purse, row.person, row.amount.asset);
    let before = spendable(tx, &account).await?;
    let posted = book::post(tx, &row, now).await?;
    if !store::decide(tx, &row, (CorrectionState::Done, Some(posted.id.0)), Some(by.person()), now).await?.is_yes() {
        return Err(Fault::new(format!("correction {key} changed under its lock")).into());
    }
    book::booked(tx, by, &row, before, now).await?;
    Ok(spendable(tx, &account).await?)
}

/// It is not booked: an owner says so, or its asker takes it back.
pub async fn refuse_correction(tx: &Tx, by: &Admin, key: &str, now: Time) -> Result<(), SecondError> {
    let row = waiting(tx, key, now).await?;
    if !by.may(Right::Staff) && by.person() != row.asked_by {
        return Err(SecondError::NotAllowed(NotAllowed::Role));
    }
    if by.person() == row.person {
        return Err(SecondError::NotAllowed(NotAllowed::Own));
    }
    if !store::decide(tx, &row, (CorrectionState::Refused, None), Some(by.person()), now).await?.is_yes() {
        return Err(Fault::new(format!("correction {key} changed under its lock")).into());
    }
    let deed = book::deed(by, &row, ("correction.refuse", None, row.said()));
    Ok(accounts::audit(tx, &deed, now).await?)
}

/// Ends those that nobody confirmed in time, at most `limit`, and tells the group; says which.
pub async fn expire_corrections(tx: &Tx, now: Time, limit: i64) -> Result<Vec<String>, Fault> {
    let mut ended = Vec::new();
    for row in store::due(tx, now, limit).await? {
        if store::decide(tx, &row, (CorrectionState::Expired, None), None::<PersonId>, now).await?.is_yes() {
            let told = Notice::CorrectionExpired { key: row.key.clone() };
            notices::tell_group(tx, &told, now, Some(format!("correction-expired:{}", row.key))).await?;
            ended.push(row.key);
        }
    }
    Ok(ended)
}
