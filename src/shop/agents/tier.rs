//! Tiers: what all agents of one have in common. Filled by `souk apply`.
use super::job::ApplyTier;
use super::prices::Prices;
use crate::base::{Fault, Lang, Time};
use crate::db::{self, Tx};
use crate::queue::jobs;
use crate::shop::catalog::{PlanCode, TierCode, Words};
use crate::shop::ledger::Limits;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A tier. Amounts are in the shop's asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    pub code: TierCode,
    pub titles: Words,
    /// How far below zero its agents may buy.
    pub line: i64,
    /// This part of their receipts under review, in per cent, may be spent too,
    pub pending_percent: i64,
    /// and at most so much of it.
    pub overdraft: i64,
    /// How many days an agency lasts; `None` is for ever.
    pub days: Option<i64>,
    /// What they may sell; empty is everything.
    pub plans: Vec<PlanCode>,
    pub prices: Prices,
    pub on: bool,
}

impl Tier {
    pub fn title(&self, lang: Lang) -> &str {
        self.titles.say(lang)
    }

    pub fn allows(&self, plan: &PlanCode) -> bool {
        self.plans.is_empty() || self.plans.contains(plan)
    }

    pub(super) fn limits(&self, line: Option<i64>) -> Limits {
        Limits { line: line.unwrap_or(self.line), pending_per_mille: self.pending_percent * 10, pending_max: self.overdraft }
    }
}

#[derive(FromQueryResult)]
struct Row {
    code: String,
    titles: String,
    line: i64,
    pending_percent: i64,
    overdraft: i64,
    days: Option<i64>,
    plans: String,
    prices: String,
    state: String,
}

impl Row {
    fn read(self) -> Result<Tier, Fault> {
        let wrong = |error| Fault::new(error).context("an impossible row in agent_tiers");
        let plans: Vec<String> = serde_json::from_str(&self.plans)?;
        Ok(Tier {
            code: self.code.parse().map_err(wrong)?,
            titles: Words::read(&self.titles)?,
            line: self.line,
            pending_percent: self.pending_percent,
            overdraft: self.overdraft,
            days: self.days,
            plans: plans.iter().map(|code| code.parse().map_err(wrong)).collect::<Result<_, _>>()?,
            prices: Prices::read(&self.prices)?,
            on: self.state == "on",
        })
    }
}

const SELECT: &str = "SELECT code, titles, line, pending_percent, overdraft, days, plans, prices, state FROM agent_tiers";

/// All tiers in the operator's order, those that are off too.
pub async fn tiers(conn: &impl ConnectionTrait) -> Result<Vec<Tier>, Fault> {
    let rows: Vec<Row> = db::query(conn, &format!("{SELECT} ORDER BY place, code"), vec![]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One tier, on or off.
pub async fn tier(conn: &impl ConnectionTrait, code: &TierCode) -> Result<Option<Tier>, Fault> {
    let row: Option<Row> = db::one(conn, &format!("{SELECT} WHERE code = $1"), vec![code.as_str().into()]).await?;
    row.map(Row::read).transpose()
}

/// Makes a tier, or makes it as it is said here; the accounts of its agents follow by a job.
pub async fn put_tier(tx: &Tx, tier: &Tier, place: i64, now: Time) -> Result<(), Fault> {
    let sql = "INSERT INTO agent_tiers (code, titles, line, pending_percent, overdraft, days, plans, prices, place, state) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (code) DO UPDATE SET titles = excluded.titles, \
               line = excluded.line, pending_percent = excluded.pending_percent, overdraft = excluded.overdraft, \
               days = excluded.days, plans = excluded.plans, prices = excluded.prices, place = excluded.place, \
               state = excluded.state";
    let plans: Vec<&str> = tier.plans.iter().map(PlanCode::as_str).collect();
    let values = vec![
        tier.code.as_str().into(),
        tier.titles.write()?.into(),
        tier.line.into(),
        tier.pending_percent.into(),
        tier.overdraft.into(),
        tier.days.into(),
        serde_json::to_string(&plans)?.into(),
        tier.prices.write()?.into(),
        place.into(),
        (if tier.on { "on" } else { "off" }).into(),
    ];
    db::submit(tx, sql, values).await?;
    jobs::enqueue(tx, &ApplyTier { tier: tier.code.clone() }, now, None).await
}

/// Takes a tier out of what new agents are offered. Its agents keep it.
pub async fn switch_off_tier(tx: &Tx, code: &TierCode) -> Result<(), Fault> {
    db::submit(tx, "UPDATE agent_tiers SET state = 'off' WHERE code = $1", vec![code.as_str().into()]).await?;
    Ok(())
}
