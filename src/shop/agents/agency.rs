//! An agency: a person with a tier, a credit account, and prices.
use super::prices::{self, Prices};
use super::selling::Selling;
use super::tier::Tier;
use crate::base::{ApplicationId, Asset, Fault, Money, PersonId, Time};
use crate::shop::catalog::{Plan, PlanCode};
use crate::shop::ledger::{Account, Limits};
use std::ops::Deref;

/// Whether an agency works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Active,
    /// Nothing new is sold; what was sold goes on.
    Frozen,
    Closed,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Active, Self::Frozen, Self::Closed];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }

    pub(super) fn read(code: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|state| state.code() == code).ok_or_else(|| Fault::new(format!("no agency is {code}")))
    }
}

/// What is known of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    pub person: PersonId,
    pub application: ApplicationId,
    pub first_name: String,
    pub last_name: String,
    pub shop_name: String,
    pub tier: Tier,
    pub state: State,
    /// His own credit line, in place of the tier's.
    pub line: Option<i64>,
    /// His own rules, before the tier's.
    pub prices: Prices,
    /// What he takes from his own customers, as he told us.
    pub selling: Selling,
    /// He sells until then; `None` is for ever.
    pub until: Option<Time>,
    /// He wants the weekly digest.
    pub digest: bool,
    pub since: Time,
}

impl Agency {
    /// How far his account may be spent.
    pub fn limits(&self) -> Limits {
        if self.state == State::Closed { Limits::default() } else { self.tier.limits(self.line) }
    }

    /// What he pays for a plan; `None` when he may not sell it.
    pub fn price(&self, plan: &Plan) -> Option<Money> {
        self.may_sell(&plan.code).then(|| prices::price(&self.prices, &self.tier.prices, plan))
    }

    /// What he pays for so many gigabytes on top of a plan; `None` when he may not sell it, or it has no limit.
    pub fn traffic_price(&self, plan: &Plan, gigabytes: i64) -> Option<Money> {
        prices::traffic_price(self.price(plan)?, plan, gigabytes)
    }

    fn may_sell(&self, plan: &PlanCode) -> bool {
        self.tier.allows(plan)
    }

    pub fn is_over(&self, now: Time) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    pub fn account(&self, asset: Asset) -> Account {
        account(self.person, asset)
    }
}

/// An agent's account in the ledger.
pub fn account(agent: PersonId, asset: Asset) -> Account {
    Account::credit(agent, asset)
}

/// Proof of an agent: a person who is not banned, with an agency that is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent(pub(super) Agency);

impl Deref for Agent {
    type Target = Agency;

    fn deref(&self) -> &Agency {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn states_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::read(state.code()).unwrap(), state);
        }
        assert!(State::read("open").is_err());
    }
}
