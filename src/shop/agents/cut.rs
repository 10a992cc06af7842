//! Switching an agent's services off when his time is over, and on again when his account is good: some at a time, so that a
//! run which is cut short goes on where it was.
//!
//! Always: each service that is touched says why in its history; what is switched on is what was switched off here; only
//! confirmed money stops a cut that has begun, and brings back what it took.
use super::agency::{State, account};
use super::episode::{Episode, Stage, advance, episode, finish, note_services, open_since};
use super::store::agency;
use crate::base::{Fault, PersonId, SubscriptionId, Time};
use crate::db::Tx;
use crate::shop::accounts::{self, Deed};
use crate::shop::ledger;
use crate::shop::notices::{self, AgentNotice};
use crate::shop::settings::Settings;
use crate::shop::subscriptions::{self, OffFor, Reason};

/// Services in one transaction.
const AT_ONCE: i64 = 100;

/// Switches off some of an agent's services; true when there may be more.
pub async fn cut_some(tx: &Tx, (agent, since): (PersonId, Time), settings: &Settings, now: Time) -> Result<bool, Fault> {
    let Some(known) = episode(tx, agent, since).await?.filter(|known| known.stage == Stage::Cutting) else { return Ok(false) };
    let standing = ledger::standing(tx, &account(agent, settings.asset)).await?;
    if standing.owing_since != Some(since) {
        // He paid a moment before: what was switched off so far is switched on again.
        advance(tx, (agent, since), settings, now).await?;
        return Ok(false);
    }
    let why = format!("{} since {}", Reason::BelowZero.words(), said(since, settings));
    let off = subscriptions::cut_off(tx, agent, &why, now, AT_ONCE).await?;
    let count = note_each(tx, &off, ("service.off", &why), now).await?;
    note_services(tx, &known, (count, 0)).await?;
    if count == AT_ONCE {
        return Ok(true);
    }
    if finish(tx, &known, settings, now).await?.is_yes() {
        let (left, services) = (standing.left, known.services + count);
        let key = |to: &str| Some(format!("credit:cut:{to}:{agent}:{}", since.0));
        notices::tell(tx, agent, &AgentNotice::CutOff { left, services }.into(), now, key("agent")).await?;
        notices::tell_group(tx, &AgentNotice::AgentCutOff { agent, left, services }.into(), now, key("group")).await?;
    }
    Ok(false)
}

/// Switches on some of what was switched off; true when there may be more.
pub async fn restore_some(tx: &Tx, (agent, since): (PersonId, Time), settings: &Settings, now: Time) -> Result<bool, Fault> {
    let Some(known) = episode(tx, agent, since).await?.filter(|known| known.stage == Stage::Restoring) else { return Ok(false) };
    // Below zero again, and cut off for that: what is off stays off, and comes back with the newer episode.
    let newer = |other: &Episode| other.since != since && matches!(other.stage, Stage::Cutting | Stage::Cut);
    let kept_off = open_since(tx, agent).await?.iter().any(newer);
    let what = (OffFor::Credit, settings.credit_time_kept);
    let on = if kept_off { Vec::new() } else { subscriptions::switch_on(tx, agent, what, now, AT_ONCE).await? };
    let count = note_each(tx, &on, ("service.on", "the agent's credit is good again"), now).await?;
    note_services(tx, &known, (0, count)).await?;
    if count == AT_ONCE {
        return Ok(true);
    }
    if finish(tx, &known, settings, now).await?.is_yes() && !kept_off {
        let left = ledger::standing(tx, &account(agent, settings.asset)).await?.left;
        let services = known.restored + count;
        let key = |to: &str| Some(format!("credit:restored:{to}:{agent}:{}", since.0));
        notices::tell(tx, agent, &AgentNotice::Restored { left, services }.into(), now, key("agent")).await?;
        notices::tell_group(tx, &AgentNotice::AgentRestored { agent, left, services }.into(), now, key("group")).await?;
    }
    Ok(false)
}

/// Switches on some of what the agent of a closed agency had paused: nobody else could. True when there may be more.
pub async fn release_some(tx: &Tx, agent: PersonId, settings: &Settings, now: Time) -> Result<bool, Fault> {
    if agency(tx, agent).await?.is_none_or(|agency| agency.state != State::Closed) {
        return Ok(false);
    }
    let on = subscriptions::switch_on(tx, agent, (OffFor::Agent, settings.pause_time_kept), now, AT_ONCE).await?;
    Ok(note_each(tx, &on, ("service.release", "the agency was closed"), now).await? == AT_ONCE)
}

/// The history's row for each; how many.
async fn note_each(tx: &Tx, ids: &[SubscriptionId], (act, why): (&str, &str), now: Time) -> Result<i64, Fault> {
    for id in ids {
        let subject = format!("service:{id}");
        let deed = Deed { by: PersonId(0), act, subject, was: None, became: Some(why.to_owned()), origin: "clock" };
        accounts::audit(tx, &deed, now).await?;
    }
    i64::try_from(ids.len()).map_err(Fault::new)
}

fn said(at: Time, settings: &Settings) -> String {
    use chrono::TimeZone;
    settings.zone().timestamp_millis_opt(at.0).single().map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M").to_string())
}
