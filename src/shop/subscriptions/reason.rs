//! Why a service is as it is, by the shop's own words: they lie in `why`, and the bot says them in the reader's language.
//! Anything else that lies there was typed by a person, and is said as it was typed.

/// A reason of the shop's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    TimeOver,
    UsedUp,
    /// Somebody else switched its account off on the panel.
    OffOnPanel,
    /// Its agent's credit stayed below zero; since when stands after the words.
    BelowZero,
    Paused,
    DeletedByAgent,
    TrialOver,
    Cancelled,
    Rejected,
    TooLittle,
    Undone,
    Refunded,
}

impl Reason {
    pub const ALL: [Self; 12] = [
        Self::TimeOver,
        Self::UsedUp,
        Self::OffOnPanel,
        Self::BelowZero,
        Self::Paused,
        Self::DeletedByAgent,
        Self::TrialOver,
        Self::Cancelled,
        Self::Rejected,
        Self::TooLittle,
        Self::Undone,
        Self::Refunded,
    ];

    /// As it lies in the database.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TimeOver => "its time is over",
            Self::UsedUp => "its traffic is used up",
            Self::OffOnPanel => "switched off by hand on its panel",
            Self::BelowZero => "the agent's credit is below zero",
            Self::Paused => "paused by its agent",
            Self::DeletedByAgent => "deleted by its agent",
            Self::TrialOver => "a trial that is long over",
            Self::Cancelled => "the order was cancelled",
            Self::Rejected => "the receipt was rejected",
            Self::TooLittle => "too little came",
            Self::Undone => "the approval was taken back",
            Self::Refunded => "the order was refunded",
        }
    }

    /// `None` for what a person typed.
    pub fn of(why: &str) -> Option<Self> {
        let is_it = |reason: &Self| match why.strip_prefix(reason.words()) {
            Some("") => true,
            Some(rest) => *reason == Self::BelowZero && rest.starts_with(" since "),
            None => false,
        };
        Self::ALL.into_iter().find(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn a_reason_is_known_by_its_words_and_nothing_else_is() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of(reason.words()), Some(reason));
        }
        assert_eq!(Reason::of("the agent's credit is below zero since 2026-12-01 12:00"), Some(Reason::BelowZero));
        for typed in ["", "paused", "paused by its agent since noon", "the order was refunded twice"] {
            assert_eq!(Reason::of(typed), None, "{typed}");
        }
    }
}
