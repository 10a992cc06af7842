//! The languages we speak.
use serde::{Deserialize, Serialize};
use std::fmt;

/// A language of the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Fa,
    Ru,
}

impl Lang {
    pub const ALL: [Self; 3] = [Self::En, Self::Fa, Self::Ru];

    /// The two-letter code: `en`, `fa`, `ru`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fa => "fa",
            Self::Ru => "ru",
        }
    }

    /// Its own name, in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fa => "فارسی",
            Self::Ru => "Русский",
        }
    }

    /// Reads a code or an IETF tag (`fa`, `en-US`, `ru_RU`), whatever its case.
    pub fn parse(tag: &str) -> Option<Self> {
        let short = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| lang.code() == short)
    }

    pub const fn is_rtl(self) -> bool {
        matches!(self, Self::Fa)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn tags_are_read_by_their_first_part() {
        assert_eq!(Lang::parse("fa-IR"), Some(Lang::Fa));
        assert_eq!(Lang::parse("EN"), Some(Lang::En));
        assert_eq!(Lang::parse("de"), None);
    }
}
