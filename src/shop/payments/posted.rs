//! Where the admins see a payment and its receipts: one message each, whoever posts it.
//!
//! Always: who is about to post claims the place first, under the number of its job, so that two jobs never post the same
//! card; a job that died and runs again keeps its claim. It knows nothing of how a message is sent.
use crate::base::{ChatId, Fault, PaymentId};
use crate::db::{self, Db, Moved, Tx};

/// What a column of this kind holds: nothing, the id of a message, or the number of the job that posts it, negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    Free,
    Posted(i64),
    /// By the job of this number.
    Taken(i64),
}

impl Claim {
    pub const fn of(column: Option<i64>) -> Self {
        match column {
            None => Self::Free,
            Some(job) if job < 0 => Self::Taken(-job),
            Some(message) => Self::Posted(message),
        }
    }

    const fn column(self) -> i64 {
        match self {
            Self::Free => 0,
            Self::Posted(message) => message,
            Self::Taken(job) => -job,
        }
    }
}

/// Takes the place of the card for a job, when it is still as it was seen.
pub async fn claim_card(db: &Db, id: PaymentId, seen: Claim, job: i64) -> Result<Moved, Fault> {
    let sql = "UPDATE payments SET card_message = $3 WHERE id = $1 AND COALESCE(card_message, 0) = $2".to_owned();
    Ok(Moved::from_rows(db::execute_one(db, sql, vec![id.into(), seen.column().into(), (-job).into()]).await?))
}

/// The job will not post it.
pub async fn release_card(tx: &Tx, id: PaymentId, job: i64) -> Result<(), Fault> {
    let sql = "UPDATE payments SET card_message = NULL WHERE id = $1 AND card_message = $2";
    db::submit(tx, sql, vec![id.into(), (-job).into()]).await?;
    Ok(())
}

/// Remembers where the admins' card was posted.
pub async fn set_card(tx: &Tx, id: PaymentId, chat: ChatId, message: i64) -> Result<(), Fault> {
    let sql = "UPDATE payments SET card_chat = $2, card_message = $3 WHERE id = $1";
    db::submit(tx, sql, vec![id.into(), chat.into(), message.into()]).await?;
    Ok(())
}

/// Takes a receipt's place below the card for a job, unless it is posted or another job posts it.
pub async fn claim_receipt(db: &Db, receipt: i64, job: i64) -> Result<Moved, Fault> {
    let sql = "UPDATE receipts SET card_message = $2 WHERE id = $1 AND (card_message IS NULL OR card_message = $2)".to_owned();
    Ok(Moved::from_rows(db::execute_one(db, sql, vec![receipt.into(), (-job).into()]).await?))
}

pub async fn release_receipt(tx: &Tx, receipt: i64, job: i64) -> Result<(), Fault> {
    let sql = "UPDATE receipts SET card_message = NULL WHERE id = $1 AND card_message = $2";
    db::submit(tx, sql, vec![receipt.into(), (-job).into()]).await?;
    Ok(())
}

pub async fn set_receipt_card(tx: &Tx, receipt: i64, message: i64) -> Result<(), Fault> {
    db::submit(tx, "UPDATE receipts SET card_message = $2 WHERE id = $1", vec![receipt.into(), message.into()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Claim;

    #[test]
    fn a_column_says_who_posts() {
        for (column, claim) in [(None, Claim::Free), (Some(7), Claim::Posted(7)), (Some(-3), Claim::Taken(3))] {
            assert_eq!(Claim::of(column), claim);
            assert_eq!(claim.column(), column.unwrap_or(0));
        }
    }
}
