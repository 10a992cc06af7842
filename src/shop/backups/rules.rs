//! When a backup is owed, and when its absence is an alarm: pure.
use crate::base::{DAY, HOUR, Time};
use chrono::{Days, TimeZone};

/// A day and the time that a backup may take.
const MISSING_AFTER: i64 = 26 * HOUR;
/// The clocks of two machines may stand so far apart; what is later yet was written by one that was ahead.
const APART: i64 = HOUR;

/// The newest moment, not after `now`, at which the clocks of the zone showed this hour.
pub fn owed_since(zone: chrono_tz::Tz, hour: i64, now: Time) -> Time {
    let of_day = |days_ago: u64| {
        let date = zone.timestamp_millis_opt(now.0).single()?.date_naive().checked_sub_days(Days::new(days_ago))?;
        let hour = u32::try_from(hour).ok()?;
        // Where the clocks skip the hour, the day's backup is owed from the next one.
        let first = (hour..24).find_map(|hour| zone.from_local_datetime(&date.and_hms_opt(hour, 0, 0)?).earliest())?;
        Some(Time(first.timestamp_millis())).filter(|at| *at <= now)
    };
    (0..3).find_map(of_day).unwrap_or(now.after(-DAY))
}

/// `last` is when the newest was taken, or since when backups are expected.
pub fn is_owed(owed_since: Time, last: Time, now: Time) -> bool {
    owed_since > last || is_ahead(last, now)
}

/// Was it written by a clock that was ahead? Then it says nothing.
pub fn is_ahead(at: Time, now: Time) -> bool {
    at.since(now) > APART
}

/// For how many hours there was none, once that is too long.
pub fn missing_hours(last: Time, now: Time) -> Option<i64> {
    (now.since(last) > MISSING_AFTER).then(|| now.since(last) / HOUR)
}

#[cfg(test)]
mod tests {
    use super::{is_ahead, is_owed, missing_hours, owed_since};
    use crate::base::{DAY, HOUR, MINUTE, Time};
    use chrono::{TimeZone, Utc};

    fn utc(day: u32, hour: u32, minute: u32) -> Time {
        Time(Utc.with_ymd_and_hms(2026, 3, day, hour, minute, 0).unwrap().timestamp_millis())
    }

    #[test]
    fn the_day_owes_a_backup_from_its_hour_in_the_shops_zone() {
        let tehran = chrono_tz::Asia::Tehran;
        // 03:00 in Tehran is 23:30 in UTC.
        assert_eq!(owed_since(tehran, 3, utc(10, 12, 0)), utc(9, 23, 30));
        assert_eq!(owed_since(tehran, 3, utc(10, 23, 29)), utc(9, 23, 30));
        assert_eq!(owed_since(tehran, 3, utc(10, 23, 30)), utc(10, 23, 30));
        assert_eq!(owed_since(chrono_tz::UTC, 0, utc(10, 0, 0)), utc(10, 0, 0));
        assert!(is_owed(utc(10, 23, 30), utc(10, 23, 29), utc(10, 23, 31)));
        assert!(!is_owed(utc(10, 23, 30), utc(10, 23, 30), utc(10, 23, 31)));
    }

    #[test]
    fn a_backup_of_a_clock_that_was_ahead_is_none() {
        let (owed, now) = (utc(9, 23, 30), utc(10, 12, 0));
        for (last, ahead) in [(utc(10, 12, 59), false), (utc(10, 13, 1), true), (utc(20, 0, 0), true)] {
            assert_eq!((is_owed(owed, last, now), is_ahead(last, now)), (ahead, ahead), "{last:?}");
        }
    }

    #[test]
    fn a_day_whose_clocks_skip_the_hour_owes_its_backup_all_the_same() {
        // In Berlin, 29 March 2026 has no 02:00: the clocks went to 03:00 at 01:00 UTC.
        let berlin = chrono_tz::Europe::Berlin;
        assert_eq!(owed_since(berlin, 2, utc(29, 0, 59)), utc(28, 1, 0));
        assert_eq!(owed_since(berlin, 2, utc(29, 1, 0)), utc(29, 1, 0));
        // And 25 October has 02:00 twice: one backup, owed from the first.
        let october = |hour, minute| Time(Utc.with_ymd_and_hms(2026, 10, 25, hour, minute, 0).unwrap().timestamp_millis());
        assert_eq!(owed_since(berlin, 2, october(0, 0)), october(0, 0));
        assert_eq!(owed_since(berlin, 2, october(1, 30)), october(0, 0));
    }

    #[test]
    fn one_that_is_older_than_a_day_and_two_hours_is_missed() {
        let last = utc(1, 0, 0);
        assert_eq!(missing_hours(last, last.after(26 * HOUR)), None);
        assert_eq!(missing_hours(last, last.after(26 * HOUR + MINUTE)), Some(26));
        assert_eq!(missing_hours(last, last.after(3 * DAY)), Some(72));
    }
}
