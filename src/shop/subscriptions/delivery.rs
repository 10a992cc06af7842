//! The panel confirms: what was promised is there.
//!
//! Always: a confirmation of an older wish never counts as one of the newer; whoever brought it runs again. The first word
//! "ready" of each promise is given once, by whoever moved the row.
use super::job::Provision;
use super::rules::next_check;
use super::service::{Subscription, link_place};
use super::state::{State, Step};
use super::store::get_to_change;
use crate::base::{Fault, MINUTE, SubscriptionId, Time};
use crate::db::{Seal, Tx, execute, submit};
use crate::queue::jobs::enqueue;

/// A wait for the panel that is shorter is not worth a new wish.
const GIVEN_BACK_FROM: i64 = 10 * MINUTE;
/// The first look at usage after a delivery.
const FIRST_LOOK: i64 = 10 * MINUTE;

/// What the panel confirmed. The link and the token are kept when the service has none yet.
#[derive(Debug, Clone)]
pub struct Confirmed {
    pub id: SubscriptionId,
    pub revision: i64,
    pub link_sealed: Option<SealedLink>,
    pub token: String,
}

/// A link as its row keeps it.
#[derive(Debug, Clone)]
pub struct SealedLink {
    sealed: String,
    /// By which it is found.
    mark: String,
}

/// What the confirmation made of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// All that is wanted stands. `say_ready`: its owner is still owed the word.
    Stands { service: Box<Subscription>, say_ready: bool },
    /// More is wanted by now, and a job for it is queued.
    Outrun,
    /// The service is deleted, or unknown.
    Gone,
}

/// Seals a link for its row.
pub fn seal_link(seal: &Seal, id: SubscriptionId, link: &str) -> Result<SealedLink, Fault> {
    let sealed =
        seal.seal(&link_place(id), link).map_err(|error| Fault::new(error).context(format!("subscription {id}, its link")))?;
    Ok(SealedLink { sealed, mark: link_mark(seal, link) })
}

/// By what a link is found, however it was pasted.
pub(super) fn link_mark(seal: &Seal, link: &str) -> String {
    seal.mark(link.trim().trim_end_matches('/'))
}

/// Notes that the panel holds what revision `revision` wanted.
pub async fn revision_applied(tx: &Tx, confirmed: Confirmed, now: Time) -> Result<Applied, Fault> {
    let Some(mut service) = get_to_change(tx, confirmed.id).await? else { return Ok(Applied::Gone) };
    if service.state == State::Deleted && service.revision == confirmed.revision {
        return note_applied(tx, &service, confirmed.revision).await.map(|()| Applied::Gone);
    }
    if service.revision != confirmed.revision {
        // The newer wish, a deletion too, may have been carried out before this older one arrived at the panel: it is
        // carried out again.
        note_applied(tx, &service, confirmed.revision).await?;
        enqueue(tx, &Provision { subscription: service.id }, now, None).await?;
        return Ok(Applied::Outrun);
    }
    let next = service.state.after(Step::Confirm).unwrap_or(service.state);
    // The link that stands keeps its mark; one from before there were marks gets it.
    let mark_set = if service.link_sealed.is_some() { "COALESCE(link_mark, $9)" } else { "$9" };
    let (link_sealed, link_mark) = confirmed.link_sealed.map(|link| (link.sealed, link.mark)).unzip();
    service.link_sealed = service.link_sealed.or(link_sealed);
    if next == State::Active && service.link_sealed.is_none() {
        return Err(Fault::new(format!("subscription {} was confirmed without a link", service.id)));
    }
    let say_ready = next == State::Active && service.ready_at.is_none();
    service.token = service.token.or(Some(confirmed.token));
    (service.state, service.applied, service.waits_since) = (next, confirmed.revision, None);
    if say_ready {
        service.ready_at = Some(now);
    }
    let sql = format!(
        "UPDATE subscriptions SET state = $3, applied = $2, link_sealed = $4, token = $5, ready_at = $6, waits_since = NULL,
            check_due = $7, sync_due = $8, revoke_due = 0, link_mark = {mark_set}
        WHERE id = $1 AND revision = $2"
    );
    let values = vec![
        service.id.into(),
        service.applied.into(),
        service.state.code().into(),
        service.link_sealed.clone().into(),
        service.token.clone().into(),
        service.ready_at.map(|at| at.0).into(),
        next_check(&service, now).into(),
        now.after(FIRST_LOOK).into(),
        link_mark.into(),
    ];
    submit(tx, &sql, values).await?;
    Ok(Applied::Stands { service: Box::new(service), say_ready })
}

async fn note_applied(tx: &Tx, service: &Subscription, revision: i64) -> Result<(), Fault> {
    let sql = "UPDATE subscriptions SET applied = $2 WHERE id = $1 AND applied < $2";
    submit(tx, sql, vec![service.id.into(), revision.into()]).await?;
    Ok(())
}

impl Subscription {
    /// Has it waited for its panel so long that the time is given back?
    pub fn is_owed_time(&self, now: Time) -> bool {
        self.waits_since.is_some_and(|since| now.since(since) >= GIVEN_BACK_FROM)
    }
}

/// Puts the end off by as long as the service has waited for its panel; says whether it did.
pub async fn give_back_waiting(tx: &Tx, id: SubscriptionId, now: Time) -> Result<bool, Fault> {
    let Some(service) = get_to_change(tx, id).await? else { return Ok(false) };
    let Some(since) = service.waits_since.filter(|_| service.is_owed_time(now)) else { return Ok(false) };
    let sql = "UPDATE subscriptions SET until = $3, waits_since = $4, revision = revision + 1
        WHERE id = $1 AND revision = $2 AND state IN ('pending', 'active')";
    let until = service.until.after(now.since(since));
    let values = vec![id.into(), service.revision.into(), until.into(), now.into()];
    Ok(execute(tx, sql, values).await? == 1)
}
