//! Pure decisions about a service: what a renewal gives, what is due to be said, when to look again.
use super::service::Subscription;
use super::state::{Kind, State};
use crate::base::{DAY, MINUTE, Time};
use crate::shop::catalog::Promise;
use crate::shop::notices::Reminding;

/// Nothing is due any more.
pub(super) const NEVER: Time = Time(i64::MAX);

/// What a service is to be: absolute values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub until: Time,
    /// 0 = unlimited.
    pub traffic_bytes: i64,
}

/// What a renewal with this promise would make of the service: time is added to what is left of it; traffic is added to the
/// limit while there is something left to use, and to what was used when it is over.
pub fn preview_extend(service: &Subscription, promised: &Promise, now: Time) -> Terms {
    let until = service.until.max(now).after(promised.days.saturating_mul(DAY));
    if promised.traffic_bytes == 0 || service.traffic_bytes == 0 {
        return Terms { until, traffic_bytes: 0 };
    }
    let lives = service.until > now && !service.is_used_up();
    let base = if lives { service.traffic_bytes } else { service.used_bytes };
    Terms { until, traffic_bytes: base.saturating_add(promised.traffic_bytes) }
}

/// What a service would be without so many days and bytes of it, which a refund takes off. Days that are gone stay gone.
pub fn preview_shorten(service: &Subscription, days: i64, bytes: i64, now: Time) -> Terms {
    let until = service.until.after(-days.saturating_mul(DAY)).max(service.until.min(now));
    // 0 would be without limit.
    let traffic_bytes = if service.traffic_bytes == 0 { 0 } else { service.traffic_bytes.saturating_sub(bytes).max(1) };
    Terms { until, traffic_bytes }
}

const TRAFFIC_LEVELS: [(i64, Reminding); 2] = [(950, Reminding::Traffic95), (800, Reminding::Traffic80)];

/// The moments at which a day's reminder is due. A service sold (or a trial given) for so few days has none of that kind, and one
/// that is lent has none at all.
fn moments(service: &Subscription) -> Vec<(Time, Reminding)> {
    let mut moments = Vec::with_capacity(3);
    if service.kind != Kind::Provisional {
        for (days, kind) in [(1, Reminding::Days1), (3, Reminding::Days3)] {
            if service.days > days {
                moments.push((service.until.after(-days * DAY), kind));
            }
        }
        if let Some(ready_at) = service.ready_at.filter(|_| service.period == 1 && service.online_at.is_none()) {
            let day_after = ready_at.after(DAY);
            if day_after < service.until {
                moments.push((day_after, Reminding::NeverConnected));
            }
        }
    }
    moments
}

/// What could be said now, the most urgent of a kind first: of "3 days" and "1 day", or "80 %" and "95 %", the second makes
/// the first superfluous.
pub(super) fn due_now(service: &Subscription, now: Time) -> Vec<Reminding> {
    if service.kind == Kind::Provisional {
        return Vec::new();
    }
    let mut due: Vec<Reminding> = moments(service).into_iter().filter(|(at, _)| *at <= now).map(|(_, kind)| kind).collect();
    if let Some(share) = service.used_share() {
        due.extend(TRAFFIC_LEVELS.into_iter().filter(|(level, _)| share >= *level).map(|(_, kind)| kind));
    }
    due
}

/// Is a reminder still true that was held back until the morning? Who renewed meanwhile is told nothing of it.
pub fn is_still_due(service: &Subscription, kind: Reminding, now: Time) -> bool {
    if kind == Reminding::Ended {
        return service.state == State::Ended;
    }
    let over = service.until <= now || service.is_used_up();
    let due = due_now(service, now);
    let is_due = due.contains(&kind) && !due.iter().any(|other| covers(*other, kind));
    // One that is moved, or made again, ends at the same time.
    matches!(service.state, State::Active | State::Pending) && !over && is_due
}

/// Does the first of these make the second superfluous?
pub(super) const fn covers(said: Reminding, other: Reminding) -> bool {
    matches!((said, other), (Reminding::Days1, Reminding::Days3) | (Reminding::Traffic95, Reminding::Traffic80))
}

/// The next moment at which something about the time could be due. Traffic is looked at when usage is noted.
pub(super) fn next_check(service: &Subscription, now: Time) -> Time {
    moments(service).into_iter().map(|(at, _)| at).filter(|at| *at > now).min().unwrap_or(NEVER)
}

/// Has usage, going from `was` to what it is, passed a level that is worth a word?
pub(super) fn passed_a_level(was: &Subscription, is: &Subscription) -> bool {
    let (Some(before), Some(after)) = (was.used_share(), is.used_share()) else { return false };
    TRAFFIC_LEVELS.iter().any(|(level, _)| before < *level && after >= *level)
}

/// When usage is looked at again. A look is had shortly before the end, so that a renewal counts from the right number.
pub(super) fn next_sync(service: &Subscription, grew: bool, pace: super::usage::Pace, now: Time) -> Time {
    let in_use = grew || service.online_at.is_some_and(|at| now.since(at) < pace.idle_ms);
    let next = now.after(if in_use { pace.busy_ms } else { pace.idle_ms });
    let last_look = service.until.after(-2 * MINUTE);
    if last_look > now.after(MINUTE) { next.min(last_look) } else { next }
}

#[cfg(test)]
mod tests {
    use super::super::service::sample::service;
    use super::super::usage::Pace;
    use super::*;
    use crate::base::HOUR;
    use crate::shop::catalog::RefundRule;

    fn month(traffic_bytes: i64) -> Promise {
        Promise { days: 30, traffic_bytes, devices: 0, refund: RefundRule::Time }
    }

    #[test]
    fn a_renewal_loses_nothing_that_is_left_and_gives_nothing_that_is_over() {
        let day = |days: i64| Time(days * DAY);
        // (until, limit, used), now -> (until, limit)
        for (name, until, limit, used, now, expected) in [
            ("early", day(30), 1_000, 400, day(20), (day(60), 2_000)),
            ("the time is over", day(30), 1_000, 400, day(35), (day(65), 1_400)),
            ("the traffic is over", day(30), 1_000, 1_050, day(20), (day(60), 2_050)),
            ("both are over", day(30), 1_000, 1_000, day(31), (day(61), 2_000)),
            ("unlimited stays so", day(30), 0, 9_999, day(20), (day(60), 0)),
        ] {
            let mut service = service();
            (service.until, service.traffic_bytes, service.used_bytes) = (until, limit, used);
            let terms = preview_extend(&service, &month(1_000), now);
            assert_eq!((terms.until, terms.traffic_bytes), expected, "{name}");
        }
        assert_eq!(preview_extend(&service(), &month(0), day(1)).traffic_bytes, 0, "without a limit");
    }

    #[test]
    fn what_a_refund_takes_off_leaves_what_was_there_before() {
        let day = |days: i64| Time(days * DAY);
        // (until, limit), days and bytes off, now -> (until, limit)
        for (name, until, limit, days, bytes, now, expected) in [
            ("a renewal before its time", day(60), 2_000, 30, 1_000, day(5), (day(30), 1_000)),
            ("a renewal in its time", day(60), 2_000, 30, 1_000, day(45), (day(45), 1_000)),
            ("over already", day(60), 2_000, 30, 1_000, day(70), (day(60), 1_000)),
            ("more traffic", day(30), 1_500, 0, 500, day(5), (day(30), 1_000)),
            ("unlimited stays so", day(60), 0, 30, 1_000, day(5), (day(30), 0)),
            ("never without limit", day(60), 800, 30, 1_000, day(5), (day(30), 1)),
        ] {
            let mut service = service();
            (service.until, service.traffic_bytes) = (until, limit);
            let terms = preview_shorten(&service, days, bytes, now);
            assert_eq!((terms.until, terms.traffic_bytes), expected, "{name}");
        }
    }

    #[test]
    fn what_is_due_is_said_at_its_moment() {
        use Reminding::{Days1, Days3, NeverConnected, Traffic80, Traffic95};
        let full = service();
        let never = Subscription { online_at: None, ..service() };
        let renewed = Subscription { period: 2, ..never.clone() };
        let short = Subscription { days: 3, until: Time(3 * DAY), ..service() };
        let lent = Subscription { kind: Kind::Provisional, used_bytes: 1_000, online_at: None, ..service() };
        let trial = Subscription { kind: Kind::Trial, online_at: None, days: 1, until: Time(DAY), ..service() };
        let week = Subscription { days: 7, until: Time(7 * DAY), ..trial.clone() };
        let with = |used_bytes: i64| Subscription { used_bytes, ..service() };
        for (name, service, at, expected) in [
            ("early", full.clone(), 26 * DAY, vec![]),
            ("three days", full.clone(), 27 * DAY, vec![Days3]),
            ("one day", full, 29 * DAY, vec![Days1, Days3]),
            ("sold for three days", short, 2 * DAY, vec![Days1]),
            ("never connected", never.clone(), DAY, vec![NeverConnected]),
            ("not yet a day", never, DAY - 1, vec![]),
            ("connected long ago", renewed, 10 * DAY, vec![]),
            ("lent", lent, 29 * DAY, vec![]),
            ("a day's trial", trial, 23 * HOUR, vec![]),
            ("a week's trial, unused", week.clone(), DAY, vec![NeverConnected]),
            ("a week's trial, near its end", week, 6 * DAY, vec![Days1, Days3, NeverConnected]),
            ("under 80 %", with(799), DAY, vec![]),
            ("80 %", with(800), DAY, vec![Traffic80]),
            ("95 %", with(950), DAY, vec![Traffic95, Traffic80]),
        ] {
            assert_eq!(due_now(&service, Time(at)), expected, "{name}");
        }
        assert!(covers(Days1, Days3) && covers(Traffic95, Traffic80) && !covers(Days3, Days1) && !covers(Days1, Traffic80));
    }

    #[test]
    fn what_was_held_back_is_said_only_while_it_is_true() {
        use Reminding::{Days1, Days3, Ended, NeverConnected, Traffic80, Traffic95};
        let in_state = |state: State| Subscription { state, ..service() };
        let used = |used_bytes: i64| Subscription { used_bytes, ..service() };
        let renewed = Subscription { until: Time(60 * DAY), period: 2, ..service() };
        let never = Subscription { online_at: None, ..service() };
        for (name, service, kind, at, expected) in [
            ("over", in_state(State::Ended), Ended, 31 * DAY, true),
            ("renewed", renewed.clone(), Ended, 31 * DAY, false),
            ("renewed, and its panel not asked yet", in_state(State::Pending), Ended, 29 * DAY, false),
            ("near", service(), Days3, 27 * DAY, true),
            ("renewed before", renewed, Days3, 27 * DAY, false),
            ("the nearer one says more", service(), Days3, 29 * DAY, false),
            ("and is said", service(), Days1, 29 * DAY, true),
            ("on its way to another panel", in_state(State::Pending), Days1, 29 * DAY, true),
            ("over by now", service(), Days1, 30 * DAY, false),
            ("switched off", in_state(State::Disabled), Days1, 29 * DAY, false),
            ("80 %", used(800), Traffic80, DAY, true),
            ("95 % by now", used(950), Traffic80, DAY, false),
            ("95 %", used(950), Traffic95, DAY, true),
            ("all of it", used(1_000), Traffic95, DAY, false),
            ("never connected", never, NeverConnected, DAY, true),
            ("connected at night", service(), NeverConnected, DAY, false),
        ] {
            assert_eq!(is_still_due(&service, kind, Time(at)), expected, "{name}");
        }
    }

    #[test]
    fn the_next_look_is_at_the_next_moment() {
        let never = Subscription { online_at: None, ..service() };
        for (now, expected) in [(0, DAY), (DAY, 27 * DAY), (27 * DAY, 29 * DAY), (29 * DAY, i64::MAX)] {
            assert_eq!(next_check(&never, Time(now)), Time(expected), "{now}");
        }
    }

    #[test]
    fn a_level_is_passed_once() {
        let with = |used_bytes: i64| Subscription { used_bytes, ..service() };
        assert!(passed_a_level(&with(799), &with(800)));
        assert!(passed_a_level(&with(100), &with(2_000)));
        assert!(!passed_a_level(&with(800), &with(900)));
        assert!(passed_a_level(&with(900), &with(950)));
        assert!(!passed_a_level(&with(960), &with(990)));
    }

    #[test]
    fn what_is_used_is_looked_at_more_often_and_once_more_before_the_end() {
        let pace = Pace { busy_ms: 10 * MINUTE, idle_ms: HOUR };
        let idle = service();
        let now = Time(5 * DAY);
        assert_eq!(next_sync(&idle, false, pace, now), now.after(HOUR));
        assert_eq!(next_sync(&idle, true, pace, now), now.after(10 * MINUTE));
        let seen = Subscription { online_at: Some(now.after(-MINUTE)), ..service() };
        assert_eq!(next_sync(&seen, false, pace, now), now.after(10 * MINUTE));
        let near = idle.until.after(-30 * MINUTE);
        assert_eq!(next_sync(&idle, false, pace, near), idle.until.after(-2 * MINUTE));
        let last = idle.until.after(-2 * MINUTE);
        assert_eq!(next_sync(&idle, false, pace, last), last.after(HOUR));
    }
}
