//! Decisions without a database: the tail of an amount, the shop's day, alike pictures.
use crate::base::{DAY, PaymentId, Time};
use chrono::TimeZone;
use std::ops::Range;

/// Tails are 1 to this.
pub const TAIL_MAX: i64 = 999;
/// Pictures whose fingerprints differ in at most so many bits look the same.
pub const ALIKE_BITS_MAX: u32 = 6;
/// A text with fewer digits is a word with a receipt, not a tracking number.
const TRACKING_DIGITS_MIN: usize = 6;

/// All tails, beginning with the payment's own: the same payment always asks for the same ones in the same order.
pub fn tails(payment: PaymentId) -> impl Iterator<Item = i64> {
    // Neighbouring ids must not begin at neighbouring tails, or they would step on one another's.
    let first = payment.0.wrapping_mul(0x9E37_79B9).rem_euclid(TAIL_MAX);
    (0..TAIL_MAX).map(move |step| (first + step) % TAIL_MAX + 1)
}

/// The day of the shop's zone that holds `now`: its first moment and that of the next.
pub fn day_of(zone: chrono_tz::Tz, now: Time) -> Range<Time> {
    let midnight = |days: u64| {
        let local = zone.timestamp_millis_opt(now.0).single()?.date_naive();
        let date = local.checked_add_days(chrono::Days::new(days))?;
        // Where the clocks change at midnight, the day begins at the first moment that exists.
        let first = (0..3).find_map(|hour| zone.from_local_datetime(&date.and_hms_opt(hour, 0, 0)?).earliest())?;
        Some(Time(first.timestamp_millis()))
    };
    let start = midnight(0).unwrap_or(Time(now.0 - now.0.rem_euclid(DAY)));
    start..midnight(1).unwrap_or(start.after(DAY))
}

/// A text as it is compared: ASCII digits, single spaces, at most 1,000 characters.
pub fn plain(text: &str) -> String {
    let words = crate::base::ascii_digits(text);
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(1_000).collect()
}

/// Can this text name a transfer?
pub fn is_tracking(plain: &str) -> bool {
    plain.bytes().filter(u8::is_ascii_digit).count() >= TRACKING_DIGITS_MIN
}

/// In how many bits two fingerprints differ, when they look the same.
pub fn alike(a: i64, b: i64) -> Option<u32> {
    let bits = (a ^ b).count_ones();
    (bits <= ALIKE_BITS_MAX).then_some(bits)
}

/// The middle one of some durations, in whole minutes, rounded up.
pub fn median(mut ms: Vec<i64>) -> Option<i64> {
    ms.sort_unstable();
    let middle = *ms.get(ms.len() / 2)?;
    Some((middle.max(0) + crate::base::MINUTE - 1) / crate::base::MINUTE)
}

#[cfg(test)]
mod tests {
    use super::{TAIL_MAX, alike, day_of, is_tracking, median, plain, tails};
    use crate::base::{HOUR, MINUTE, PaymentId, Time};
    use std::collections::BTreeSet;

    #[test]
    fn a_payment_asks_for_every_tail_once() {
        for id in [0, 1, 7, (1 << 50) - 1] {
            let all: Vec<i64> = tails(PaymentId(id)).collect();
            assert_eq!(all, tails(PaymentId(id)).collect::<Vec<_>>());
            assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), (1..=TAIL_MAX).collect());
        }
    }

    #[test]
    fn a_day_begins_at_the_zones_midnight() {
        // 2026-11-20 00:00 in Tehran is 20:30 UTC the day before.
        let midnight = Time(1_795_120_200_000);
        for now in [midnight, midnight.after(12 * HOUR), midnight.after(24 * HOUR - 1)] {
            assert_eq!(day_of(chrono_tz::Asia::Tehran, now), midnight..midnight.after(24 * HOUR));
        }
        assert_eq!(day_of(chrono_tz::Asia::Tehran, midnight.after(-1)).end, midnight);
    }

    #[test]
    fn numbers_are_compared_as_they_are_read_aloud() {
        assert_eq!(plain("  کد ۱۲۳۴۵۶ \n رهگیری"), "کد 123456 رهگیری");
        assert!(is_tracking(&plain("۱۲۳۴۵۶")));
        assert!(!is_tracking("paid 250k"));
        assert_eq!(plain(&"😀".repeat(5_000)).chars().count(), 1_000);
    }

    #[test]
    fn near_prints_look_alike() {
        assert_eq!(alike(0, 0), Some(0));
        assert_eq!(alike(-1, -1 ^ 0b11_1111), Some(6));
        assert_eq!(alike(0, 0b111_1111), None);
    }

    #[test]
    fn the_median_is_rounded_up_to_minutes() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![1, 90_000, 9 * MINUTE]), Some(2));
    }
}
