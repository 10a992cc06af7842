//! The states of a service and the steps between them.
use crate::base::Fault;

/// What kind of promise it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Bought and paid.
    Full,
    /// Lent while the payment is under review; becomes full with the same link.
    Provisional,
    Trial,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Full, Self::Provisional, Self::Trial];

    /// As its column has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Provisional => "provisional",
            Self::Trial => "trial",
        }
    }

    pub(super) fn read(code: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|kind| kind.code() == code);
        found.ok_or_else(|| Fault::new(format!("an impossible kind of subscription: {code}")))
    }
}

/// Where a service is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Promised; the panel has not confirmed it yet.
    Pending,
    Active,
    /// Switched off by us; why is beside it.
    Disabled,
    /// Its time or its traffic is used up.
    Ended,
    /// Gone, on the panel too. The row stays.
    Deleted,
}

/// For whose sake a service that an agent sold is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OffFor {
    /// The agent's credit stayed below zero.
    Credit,
    /// The agent paused it.
    Agent,
}

impl OffFor {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Agent => "agent",
        }
    }

    pub(super) fn read(code: &str) -> Result<Self, Fault> {
        let found = [Self::Credit, Self::Agent].into_iter().find(|sake| sake.code() == code);
        found.ok_or_else(|| Fault::new(format!("no service is off for {code}")))
    }
}

/// What may happen to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The panel confirmed what we want.
    Confirm,
    Disable,
    Enable,
    End,
    /// A provisional one becomes full.
    Fill,
    /// Renewed.
    Extend,
    /// To another panel.
    Move,
    /// The panel has lost the account.
    Lose,
    Delete,
}

impl State {
    pub(super) const ALL: [Self; 5] = [Self::Pending, Self::Active, Self::Disabled, Self::Ended, Self::Deleted];

    /// As its column has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Ended => "ended",
            Self::Deleted => "deleted",
        }
    }

    pub(super) fn read(code: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|state| state.code() == code);
        found.ok_or_else(|| Fault::new(format!("an impossible state of subscription: {code}")))
    }

    /// The state after a step; `None` when the step cannot be taken from here.
    ///
    /// What is paid is served: filling and extending bring back what was switched off or has ended. A renewal of a service
    /// that works leaves it working while the panel is asked.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Pending | Self::Active, Step::Confirm) | (Self::Active, Step::Fill | Step::Extend) => Some(Self::Active),
            (Self::Disabled | Self::Ended, Step::Confirm) => Some(self),
            (Self::Pending | Self::Disabled | Self::Ended, Step::Fill | Step::Extend)
            | (Self::Disabled, Step::Enable)
            | (Self::Pending | Self::Active, Step::Move | Step::Lose) => Some(Self::Pending),
            (Self::Pending | Self::Active, Step::Disable) => Some(Self::Disabled),
            (Self::Active, Step::End) => Some(Self::Ended),
            (Self::Pending | Self::Active | Self::Disabled | Self::Ended, Step::Delete) => Some(Self::Deleted),
            (Self::Deleted, _)
            | (Self::Disabled | Self::Ended, Step::Disable | Step::Move | Step::Lose)
            | (Self::Pending | Self::Active | Self::Ended, Step::Enable)
            | (Self::Pending | Self::Disabled | Self::Ended, Step::End) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(State::read(state.code()).unwrap(), state);
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::read(kind.code()).unwrap(), kind);
        }
        assert!(State::read("on_hold").is_err());
    }

    #[test]
    fn each_step_leads_where_the_table_says() {
        use State::{Active, Deleted, Disabled, Ended, Pending};
        let table = [
            (Step::Confirm, [Some(Active), Some(Active), Some(Disabled), Some(Ended), None]),
            (Step::Disable, [Some(Disabled), Some(Disabled), None, None, None]),
            (Step::Enable, [None, None, Some(Pending), None, None]),
            (Step::End, [None, Some(Ended), None, None, None]),
            (Step::Fill, [Some(Pending), Some(Active), Some(Pending), Some(Pending), None]),
            (Step::Extend, [Some(Pending), Some(Active), Some(Pending), Some(Pending), None]),
            (Step::Move, [Some(Pending), Some(Pending), None, None, None]),
            (Step::Lose, [Some(Pending), Some(Pending), None, None, None]),
            (Step::Delete, [Some(Deleted), Some(Deleted), Some(Deleted), Some(Deleted), None]),
        ];
        for (step, after) in table {
            let found: Vec<Option<State>> = State::ALL.into_iter().map(|state| state.after(step)).collect();
            assert_eq!(found, after, "{step:?}");
        }
    }
}
