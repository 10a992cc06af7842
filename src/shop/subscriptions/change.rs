//! What people decide about a service: full, renewed, switched off and on, moved, deleted.
//!
//! Always: one guarded update that numbers the new wish, and the job that carries it out, in one transaction.
use super::job::{RemoveAccount, provision_soon};
use super::rules::{Terms, preview_extend};
use super::service::Subscription;
use super::state::{Kind, State, Step};
use super::store::get_to_change;
use crate::base::{DAY, Fault, SubscriptionId, Time};
use crate::db::{Moved, Tx, submit_exactly};
use crate::queue::jobs::enqueue;
use crate::shop::catalog::{PanelCode, Promise};
use sea_orm::Value;

/// Why a service was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no such service")]
    Absent,
    /// The step cannot be taken from this state, or with this kind.
    #[error("a {} service that is {} cannot be changed so", .kind.code(), .state.code())]
    NotNow { kind: Kind, state: State },
    #[error(transparent)]
    Fault(#[from] Fault),
}

pub(super) async fn stepped(tx: &Tx, id: SubscriptionId, step: Step) -> Result<(Subscription, State), ChangeError> {
    let service = get_to_change(tx, id).await?.ok_or(ChangeError::Absent)?;
    let next = after(&service, step)?;
    Ok((service, next))
}

/// Where a step leads.
pub(super) fn after(service: &Subscription, step: Step) -> Result<State, ChangeError> {
    service.state.after(step).ok_or(ChangeError::NotNow { kind: service.kind, state: service.state })
}

/// Writes `set` (its values from $4), the state and the next revision. The row is locked, or the transaction is the only one that
/// writes: nobody can have been faster.
async fn write(tx: &Tx, service: &Subscription, next: State, set: &str, values: Vec<Value>) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE subscriptions SET state = $3, revision = revision + 1, off_for = NULL, off_since = NULL, {set}
         WHERE id = $1 AND revision = $2"
    );
    let mut all: Vec<Value> = vec![service.id.into(), service.revision.into(), next.code().into()];
    all.extend(values);
    submit_exactly(tx, 1, &sql, all).await
}

pub(super) async fn write_and_queue(
    tx: &Tx,
    (service, next): (&Subscription, State),
    (set, values): (&str, Vec<Value>),
    now: Time,
) -> Result<(), ChangeError> {
    write(tx, service, next, set, values).await?;
    provision_soon(tx, service.id, service.revision + 1, now).await?;
    Ok(())
}

/// A lent service becomes the bought one: the promised days from now, the promised traffic with what was used of it, the same
/// link. `service`, here and below: as it was locked.
pub async fn make_full(tx: &Tx, service: &Subscription, promised: &Promise, now: Time) -> Result<Terms, ChangeError> {
    let next = after(service, Step::Fill)?;
    if service.kind != Kind::Provisional {
        return Err(ChangeError::NotNow { kind: service.kind, state: service.state });
    }
    let terms = Terms { until: now.after(promised.days.saturating_mul(DAY)), traffic_bytes: promised.traffic_bytes };
    let set =
        "kind = 'full', days = $4, until = $5, traffic_bytes = $6, devices = $7, waits_since = $8, ready_at = NULL, why = NULL";
    let values = vec![promised.days.into(), terms.until.into(), terms.traffic_bytes.into(), promised.devices.into(), now.into()];
    write_and_queue(tx, (service, next), (set, values), now).await?;
    Ok(terms)
}

/// Renews: a new period, by the rule of [`preview_extend`].
pub async fn extend(tx: &Tx, service: &Subscription, promised: &Promise, now: Time) -> Result<Terms, ChangeError> {
    let next = after(service, Step::Extend)?;
    if service.kind != Kind::Full {
        return Err(ChangeError::NotNow { kind: service.kind, state: service.state });
    }
    let terms = preview_extend(service, promised, now);
    // What has time left works on while the panel is asked, and loses nothing if that takes long.
    let waits_since = if service.until > now { service.waits_since } else { Some(now) };
    let set = "days = $4, until = $5, traffic_bytes = $6, devices = $7, waits_since = $8, used_base = used_bytes,
        period = period + 1, ready_at = NULL, why = NULL";
    let values = vec![
        promised.days.into(),
        terms.until.into(),
        terms.traffic_bytes.into(),
        promised.devices.into(),
        waits_since.map(|since| since.0).into(),
    ];
    write_and_queue(tx, (service, next), (set, values), now).await?;
    Ok(terms)
}

/// Takes a step that changes nothing but the state, if it can be taken.
async fn switch(tx: &Tx, id: SubscriptionId, step: Step, why: Option<&str>, now: Time) -> Result<Moved, ChangeError> {
    match stepped(tx, id, step).await {
        Ok((service, next)) => {
            let set = ("why = $4", vec![why.map(str::to_owned).into()]);
            write_and_queue(tx, (&service, next), set, now).await?;
            Ok(Moved::Yes)
        }
        Err(ChangeError::NotNow { .. }) => Ok(Moved::LostRace),
        Err(error) => Err(error),
    }
}

/// Switches a service off on its panel. `why` is for admins.
pub async fn disable(tx: &Tx, id: SubscriptionId, why: &str, now: Time) -> Result<Moved, ChangeError> {
    switch(tx, id, Step::Disable, Some(why), now).await
}

/// Switches on again what was switched off.
pub async fn enable(tx: &Tx, id: SubscriptionId, now: Time) -> Result<Moved, ChangeError> {
    switch(tx, id, Step::Enable, None, now).await
}

/// Ends a service for good, on the panel too. The row stays.
pub async fn delete(tx: &Tx, id: SubscriptionId, why: &str, now: Time) -> Result<Moved, ChangeError> {
    switch(tx, id, Step::Delete, Some(why), now).await
}

/// A fresh account counts from nothing: what was left is its limit.
const COUNTED_ANEW: &str = "used_bytes = 0, used_base = 0 - (used_bytes - used_base),
    traffic_bytes = CASE WHEN traffic_bytes = 0 THEN 0 WHEN traffic_bytes > used_bytes THEN traffic_bytes - used_bytes ELSE 1 END";

/// Makes it on another panel; what may be on the old one is removed by a job.
pub async fn move_to(tx: &Tx, id: SubscriptionId, panel: &PanelCode, now: Time) -> Result<(), ChangeError> {
    let (service, next) = stepped(tx, id, Step::Move).await?;
    if service.panel == *panel {
        return Ok(());
    }
    let set = format!("panel = $4, link_sealed = NULL, ready_at = NULL, waits_since = $5, {COUNTED_ANEW}");
    let since = service.waits_since.unwrap_or(now);
    write_and_queue(tx, (&service, next), (&set, vec![panel.as_str().into(), since.into()]), now).await?;
    let left = RemoveAccount { panel: service.panel.clone(), account: service.account.clone(), note: service.note() };
    let key = format!("remove:{}:{}", service.id.0, service.revision);
    Ok(enqueue(tx, &left, now, Some(key)).await?)
}

/// The panel has lost the account: it is made again, with a new link, of which the owner is told.
pub async fn lost(tx: &Tx, id: SubscriptionId, now: Time) -> Result<Moved, ChangeError> {
    match stepped(tx, id, Step::Lose).await {
        Ok((service, next)) => {
            let set = format!("link_sealed = NULL, ready_at = NULL, waits_since = $4, why = NULL, {COUNTED_ANEW}");
            write_and_queue(tx, (&service, next), (&set, vec![now.into()]), now).await?;
            Ok(Moved::Yes)
        }
        Err(ChangeError::NotNow { .. }) => Ok(Moved::LostRace),
        Err(error) => Err(error),
    }
}
