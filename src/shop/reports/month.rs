//! Calendar months on the shop's wall, in the reader's calendar: Jalali for Persian, Gregorian for the others. Pure.
use super::span::{Span, today};
use crate::base::{Lang, Time};
use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use icu_calendar::Date;
use icu_calendar::cal::Persian;

/// No month is longer.
const DAYS_MAX: u64 = 31;

/// Which day of its month it is, from 1.
fn of_month(lang: Lang, date: NaiveDate) -> u64 {
    let gregorian = u64::from(date.day());
    match lang {
        Lang::En | Lang::Ru => gregorian,
        Lang::Fa => {
            let (month, day) = (u8::try_from(date.month()).unwrap_or(1), u8::try_from(date.day()).unwrap_or(1));
            let iso = Date::try_new_iso(date.year(), month, day);
            iso.map_or(gregorian, |iso| iso.to_calendar(Persian).day_of_month().0.into())
        }
    }
}

fn first(lang: Lang, date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(of_month(lang, date).saturating_sub(1))).unwrap_or(date)
}

/// The first day of the month that holds this moment.
pub fn month_begins(lang: Lang, zone: Tz, at: Time) -> NaiveDate {
    first(lang, today(zone, at))
}

/// The month that holds this moment, or the one so many months before it. What has not come yet is cut off by whoever reads it.
pub fn month(lang: Lang, zone: Tz, at: Time, back: u32) -> Span {
    let mut begins = month_begins(lang, zone, at);
    for _ in 0..back {
        begins = first(lang, begins.pred_opt().unwrap_or(begins));
    }
    let next = begins.checked_add_days(Days::new(DAYS_MAX)).map_or(begins, |later| first(lang, later));
    let ends = next.pred_opt().unwrap_or(begins);
    Span::Days { first: begins.num_days_from_ce(), last: ends.num_days_from_ce() }
}

#[cfg(test)]
mod tests {
    use super::{month, month_begins};
    use crate::base::{Lang, Time};
    use crate::shop::reports::Span;
    use chrono::{Datelike, NaiveDate};
    use chrono_tz::Asia::Tehran;

    fn at(text: &str) -> Time {
        Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    #[test]
    fn months_are_those_of_the_readers_calendar() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (lang, now, back, first, last) in [
            (Lang::En, "2026-11-20T12:00:00Z", 0, "2026-11-01", "2026-11-30"),
            (Lang::Ru, "2026-11-20T12:00:00Z", 1, "2026-10-01", "2026-10-31"),
            (Lang::En, "2024-02-29T12:00:00Z", 0, "2024-02-01", "2024-02-29"),
            (Lang::En, "2026-01-15T12:00:00Z", 2, "2025-11-01", "2025-11-30"),
            // 29 Aban 1405; the month has 30 days.
            (Lang::Fa, "2026-11-20T12:00:00Z", 0, "2026-10-23", "2026-11-21"),
            (Lang::Fa, "2026-11-20T12:00:00Z", 1, "2026-09-23", "2026-10-22"),
            // 1403 was a leap year: its last month has 30 days, that of 1404 has 29.
            (Lang::Fa, "2025-03-25T12:00:00Z", 1, "2025-02-19", "2025-03-20"),
            (Lang::Fa, "2026-03-25T12:00:00Z", 1, "2026-02-20", "2026-03-20"),
            // It is the first of December in Tehran already.
            (Lang::En, "2026-11-30T20:30:00Z", 1, "2026-11-01", "2026-11-30"),
        ] {
            let days = Span::Days { first: date(first).num_days_from_ce(), last: date(last).num_days_from_ce() };
            assert_eq!(month(lang, Tehran, at(now), back), days, "{lang} {now} {back}");
        }
        assert_eq!(month_begins(Lang::Fa, Tehran, at("2026-11-20T12:00:00Z")), date("2026-10-23"));
    }
}
