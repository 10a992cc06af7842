//! A refund takes off what a renewal, or more traffic, had added.
//!
//! Always: the state stays as it is, and so does the sake for which a service is off, so that it is switched on again as it
//! would have been. What is over by this ends by the clock, with its word to the owner.
use super::job::provision_soon;
use super::rules::{Terms, next_check};
use super::state::State;
use super::store::get_to_change;
use crate::base::{Fault, SubscriptionId, Time};
use crate::db::{Tx, execute};

/// Makes a service what [`super::preview_shorten`] showed. A deleted one stays as it is.
pub async fn shorten(tx: &Tx, id: SubscriptionId, terms: Terms, now: Time) -> Result<(), Fault> {
    let Some(service) = get_to_change(tx, id).await?.filter(|service| service.state != State::Deleted) else { return Ok(()) };
    let mut after = service.clone();
    (after.until, after.traffic_bytes) = (terms.until, terms.traffic_bytes);
    let sql = "UPDATE subscriptions SET until = $3, traffic_bytes = $4, check_due = $5, revision = revision + 1
        WHERE id = $1 AND revision = $2";
    let values =
        vec![id.into(), service.revision.into(), terms.until.into(), terms.traffic_bytes.into(), next_check(&after, now).into()];
    if execute(tx, sql, values).await? != 1 {
        return Err(Fault::new(format!("subscription {id} changed while it was locked")));
    }
    provision_soon(tx, id, service.revision + 1, now).await
}
