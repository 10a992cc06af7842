//! What is over: its time has passed, or its traffic is used up.
//!
//! Always: a service that was sold ends once, with one word to its owner; a lent one that runs out before its payment is
//! decided is switched off without a word, and comes back when the payment is approved.
//! Never: asks the panel; by its own counting it has stopped the account already.
use super::reason::Reason;
use super::rules::NEVER;
use super::service::Subscription;
use super::state::{Kind, State, Step};
use super::store::{get_to_change, many};
use crate::base::{Fault, SubscriptionId, Time};
use crate::db::{Tx, execute};
use crate::shop::notices::{Notice, Reminding, tell};
use crate::shop::settings::Settings;
use sea_orm::ConnectionTrait;

pub(super) const OVER: &str = "WHERE state = 'active' AND until <= $1 ORDER BY until LIMIT $2";
pub(super) const OLD_TRIALS: &str = "WHERE state = 'ended' AND kind = 'trial' AND until <= $1 ORDER BY until LIMIT $2";

/// What became of a service that was thought to be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Ended,
    /// A lent one waits, switched off, for its payment's review.
    Parked,
    /// It was renewed meanwhile, or is not active any more.
    NotOver,
}

/// Active services whose time has passed.
pub async fn end_due(conn: &impl ConnectionTrait, now: Time, limit: i64) -> Result<Vec<Subscription>, Fault> {
    many(conn, OVER, vec![now.into(), limit.into()]).await
}

/// Trials that ended before `before` and still have an account on their panel.
pub async fn trials_to_clean(conn: &impl ConnectionTrait, before: Time, limit: i64) -> Result<Vec<Subscription>, Fault> {
    many(conn, OLD_TRIALS, vec![before.into(), limit.into()]).await
}

/// Ends a service if it is over.
pub async fn end(tx: &Tx, id: SubscriptionId, settings: &Settings, now: Time) -> Result<Ending, Fault> {
    let Some(service) = get_to_change(tx, id).await? else { return Ok(Ending::NotOver) };
    if service.until > now && !service.is_used_up() {
        return Ok(Ending::NotOver);
    }
    let step = if service.kind == Kind::Provisional { Step::Disable } else { Step::End };
    let Some(next) = service.state.after(step).filter(|_| service.state == State::Active) else { return Ok(Ending::NotOver) };
    let why = if service.until <= now { Reason::TimeOver } else { Reason::UsedUp };
    let sql =
        "UPDATE subscriptions SET state = $3, why = $4, check_due = $5 WHERE id = $1 AND revision = $2 AND state = 'active'";
    let values = vec![id.into(), service.revision.into(), next.code().into(), why.words().into(), NEVER.into()];
    if execute(tx, sql, values).await? != 1 {
        return Ok(Ending::NotOver);
    }
    if service.kind == Kind::Provisional {
        return Ok(Ending::Parked);
    }
    if super::reminders::mark(tx, &service, Reminding::Ended, now).await? {
        let notice = Notice::Reminder { subscription: id, kind: Reminding::Ended };
        tell(tx, service.person, &notice, settings.after_quiet(now), None).await?;
    }
    Ok(Ending::Ended)
}
