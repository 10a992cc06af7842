//! The hours of the shop's day in which a method is offered; they may pass midnight.
//!
//! Always: the first minute is in them, the last is not, and the two differ, so that they are neither all day nor never.
use crate::base::{MINUTE, Time, ascii_digits};
use chrono::{Days, NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;
use std::fmt;
use std::str::FromStr;

const MINUTES: u32 = 24 * 60;

/// From one minute of the shop's day until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: u32,
    to: u32,
}

/// Not hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be hours of the day such as \"09:00-23:30\"; they may pass midnight, and begin and end at different times")]
pub struct BadHours;

impl Hours {
    /// Minutes of the day, as a row has them.
    pub(super) fn stored(from: i64, to: i64) -> Result<Self, BadHours> {
        let minute = |value: i64| u32::try_from(value).ok().filter(|minute| *minute < MINUTES).ok_or(BadHours);
        let (from, to) = (minute(from)?, minute(to)?);
        if from == to { Err(BadHours) } else { Ok(Self { from, to }) }
    }

    pub(super) fn minutes(self) -> (i64, i64) {
        (self.from.into(), self.to.into())
    }

    fn hold(self, minute: u32) -> bool {
        if self.from < self.to { (self.from..self.to).contains(&minute) } else { minute >= self.from || minute < self.to }
    }

    /// When they begin and end: `09:00`, `23:30`.
    pub fn ends(self) -> (String, String) {
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        (clock(self.from), clock(self.to))
    }

    /// The first moment at or after `at` that lies in them.
    pub(super) fn open(self, zone: Tz, at: Time) -> Option<Time> {
        let local = zone.timestamp_millis_opt(at.0).single()?;
        if self.hold(local.hour() * 60 + local.minute()) {
            return Some(at);
        }
        let date = local.date_naive();
        let begins = |days: u64| begin(zone, date.checked_add_days(Days::new(days))?, self.from);
        begins(0).filter(|begins| *begins >= at).or_else(|| begins(1))
    }
}

/// That minute of a day; the first one after it, where the clocks are put forward over it.
fn begin(zone: Tz, date: NaiveDate, minute: u32) -> Option<Time> {
    let naive = date.and_hms_opt(minute / 60, minute % 60, 0)?;
    (0..=180_i64).find_map(|later| {
        let shifted = naive.checked_add_signed(chrono::Duration::milliseconds(later * MINUTE))?;
        Some(Time(zone.from_local_datetime(&shifted).earliest()?.timestamp_millis()))
    })
}

impl FromStr for Hours {
    type Err = BadHours;

    fn from_str(text: &str) -> Result<Self, BadHours> {
        let plain: String = ascii_digits(text).chars().filter(|c| !c.is_whitespace()).collect();
        let (from, to) = plain.split_once(['-', '–', '—']).ok_or(BadHours)?;
        let hours = Self { from: minute(from)?, to: minute(to)? };
        if hours.from == hours.to { Err(BadHours) } else { Ok(hours) }
    }
}

/// `9`, `09:30`; `24:00` is midnight.
fn minute(text: &str) -> Result<u32, BadHours> {
    let (hour, minute) = text.split_once(':').unwrap_or((text, "0"));
    let number = |text: &str, most: u32| {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|number| fits && *number <= most).ok_or(BadHours)
    };
    let minutes = number(hour, 24)? * 60 + number(minute, 59)?;
    if minutes > MINUTES { Err(BadHours) } else { Ok(minutes % MINUTES) }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = self.ends();
        write!(f, "{from}-{to}")
    }
}

#[cfg(test)]
mod tests {
    use super::Hours;
    use crate::base::{HOUR, MINUTE, Time};
    use chrono_tz::{Asia::Tehran, Europe::Berlin};

    /// 2026-11-20 00:00 in Tehran.
    const MIDNIGHT: Time = Time(1_795_120_200_000);

    fn hours(text: &str) -> Hours {
        text.parse().unwrap()
    }

    #[test]
    fn hours_are_read_as_people_type_them() {
        for (typed, read) in
            [("09:00-23:30", "09:00-23:30"), ("9-17", "09:00-17:00"), ("۲۲:۳۰ – ۲", "22:30-02:00"), ("8:05-24:00", "08:05-00:00")]
        {
            assert_eq!(hours(typed).to_string(), read, "{typed}");
        }
        for wrong in ["", "9", "9-9", "0-24", "25-3", "9:60-10", "9:0:0-10", "24:30-3", "-", "a-b", "009-10", "9--10"] {
            assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_method_opens_at_its_hour_in_the_shops_zone() {
        let day = hours("9-17");
        for (at, opens) in [(0, 9 * HOUR), (9 * HOUR, 9 * HOUR), (17 * HOUR - 1, 17 * HOUR - 1), (17 * HOUR, 33 * HOUR)] {
            assert_eq!(day.open(Tehran, MIDNIGHT.after(at)), Some(MIDNIGHT.after(opens)), "{at}");
        }
        let night = hours("22:30-02:00");
        for (at, opens) in [(0, 0), (2 * HOUR, 22 * HOUR + 30 * MINUTE), (23 * HOUR, 23 * HOUR)] {
            assert_eq!(night.open(Tehran, MIDNIGHT.after(at)), Some(MIDNIGHT.after(opens)), "{at}");
        }
    }

    #[test]
    fn an_hour_that_the_clocks_leave_out_begins_with_the_next_minute_there_is() {
        // On 2026-03-29 in Berlin, 02:00 is followed by 03:00; it is 01:00 UTC.
        let midnight = Time(1_774_738_800_000);
        assert_eq!(hours("2:30-6").open(Berlin, midnight), Some(midnight.after(2 * HOUR)));
    }
}
