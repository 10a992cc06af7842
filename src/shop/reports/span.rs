//! Which time a report speaks of: a ready span or typed days, and the period before it to compare with. Pure.
//!
//! Always: a period ends not later than now, and the one before it is as long.
use crate::base::{Time, ascii_digits};
use chrono::{Datelike, Days, NaiveDate, TimeZone};
use chrono_tz::Tz;
use icu_calendar::Date;
use icu_calendar::cal::Iso;
use serde::{Deserialize, Serialize};

/// A span as a button or a job carries it; `Days` are counted from the first of January of the year 1, in the shop's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Today,
    Yesterday,
    /// Seven days, today included.
    Week,
    /// Thirty days, today included.
    Month,
    Days {
        first: i32,
        last: i32,
    },
}

/// A span in time: `from` until just before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Time,
    pub to: Time,
    /// How many days of the shop's zone it touches.
    pub days: i64,
    /// The period before: as long, as many days earlier.
    pub before: (Time, Time),
}

/// Years that a typed date may have.
const GREGORIAN: std::ops::RangeInclusive<i32> = 2000..=2200;
const JALALI: std::ops::RangeInclusive<i32> = 1380..=1580;

impl Span {
    pub const READY: [Self; 4] = [Self::Today, Self::Yesterday, Self::Week, Self::Month];

    /// As it is typed: a word, a day, or the first and the last day, in either calendar and any digits. `None` when it is no
    /// span, or lies in the future.
    pub fn parse(text: &str, zone: Tz, now: Time) -> Option<Self> {
        let text = ascii_digits(text).to_lowercase();
        let words: Vec<&str> =
            text.split(|letter: char| letter.is_whitespace() || matches!(letter, '–' | '—' | '،' | ',')).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !matches!(*word, "" | "to" | "تا" | "по" | "-")).collect();
        match words.as_slice() {
            [] => Some(Self::Today),
            [word] => named(word).or_else(|| Self::between(day(word)?, day(word)?, zone, now)),
            [first, last] => Self::between(day(first)?, day(last)?, zone, now),
            _ => None,
        }
    }

    fn between(one: NaiveDate, other: NaiveDate, zone: Tz, now: Time) -> Option<Self> {
        let (first, last) = (one.min(other), one.max(other).min(today(zone, now)));
        (first <= last).then(|| Self::Days { first: first.num_days_from_ce(), last: last.num_days_from_ce() })
    }

    /// So many days, the last of which holds this moment.
    pub fn ending(zone: Tz, at: Time, days: u64) -> Self {
        let last = today(zone, at);
        let first = last.checked_sub_days(Days::new(days.saturating_sub(1))).unwrap_or(last);
        Self::Days { first: first.num_days_from_ce(), last: last.num_days_from_ce() }
    }

    /// The first and the last day.
    pub fn dates(self, zone: Tz, now: Time) -> (NaiveDate, NaiveDate) {
        let today = today(zone, now);
        let ago = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
        let date = |days: i32| NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(today).min(today);
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (ago(1), ago(1)),
            Self::Week => (ago(6), today),
            Self::Month => (ago(29), today),
            Self::Days { first, last } => (date(first).min(date(last)), date(last)),
        }
    }

    /// The days that it means today; tomorrow a ready span would mean others.
    #[must_use]
    pub fn fixed(self, zone: Tz, now: Time) -> Self {
        let (first, last) = self.dates(zone, now);
        Self::Days { first: first.num_days_from_ce(), last: last.num_days_from_ce() }
    }

    pub fn period(self, zone: Tz, now: Time) -> Period {
        let (first, last) = self.dates(zone, now);
        let days = last.signed_duration_since(first).num_days() + 1;
        let from = midnight(zone, first);
        let to = last.succ_opt().map_or(now, |next| midnight(zone, next)).min(now.after(1)).max(from);
        let earlier = u64::try_from(days).ok().and_then(|days| first.checked_sub_days(Days::new(days))).unwrap_or(first);
        let begun = midnight(zone, earlier);
        Period { from, to, days, before: (begun, begun.after(to.since(from)).min(from)) }
    }
}

/// The day on the shop's wall.
pub fn today(zone: Tz, now: Time) -> NaiveDate {
    zone.timestamp_millis_opt(now.0).single().map(|local| local.date_naive()).unwrap_or_default()
}

/// A day's first moment; where the clocks change at midnight, the first that exists.
pub fn midnight(zone: Tz, date: NaiveDate) -> Time {
    let first = (0..3).find_map(|hour| zone.from_local_datetime(&date.and_hms_opt(hour, 0, 0)?).earliest());
    Time(first.map_or(0, |first| first.timestamp_millis()))
}

/// A day as it is typed, in either calendar and any digits: counted like those of [`Span::Days`].
pub fn typed_day(text: &str) -> Option<u32> {
    u32::try_from(day(ascii_digits(text).trim())?.num_days_from_ce()).ok()
}

/// The day of a moment, counted in the same way.
pub fn day_number(zone: Tz, at: Time) -> u32 {
    u32::try_from(today(zone, at).num_days_from_ce()).unwrap_or_default()
}

/// The last moment of a day; one that no calendar has ended long ago.
pub fn day_ends(zone: Tz, number: u32) -> Time {
    let date = i32::try_from(number).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    date.and_then(|date| date.succ_opt()).map_or(Time(0), |next| midnight(zone, next).after(-1))
}

fn named(word: &str) -> Option<Span> {
    Some(match word {
        "today" | "امروز" | "сегодня" => Span::Today,
        "yesterday" | "دیروز" | "вчера" => Span::Yesterday,
        "week" | "هفته" | "неделя" => Span::Week,
        "month" | "ماه" | "месяц" => Span::Month,
        _ => return None,
    })
}

/// `2026-11-20`, `20.11.2026`, `1405/08/29`: the year tells the calendar.
fn day(word: &str) -> Option<NaiveDate> {
    let parts: Vec<i32> = word.split(['-', '/', '.']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if *c > 31 { (*c, *b, *a) } else { (*a, *b, *c) };
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    if GREGORIAN.contains(&year) {
        return NaiveDate::from_ymd_opt(year, month.into(), day.into());
    }
    if !JALALI.contains(&year) {
        return None;
    }
    let iso: Date<Iso> = Date::try_new_persian(year, month, day).ok()?.to_calendar(Iso);
    NaiveDate::from_ymd_opt(iso.year().extended_year(), iso.month().ordinal.into(), iso.day_of_month().0.into())
}

#[cfg(test)]
mod tests {
    use super::{Span, midnight};
    use crate::base::{DAY, HOUR, Time};
    use chrono::{Datelike, NaiveDate};
    use chrono_tz::Asia::Tehran;
    use chrono_tz::Tz;

    fn at(text: &str) -> Time {
        Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn spans_are_read_as_people_type_them() {
        let now = at("2026-11-20T12:00:00Z");
        let days = |first: NaiveDate, last: NaiveDate| {
            Some(Span::Days { first: first.num_days_from_ce(), last: last.num_days_from_ce() })
        };
        for (typed, span) in [
            ("", Some(Span::Today)),
            ("week", Some(Span::Week)),
            ("ماه", Some(Span::Month)),
            ("Вчера", Some(Span::Yesterday)),
            ("2026-11-01 2026-11-20", days(date(2026, 11, 1), date(2026, 11, 20))),
            ("2026/11/20 – 2026/11/01", days(date(2026, 11, 1), date(2026, 11, 20))),
            ("01.11.2026", days(date(2026, 11, 1), date(2026, 11, 1))),
            ("۱۴۰۵/۰۸/۱۰ تا ۱۴۰۵/۰۸/۲۹", days(date(2026, 11, 1), date(2026, 11, 20))),
            ("١٤٠٥-٨-١٠", days(date(2026, 11, 1), date(2026, 11, 1))),
            // What has not come yet is left out.
            ("2026-11-19 2027-01-01", days(date(2026, 11, 19), date(2026, 11, 20))),
            ("2026-11-21", None),
            ("2026-13-01", None),
            ("1403/12/30", days(date(2025, 3, 20), date(2025, 3, 20))),
            ("1404/12/30", None),
            ("yesteryear", None),
            ("1 2 3", None),
            ("0001-01-01", None),
        ] {
            assert_eq!(Span::parse(typed, Tehran, now), span, "{typed}");
        }
    }

    #[test]
    fn a_period_is_compared_with_as_long_before() {
        let now = at("2026-11-20T12:00:00Z");
        let today = midnight(Tehran, date(2026, 11, 20));
        assert_eq!(today, at("2026-11-20T00:00:00+03:30"));
        let period = Span::Today.period(Tehran, now);
        assert_eq!((period.from, period.to, period.days), (today, now.after(1), 1));
        assert_eq!(period.before, (today.after(-DAY), now.after(1 - DAY)));
        let period = Span::Yesterday.period(Tehran, now);
        assert_eq!((period.from, period.to), (today.after(-DAY), today));
        assert_eq!(period.before, (today.after(-2 * DAY), today.after(-DAY)));
        let period = Span::Week.period(Tehran, now);
        assert_eq!((period.from, period.days), (today.after(-6 * DAY), 7));
        assert_eq!(period.before, (today.after(-13 * DAY), now.after(1 - 7 * DAY)));
        let span = Span::parse("2026-10-01 2026-10-02", Tz::UTC, now).unwrap();
        let period = span.period(Tz::UTC, now);
        assert_eq!((period.from, period.to), (at("2026-10-01T00:00:00Z"), at("2026-10-03T00:00:00Z")));
        assert_eq!(period.before, (at("2026-09-29T00:00:00Z"), at("2026-10-01T00:00:00Z")));
    }

    #[test]
    fn a_day_without_a_midnight_begins_when_it_begins() {
        // In Beirut the clocks of 2026-03-29 go from 00:00 to 01:00.
        let zone = chrono_tz::Asia::Beirut;
        assert_eq!(midnight(zone, date(2026, 3, 29)), at("2026-03-29T01:00:00+03:00"));
        let now = at("2026-03-29T20:00:00+03:00");
        let period = Span::Today.period(zone, now);
        assert_eq!(period.from.after(19 * HOUR + 1), period.to);
    }
}
