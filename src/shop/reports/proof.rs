//! The daily proof: the ledger against its invariants, and what our cards and clearing accounts should hold, for whoever looks
//! into the bank. And whose hour of the day it is: what is told once a day or a week is told after that hour, once, however
//! late the shop woke up.
use super::span::today;
use crate::base::{Fault, Time};
use crate::db::{Db, Tx};
use crate::shop::ledger::{self, Finding, Holding, Kind};
use crate::shop::settings;
use chrono::{Datelike, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;
use sea_orm::ConnectionTrait;

/// What the ledger says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What breaks an invariant; empty when the books are right.
    pub findings: Vec<Finding>,
    /// What each card should hold.
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

/// Is the hour reached, on that day of the week if one is named (1 is Monday)?
pub fn is_hour(zone: Tz, now: Time, hour: i64, weekday: Option<i64>) -> bool {
    let Some(local) = zone.timestamp_millis_opt(now.0).single() else { return false };
    let right_day = weekday.is_none_or(|wanted| i64::from(Weekday::number_from_monday(&local.weekday())) == wanted);
    right_day && i64::from(local.hour()) >= hour
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

#[cfg(test)]
mod tests {
    use super::is_hour;
    use crate::base::Time;
    use chrono_tz::Asia::Tehran;

    #[test]
    fn the_hour_is_that_of_the_shops_wall() {
        let at = |text: &str| Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
        // 2026-11-20 is a Friday.
        for (now, weekday, reached) in [
            ("2026-11-20T05:29:59Z", None, false),
            ("2026-11-20T05:30:00Z", None, true),
            ("2026-11-20T20:00:00Z", None, true),
            ("2026-11-20T20:30:00Z", None, false),
            ("2026-11-20T06:00:00Z", Some(5), true),
            ("2026-11-20T06:00:00Z", Some(6), false),
            ("2026-11-21T06:00:00Z", Some(6), true),
        ] {
            assert_eq!(is_hour(Tehran, at(now), 9, weekday), reached, "{now}");
        }
    }
}
