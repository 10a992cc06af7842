//! Where an order stands, and the steps it may take.
use crate::base::Fault;
use serde::{Deserialize, Serialize};

/// What is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A service that is made for it.
    New,
    /// More time and traffic for a service that is there.
    Renew,
    /// More traffic for a service that is there.
    Traffic,
}

/// Whose account pays an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// A customer's wallet.
    Wallet,
    /// An agent's credit account.
    Credit,
}

impl Payer {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Credit => "credit",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, Fault> {
        let found = [Self::Wallet, Self::Credit].into_iter().find(|payer| payer.code() == code);
        found.ok_or_else(|| Fault::new(format!("no order is paid by {code}")))
    }
}

impl Kind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renew => "renew",
            Self::Traffic => "traffic",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, Fault> {
        let found = [Self::New, Self::Renew, Self::Traffic].into_iter().find(|kind| kind.code() == code);
        found.ok_or_else(|| Fault::new(format!("no order is {code}")))
    }
}

/// An order's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its money.
    Placed,
    /// Its price was taken; the service is on its way.
    Paid,
    Delivered,
    /// By the customer, or because too little came.
    Cancelled,
    Expired,
    /// Its receipt was not accepted.
    Rejected,
    /// It was paid, and its price went back, or a part of it: it could not be delivered, its agent deleted what it had
    /// made, or an admin gave it back. More of it may go back later.
    Refunded,
}

/// What may happen to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Pay,
    Deliver,
    Cancel,
    Expire,
    Reject,
    Refund,
    /// It waits for its money again: a late receipt came, or a decision was taken back.
    Reopen,
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::Placed, Self::Paid, Self::Delivered, Self::Cancelled, Self::Expired, Self::Rejected, Self::Refunded];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::Refunded => "refunded",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|state| state.code() == code).ok_or_else(|| Fault::new(format!("no order is {code}")))
    }

    /// Where a step leads; `None` when it cannot be taken from here.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Placed, Step::Pay) => Some(Self::Paid),
            (Self::Placed, Step::Cancel) => Some(Self::Cancelled),
            (Self::Placed, Step::Expire) => Some(Self::Expired),
            (Self::Placed, Step::Reject) => Some(Self::Rejected),
            (Self::Paid, Step::Deliver) => Some(Self::Delivered),
            (Self::Paid | Self::Delivered | Self::Refunded, Step::Refund) => Some(Self::Refunded),
            (Self::Paid | Self::Cancelled | Self::Expired | Self::Rejected, Step::Reopen) => Some(Self::Placed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, State, Step};

    #[test]
    fn each_state_takes_its_steps_and_no_other() {
        let steps = [Step::Pay, Step::Deliver, Step::Cancel, Step::Expire, Step::Reject, Step::Refund, Step::Reopen];
        for (state, allowed) in [
            (State::Placed, vec![Step::Pay, Step::Cancel, Step::Expire, Step::Reject]),
            (State::Paid, vec![Step::Deliver, Step::Refund, Step::Reopen]),
            (State::Delivered, vec![Step::Refund]),
            (State::Cancelled, vec![Step::Reopen]),
            (State::Expired, vec![Step::Reopen]),
            (State::Rejected, vec![Step::Reopen]),
            (State::Refunded, vec![Step::Refund]),
        ] {
            let taken: Vec<Step> = steps.into_iter().filter(|step| state.after(*step).is_some()).collect();
            assert_eq!(taken, allowed, "{state:?}");
        }
    }

    #[test]
    fn codes_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.code()).unwrap(), state);
        }
        for kind in [Kind::New, Kind::Renew, Kind::Traffic] {
            assert_eq!(Kind::parse(kind.code()).unwrap(), kind);
        }
        assert!(State::parse("open").is_err() && Kind::parse("trial").is_err());
    }
}
