//! What admins change about an agency. Each leaves an audit row, and the ledger account follows in the same transaction.
use super::agency::{Agency, Agent, State};
use super::prices::{Prices, Rule};
use super::store::{agency, locked};
use super::tier::tier;
use crate::base::{Fault, PersonId, Time};
use crate::db::{self, Tx};
use crate::shop::accounts::{self, Admin, Deed, Right};
use crate::shop::catalog::{PlanCode, TierCode};
use crate::shop::ledger;
use crate::shop::notices::{self, AgentNotice};
use crate::shop::settings;
use sea_orm::Value;

#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    #[error("there is no such agent, or his agency is closed")]
    Unknown,
    /// The role does not allow it, or it is his own agency.
    #[error("not allowed")]
    NotAllowed,
    #[error("there is no such tier, or it is off")]
    NoTier,
    /// A line below zero or beyond all reason, or a rule that cannot be.
    #[error("no such value")]
    BadValue,
    #[error("it is so already")]
    Already,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// No credit line is larger, in the smallest unit.
const LINE_MAX: i64 = 1_000_000_000_000_000;

/// The agency, locked, if this admin may change it.
pub(super) async fn to_change(tx: &Tx, by: &Admin, right: Right, agent: PersonId) -> Result<Agency, ManageError> {
    if !by.may(right) || by.person() == agent {
        return Err(ManageError::NotAllowed);
    }
    let found = locked(tx, agent).await?.ok_or(ManageError::Unknown)?;
    if found.state == State::Closed { Err(ManageError::Unknown) } else { Ok(found) }
}

struct Deeds<'a> {
    act: &'a str,
    was: String,
    became: String,
}

async fn write(
    tx: &Tx,
    by: &Admin,
    (agency_was, deeds): (&Agency, Deeds<'_>),
    (column, value): (&str, Value),
    now: Time,
) -> Result<(), ManageError> {
    if deeds.was == deeds.became {
        return Err(ManageError::Already);
    }
    let agent = agency_was.person;
    db::submit(tx, &format!("UPDATE agents SET {column} = $2 WHERE person = $1"), vec![agent.into(), value]).await?;
    set_limits(tx, agent, now).await?;
    let deed = Deed {
        by: by.person(),
        act: deeds.act,
        subject: format!("person:{agent}"),
        was: Some(deeds.was),
        became: Some(deeds.became),
        origin: by.origin(),
    };
    Ok(accounts::audit(tx, &deed, now).await?)
}

/// Makes the ledger account's limits those of the agency as it is by now.
pub async fn set_limits(tx: &Tx, agent: PersonId, now: Time) -> Result<(), Fault> {
    let Some(agency) = agency(tx, agent).await? else { return Ok(()) };
    let account = agency.account(settings::load(tx).await?.asset);
    ledger::set_limits(tx, &account, agency.limits(), now).await.map_err(|error| match error {
        ledger::LedgerError::Fault(fault) => fault,
        refusal => Fault::new(refusal),
    })
}

/// Another tier. His own line and prices stay.
pub async fn set_tier(tx: &Tx, by: &Admin, agent: PersonId, code: &TierCode, now: Time) -> Result<(), ManageError> {
    let agency = to_change(tx, by, Right::Staff, agent).await?;
    if tier(tx, code).await?.is_none_or(|tier| !tier.on) {
        return Err(ManageError::NoTier);
    }
    let deeds = Deeds { act: "agent.tier", was: agency.tier.code.to_string(), became: code.to_string() };
    write(tx, by, (&agency, deeds), ("tier", code.as_str().into()), now).await?;
    let told = AgentNotice::Tier { tier: code.to_string() };
    Ok(notices::tell(tx, agent, &told.into(), now, None).await?)
}

/// A credit line of his own; `None`: the tier's.
pub async fn set_line(tx: &Tx, by: &Admin, agent: PersonId, line: Option<i64>, now: Time) -> Result<(), ManageError> {
    let agency = to_change(tx, by, Right::Staff, agent).await?;
    if line.is_some_and(|line| !(0..=LINE_MAX).contains(&line)) {
        return Err(ManageError::BadValue);
    }
    let said = |line: Option<i64>| line.map_or_else(|| "the tier's".to_owned(), |line| line.to_string());
    let deeds = Deeds { act: "agent.line", was: said(agency.line), became: said(line) };
    write(tx, by, (&agency, deeds), ("line", line.into()), now).await
}

/// Prices of his own, in place of those he had.
pub async fn set_prices(tx: &Tx, by: &Admin, agent: PersonId, prices: &Prices, now: Time) -> Result<(), ManageError> {
    let agency = to_change(tx, by, Right::Staff, agent).await?;
    if !prices.is_sound() {
        return Err(ManageError::BadValue);
    }
    let deeds = Deeds { act: "agent.prices", was: agency.prices.write()?, became: prices.write()? };
    let value = prices.write()?.into();
    write(tx, by, (&agency, deeds), ("prices", value), now).await
}

/// A rule of his own for a plan, or for all; `None`: without it.
pub async fn set_price(
    tx: &Tx,
    by: &Admin,
    agent: PersonId,
    (plan, rule): (Option<&PlanCode>, Option<Rule>),
    now: Time,
) -> Result<(), ManageError> {
    let prices = to_change(tx, by, Right::Staff, agent).await?.prices;
    let prices = match rule {
        Some(rule) => prices.with(plan, rule),
        None => prices.without(plan),
    };
    set_prices(tx, by, agent, &prices, now).await
}

/// He sells until then; `None`: for ever.
pub async fn set_until(tx: &Tx, by: &Admin, agent: PersonId, until: Option<Time>, now: Time) -> Result<(), ManageError> {
    let agency = to_change(tx, by, Right::Staff, agent).await?;
    let said = |until: Option<Time>| until.map_or_else(|| "for ever".to_owned(), |until| until.0.to_string());
    let deeds = Deeds { act: "agent.until", was: said(agency.until), became: said(until) };
    write(tx, by, (&agency, deeds), ("until", until.map(|at| at.0).into()), now).await
}

/// Nothing new is sold; what was sold goes on.
pub async fn freeze(tx: &Tx, by: &Admin, agent: PersonId, reason: &str, now: Time) -> Result<(), ManageError> {
    turn(tx, by, (agent, State::Frozen), reason, now).await
}

/// Sells again.
pub async fn thaw(tx: &Tx, by: &Admin, agent: PersonId, now: Time) -> Result<(), ManageError> {
    turn(tx, by, (agent, State::Active), "", now).await
}

async fn turn(tx: &Tx, by: &Admin, (agent, to): (PersonId, State), reason: &str, now: Time) -> Result<(), ManageError> {
    let agency = to_change(tx, by, Right::Money, agent).await?;
    let account = agency.account(settings::load(tx).await?.asset);
    let (act, state) = match to {
        State::Active => ("agent.thaw", ledger::State::Open),
        State::Frozen | State::Closed => ("agent.freeze", ledger::State::Frozen),
    };
    let became = if reason.is_empty() { to.code().to_owned() } else { format!("{} ({reason})", to.code()) };
    let was = if agency.state == to { became.clone() } else { agency.state.code().to_owned() };
    write(tx, by, (&agency, Deeds { act, was, became }), ("state", to.code().into()), now).await?;
    ledger::set_state(tx, &account, state, now).await.map_err(Fault::new)?;
    let told = AgentNotice::State { state: to.code().to_owned(), reason: reason.to_owned() };
    Ok(notices::tell(tx, agent, &told.into(), now, None).await?)
}

/// Whether he wants the weekly digest: his own switch.
pub async fn set_digest(tx: &Tx, agent: &Agent, on: bool) -> Result<(), Fault> {
    let values = vec![agent.person.into(), i64::from(on).into()];
    db::submit(tx, "UPDATE agents SET digest = $2 WHERE person = $1", values).await?;
    Ok(())
}
