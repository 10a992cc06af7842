//! Warnings on a payment, found by us, judged by a person. A flagged payment is never accepted by the clock.
use super::store::locked;
use crate::base::{Fault, PaymentId};
use crate::db::{self, Tx};
use serde::{Deserialize, Serialize};

/// A warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The very file was sent for another payment.
    SamePhoto,
    /// A picture that looks the same was.
    AlikePhoto,
    /// The same tracking number was.
    SameNumber,
    /// What was written with the receipt names another amount than what is due.
    AmountDiffers,
    /// The method's limit of the day, of payments or of money, is passed.
    DailyLimit,
    /// The receipt came after the payment had expired or was cancelled.
    Late,
    /// The customer changed the message after he had sent it.
    Edited,
    /// A PDF, or a picture that we cannot read (HEIC, WebP, a broken file), or that Telegram does not give us: whether another
    /// payment's shows the same is for a person to say.
    NotCompared,
    /// Several payments could be meant, and the customer did not say which.
    Unnamed,
}

impl Flag {
    pub const ALL: [Self; 9] = [
        Self::SamePhoto,
        Self::AlikePhoto,
        Self::SameNumber,
        Self::AmountDiffers,
        Self::DailyLimit,
        Self::Late,
        Self::Edited,
        Self::NotCompared,
        Self::Unnamed,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Self::SamePhoto => "same_photo",
            Self::AlikePhoto => "alike_photo",
            Self::SameNumber => "same_number",
            Self::AmountDiffers => "amount_differs",
            Self::DailyLimit => "daily_limit",
            Self::Late => "late",
            Self::Edited => "edited",
            Self::NotCompared => "not_compared",
            Self::Unnamed => "unnamed",
        }
    }
}

/// Flags as a column has them: codes with commas, in the order of [`Flag::ALL`].
pub(super) fn write(flags: &[Flag]) -> String {
    let codes = Flag::ALL.into_iter().filter(|flag| flags.contains(flag)).map(Flag::code);
    codes.collect::<Vec<_>>().join(",")
}

pub(super) fn read(text: &str) -> Result<Vec<Flag>, Fault> {
    let codes = text.split(',').filter(|code| !code.is_empty());
    codes
        .map(|code| {
            Flag::ALL.into_iter().find(|flag| flag.code() == code).ok_or_else(|| Fault::new(format!("no flag is called {code}")))
        })
        .collect()
}

/// Adds warnings; says whether any is new.
pub async fn add_flags(tx: &Tx, payment: PaymentId, found: &[Flag]) -> Result<bool, Fault> {
    let Some(row) = locked(tx, payment).await? else { return Ok(false) };
    let (was, became) = (write(&row.flags), write(&[row.flags.as_slice(), found].concat()));
    if was == became {
        return Ok(false);
    }
    db::submit(tx, "UPDATE payments SET flags = $2 WHERE id = $1", vec![payment.into(), became.into()]).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{Flag, read, write};

    #[test]
    fn flags_are_read_back_once_each_and_in_order() {
        assert_eq!(write(&[Flag::Late, Flag::SamePhoto, Flag::Late]), "same_photo,late");
        assert_eq!(read("same_photo,late").unwrap(), [Flag::SamePhoto, Flag::Late]);
        assert_eq!(read("").unwrap(), []);
        assert!(read("same_photo,other").is_err());
        assert_eq!(read(&write(&Flag::ALL)).unwrap(), Flag::ALL);
    }
}
