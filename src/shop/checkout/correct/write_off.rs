//! An agency is closed. What is given up of its debt is a correction like any other: it counts against what its admin may
//! correct alone in a day, and has its row.
use super::store::{self, CorrectionRow, CorrectionState};
use super::{Purse, locked_alone_left};
use crate::base::{Fault, Money, PersonId, Time};
use crate::db::Tx;
use crate::shop::accounts::Admin;
use crate::shop::agents::{self, CloseError, Settlement};
use crate::shop::settings;

/// Closes an agency, and settles its account; what went to the person's wallet.
///
/// # Errors
/// `NeedsSecond` when more would be given up than this admin may alone today: the credit is corrected first, with a second
/// owner.
pub async fn close_agency(tx: &Tx, by: &Admin, agent: PersonId, how: Settlement, now: Time) -> Result<Money, CloseError> {
    // Its lock comes before those of the agency and the ledger, as with every correction.
    let alone = match how {
        Settlement::Paid => Money::new(0, settings::load(tx).await?.asset),
        Settlement::WriteOff(_) => locked_alone_left(tx, by, now).await?,
    };
    let closed = agents::close(tx, by, agent, (how, alone), now).await?;
    if let Some((amount, posting)) = closed.written_off {
        let row = CorrectionRow {
            key: format!("write-off:{}", posting.0),
            purse: Purse::Credit,
            person: agent,
            amount,
            reason: "the agency was closed".to_owned(),
            state: CorrectionState::Done,
            asked_by: by.person(),
            asked_at: now,
            expires_at: now,
            decided_by: None,
            decided_at: None,
        };
        if !store::insert_done(tx, &row, posting.0, now).await?.is_yes() {
            return Err(Fault::new(format!("the write-off of agency {agent} was written down before")).into());
        }
    }
    Ok(closed.to_wallet)
}
