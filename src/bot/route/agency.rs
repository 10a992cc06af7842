//! Staff's buttons about agents.
use super::codec::routes;
use crate::base::PersonId;
use crate::shop::catalog::TierCode;
use crate::shop::reports::{Form, Span};

routes! {
    /// What an admin may ask for about an agent.
    AgencyRoute {
        List { page: u32 } = "l",
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
    }
}
