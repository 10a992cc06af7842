//! Staff's buttons about payment methods.
use super::codec::{Field, routes};
use crate::shop::payments::{Audience, Kind, MethodCode, Network};
use serde::{Deserialize, Serialize};

routes! {
    /// What an admin may ask about payment methods.
    MethodRoute {
        List { page: u32 } = "l",
        Show { method: MethodCode } = "s",
        On { method: MethodCode } = "o",
        Off { method: MethodCode } = "f",
        /// Asks for what is typed.
        Ask { method: MethodCode, field: MethodField } = "q",
        /// The field is emptied: no limit, no note.
        Clear { method: MethodCode, field: MethodField } = "c",
        Audience { method: MethodCode } = "w",
        /// Offered to these people, or to them no more.
        Turn { method: MethodCode, audience: Audience } = "t",
        // A new one, step by step.
        Add = "a",
        AddKind { kind: Kind } = "ak",
        AddNetwork { network: Network } = "an",
        /// A bank need not be named.
        AddNoBank = "ab",
        /// What was shown; `key` was minted with it.
        AddYes { key: i64 } = "ay",
    }
}

/// What is typed about a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodField {
    Alias,
    Note,
    Hours,
    DailyCount,
    DailyLimit,
    Minimum,
    Maximum,
}

impl MethodField {
    pub const ALL: [Self; 7] =
        [Self::Alias, Self::Note, Self::Hours, Self::DailyCount, Self::DailyLimit, Self::Minimum, Self::Maximum];

    const fn code(self) -> &'static str {
        match self {
            Self::Alias => "a",
            Self::Note => "n",
            Self::Hours => "h",
            Self::DailyCount => "c",
            Self::DailyLimit => "d",
            Self::Minimum => "l",
            Self::Maximum => "m",
        }
    }
}

impl Field for MethodField {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Field for MethodCode {
    fn write(&self, out: &mut String) {
        out.push_str(self.as_str());
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        ["a", "0123456789-bcdef"].into_iter().filter_map(|code| code.parse().ok()).collect()
    }
}

impl Field for Audience {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Field for Network {
    fn write(&self, out: &mut String) {
        out.push_str(self.name());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.name() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}
