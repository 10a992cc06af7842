//! Services that an agent sold: his own switches and words, what the clock does when his credit stays below zero, and how a
//! customer takes one over.
//!
//! Always: a question for an agent's services names the agent; what is switched off for his credit is marked as such, so that
//! exactly this is switched on again.
use super::change::{ChangeError, after, stepped, write_and_queue};
use super::delivery::link_mark;
use super::job::provision_soon;
use super::reason::Reason;
use super::rules::Terms;
use super::service::Subscription;
use super::state::{Kind, OffFor, State, Step};
use super::store::{first, get_to_change, many};
use crate::base::{Fault, Page, PersonId, SubscriptionId, Time, ascii_digits};
use crate::db::{Seal, Tx, execute, exists, locking, scalar, submit};
use sea_orm::{ConnectionTrait, Value};

/// Which of an agent's services are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// All that are not deleted, the newest first.
    All,
    /// Active ones that end before then, the next first.
    EndingBefore(Time),
    /// The last that ended first.
    Ended,
    Disabled,
}

/// An agent's own service; a deleted one is nobody's.
pub async fn get_of_agent(
    conn: &impl ConnectionTrait,
    agent: PersonId,
    id: SubscriptionId,
) -> Result<Option<Subscription>, Fault> {
    first(conn, "WHERE id = $1 AND agent = $2 AND state <> 'deleted'", vec![id.into(), agent.into()]).await
}

/// A page of what an agent sold, and how many there are.
pub async fn of_agent(
    conn: &impl ConnectionTrait,
    agent: PersonId,
    shelf: Shelf,
    page: Page,
) -> Result<(Vec<Subscription>, i64), Fault> {
    let mut values: Vec<Value> = vec![agent.into()];
    let (filter, order) = match shelf {
        Shelf::All => ("state <> 'deleted'", "created_at DESC, id"),
        Shelf::EndingBefore(before) => {
            values.push(before.into());
            ("state = 'active' AND until < $2", "until, id")
        }
        Shelf::Ended => ("state = 'ended'", "until DESC, id"),
        Shelf::Disabled => ("state = 'disabled'", "until, id"),
    };
    paged(conn, (&format!("agent = $1 AND {filter}"), order), values, page).await
}

async fn paged(
    conn: &impl ConnectionTrait,
    (filter, order): (&str, &str),
    mut values: Vec<Value>,
    page: Page,
) -> Result<(Vec<Subscription>, i64), Fault> {
    let total: Option<i64> =
        scalar(conn, &format!("SELECT COUNT(*) AS v FROM subscriptions WHERE {filter}"), values.clone()).await?;
    let place = values.len();
    values.extend([Value::from(page.limit()), page.offset().into()]);
    let tail = format!("WHERE {filter} ORDER BY {order} LIMIT ${} OFFSET ${}", place + 1, place + 2);
    Ok((many(conn, &tail, values).await?, total.unwrap_or_default()))
}

/// An agent's services that this text means: the link that it shows, or a part of the label or the note, the id, the account's
/// name, or a link of ours that ends with the service's token.
pub async fn find_of_agent(
    conn: &impl ConnectionTrait,
    (agent, seal): (PersonId, &Seal),
    text: &str,
    page: Page,
) -> Result<(Vec<Subscription>, i64), Fault> {
    let text = text.trim();
    if text.contains("://") {
        let filter = "agent = $1 AND state <> 'deleted' AND link_mark = $2 AND link_sealed IS NOT NULL";
        let values = vec![agent.into(), link_mark(seal, text).into()];
        let found = paged(conn, (filter, "created_at DESC, id"), values, page).await?;
        if found.1 > 0 {
            return Ok(found);
        }
    }
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
    let id = SubscriptionId::parse(&ascii_digits(last)).map_or(0, |id| id.0);
    let part = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let filter = "agent = $1 AND state <> 'deleted' AND (id = $2 OR account = $3 OR token = $4
        OR LOWER(COALESCE(label, '')) LIKE $5 ESCAPE '!' OR LOWER(COALESCE(memo, '')) LIKE $5 ESCAPE '!')";
    let values = vec![agent.into(), id.into(), last.to_lowercase().into(), last.into(), format!("%{part}%").into()];
    paged(conn, (filter, "created_at DESC, id"), values, page).await
}

/// What the agent calls it, and what he notes about it.
pub async fn relabel(tx: &Tx, id: SubscriptionId, label: &str, memo: Option<&str>) -> Result<(), Fault> {
    let values = vec![id.into(), label.into(), memo.map(str::to_owned).into()];
    submit(tx, "UPDATE subscriptions SET label = $2, memo = $3 WHERE id = $1", values).await?;
    Ok(())
}

/// What so many bytes on top would make of a service that has time left.
pub fn preview_traffic(service: &Subscription, bytes: i64, now: Time) -> Option<Terms> {
    if service.traffic_bytes == 0 || service.until <= now {
        return None;
    }
    let base = if service.is_used_up() { service.used_bytes } else { service.traffic_bytes };
    Some(Terms { until: service.until, traffic_bytes: base.saturating_add(bytes) })
}

/// Adds traffic to a service, as it was locked; what ended because it was used up works again.
pub async fn add_traffic(tx: &Tx, service: &Subscription, bytes: i64, now: Time) -> Result<Terms, ChangeError> {
    let next = after(service, Step::Extend)?;
    let not_now = ChangeError::NotNow { kind: service.kind, state: service.state };
    let Some(terms) = preview_traffic(service, bytes, now).filter(|_| service.kind == Kind::Full) else {
        return Err(not_now);
    };
    let waits_since = if next == State::Pending { Some(service.waits_since.unwrap_or(now)) } else { service.waits_since };
    let set =
        ("traffic_bytes = $4, waits_since = $5, why = NULL", vec![terms.traffic_bytes.into(), waits_since.map(|at| at.0).into()]);
    write_and_queue(tx, (service, next), set, now).await?;
    Ok(terms)
}

/// Gives it a new link; the old ones stop working.
pub async fn revoke_link(tx: &Tx, id: SubscriptionId, now: Time) -> Result<(), ChangeError> {
    let service = get_to_change(tx, id).await?.ok_or(ChangeError::Absent)?;
    if service.state != State::Active {
        return Err(ChangeError::NotNow { kind: service.kind, state: service.state });
    }
    let set = ("link_sealed = NULL, token = NULL, ready_at = NULL, revoke_due = 1", vec![]);
    write_and_queue(tx, (&service, State::Active), set, now).await
}

/// A customer takes over what an agent sold.
pub async fn take_over(tx: &Tx, id: SubscriptionId, from: PersonId, to: PersonId) -> Result<bool, Fault> {
    let sql = "UPDATE subscriptions SET person = $3 WHERE id = $1 AND agent = $2 AND person = $2 AND state <> 'deleted'";
    Ok(execute(tx, sql, vec![id.into(), from.into(), to.into()]).await? == 1)
}

/// The agent switches it off.
pub async fn pause(tx: &Tx, id: SubscriptionId, now: Time) -> Result<(), ChangeError> {
    let (service, _) = stepped(tx, id, Step::Disable).await?;
    Ok(turn_off(tx, &service, (OffFor::Agent, now, Reason::Paused.words()), now).await?)
}

/// The agent switches on again what he paused; with `kept`, the time that it was off is given back.
pub async fn resume(tx: &Tx, id: SubscriptionId, kept: bool, now: Time) -> Result<(), ChangeError> {
    let service = get_to_change(tx, id).await?.ok_or(ChangeError::Absent)?;
    match service.off {
        Some((OffFor::Agent, since)) => turn_on(tx, &service, kept.then_some(since), now).await,
        _ => Err(ChangeError::NotNow { kind: service.kind, state: service.state }),
    }
}

/// Switches off what an agent sold and what works, at most `limit` at a time, and says which.
pub async fn cut_off(tx: &Tx, agent: PersonId, why: &str, now: Time, limit: i64) -> Result<Vec<SubscriptionId>, Fault> {
    let lock = locking(tx, " FOR UPDATE");
    let tail = format!("WHERE agent = $1 AND state IN ('pending', 'active') ORDER BY id LIMIT $2{lock}");
    let mut off = Vec::new();
    for service in many(tx, &tail, vec![agent.into(), limit.into()]).await? {
        turn_off(tx, &service, (OffFor::Credit, now, why), now).await?;
        off.push(service.id);
    }
    Ok(off)
}

/// Switches on what was switched off for this sake, and nothing else, at most `limit` at a time; with `kept`, the time that it
/// was off is given back.
pub async fn switch_on(
    tx: &Tx,
    agent: PersonId,
    (sake, kept): (OffFor, bool),
    now: Time,
    limit: i64,
) -> Result<Vec<SubscriptionId>, Fault> {
    let lock = locking(tx, " FOR UPDATE");
    let tail = format!("WHERE agent = $1 AND off_for = '{}' ORDER BY id LIMIT $2{lock}", sake.code());
    let mut on = Vec::new();
    for service in many(tx, &tail, vec![agent.into(), limit.into()]).await? {
        let since = service.off.map(|(_, since)| since).filter(|_| kept);
        turn_on(tx, &service, since, now).await.map_err(|error| match error {
            ChangeError::Fault(fault) => fault,
            refusal => Fault::new(refusal),
        })?;
        on.push(service.id);
    }
    Ok(on)
}

/// Does anything work that an agent sold?
pub async fn any_works(conn: &impl ConnectionTrait, agent: PersonId) -> Result<bool, Fault> {
    let sql = "SELECT id AS v FROM subscriptions WHERE agent = $1 AND state IN ('pending', 'active') LIMIT 1";
    exists(conn, sql, vec![agent.into()]).await
}

/// What was off before some change, and was switched on by it, is off again, since then.
pub async fn stay_off(tx: &Tx, was: &Subscription, now: Time) -> Result<(), Fault> {
    let Some((sake, since)) = was.off else { return Ok(()) };
    match get_to_change(tx, was.id).await? {
        Some(service) if service.off.is_none() && service.state != State::Deleted => {
            turn_off(tx, &service, (sake, since, was.why.as_deref().unwrap_or_default()), now).await
        }
        _ => Ok(()),
    }
}

async fn turn_off(tx: &Tx, service: &Subscription, (sake, since, why): (OffFor, Time, &str), now: Time) -> Result<(), Fault> {
    let sql = "UPDATE subscriptions SET state = 'disabled', revision = revision + 1, why = $3, off_for = $4, off_since = $5,
            until = $6, waits_since = NULL
        WHERE id = $1 AND revision = $2";
    // What it waited for its panel so far is given back now: nobody waits for what is off.
    let waited = service.waits_since.map_or(0, |waits| now.since(waits).max(0));
    let until = service.until.after(waited);
    let values = vec![service.id.into(), service.revision.into(), why.into(), sake.code().into(), since.into(), until.into()];
    if execute(tx, sql, values).await? != 1 {
        return Err(Fault::new(format!("subscription {} changed while it was locked", service.id)));
    }
    provision_soon(tx, service.id, service.revision + 1, now).await
}

/// `since`: the time from then on is given back.
async fn turn_on(tx: &Tx, service: &Subscription, since: Option<Time>, now: Time) -> Result<(), ChangeError> {
    let not_now = ChangeError::NotNow { kind: service.kind, state: service.state };
    let next = service.state.after(Step::Enable).ok_or(not_now)?;
    let until = since.map_or(service.until, |since| service.until.after(now.since(since).max(0)));
    // From here on it waits for its panel, and that time is given back too.
    let set = ("until = $4, waits_since = $5, why = NULL", vec![until.into(), now.into()]);
    write_and_queue(tx, (service, next), set, now).await
}
