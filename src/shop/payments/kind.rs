//! What money is paid to: a bank card, a Sheba number, or an address for coins. Three kinds, one word each.
use crate::base::Fault;
use serde::{Deserialize, Serialize};

/// A kind of payment method. The order is that in which kinds are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Card,
    /// A bank account, by its Sheba number (an IBAN of Iran).
    Sheba,
    /// An address for coins, looked at by hand.
    Crypto,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Card, Self::Sheba, Self::Crypto];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Sheba => "sheba",
            Self::Crypto => "crypto",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub(super) fn stored(code: &str) -> Result<Self, Fault> {
        Self::parse(code).ok_or_else(|| Fault::new(format!("no payment method is a {code}")))
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn kinds_are_read_back() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::parse(kind.code()) == Some(kind)));
        assert_eq!(Kind::parse("cash"), None);
    }
}
