//! What an agent takes from his own customers for a plan, as he told us. It is for his own sums: nothing is charged by it.
use super::agency::{Agent, State};
use super::store::locked;
use crate::base::{Fault, Money};
use crate::db::{self, Tx};
use crate::shop::catalog::{Plan, PlanCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// No price is larger, in the smallest unit.
const PRICE_MAX: i64 = 1_000_000_000_000;

/// His price of each plan that he named one for. Stored as a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selling(BTreeMap<PlanCode, i64>);

#[derive(Debug, thiserror::Error)]
pub enum SellingError {
    #[error("the agency is closed")]
    Closed,
    /// Nothing, or beyond all reason.
    #[error("no such price")]
    BadValue,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Selling {
    /// With this price for a plan, or without one.
    #[must_use]
    pub fn with(mut self, plan: &PlanCode, minor: Option<i64>) -> Self {
        match minor {
            Some(minor) => self.0.insert(plan.clone(), minor),
            None => self.0.remove(plan),
        };
        self
    }

    pub fn price(&self, plan: &Plan) -> Option<Money> {
        self.0.get(&plan.code).map(|minor| Money::new(*minor, plan.price.asset))
    }

    pub(super) fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|error| Fault::from(error).context("reading an agent's selling prices"))
    }
}

/// Remembers what he takes for a plan; `None`: nothing is known.
pub async fn set_selling(tx: &Tx, agent: &Agent, plan: &PlanCode, minor: Option<i64>) -> Result<(), SellingError> {
    if minor.is_some_and(|minor| !(1..=PRICE_MAX).contains(&minor)) {
        return Err(SellingError::BadValue);
    }
    let agency = locked(tx, agent.person).await?.filter(|agency| agency.state != State::Closed).ok_or(SellingError::Closed)?;
    let json = serde_json::to_string(&agency.selling.with(plan, minor)).map_err(Fault::from)?;
    db::submit(tx, "UPDATE agents SET selling = $2 WHERE person = $1", vec![agent.person.into(), json.into()]).await?;
    Ok(())
}
