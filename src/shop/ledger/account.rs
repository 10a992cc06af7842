//! An account's name: what kind it is, whose, in which asset. Its row is made when it is first used.
use crate::base::{Asset, Fault, PersonId};
use std::fmt;

/// The side of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Debit,
    Credit,
}

impl Side {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, Fault> {
        match code {
            "debit" => Ok(Self::Debit),
            "credit" => Ok(Self::Credit),
            other => Err(Fault::new(format!("no side is called {other}"))),
        }
    }

    pub(super) const fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// What an account is for. The order is that of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What we owe a person, and he may spend.
    Wallet,
    /// What we gave a person to spend here only.
    Bonus,
    /// Money that came by a payment method of ours: a card, a Sheba number, an address for coins.
    Card,
    /// Money on its way to us through a gateway.
    Clearing,
    /// What we sold.
    Revenue,
    /// What we gave back of it.
    Refunds,
    /// What gateways keep.
    Fees,
    /// What we have with a provider.
    Float,
    /// What providers took.
    Cost,
    /// Money that came and that we cannot place yet.
    Suspense,
    /// An agent's credit account.
    Credit,
    /// The other side of an admin's correction.
    Correction,
    /// The other side of what was there before the ledger.
    Opening,
}

impl Kind {
    pub const ALL: [Self; 13] = [
        Self::Wallet,
        Self::Bonus,
        Self::Card,
        Self::Clearing,
        Self::Revenue,
        Self::Refunds,
        Self::Fees,
        Self::Float,
        Self::Cost,
        Self::Suspense,
        Self::Credit,
        Self::Correction,
        Self::Opening,
    ];

    /// Is it one person's?
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Wallet | Self::Bonus | Self::Credit)
    }

    /// Does money come in there?
    pub const fn is_door(self) -> bool {
        matches!(self, Self::Card | Self::Clearing)
    }

    /// When it is locked: people's first, then where money comes in, and last what everybody shares. So an act of several steps
    /// (money comes, then it is spent) holds nothing that all others wait for while it waits for a person's.
    pub const fn turn(self) -> u8 {
        if self.is_personal() {
            0
        } else if self.is_door() {
            1
        } else {
            2
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Bonus => "bonus",
            Self::Card => "card",
            Self::Clearing => "clearing",
            Self::Revenue => "revenue",
            Self::Refunds => "refunds",
            Self::Fees => "fees",
            Self::Float => "float",
            Self::Cost => "cost",
            Self::Suspense => "suspense",
            Self::Credit => "credit",
            Self::Correction => "correction",
            Self::Opening => "opening",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The side on which it grows: what we have and what we spend on debit, what we owe and what we earn on credit.
    pub const fn normal(self) -> Side {
        match self {
            Self::Card | Self::Clearing | Self::Refunds | Self::Fees | Self::Float | Self::Cost => Side::Debit,
            Self::Wallet | Self::Bonus | Self::Revenue | Self::Suspense | Self::Credit | Self::Correction | Self::Opening => {
                Side::Credit
            }
        }
    }

    /// The least that may be available on a new account of this kind; `None` is no limit.
    pub const fn floor(self) -> Option<i64> {
        match self {
            Self::Wallet | Self::Bonus | Self::Credit => Some(0),
            Self::Card
            | Self::Clearing
            | Self::Revenue
            | Self::Refunds
            | Self::Fees
            | Self::Float
            | Self::Cost
            | Self::Suspense
            | Self::Correction
            | Self::Opening => None,
        }
    }
}

/// Whether an account takes new debits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Open,
    Frozen,
    Closed,
}

impl State {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }
}

/// The name of an account: `kind` and `owner` and `asset` together are unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    pub kind: Kind,
    pub owner: String,
    pub asset: Asset,
}

impl Account {
    pub fn new(kind: Kind, owner: impl fmt::Display, asset: Asset) -> Self {
        Self { kind, owner: owner.to_string(), asset }
    }

    pub fn wallet(person: PersonId, asset: Asset) -> Self {
        Self::new(Kind::Wallet, person, asset)
    }

    pub fn bonus(person: PersonId, asset: Asset) -> Self {
        Self::new(Kind::Bonus, person, asset)
    }

    /// An agent's credit account.
    pub fn credit(person: PersonId, asset: Asset) -> Self {
        Self::new(Kind::Credit, person, asset)
    }

    /// What came by a payment method of ours, by its code.
    pub fn card(method: &str, asset: Asset) -> Self {
        Self::new(Kind::Card, method, asset)
    }

    pub fn clearing(gateway: &str, asset: Asset) -> Self {
        Self::new(Kind::Clearing, gateway, asset)
    }

    /// What was earned with one trade of the shop (`vpn`).
    pub fn revenue(trade: &str, asset: Asset) -> Self {
        Self::new(Kind::Revenue, trade, asset)
    }

    /// What was given back of one trade's revenue.
    pub fn refunds(trade: &str, asset: Asset) -> Self {
        Self::new(Kind::Refunds, trade, asset)
    }

    pub fn fees(gateway: &str, asset: Asset) -> Self {
        Self::new(Kind::Fees, gateway, asset)
    }

    pub fn suspense(gateway: &str, asset: Asset) -> Self {
        Self::new(Kind::Suspense, gateway, asset)
    }

    /// The other side of what an admin adds or takes by hand.
    pub fn correction(asset: Asset) -> Self {
        Self::new(Kind::Correction, "shop", asset)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind.code(), self.owner, self.asset)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Side};

    #[test]
    fn kinds_are_read_back_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
        }
        assert_eq!(Kind::parse("purse"), None);
    }

    #[test]
    fn only_what_a_person_spends_has_a_floor_and_it_is_owed_to_him() {
        let floored: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.floor().is_some()).collect();
        assert_eq!(floored, [Kind::Wallet, Kind::Bonus, Kind::Credit]);
        assert!(floored.iter().all(|kind| kind.normal() == Side::Credit && kind.floor() == Some(0)));
    }
}
