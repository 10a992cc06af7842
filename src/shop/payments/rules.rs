//! Decisions without a database: the tail of an amount, the shop's day, alike pictures.
use crate::base::{DAY, PaymentId, Time};
use chrono::TimeZone;
use std::ops::Range;

/// Tails are 1 to this.
pub const TAIL_MAX: i64 = 999;
/// Pictures whose fingerprints differ in at most so many bits look the same.
pub const ALIKE_BITS_MAX: u32 = 6;
/// Pieces of a fingerprint: nine bits each, and the last bit of all in none.
pub const BANDS: usize = 7;
/// A text with fewer digits is a word with a receipt, not a tracking number.
const TRACKING_DIGITS_MIN: usize = 6;

/// The tail that a payment asks for first.
pub fn first_tail(payment: PaymentId) -> i64 {
    // Neighbouring ids must not begin at neighbouring tails, or they would step on one another's. The factor is prime, so that
    // every tail is somebody's first.
    payment.0.wrapping_mul(0x9E37_79B1).rem_euclid(TAIL_MAX) + 1
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

/// The pieces of a fingerprint, each with its place in it. Two prints that look alike have one in common: there are more
/// pieces than bits in which they may differ.
pub fn bands(print: i64) -> [i64; BANDS] {
    std::array::from_fn(|place| {
        let place = i64::try_from(place).unwrap_or_default();
        (place << 16) | ((print >> (place * 9)) & 0x1FF)
    })
}

/// The middle one of some durations, in whole minutes, rounded up.
pub fn median(mut ms: Vec<i64>) -> Option<i64> {
    ms.sort_unstable();
    let middle = *ms.get(ms.len() / 2)?;
    Some((middle.max(0) + crate::base::MINUTE - 1) / crate::base::MINUTE)
}

#[cfg(test)]
mod tests {
    use super::{TAIL_MAX, alike, bands, day_of, first_tail, is_tracking, median, plain};
    use crate::base::{HOUR, MINUTE, PaymentId, Time};
    use std::collections::BTreeSet;

    #[test]
    fn a_payment_begins_at_a_tail_of_its_own() {
        let tails: BTreeSet<i64> = (0..1_000).map(|id| first_tail(PaymentId(id))).collect();
        assert_eq!(tails.len(), 999, "each tail is the first of some payment");
        assert!(tails.iter().all(|tail| (1..=TAIL_MAX).contains(tail)));
        assert_eq!(first_tail(PaymentId((1 << 50) - 1)), first_tail(PaymentId((1 << 50) - 1)));
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
    fn prints_that_look_alike_share_a_piece() {
        let prints = [0, -1, i64::MIN, 0x0123_4567_89AB_CDEF];
        for print in prints {
            // One bit of each of six pieces: the worst that still looks alike.
            for spared in 0..7 {
                let flips = (0..7).filter(|piece| *piece != spared).fold(0_i64, |flips, piece| flips | (1 << (piece * 9 + 4)));
                assert_eq!(alike(print, print ^ flips), Some(6));
                let (mine, other) = (bands(print), bands(print ^ flips));
                assert_eq!(mine.iter().filter(|piece| other.contains(piece)).count(), 1, "{print:x}");
            }
        }
    }

    #[test]
    fn the_median_is_rounded_up_to_minutes() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![1, 90_000, 9 * MINUTE]), Some(2));
    }
}
