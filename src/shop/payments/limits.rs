//! When, for whom and how much a payment method takes: decisions without a database.
//!
//! Always: what was approved in the shop's day and what is pending count alike; the day begins at the shop's midnight, so
//! nothing has to be reset.
use super::audience::{Audience, Audiences};
use super::hours::Hours;
use super::kind::Kind;
use super::rules::day_of;
use crate::base::{Money, Time};
use chrono_tz::Tz;
use std::cmp::Reverse;

/// The limits of a method. Amounts are in the smallest unit of the shop's asset; `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub hours: Option<Hours>,
    /// Payments a day.
    pub daily_count: Option<i64>,
    /// Money a day.
    pub daily_limit: Option<i64>,
    /// The smallest and the largest price that it takes.
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    pub audience: Audiences,
}

impl Limits {
    /// All day, for everybody, any amount.
    pub fn none() -> Self {
        Self { hours: None, daily_count: None, daily_limit: None, minimum: None, maximum: None, audience: Audiences::everybody() }
    }

    /// Does it matter what lies on it today?
    pub(super) const fn count_the_day(&self) -> bool {
        self.daily_count.is_some() || self.daily_limit.is_some()
    }

    /// Could it take this at some time?
    pub(super) fn could(&self, need: &Need) -> bool {
        let amount = need.amount.minor;
        self.audience.has(need.audience)
            && self.minimum.is_none_or(|least| amount >= least)
            && self.maximum.is_none_or(|most| amount <= most)
            && self.daily_limit.is_none_or(|limit| amount <= limit)
    }

    /// What it may still take today.
    pub const fn room(&self, load: &Load) -> Room {
        let amount = match self.daily_limit {
            Some(limit) => Some(limit.saturating_sub(load.amount())),
            None => None,
        };
        let count = match self.daily_count {
            Some(count) => Some(count.saturating_sub(load.count())),
            None => None,
        };
        Room { amount, count }
    }
}

/// What somebody wants to pay.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// Without the tail.
    pub amount: Money,
    /// Only methods of this kind.
    pub kind: Option<Kind>,
    pub audience: Audience,
    pub now: Time,
    /// The shop's: its day and its hours are meant.
    pub zone: Tz,
}

/// What lies on a method today: approved since the shop's midnight, and pending since whenever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub taken: i64,
    pub taken_count: i64,
    pub pending: i64,
    pub pending_count: i64,
}

impl Load {
    pub const fn amount(&self) -> i64 {
        self.taken.saturating_add(self.pending)
    }

    pub const fn count(&self) -> i64 {
        self.taken_count.saturating_add(self.pending_count)
    }
}

/// What is left of a day's limits; `None` where there is none. Negative when they are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub amount: Option<i64>,
    pub count: Option<i64>,
}

impl Room {
    pub(super) fn takes(&self, amount: Money) -> bool {
        self.amount.is_none_or(|room| room >= amount.minor) && self.count.is_none_or(|count| count >= 1)
    }

    /// How many payments of this amount still find room.
    fn times(&self, amount: Money) -> i64 {
        let by_amount = self.amount.map_or(i64::MAX, |room| room / amount.minor.max(1));
        self.count.map_or(by_amount, |count| count.min(by_amount))
    }
}

/// The place of a method in the offer: most room first; among those with equal room the least used.
pub(super) type Rank = (Reverse<i64>, Reverse<i64>, i64, i64);

/// When a method can take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    Now(Rank),
    /// The earliest moment at which it could: its hours begin, or a new day does.
    Later(Time),
    Never,
}

pub(super) fn chance((limits, place): (&Limits, i64), load: &Load, need: &Need) -> Chance {
    if !limits.could(need) {
        return Chance::Never;
    }
    let room = limits.room(load);
    let has_room = room.takes(need.amount);
    let from = if has_room { need.now } else { day_of(need.zone, need.now).end };
    let opens = limits.hours.map_or(Some(from), |hours| hours.open(need.zone, from));
    match opens {
        Some(at) if has_room && at == need.now => {
            let left = room.amount.unwrap_or(i64::MAX);
            Chance::Now((Reverse(room.times(need.amount)), Reverse(left), load.amount(), place))
        }
        Some(at) => Chance::Later(at),
        None => Chance::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::super::audience::{Audience, Audiences};
    use super::{Chance, Limits, Load, Need, chance};
    use crate::base::{Asset, HOUR, Money, Time};
    use chrono_tz::Asia::Tehran;

    /// 2026-11-20 00:00 in Tehran.
    const MIDNIGHT: Time = Time(1_795_120_200_000);
    const NOON: Time = MIDNIGHT.after(12 * HOUR);

    fn need(amount: i64, now: Time) -> Need {
        Need { amount: Money::new(amount, Asset::Irt), kind: None, audience: Audience::New, now, zone: Tehran }
    }

    fn on(limits: &Limits, load: Load, need: &Need) -> Chance {
        chance((limits, 1), &load, need)
    }

    fn is_now(chance: Chance) -> bool {
        matches!(chance, Chance::Now(_))
    }

    #[test]
    fn a_limit_counts_what_was_taken_and_what_is_pending() {
        let limits = Limits { daily_limit: Some(100), daily_count: Some(3), ..Limits::none() };
        let load = |taken, taken_count, pending, pending_count| Load { taken, taken_count, pending, pending_count };
        let tomorrow = Chance::Later(MIDNIGHT.after(24 * HOUR));
        assert!(is_now(on(&limits, load(40, 1, 30, 1), &need(30, NOON))));
        assert_eq!(on(&limits, load(40, 1, 30, 1), &need(31, NOON)), tomorrow);
        assert_eq!(on(&limits, load(10, 2, 10, 1), &need(1, NOON)), tomorrow, "three a day");
        assert_eq!(on(&limits, load(0, 0, 0, 0), &need(101, NOON)), Chance::Never, "no day is that large");
    }

    #[test]
    fn who_and_how_much_decide_for_good() {
        let limits = Limits { minimum: Some(50), maximum: Some(80), ..Limits::none() };
        for (amount, takes) in [(49, false), (50, true), (80, true), (81, false)] {
            assert_eq!(is_now(on(&limits, Load::default(), &need(amount, NOON))), takes, "{amount}");
        }
        let known = Limits { audience: Audiences::of([Audience::Known, Audience::Agents]).unwrap(), ..Limits::none() };
        assert_eq!(on(&known, Load::default(), &need(1, NOON)), Chance::Never);
        assert!(is_now(on(&known, Load::default(), &Need { audience: Audience::Agents, ..need(1, NOON) })));
    }

    #[test]
    fn the_earliest_moment_is_an_hour_that_opens_or_the_days_end() {
        let hours = Limits { hours: Some("18-2".parse().unwrap()), daily_count: Some(1), ..Limits::none() };
        let full = Load { taken_count: 1, ..Load::default() };
        for (at, load, expected) in [
            (12 * HOUR, Load::default(), Some(18 * HOUR)),
            (19 * HOUR, Load::default(), None),
            // Full before midnight: it is still open when the new day begins.
            (19 * HOUR, full, Some(24 * HOUR)),
            (HOUR, Load::default(), None),
            // Full after midnight: the day ends while it is open.
            (HOUR, full, Some(24 * HOUR)),
        ] {
            let found = on(&hours, load, &need(1, MIDNIGHT.after(at)));
            match expected {
                None => assert!(is_now(found), "{at} {found:?}"),
                Some(later) => assert_eq!(found, Chance::Later(MIDNIGHT.after(later)), "{at}"),
            }
        }
        let morning = Limits { hours: Some("9-12".parse().unwrap()), daily_count: Some(1), ..Limits::none() };
        assert_eq!(on(&morning, full, &need(1, MIDNIGHT.after(10 * HOUR))), Chance::Later(MIDNIGHT.after(33 * HOUR)));
    }

    #[test]
    fn the_emptiest_comes_first() {
        let limited = |daily_limit, daily_count| Limits { daily_count, daily_limit, ..Limits::none() };
        let used = |taken| Load { taken, taken_count: 1, ..Load::default() };
        let mut order = [
            ("full", on(&limited(Some(100), None), used(90), &need(10, NOON))),
            ("half", on(&limited(Some(100), None), used(50), &need(10, NOON))),
            ("two", on(&limited(None, Some(3)), used(10), &need(10, NOON))),
            ("used", on(&limited(None, None), used(1_000), &need(10, NOON))),
            ("free", on(&limited(None, None), Load::default(), &need(10, NOON))),
        ];
        order.sort_by_key(|(_, chance)| match chance {
            Chance::Now(rank) => *rank,
            other => panic!("{other:?}"),
        });
        assert_eq!(order.map(|(name, _)| name), ["free", "used", "half", "two", "full"]);
    }
}
