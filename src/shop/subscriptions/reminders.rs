//! What an owner is reminded of: the end coming near, traffic running out, a service never used. Each once a period.
//!
//! Always: a tick costs what is due (`check_due` is the next moment at which anything could be), and a reminder's row and its
//! notice are written together. Never: words.
use super::rules::{NEVER, covers, due_now, next_check};
use super::service::Subscription;
use super::state::State;
use super::store::get_to_change;
use crate::base::{Fault, SubscriptionId, Time};
use crate::db::{Tx, execute, query, submit};
use crate::shop::notices::{Notice, Reminding, tell};
use crate::shop::settings::Settings;
use sea_orm::{ConnectionTrait, FromQueryResult};

pub(super) const TO_CHECK: &str = "WHERE state = 'active' AND check_due <= $1 ORDER BY check_due LIMIT $2";

#[derive(FromQueryResult)]
struct Due {
    id: SubscriptionId,
}

/// Services about which something may have to be said.
pub async fn due(conn: &impl ConnectionTrait, now: Time, limit: i64) -> Result<Vec<SubscriptionId>, Fault> {
    let sql = format!("SELECT id FROM subscriptions {TO_CHECK}");
    let rows: Vec<Due> = query(conn, &sql, vec![now.into(), limit.into()]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Says what is due about a service and not said yet in this period, and sets the next look. Gives what was said.
pub async fn remind(tx: &Tx, id: SubscriptionId, settings: &Settings, now: Time) -> Result<Vec<Reminding>, Fault> {
    let Some(service) = get_to_change(tx, id).await?.filter(|service| service.state == State::Active) else {
        return Ok(Vec::new());
    };
    let mut said = Vec::new();
    let mut settled: Vec<Reminding> = Vec::new();
    // What is over is told as over, by whoever ends it.
    let due = if service.until <= now || service.is_used_up() { Vec::new() } else { due_now(&service, now) };
    for kind in due {
        let fresh = mark(tx, &service, kind, now).await?;
        if fresh && !settled.iter().any(|earlier| covers(*earlier, kind)) {
            let notice = Notice::Reminder { subscription: id, kind };
            tell(tx, service.person, &notice, settings.after_quiet(now), None).await?;
            said.push(kind);
        }
        settled.push(kind);
    }
    let next = next_check(&service, now);
    submit(tx, "UPDATE subscriptions SET check_due = $2 WHERE id = $1", vec![id.into(), next.into()]).await?;
    debug_assert!(next > now || next == NEVER);
    Ok(said)
}

/// Writes the reminder down; false when it was said before in this period.
pub(super) async fn mark(tx: &Tx, service: &Subscription, kind: Reminding, now: Time) -> Result<bool, Fault> {
    let sql = "INSERT INTO reminders (subscription, period, kind, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (subscription, period, kind) DO NOTHING";
    let values = vec![service.id.into(), service.period.into(), kind.code().into(), now.into()];
    Ok(execute(tx, sql, values).await? == 1)
}
