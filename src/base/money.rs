//! Money: an integer in the smallest unit, of one asset. Checked arithmetic only, never a float.
use serde::{Deserialize, Serialize};
use std::fmt;

/// What money is counted in. The exponent says how many decimal digits the smallest unit has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Asset {
    /// Iranian Toman, no decimals.
    Irt,
    /// US dollar prices, cents.
    Usd,
    /// US dollar provider costs, millionths.
    Usd6,
    /// Tether, millionths.
    Usdt,
    /// Telegram Stars.
    Xtr,
}

impl Asset {
    pub const ALL: [Self; 5] = [Self::Irt, Self::Usd, Self::Usd6, Self::Usdt, Self::Xtr];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Irt => "IRT",
            Self::Usd => "USD",
            Self::Usd6 => "USD6",
            Self::Usdt => "USDT",
            Self::Xtr => "XTR",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.code() == code)
    }

    /// Decimal digits of the smallest unit.
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Irt | Self::Xtr => 0,
            Self::Usd => 2,
            Self::Usd6 | Self::Usdt => 6,
        }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The sum does not fit, or the assets differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("money arithmetic out of range or across assets")]
pub struct Overflow;

/// An amount in the smallest unit of its asset. May be negative (a balance under its floor).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub asset: Asset,
}

impl Money {
    /// No balance may reach 2^62 (invariant I12).
    pub const LIMIT: i64 = 1 << 62;

    pub const fn new(minor: i64, asset: Asset) -> Self {
        Self { minor, asset }
    }

    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        if self.asset != other.asset {
            return Err(Overflow);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(Overflow)?;
        if minor.unsigned_abs() >= Self::LIMIT.unsigned_abs() {
            return Err(Overflow);
        }
        Ok(Self { minor, asset: self.asset })
    }

    pub fn minus(self, other: Self) -> Result<Self, Overflow> {
        let minor = other.minor.checked_neg().ok_or(Overflow)?;
        self.plus(Self { minor, asset: other.asset })
    }
}

#[cfg(test)]
mod tests {
    use super::{Asset, Money, Overflow};

    #[test]
    fn sums_are_checked() {
        let a = Money::new(5, Asset::Irt);
        assert_eq!(a.plus(Money::new(7, Asset::Irt)), Ok(Money::new(12, Asset::Irt)));
        assert_eq!(a.plus(Money::new(7, Asset::Usd)), Err(Overflow));
        assert_eq!(Money::new(Money::LIMIT - 1, Asset::Irt).plus(Money::new(1, Asset::Irt)), Err(Overflow));
        assert_eq!(a.minus(Money::new(7, Asset::Irt)), Ok(Money::new(-2, Asset::Irt)));
    }
}
