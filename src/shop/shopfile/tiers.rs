//! How tiers of agents are written in the file, what differs from those that are there, and making it true.
use super::compare::{Facts, Section, section};
use super::reader::{Reader, TITLE_CHARS};
use crate::base::{Fault, Lang, Time};
use crate::db::Tx;
use crate::shop::agents::{self, Prices, Rule, Tier};
use crate::shop::catalog::{Plan, PlanCode};
use toml::Value;

const AMOUNT_MAX: i64 = 1_000_000_000_000;

pub(super) fn tier(reader: &mut Reader<'_>, languages: &[Lang]) -> Option<Tier> {
    let code = reader.parsed("code");
    let titles = reader.words("title", languages, TITLE_CHARS);
    let line = reader.maybe_number("credit_line", 0..=AMOUNT_MAX).unwrap_or(0);
    let pending_percent = reader.maybe_number("pending_percent", 0..=100).unwrap_or(0);
    let overdraft = reader.maybe_number("overdraft_limit", 0..=AMOUNT_MAX).unwrap_or(0);
    let days = reader.maybe_number("days", 1..=3_650);
    let on = reader.is_on();
    let mut plans: Vec<PlanCode> = Vec::new();
    for name in reader.texts("plans") {
        match name.parse() {
            Ok(code) => plans.push(code),
            Err(error) => reader.wrong("plans", format!("\"{name}\": {error}")),
        }
    }
    let prices = prices(reader);
    Some(Tier { code: code?, titles, line, pending_percent, overdraft, days, plans, prices, on })
}

/// `prices = { "*" = { percent_off = 10 }, "any-1m" = { fixed = 90000 }, "fix-1m" = { cost_plus = 15 } }`.
fn prices(reader: &mut Reader<'_>) -> Prices {
    let mut prices = Prices::default();
    for (name, value) in reader.table("prices") {
        let Some(rule) = rule(&value) else {
            let how = "write one of { fixed = amount }, { percent_off = 0 to 99 }, { cost_plus = per cent on top of the cost }";
            reader.wrong("prices", format!("\"{name}\": {how}"));
            continue;
        };
        match (name.as_str(), name.parse::<PlanCode>()) {
            ("*", _) => prices = prices.with(None, rule),
            (_, Ok(plan)) => prices = prices.with(Some(&plan), rule),
            (_, Err(error)) => reader.wrong("prices", format!("\"{name}\": {error}")),
        }
    }
    prices
}

fn rule(value: &Value) -> Option<Rule> {
    let table = value.as_table().filter(|table| table.len() == 1)?;
    let (kind, number) = table.iter().next()?;
    let number = number.as_integer()?;
    let rule = match kind.as_str() {
        "fixed" => Rule::Fixed(number),
        "percent_off" => Rule::PercentOff(number),
        "cost_plus" => Rule::CostPlus(number),
        _ => return None,
    };
    rule.is_sound().then_some(rule)
}

/// What tiers say of plans.
pub(super) fn check(tiers: &[Tier], plans: &[Plan], mistakes: &mut Vec<String>) {
    for (index, tier) in tiers.iter().enumerate() {
        let mut wrong = |key: &str, what: String| {
            mistakes.push(format!("tiers {} ({}): {key}: {what}", index + 1, tier.code));
        };
        for code in tier.plans.iter().filter(|code| !plans.iter().any(|plan| plan.code == **code)) {
            wrong("plans", format!("there is no plan \"{code}\""));
        }
        for (name, rule) in tier.prices.each() {
            let named: Vec<&Plan> = plans.iter().filter(|plan| name == "*" || plan.code.as_str() == name).collect();
            if named.is_empty() && name != "*" {
                wrong("prices", format!("there is no plan \"{name}\""));
            }
            let costless = named.iter().find(|plan| plan.cost.is_none() && tier.allows(&plan.code));
            if let (Rule::CostPlus(_), Some(plan)) = (rule, costless) {
                wrong("prices", format!("\"{name}\": plan \"{}\" has no cost; give it one", plan.code));
            }
        }
    }
}

fn of_tier(tier: &Tier) -> Facts {
    let plans: Vec<&str> = tier.plans.iter().map(PlanCode::as_str).collect();
    let said = |rule: Rule| match rule {
        Rule::Fixed(minor) => format!("fixed {minor}"),
        Rule::PercentOff(percent) => format!("{percent} % off"),
        Rule::CostPlus(percent) => format!("cost plus {percent} %"),
    };
    let prices: Vec<String> = tier.prices.each().map(|(plan, rule)| format!("{plan}: {}", said(rule))).collect();
    let mut fields = vec![
        ("credit_line".to_owned(), tier.line.to_string()),
        ("pending_percent".to_owned(), tier.pending_percent.to_string()),
        ("overdraft_limit".to_owned(), tier.overdraft.to_string()),
        ("days".to_owned(), tier.days.map_or_else(|| "-".to_owned(), |days| days.to_string())),
        ("plans".to_owned(), if plans.is_empty() { "all".to_owned() } else { plans.join(" ") }),
        ("prices".to_owned(), prices.join(", ")),
        ("on".to_owned(), tier.on.to_string()),
    ];
    fields.extend(tier.titles.each().map(|(lang, words)| (format!("title.{lang}"), words.to_owned())));
    Facts { code: tier.code.to_string(), fields }
}

/// What differs between the file's tiers and those that are there.
pub(super) fn compare(were: &[Tier], are: &[Tier]) -> Section {
    let were: Vec<_> = were.iter().map(|tier| (of_tier(tier), tier.on)).collect();
    section("tier", &were, &are.iter().map(of_tier).collect::<Vec<_>>())
}

/// Makes the file's tiers true.
pub(super) async fn put(tx: &Tx, section: &Section, (were, are): (&[Tier], &[Tier]), now: Time) -> Result<(), Fault> {
    for index in &section.put {
        let place = i64::try_from(*index).unwrap_or(i64::MAX);
        agents::put_tier(tx, &are[*index], place, now).await?;
    }
    for index in &section.off {
        agents::switch_off_tier(tx, &were[*index].code).await?;
    }
    Ok(())
}
