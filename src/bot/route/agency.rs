//! Staff's buttons about agents.
use super::codec::{Field, routes};
use crate::base::PersonId;
use crate::shop::agents::{Audience, RuleKind};
use crate::shop::catalog::{PlanCode, TierCode};
use crate::shop::reports::{Form, Span};

routes! {
    /// What an admin may ask for about an agent.
    AgencyRoute {
        List { page: u32 } = "l",
        /// Asks for words to search by.
        Find = "q",
        /// A page of what was found; the words lie in the dialogue.
        Found { page: u32 } = "qp",
        Show { person: PersonId } = "s",
        AskTier { person: PersonId } = "t",
        SetTier { person: PersonId, tier: TierCode } = "tt",
        /// Asks for a credit line of the agent's own.
        AskLine { person: PersonId } = "i",
        /// The tier's line again.
        TierLine { person: PersonId } = "ii",
        AskFreeze { person: PersonId } = "f",
        /// Without a reason; one that is typed is another act.
        Freeze { person: PersonId } = "fz",
        Thaw { person: PersonId } = "ft",
        AskClose { person: PersonId } = "c",
        /// `owed_minor`: the debt that was shown, and is given up; 0 when there was none.
        Close { person: PersonId, owed_minor: i64 } = "cz",
        Statement { person: PersonId, span: Span, page: u32 } = "r",
        AskDays { person: PersonId } = "rd",
        StatementFile { person: PersonId, span: Span, form: Form } = "rf",
        // What the agent pays; no plan means all of them.
        Prices { person: PersonId, page: u32 } = "p",
        Price { person: PersonId, plan: Option<PlanCode> } = "pp",
        /// Asks for the number of a rule of the agent's own.
        AskPrice { person: PersonId, plan: Option<PlanCode>, kind: RuleKind } = "pa",
        /// Without a rule of the agent's own.
        NoPrice { person: PersonId, plan: Option<PlanCode> } = "px",
        AskUntil { person: PersonId } = "u",
        /// `last`: the last day, counted from the first of January of the year 1.
        Until { person: PersonId, last: u32 } = "ud",
        Forever { person: PersonId } = "uz",
        // A message to many.
        AskTell = "m",
        /// Asks what they are told.
        TellWhom { to: Audience } = "mt",
        /// As it was shown; `key` was minted with it.
        Tell { key: i64 } = "mz",
    }
}

impl Field for Option<PlanCode> {
    fn write(&self, out: &mut String) {
        out.push_str(self.as_ref().map_or("", PlanCode::as_str));
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        vec![None, "0123456789-bcdef".parse().ok()]
    }
}

const fn kind_code(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Fixed => "f",
        RuleKind::PercentOff => "o",
        RuleKind::CostPlus => "c",
    }
}

impl Field for RuleKind {
    fn write(&self, out: &mut String) {
        out.push_str(kind_code(*self));
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind_code(*kind) == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Field for Audience {
    fn write(&self, out: &mut String) {
        if let Self::Tier(tier) = self {
            out.push_str(tier.as_str());
        }
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self::All) } else { text.parse().ok().map(Self::Tier) }
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        std::iter::once(Self::All).chain("0123456789-bcdef".parse().ok().map(Self::Tier)).collect()
    }
}
