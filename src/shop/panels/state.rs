//! Whether a panel takes new accounts, and how it is.
use crate::base::Fault;

/// What the operator wants of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// It takes new accounts.
    On,
    /// It keeps those it has, and takes no new ones.
    Draining,
    /// It is not spoken to at all.
    Off,
}

impl Intake {
    const ALL: [Self; 3] = [Self::On, Self::Draining, Self::Off];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Draining => "draining",
            Self::Off => "off",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|intake| intake.as_str() == text)
    }
}

/// How a panel is, as we last saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Never asked.
    Unknown,
    Well,
    /// It does not answer, or answers with failures.
    Down,
    /// It does not take our login.
    LockedOut,
}

impl Health {
    const ALL: [Self; 4] = [Self::Unknown, Self::Well, Self::Down, Self::LockedOut];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Well => "well",
            Self::Down => "down",
            Self::LockedOut => "locked_out",
        }
    }

    /// May a new account be made there with hope?
    pub const fn is_hopeful(self) -> bool {
        matches!(self, Self::Unknown | Self::Well)
    }

    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|health| health.as_str() == text);
        found.ok_or_else(|| Fault::new(format!("an impossible health in panels: {text}")))
    }
}
