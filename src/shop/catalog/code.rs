//! Codes that an operator chooses for what the shop has: 1 to 16 of `a-z`, `0-9` and `-`.
//!
//! Always: a code that exists fits a button's 64 bytes and a deep link. Never: a code is reused for another thing.
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code is 1 to 16 of a-z, 0-9 and \"-\"")]
pub struct BadCode;

fn fits(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

macro_rules! text_code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadCode;

            fn from_str(text: &str) -> Result<Self, BadCode> {
                if fits(text) { Ok(Self(text.to_owned())) } else { Err(BadCode) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_code!(/// A category's code.
    CategoryCode);
text_code!(/// A location's code.
    LocationCode);
text_code!(/// A plan's code: it travels in buttons and in deep links.
    PlanCode);
text_code!(/// A panel's code.
    PanelCode);
text_code!(/// The code of a tier of agents.
    TierCode);

#[cfg(test)]
mod tests {
    use super::{BadCode, PlanCode};

    #[test]
    fn a_code_fits_a_button_and_a_link() {
        for good in ["a", "m1-30", "de", "0123456789abcdef"] {
            assert_eq!(good.parse::<PlanCode>().map(|code| code.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "A", "a_b", "a b", "0123456789abcdefg", "یک", "a\n"] {
            assert_eq!(bad.parse::<PlanCode>(), Err(BadCode), "{bad:?}");
        }
    }
}
