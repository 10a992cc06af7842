//! Who may try the shop, once.
//!
//! Always: one trial a person, for ever: the person is the row's key, so two taps at once give one. Never: for people who are
//! banned (the proof [`Customer`] sees to that), or who came to the shop just now when it asks for patience.
use crate::base::{DAY, Fault, MINUTE, PersonId, SubscriptionId, Time};
use crate::db::{Tx, execute, one, scalar};
use crate::shop::accounts::Customer;
use crate::shop::catalog::{Catalog, Promise};
use crate::shop::panels;
use crate::shop::settings::Settings;
use crate::shop::subscriptions::{self, Kind, New, Subscription};
use sea_orm::{ConnectionTrait, FromQueryResult};

const MEGABYTE: i64 = 1 << 20;

/// Why there is no trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// It was had then.
    #[error("one trial a person")]
    AlreadyHad { at: Time, subscription: SubscriptionId },
    /// Not before then: the shop knows the person for too short a time, or has given all trials of the day.
    #[error("not yet")]
    Cooldown { until: Time },
    /// The shop gives none.
    #[error("there are no trials")]
    Closed,
    /// No panel takes new accounts.
    #[error("no panel takes new accounts")]
    NoPanel,
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[derive(FromQueryResult)]
struct Row {
    subscription: SubscriptionId,
    at: Time,
}

/// The trial that a person had.
pub async fn had(conn: &impl ConnectionTrait, person: PersonId) -> Result<Option<(SubscriptionId, Time)>, Fault> {
    let row: Option<Row> = one(conn, "SELECT subscription, at FROM trials WHERE person = $1", vec![person.into()]).await?;
    Ok(row.map(|row| (row.subscription, row.at)))
}

/// Gives the person's one trial. The same id again gives the trial that is there.
pub async fn take(
    tx: &Tx,
    customer: &Customer,
    id: SubscriptionId,
    (settings, catalog): (&Settings, &Catalog),
    now: Time,
) -> Result<Subscription, TrialError> {
    if let Some((subscription, at)) = had(tx, customer.id).await? {
        return again(tx, customer.id, id, (subscription, at)).await;
    }
    let plan = settings.trial_plan.parse().ok().and_then(|code| catalog.plan(&code)).ok_or(TrialError::Closed)?;
    let patience = customer.first_seen.after(settings.trial_after_minutes.saturating_mul(MINUTE));
    if now < patience {
        return Err(TrialError::Cooldown { until: patience });
    }
    if let Some(until) = full_until(tx, settings, now).await? {
        return Err(TrialError::Cooldown { until });
    }
    let panel = panels::choose(tx, plan).await?.ok_or(TrialError::NoPanel)?;
    let promised =
        Promise { days: settings.trial_days, traffic_bytes: settings.trial_megabytes.saturating_mul(MEGABYTE), ..plan.promise() };
    let new = New { id, person: customer.id, plan: &plan.code, panel: &panel, kind: Kind::Trial, promised, sold_by: None, now };
    let service = subscriptions::create(tx, &new).await?;
    let sql = "INSERT INTO trials (person, subscription, at) VALUES ($1, $2, $3) ON CONFLICT (person) DO NOTHING";
    if execute(tx, sql, vec![customer.id.into(), id.into(), now.into()]).await? == 0 {
        // Another tap was faster; the error takes back what this one wrote.
        let (subscription, at) = had(tx, customer.id).await?.ok_or_else(|| Fault::new("a trial that is there is absent"))?;
        return Err(TrialError::AlreadyHad { at, subscription });
    }
    Ok(service)
}

async fn again(
    tx: &Tx,
    person: PersonId,
    id: SubscriptionId,
    (had, at): (SubscriptionId, Time),
) -> Result<Subscription, TrialError> {
    if had != id {
        return Err(TrialError::AlreadyHad { at, subscription: had });
    }
    subscriptions::get_for(tx, person, id).await?.ok_or(TrialError::AlreadyHad { at, subscription: had })
}

/// When the shop gives trials again, if it has given all of the last 24 hours.
async fn full_until(conn: &impl ConnectionTrait, settings: &Settings, now: Time) -> Result<Option<Time>, Fault> {
    if settings.trial_daily_limit == 0 {
        return Ok(None);
    }
    let sql = "SELECT at AS v FROM trials WHERE at > $1 ORDER BY at DESC LIMIT 1 OFFSET $2";
    let values = vec![now.after(-DAY).into(), (settings.trial_daily_limit - 1).into()];
    let oldest: Option<i64> = scalar(conn, sql, values).await?;
    Ok(oldest.map(|at| Time(at).after(DAY)))
}
