//! An admin's buttons.
use super::codec::{Field, routes};
use crate::base::{ApplicationId, OrderId, PaymentId, PersonId, SubscriptionId};
use crate::shop::catalog::{PanelCode, TierCode};
use crate::shop::payments::{MethodCode, RejectReason};
use crate::shop::reports::{By, Sheet, Span};

routes! {
    /// What an admin may ask for by a tap, in the group or in private.
    AdminRoute {
        // A payment under review.
        /// The card in the place of what is shown.
        Card { payment: PaymentId } = "p",
        /// The card as a message of its own, with its picture.
        Open { payment: PaymentId } = "po",
        Approve { payment: PaymentId } = "pa",
        AskAmount { payment: PaymentId } = "pm",
        /// Approve another amount than was due.
        ApproveAs { payment: PaymentId, amount: i64 } = "pn",
        /// Choose why.
        AskReject { payment: PaymentId } = "pr",
        Reject { payment: PaymentId, why: Why } = "px",
        AskReason { payment: PaymentId } = "pt",
        AskRejectBan { payment: PaymentId } = "pb",
        RejectBan { payment: PaymentId } = "pz",
        Undo { payment: PaymentId } = "pu",
        Pending { page: u32 } = "pl",
        // A person.
        Person { person: PersonId } = "u",
        History { person: PersonId, page: u32 } = "uh",
        AskBan { person: PersonId } = "ub",
        Ban { person: PersonId } = "uz",
        Unban { person: PersonId } = "un",
        AskMessage { person: PersonId } = "um",
        AskCredit { person: PersonId } = "uc",
        AskDebit { person: PersonId } = "ud",
        /// The same for an agent's credit account.
        AskAgentCredit { person: PersonId } = "ua",
        AskAgentDebit { person: PersonId } = "ue",
        /// Credit or debit as it was shown; `key` was minted with the question.
        Correct { key: i64 } = "uk",
        /// A second owner's yes and no to a correction.
        Confirm { key: i64 } = "uy",
        Refuse { key: i64 } = "uo",
        /// This question is asked no more: whom it was put to and its tag, which [`crate::bot::admin`] writes into what leaves it.
        Stop { person: PersonId, of: i64 } = "x",
        /// What he ordered, the newest first.
        Orders { person: PersonId, page: u32 } = "ol",
        /// What he has and sold, the newest first.
        Services { person: PersonId, page: u32 } = "v",
        /// How a service stands, what was done to it, and why.
        Service { subscription: SubscriptionId } = "vh",
        // An order; one that is paid and not delivered goes back whole, or to another panel.
        Order { order: OrderId } = "o",
        AskRefund { order: OrderId } = "or",
        Refund { order: OrderId } = "oz",
        // A delivered order that goes back, or a part of it.
        /// How much is typed.
        AskRefundAmount { order: OrderId } = "ot",
        RefundAmount { order: OrderId, amount: i64 } = "oa",
        /// To the account that paid; `so_far` went back before.
        RefundPart { order: OrderId, amount: i64, so_far: i64 } = "oy",
        AskHand { order: OrderId, amount: i64 } = "oh",
        /// It was paid back from this method of the shop's.
        Hand { order: OrderId, amount: i64, method: MethodCode } = "ow",
        HandElse { order: OrderId, amount: i64 } = "oe",
        RefundReceipts { order: OrderId } = "os",
        AskMove { order: OrderId } = "om",
        Move { order: OrderId, panel: PanelCode } = "on",
        // Somebody who wants to become an agent.
        Application { application: ApplicationId } = "g",
        AcceptAgent { application: ApplicationId, tier: TierCode } = "ga",
        AskRejectAgent { application: ApplicationId } = "gr",
        /// Without a reason; one that is typed is another act.
        RejectAgent { application: ApplicationId } = "gx",
        // What the shop looks like.
        Panels = "n",
        Stats = "s",
        Report { span: Span } = "r",
        /// The report again, from one of its lists.
        ReportBack { span: Span } = "rr",
        ReportBy { span: Span, by: By } = "rb",
        ReportCharts { span: Span } = "rc",
        ReportBook { span: Span } = "rx",
        /// Choose the sheet.
        ReportCsvs { span: Span } = "rv",
        ReportCsv { span: Span, sheet: Sheet } = "rw",
        Help = "e",
    }
}

/// A reason to reject that has a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    NotReceived,
    WrongAmount,
    Unreadable,
    Duplicate,
}

impl Why {
    pub const ALL: [Self; 4] = [Self::NotReceived, Self::WrongAmount, Self::Unreadable, Self::Duplicate];

    pub const fn reason(self) -> RejectReason {
        match self {
            Self::NotReceived => RejectReason::NotReceived,
            Self::WrongAmount => RejectReason::WrongAmount,
            Self::Unreadable => RejectReason::Unreadable,
            Self::Duplicate => RejectReason::Duplicate,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::NotReceived => "n",
            Self::WrongAmount => "w",
            Self::Unreadable => "u",
            Self::Duplicate => "d",
        }
    }
}

impl Field for Why {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

macro_rules! code_field {
    ($($kind:ty),*) => {$(
        impl Field for $kind {
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
    )*};
}
code_field!(PanelCode, TierCode);
