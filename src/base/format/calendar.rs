//! Dates in the person's calendar and the shop's time zone: Jalali for Persian, Gregorian for the others.
use super::{digits, relative};
use crate::base::texts::{Arg, args, t_args};
use crate::base::{Lang, Time};
use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;
use icu_calendar::Date;
use icu_calendar::cal::Persian;

const GREGORIAN_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const GREGORIAN_RU: [&str; 12] =
    ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];
const JALALI: [&str; 12] =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

struct WallDay {
    year: i32,
    month: &'static str,
    of_month: u32,
}

fn on_the_wall(at: Time, zone: Tz) -> DateTime<Tz> {
    // Times are far inside chrono's range; what is not is shown as 1970.
    DateTime::from_timestamp_millis(at.0).unwrap_or_default().with_timezone(&zone)
}

fn day_of(lang: Lang, wall: &DateTime<Tz>) -> WallDay {
    let name = |names: &[&'static str; 12], month: u32| {
        usize::try_from(month).ok().and_then(|month| names.get(month.checked_sub(1)?)).copied().unwrap_or_default()
    };
    let gregorian = |names| WallDay { year: wall.year(), month: name(names, wall.month()), of_month: wall.day() };
    match lang {
        Lang::En => gregorian(&GREGORIAN_EN),
        Lang::Ru => gregorian(&GREGORIAN_RU),
        Lang::Fa => {
            let (month, day) = (u8::try_from(wall.month()).unwrap_or(1), u8::try_from(wall.day()).unwrap_or(1));
            match Date::try_new_iso(wall.year(), month, day) {
                Ok(iso) => {
                    let jalali = iso.to_calendar(Persian);
                    let month = u32::from(jalali.month().ordinal);
                    WallDay {
                        year: jalali.year().extended_year(),
                        month: name(&JALALI, month),
                        of_month: jalali.day_of_month().0.into(),
                    }
                }
                Err(_) => gregorian(&GREGORIAN_EN),
            }
        }
    }
}

/// The day: `14 Azar` in the year of `now`, `14 Azar 1404` in another.
pub fn date(lang: Lang, at: Time, now: Time, zone: Tz) -> String {
    let day = day_of(lang, &on_the_wall(at, zone));
    let this_year = day_of(lang, &on_the_wall(now, zone)).year == day.year;
    let text = if this_year {
        format!("{} {}", day.of_month, day.month)
    } else {
        format!("{} {} {}", day.of_month, day.month, day.year)
    };
    digits(lang, &text)
}

/// The time of the day, `18:30`.
pub fn clock_time(lang: Lang, at: Time, zone: Tz) -> String {
    let wall = on_the_wall(at, zone);
    digits(lang, &format!("{:02}:{:02}", wall.hour(), wall.minute()))
}

/// Relative and absolute: `in 3 days, 14 Azar 18:30`.
pub fn moment(lang: Lang, at: Time, now: Time, zone: Tz) -> String {
    let args = args![
        "relative" => Arg::html(relative(lang, at.since(now))),
        "date" => Arg::html(date(lang, at, now, zone)),
        "time" => Arg::html(clock_time(lang, at, zone)),
    ];
    t_args(lang, "format-moment", &args)
}

#[cfg(test)]
mod tests {
    use super::{date, moment};
    use crate::base::{DAY, HOUR, Lang, MINUTE, Time};
    use chrono_tz::Asia::Tehran;
    use chrono_tz::Tz;

    fn at(text: &str) -> Time {
        Time(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    #[test]
    fn jalali_days_are_right_in_leap_years_too() {
        let far = Time(0);
        for (day, jalali) in [
            ("2024-03-19T12:00:00Z", "۲۹ اسفند ۱۴۰۲"),
            ("2024-03-20T12:00:00Z", "۱ فروردین ۱۴۰۳"),
            // 1403 is a leap year: its Esfand has 30 days.
            ("2025-03-20T12:00:00Z", "۳۰ اسفند ۱۴۰۳"),
            ("2025-03-21T12:00:00Z", "۱ فروردین ۱۴۰۴"),
            ("2024-02-29T12:00:00Z", "۱۰ اسفند ۱۴۰۲"),
            ("2026-12-05T12:00:00Z", "۱۴ آذر ۱۴۰۵"),
            ("2030-03-20T12:00:00Z", "۳۰ اسفند ۱۴۰۸"),
            ("1979-02-11T12:00:00Z", "۲۲ بهمن ۱۳۵۷"),
        ] {
            assert_eq!(date(Lang::Fa, at(day), far, Tehran), jalali, "{day}");
        }
        assert_eq!(date(Lang::En, at("2024-02-29T12:00:00Z"), far, Tz::UTC), "29 Feb 2024");
    }

    #[test]
    fn moments_are_relative_and_absolute_on_the_shops_wall() {
        let now = at("2026-12-02T15:00:00Z");
        let then = now.after(3 * DAY);
        assert_eq!(moment(Lang::En, then, now, Tehran), "in 3 days, 5 Dec 18:30");
        assert_eq!(moment(Lang::Fa, then, now, Tehran), "۳ روز دیگر، ۱۴ آذر ۱۸:۳۰");
        assert_eq!(moment(Lang::Ru, then, now, Tehran), "через 3 дня, 5 декабря 18:30");
        assert_eq!(moment(Lang::En, now.after(-2 * HOUR), now, Tz::UTC), "2 hours ago, 2 Dec 13:00");
        // The year turns in Tehran three and a half hours before it does in UTC.
        let eve = at("2026-12-31T20:29:00Z");
        assert_eq!(date(Lang::En, eve.after(MINUTE), eve, Tehran), "1 Jan 2027");
        assert_eq!(date(Lang::En, eve.after(MINUTE), eve, Tz::UTC), "31 Dec");
    }
}
