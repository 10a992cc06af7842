//! What an agent pays for a plan: rules by plan, his own before his tier's, one for a plan before one for all.
use crate::base::{Fault, Money};
use crate::shop::catalog::{Plan, PlanCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The plan of a rule that is for all plans.
pub(super) const ALL: &str = "*";

/// How a price is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// So much, whatever the plan's price.
    Fixed(i64),
    /// The plan's price less so many per cent.
    PercentOff(i64),
    /// The plan's cost and so many per cent on top; a plan without a cost has its own price.
    CostPlus(i64),
}

/// The kinds of rules, without their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    Fixed,
    PercentOff,
    CostPlus,
}

impl RuleKind {
    pub const ALL: [Self; 3] = [Self::Fixed, Self::PercentOff, Self::CostPlus];

    pub const fn rule(self, value: i64) -> Rule {
        match self {
            Self::Fixed => Rule::Fixed(value),
            Self::PercentOff => Rule::PercentOff(value),
            Self::CostPlus => Rule::CostPlus(value),
        }
    }
}

impl Rule {
    /// Is it a rule that can be?
    pub const fn is_sound(self) -> bool {
        match self {
            Self::Fixed(minor) => minor > 0 && minor <= 1_000_000_000_000,
            Self::PercentOff(percent) => percent >= 0 && percent < 100,
            Self::CostPlus(percent) => percent >= 0 && percent <= 10_000,
        }
    }

    /// The price in the plan's smallest unit: rounded up, and never nothing.
    fn price(self, plan: &Plan) -> i64 {
        let share = |amount: i64, percent: i64| {
            let exact = i128::from(amount) * i128::from(percent);
            i64::try_from((exact + 99) / 100).unwrap_or(amount)
        };
        let price = match (self, plan.cost) {
            (Self::Fixed(minor), _) => minor,
            (Self::PercentOff(percent), _) => share(plan.price.minor, 100 - percent),
            (Self::CostPlus(percent), Some(cost)) => share(cost, 100 + percent),
            (Self::CostPlus(_), None) => plan.price.minor,
        };
        price.max(1)
    }
}

/// Rules by plan code, or `*` for all plans. Stored as a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices(BTreeMap<String, Rule>);

impl Prices {
    /// The rule for a plan, or for all.
    #[must_use]
    pub fn with(mut self, plan: Option<&PlanCode>, rule: Rule) -> Self {
        self.0.insert(plan.map_or(ALL, PlanCode::as_str).to_owned(), rule);
        self
    }

    /// Without the rule for a plan, or for all.
    #[must_use]
    pub fn without(mut self, plan: Option<&PlanCode>) -> Self {
        self.0.remove(plan.map_or(ALL, PlanCode::as_str));
        self
    }

    /// Plan codes (or `*`) and their rules.
    pub fn each(&self) -> impl Iterator<Item = (&str, Rule)> {
        self.0.iter().map(|(plan, rule)| (plan.as_str(), *rule))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_sound(&self) -> bool {
        self.0.values().all(|rule| rule.is_sound())
    }

    /// The rule for exactly this plan, or for all.
    pub fn own(&self, plan: Option<&PlanCode>) -> Option<Rule> {
        self.0.get(plan.map_or(ALL, PlanCode::as_str)).copied()
    }

    fn rule(&self, plan: &PlanCode) -> Option<Rule> {
        self.0.get(plan.as_str()).or_else(|| self.0.get(ALL)).copied()
    }

    pub(super) fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|error| Fault::from(error).context("reading an agent's prices"))
    }

    pub(super) fn write(&self) -> Result<String, Fault> {
        Ok(serde_json::to_string(self)?)
    }
}

/// What a plan costs somebody with these rules: his own first, then his tier's, else the shop's own price.
pub(super) fn price(own: &Prices, tier: &Prices, plan: &Plan) -> Money {
    let rule = own.rule(&plan.code).or_else(|| tier.rule(&plan.code));
    rule.map_or(plan.price, |rule| Money::new(rule.price(plan), plan.price.asset))
}

/// What so many gigabytes on top cost somebody who pays `price` for the plan: the same for each of its gigabytes, rounded
/// up. `None`: the plan has no limit, so nothing can be added to it.
pub(super) fn traffic_price(price: Money, plan: &Plan, gigabytes: i64) -> Option<Money> {
    const GIGABYTE: i128 = 1 << 30;
    if plan.traffic_bytes <= 0 || gigabytes <= 0 {
        return None;
    }
    let whole = i128::from(plan.traffic_bytes);
    let exact = i128::from(price.minor) * i128::from(gigabytes) * GIGABYTE;
    let minor = i64::try_from((exact + whole - 1) / whole).ok().filter(|minor| *minor < Money::LIMIT)?;
    Some(Money::new(minor.max(1), price.asset))
}

#[cfg(test)]
mod tests {
    use super::{Prices, Rule, price, traffic_price};
    use crate::base::{Asset, Money};
    use crate::shop::catalog::{Plan, sample};

    fn plan(price: i64, cost: Option<i64>, gigabytes: i64) -> Plan {
        Plan { price: Money::new(price, Asset::Irt), cost, traffic_bytes: gigabytes << 30, ..sample::plan() }
    }

    #[test]
    fn each_rule_makes_its_price_and_rounds_up() {
        for (rule, cost, expected) in [
            (Rule::Fixed(70_000), None, 70_000),
            (Rule::PercentOff(0), None, 99_999),
            (Rule::PercentOff(20), None, 80_000),
            (Rule::PercentOff(99), None, 1_000),
            (Rule::CostPlus(10), Some(33_333), 36_667),
            (Rule::CostPlus(0), Some(0), 1),
            (Rule::CostPlus(10), None, 99_999),
        ] {
            let prices = Prices::default().with(None, rule);
            assert_eq!(price(&Prices::default(), &prices, &plan(99_999, cost, 1)).minor, expected, "{rule:?}");
        }
    }

    #[test]
    fn his_own_rule_is_before_his_tiers_and_one_for_the_plan_before_one_for_all() {
        let code = "m1".parse().unwrap();
        let all = |rule| Prices::default().with(None, rule);
        let one = |rule| Prices::default().with(Some(&code), rule);
        let none = Prices::default();
        let both = one(Rule::Fixed(1)).with(None, Rule::Fixed(2));
        for (own, tier, expected) in [
            (&none, &none, 100),
            (&none, &all(Rule::Fixed(3)), 3),
            (&none, &both, 1),
            (&all(Rule::Fixed(4)), &both, 4),
            (&both, &all(Rule::Fixed(5)), 1),
        ] {
            assert_eq!(price(own, tier, &plan(100, None, 1)).minor, expected);
        }
        assert_eq!(both.clone().without(Some(&code)), all(Rule::Fixed(2)));
        assert_eq!(Prices::read(&both.write().unwrap()).unwrap(), both);
    }

    #[test]
    fn a_gigabyte_costs_its_part_of_the_plan() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        assert_eq!(traffic_price(toman(80_000), &plan(1, None, 30), 10), Some(toman(26_667)));
        assert_eq!(traffic_price(toman(80_000), &plan(1, None, 30), 0), None);
        assert_eq!(traffic_price(toman(80_000), &plan(1, None, 0), 5), None);
        assert_eq!(traffic_price(toman(Money::LIMIT - 1), &plan(1, None, 1), 1_000_000), None);
    }

    #[test]
    fn what_cannot_be_a_rule_is_none() {
        for bad in [Rule::Fixed(0), Rule::PercentOff(100), Rule::PercentOff(-1), Rule::CostPlus(-1)] {
            assert!(!bad.is_sound(), "{bad:?}");
        }
    }
}
