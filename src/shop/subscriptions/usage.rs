//! What the panels say of usage, and when they are asked again.
//!
//! Always: only services that are active are asked about, and only when their next look is due. An account that somebody
//! switched off by hand on its panel is noted, not fought: an operator may have a reason. One that has less than was sold
//! is brought back to what was sold; one that has more keeps it, as a gift of the operator.
use super::job::provision_soon;
use super::reason::Reason;
use super::rules::{next_check, next_sync, passed_a_level};
use super::service::Subscription;
use super::state::State;
use super::store::{get_to_change, many};
use crate::base::{Fault, MINUTE, SubscriptionId, Time};
use crate::db::{Tx, execute, submit};
use crate::shop::catalog::PanelCode;
use crate::shop::panels::{Account, AccountState};
use crate::shop::settings::Settings;
use sea_orm::ConnectionTrait;

pub(super) const TO_LOOK_AT: &str = "WHERE state = 'active' AND panel = $3 AND sync_due <= $1 ORDER BY sync_due LIMIT $2";

/// The note on a service whose account was switched off on its panel by somebody else.
const BY_HAND: &str = Reason::OffOnPanel.words();

/// How often usage is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// While a service is in use.
    pub busy_ms: i64,
    pub idle_ms: i64,
}

impl Pace {
    pub fn of(settings: &Settings) -> Self {
        Self { busy_ms: settings.sync_minutes.saturating_mul(MINUTE), idle_ms: settings.sync_idle_minutes.saturating_mul(MINUTE) }
    }
}

/// What an account was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub used_bytes: i64,
    pub online_at: Option<Time>,
    pub state: AccountState,
    /// Unix seconds; `None` never ends.
    pub expires_at: Option<i64>,
    /// `None` is unlimited.
    pub traffic_bytes: Option<i64>,
}

impl From<&Account> for Seen {
    fn from(account: &Account) -> Self {
        Self {
            used_bytes: account.used_bytes,
            online_at: account.online_at.map(Time::from_unix),
            state: account.state,
            expires_at: account.expires_at,
            traffic_bytes: account.traffic_bytes,
        }
    }
}

/// What follows from what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    Well,
    /// Nothing is left of its traffic: end it.
    UsedUp,
    /// It had less than was sold; the job that puts it right is queued.
    Repaired,
    /// It is not active any more.
    Passed,
}

/// Active services of a panel whose next look is due.
pub async fn due_for_sync(
    conn: &impl ConnectionTrait,
    panel: &PanelCode,
    now: Time,
    limit: i64,
) -> Result<Vec<Subscription>, Fault> {
    many(conn, TO_LOOK_AT, vec![now.into(), limit.into(), panel.as_str().into()]).await
}

/// Puts the next look off, for services whose accounts were not found and could not be made again just now.
pub async fn look_later(tx: &Tx, ids: &[SubscriptionId], at: Time) -> Result<(), Fault> {
    for id in ids {
        submit(tx, "UPDATE subscriptions SET sync_due = $2 WHERE id = $1", vec![(*id).into(), at.into()]).await?;
    }
    Ok(())
}

/// Writes down what was seen, and when to look again.
pub async fn note_usage(tx: &Tx, id: SubscriptionId, seen: &Seen, pace: Pace, now: Time) -> Result<Noted, Fault> {
    let Some(was) = get_to_change(tx, id).await?.filter(|service| service.state == State::Active) else {
        return Ok(Noted::Passed);
    };
    let mut is = was.clone();
    is.used_bytes = seen.used_bytes.max(0);
    // The counter was set back on the panel: what is used of this period begins anew.
    is.used_base = was.used_base.min(is.used_bytes);
    is.online_at = seen.online_at.max(was.online_at);
    is.why = match (seen.state, was.why.as_deref()) {
        (AccountState::Disabled | AccountState::OnHold, _) => Some(BY_HAND.to_owned()),
        (_, Some(BY_HAND)) => None,
        _ => was.why.clone(),
    };
    // Once the first connection is seen, the word about it is not due any more; a level that was passed is due now.
    let first_seen = was.online_at.is_none() && is.online_at.is_some();
    let check = if passed_a_level(&was, &is) { Some(now) } else { first_seen.then(|| next_check(&is, now)) };
    let sql = "UPDATE subscriptions SET used_bytes = $2, used_base = $3, online_at = $4, why = $5, synced_at = $6, sync_due = $7,
            check_due = CASE WHEN $8 = 0 OR check_due <= $6 THEN check_due ELSE $8 END
        WHERE id = $1 AND state = 'active'";
    let values = vec![
        id.into(),
        is.used_bytes.into(),
        is.used_base.into(),
        is.online_at.map(|at| at.0).into(),
        is.why.clone().into(),
        now.into(),
        next_sync(&is, is.used_bytes > was.used_bytes, pace, now).into(),
        check.map_or(0, |at| at.0).into(),
    ];
    submit(tx, sql, values).await?;
    if is.is_confirmed() && has_less(&is, seen) {
        reassert(tx, &is, now).await?;
        return Ok(Noted::Repaired);
    }
    Ok(if is.is_used_up() { Noted::UsedUp } else { Noted::Well })
}

/// Does the account lack something that was sold?
fn has_less(service: &Subscription, seen: &Seen) -> bool {
    let ends_early = seen.expires_at.is_some_and(|at| at < service.until.unix());
    let has_less_traffic = match (seen.traffic_bytes, service.traffic_bytes) {
        (None, _) => false,
        (Some(_), 0) => true,
        (Some(limit), sold) => limit < sold,
    };
    ends_early || has_less_traffic
}

/// Wants again what is wanted already.
async fn reassert(tx: &Tx, service: &Subscription, now: Time) -> Result<(), Fault> {
    let sql = "UPDATE subscriptions SET revision = revision + 1 WHERE id = $1 AND revision = $2";
    if execute(tx, sql, vec![service.id.into(), service.revision.into()]).await? == 1 {
        provision_soon(tx, service.id, service.revision + 1, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::service::sample::service;
    use super::*;
    use crate::base::DAY;

    #[test]
    fn only_what_was_sold_and_is_missing_is_put_right() {
        let end = 30 * DAY / 1_000;
        for (name, sold, expires_at, traffic, less) in [
            ("as sold", 1_000, Some(end), Some(1_000), false),
            ("a gift of time", 1_000, Some(end + 9), Some(1_000), false),
            ("a gift without end", 1_000, None, None, false),
            ("more traffic", 1_000, Some(end), Some(2_000), false),
            ("ends early", 1_000, Some(end - 1), Some(1_000), true),
            ("less traffic", 1_000, Some(end), Some(999), true),
            ("a limit on what has none", 0, Some(end), Some(9_999), true),
            ("no limit on what has none", 0, Some(end), None, false),
        ] {
            let service = Subscription { traffic_bytes: sold, ..service() };
            let seen = Seen { used_bytes: 0, online_at: None, state: AccountState::Active, expires_at, traffic_bytes: traffic };
            assert_eq!(has_less(&service, &seen), less, "{name}");
        }
    }
}
