//! Where a payment stands, the steps it may take, and the reasons for which one is rejected.
use crate::base::Fault;
use serde::{Deserialize, Serialize};

/// A payment's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// We wait for a receipt.
    Open,
    /// A receipt waits for the review.
    Submitted,
    Approved,
    Rejected,
    /// By the customer.
    Cancelled,
    /// By the clock.
    Expired,
}

/// What may happen to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A receipt came.
    Submit,
    Approve,
    Reject,
    Cancel,
    Expire,
    /// A decision is taken back.
    Reopen,
}

impl State {
    pub const ALL: [Self; 6] = [Self::Open, Self::Submitted, Self::Approved, Self::Rejected, Self::Cancelled, Self::Expired];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|state| state.code() == code).ok_or_else(|| Fault::new(format!("no payment is {code}")))
    }

    /// Where a step leads; `None` when it cannot be taken from here.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Open | Self::Submitted | Self::Cancelled | Self::Expired, Step::Submit)
            | (Self::Approved | Self::Rejected, Step::Reopen) => Some(Self::Submitted),
            (Self::Submitted, Step::Approve) => Some(Self::Approved),
            (Self::Submitted, Step::Reject) => Some(Self::Rejected),
            (Self::Open | Self::Submitted, Step::Cancel) => Some(Self::Cancelled),
            (Self::Open, Step::Expire) => Some(Self::Expired),
            _ => None,
        }
    }

    /// Was it decided by a reviewer?
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Approved | Self::Rejected)
    }
}

/// Why a receipt was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// The money did not come.
    NotReceived,
    WrongAmount,
    Unreadable,
    /// The receipt was used before.
    Duplicate,
    /// In the reviewer's own words.
    Other(String),
}

impl RejectReason {
    /// The reasons offered as buttons.
    pub const CHOICES: [Self; 4] = [Self::NotReceived, Self::WrongAmount, Self::Unreadable, Self::Duplicate];

    /// As it lies in a column and in a notice: a code, or `other:` and the words.
    pub fn code(&self) -> String {
        match self {
            Self::NotReceived => "not_received".to_owned(),
            Self::WrongAmount => "wrong_amount".to_owned(),
            Self::Unreadable => "unreadable".to_owned(),
            Self::Duplicate => "duplicate".to_owned(),
            Self::Other(words) => format!("other:{words}"),
        }
    }

    /// Reads [`Self::code`]; what is no code is the reviewer's own words.
    pub fn parse(text: &str) -> Self {
        Self::CHOICES.into_iter().find(|choice| choice.code() == text).unwrap_or_else(|| {
            let words = text.strip_prefix("other:").unwrap_or(text);
            Self::Other(words.to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{RejectReason, State, Step};

    const STEPS: [Step; 6] = [Step::Submit, Step::Approve, Step::Reject, Step::Cancel, Step::Expire, Step::Reopen];

    #[test]
    fn each_state_takes_its_steps_and_no_other() {
        for (state, allowed) in [
            (State::Open, vec![Step::Submit, Step::Cancel, Step::Expire]),
            (State::Submitted, vec![Step::Submit, Step::Approve, Step::Reject, Step::Cancel]),
            (State::Approved, vec![Step::Reopen]),
            (State::Rejected, vec![Step::Reopen]),
            (State::Cancelled, vec![Step::Submit]),
            (State::Expired, vec![Step::Submit]),
        ] {
            let taken: Vec<Step> = STEPS.into_iter().filter(|step| state.after(*step).is_some()).collect();
            assert_eq!(taken, allowed, "{state:?}");
        }
    }

    #[test]
    fn codes_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.code()).unwrap(), state);
        }
        assert!(State::parse("paid").is_err());
        for reason in RejectReason::CHOICES.into_iter().chain([RejectReason::Other("blurred: twice".to_owned())]) {
            assert_eq!(RejectReason::parse(&reason.code()), reason);
        }
    }
}
