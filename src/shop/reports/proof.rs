//! The daily proof: the ledger against its invariants, and what our cards and clearing accounts should hold, for whoever looks
//! into the bank. And whose hour of the day it is: what is told once a day or a week is told after that hour, once, however
//! late the shop woke up, and a week on a later day too.
use super::span::{Span, today};
use crate::base::{Fault, Time};
use crate::db::{self, Db, Tx};
use crate::shop::ledger::{self, Finding, Holding, Kind};
use crate::shop::settings;
use chrono::{Datelike, Days, NaiveDate, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;
use sea_orm::ConnectionTrait;

/// What the ledger says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What breaks an invariant; empty when the books are right.
    pub findings: Vec<Finding>,
    /// What each card, Sheba number and address should hold.
    pub cards: Vec<Holding>,
    /// What is on its way to us.
    pub clearing: Vec<Holding>,
}

/// Proves the books, and reads what they say we have.
pub async fn proof(db: &Db) -> Result<Proof, Fault> {
    let conn = db.read_long();
    Ok(Proof {
        findings: ledger::verify(conn).await?,
        cards: ledger::holdings(conn, Kind::Card).await?,
        clearing: ledger::holdings(conn, Kind::Clearing).await?,
    })
}

/// Is the hour reached?
pub fn is_hour(zone: Tz, now: Time, hour: i64) -> bool {
    zone.timestamp_millis_opt(now.0).single().is_some_and(|local| i64::from(local.hour()) >= hour)
}

/// The last such day of the week (1 is Monday) on which the hour was reached, today or before: with it a week ended. `None`
/// when there is no such day.
pub fn week_ended(zone: Tz, now: Time, hour: i64, weekday: i64) -> Option<NaiveDate> {
    let local = zone.timestamp_millis_opt(now.0).single()?;
    let ago = (i64::from(Weekday::number_from_monday(&local.weekday())) - weekday).rem_euclid(7);
    let ago = if ago == 0 && !is_hour(zone, now, hour) { 7 } else { ago };
    let ago = u64::try_from(ago).ok().filter(|_| (1..=7).contains(&weekday))?;
    local.date_naive().checked_sub_days(Days::new(ago))
}

fn told(what: &str) -> String {
    format!("told.{what}")
}

fn day(zone: Tz, now: Time) -> String {
    today(zone, now).num_days_from_ce().to_string()
}

/// Was it told today, or let go by?
pub async fn is_told(conn: &impl ConnectionTrait, what: &str, zone: Tz, now: Time) -> Result<bool, Fault> {
    has_told(conn, what, &day(zone, now)).await
}

/// Takes the day for what is told once a day; `false` when it was taken. The first day that a shop sees is let go by: there is
/// nothing to tell yet.
pub async fn claim_day(tx: &Tx, what: &str, zone: Tz, now: Time) -> Result<bool, Fault> {
    claim(tx, what, &day(zone, now)).await
}

/// The same for an occasion of any kind, such as a month: was it taken?
pub async fn has_told(conn: &impl ConnectionTrait, what: &str, occasion: &str) -> Result<bool, Fault> {
    Ok(settings::fact(conn, &told(what)).await?.is_some_and(|last| last == occasion))
}

/// Takes an occasion; `false` when it was taken, or is the first that the shop sees.
pub async fn claim(tx: &Tx, what: &str, occasion: &str) -> Result<bool, Fault> {
    let known = settings::fact(tx, &told(what)).await?;
    if known.as_deref() == Some(occasion) {
        return Ok(false);
    }
    settings::set_fact(tx, &told(what), occasion).await?;
    Ok(known.is_some())
}

/// Takes the week that ended just before this day begins; the moment at which it ended, if it is to be told now. One that ended
/// before the shop had its first order is let go by.
pub async fn claim_week(tx: &Tx, ended: NaiveDate, zone: Tz, now: Time) -> Result<Option<Time>, Fault> {
    let (occasion, day) = (week(ended), ended.num_days_from_ce());
    let to = Span::Days { first: day, last: day }.period(zone, now).from;
    if has_told(tx, DIGEST, &occasion).await? {
        return Ok(None);
    }
    let is_told = claim(tx, DIGEST, &occasion).await?;
    let sold = "SELECT id AS v FROM orders WHERE placed_at < $1 LIMIT 1";
    Ok((is_told || db::exists(tx, sold, vec![to.into()]).await?).then_some(to))
}

/// Was the week told, or let go by?
pub async fn has_told_week(conn: &impl ConnectionTrait, ended: NaiveDate) -> Result<bool, Fault> {
    has_told(conn, DIGEST, &week(ended)).await
}

const DIGEST: &str = "digest";

fn week(ended: NaiveDate) -> String {
    ended.num_days_from_ce().to_string()
}

#[cfg(test)]
mod tests {
    use super::{is_hour, week_ended};
    use crate::base::Time;
    use chrono_tz::Asia::Tehran;

    #[test]
    fn the_hour_is_that_of_the_shops_wall() {
        let at = |text: &str| Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
        for (now, reached) in [
            ("2026-11-20T05:29:59Z", false),
            ("2026-11-20T05:30:00Z", true),
            ("2026-11-20T20:00:00Z", true),
            ("2026-11-20T20:30:00Z", false),
        ] {
            assert_eq!(is_hour(Tehran, at(now), 9), reached, "{now}");
        }
        // 2026-11-20 is a Friday.
        for (now, weekday, ended) in [
            ("2026-11-20T06:00:00Z", 5, Some("2026-11-20")),
            ("2026-11-20T05:00:00Z", 5, Some("2026-11-13")),
            ("2026-11-20T06:00:00Z", 6, Some("2026-11-14")),
            ("2026-11-20T06:00:00Z", 4, Some("2026-11-19")),
            ("2026-11-21T05:00:00Z", 6, Some("2026-11-14")),
            ("2026-11-21T06:00:00Z", 6, Some("2026-11-21")),
            ("2026-11-21T06:00:00Z", 7, Some("2026-11-15")),
            ("2026-11-21T06:00:00Z", 0, None),
        ] {
            let found = week_ended(Tehran, at(now), 9, weekday).map(|day| day.to_string());
            assert_eq!(found.as_deref(), ended, "{now} {weekday}");
        }
    }
}
