//! How much of an order is left, decided without a database.
use crate::base::{DAY, Money, Time};
use crate::shop::catalog::RefundRule;
use crate::shop::checkout::state::Kind;
use crate::shop::checkout::store::Order;
use crate::shop::subscriptions::{State, Subscription};

/// So much is left, of so much that was bought: days or bytes, as the rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub rule: RefundRule,
    pub left: i64,
    pub whole: i64,
}

impl Left {
    /// That part of a price, rounded down to the smallest unit.
    pub fn of(self, price: Money) -> Money {
        let part = i128::from(price.minor) * i128::from(self.left) / i128::from(self.whole.max(1));
        Money::new(i64::try_from(part).unwrap_or(price.minor).clamp(0, price.minor), price.asset)
    }
}

/// What is left of an order that no later one has added to, of what was promised with it. `stands_at`: the moment that counts for its service; it stands
/// still while the service is off and gets that time back.
pub fn left(order: &Order, service: Option<&Subscription>, stands_at: Time) -> Left {
    let promised = order.promised;
    let rule = match (promised.refund, order.kind) {
        (RefundRule::Whole, _) => return Left { rule: RefundRule::Whole, left: 1, whole: 1 },
        // Traffic has no days of its own.
        (RefundRule::Time | RefundRule::Traffic, Kind::Traffic) => RefundRule::Traffic,
        (RefundRule::Traffic, Kind::New | Kind::Renew) if promised.traffic_bytes > 0 => RefundRule::Traffic,
        (RefundRule::Time | RefundRule::Traffic, Kind::New | Kind::Renew) => RefundRule::Time,
    };
    let whole = match rule {
        RefundRule::Traffic => order.traffic_bytes.unwrap_or(promised.traffic_bytes),
        RefundRule::Whole | RefundRule::Time => promised.days,
    };
    let Some(service) = service.filter(|service| !is_over(service, stands_at)) else { return Left { rule, left: 0, whole } };
    let left = match rule {
        RefundRule::Traffic => service.traffic_left().unwrap_or(whole),
        // A day that has begun counts as left.
        RefundRule::Whole | RefundRule::Time => (service.time_left(stands_at) + DAY - 1) / DAY,
    };
    Left { rule, left: left.clamp(0, whole), whole }
}

/// What is left of an order's traffic; `None` when it had no limit.
pub fn traffic_left(order: &Order, service: &Subscription) -> Option<Left> {
    let whole = order.traffic_bytes.unwrap_or(order.promised.traffic_bytes);
    let left = service.traffic_left().filter(|_| whole > 0)?;
    Some(Left { rule: RefundRule::Traffic, left: left.clamp(0, whole), whole })
}

/// What has ended has nothing left, of whatever it ended.
fn is_over(service: &Subscription, at: Time) -> bool {
    service.state == State::Ended || service.until <= at || service.is_used_up()
}

#[cfg(test)]
mod tests {
    use super::{Left, left};
    use crate::base::{Asset, DAY, Money, SubscriptionId, Time};
    use crate::shop::catalog::{Promise, RefundRule};
    use crate::shop::checkout::state::{Kind, State};
    use crate::shop::checkout::store::{Order, sample};
    use crate::shop::subscriptions::{self, Subscription};

    fn month(refund: RefundRule, traffic_bytes: i64) -> Promise {
        Promise { days: 30, traffic_bytes, devices: 0, refund }
    }

    fn order(kind: Kind, promised: Promise) -> Order {
        let traffic_bytes = (kind == Kind::Traffic).then_some(500);
        Order { kind, traffic_bytes, promised, subscription: SubscriptionId(7), ..sample::order(State::Delivered, Time(0)) }
    }

    #[test]
    fn what_is_left_is_counted_by_the_orders_rule() {
        use RefundRule::{Time as Days, Traffic, Whole};
        let with = |change: fn(&mut Subscription)| {
            let mut service = subscriptions::sample::service();
            change(&mut service);
            service
        };
        let fresh = || with(|_| {});
        let used_up = with(|service| service.used_bytes = 1_000);
        let renewed = with(|service| (service.until, service.traffic_bytes) = (Time(50 * DAY), 1_900));
        let ended = with(|service| service.state = subscriptions::State::Ended);
        for (name, kind, promised, service, at, expected) in [
            ("at once", Kind::New, month(Days, 1_000), fresh(), 1, (Days, 30, 30)),
            ("a day that has begun", Kind::New, month(Days, 1_000), fresh(), 10 * DAY - 1, (Days, 21, 30)),
            ("after ten days", Kind::New, month(Days, 1_000), fresh(), 10 * DAY, (Days, 20, 30)),
            ("on the last day", Kind::New, month(Days, 1_000), fresh(), 30 * DAY - 1, (Days, 1, 30)),
            ("over", Kind::New, month(Days, 1_000), fresh(), 30 * DAY, (Days, 0, 30)),
            ("used up", Kind::New, month(Days, 1_000), used_up.clone(), DAY, (Days, 0, 30)),
            ("ended", Kind::New, month(Days, 1_000), ended, DAY, (Days, 0, 30)),
            ("a renewal whose time has not begun", Kind::Renew, month(Days, 1_000), renewed.clone(), 5 * DAY, (Days, 30, 30)),
            ("a renewal in its time", Kind::Renew, month(Days, 1_000), renewed.clone(), 45 * DAY, (Days, 5, 30)),
            (
                "by traffic",
                Kind::New,
                month(Traffic, 1_000),
                with(|service| service.used_bytes = 250),
                29 * DAY,
                (Traffic, 750, 1_000),
            ),
            ("a renewal by traffic", Kind::Renew, month(Traffic, 1_000), renewed, DAY, (Traffic, 1_000, 1_000)),
            ("traffic without a limit", Kind::New, month(Traffic, 0), fresh(), 10 * DAY, (Days, 20, 30)),
            (
                "more traffic",
                Kind::Traffic,
                month(Days, 1_000),
                with(|service| service.used_bytes = 800),
                DAY,
                (Traffic, 200, 500),
            ),
            ("all of it", Kind::New, month(Whole, 1_000), used_up, 40 * DAY, (Whole, 1, 1)),
        ] {
            let found = left(&order(kind, promised), Some(&service), Time(at));
            assert_eq!((found.rule, found.left, found.whole), expected, "{name}");
        }
        assert_eq!(left(&order(Kind::New, month(Days, 1_000)), None, Time(0)).left, 0, "there is no service");
    }

    #[test]
    fn a_part_of_a_price_is_rounded_down_and_never_more_than_it() {
        let price = |minor| Money::new(minor, Asset::Irt);
        for (minor, left, whole, part) in [
            (90_000, 20, 30, 60_000),
            (100, 1, 3, 33),
            (100, 0, 30, 0),
            (100, 30, 30, 100),
            (Money::LIMIT - 1, i64::MAX - 1, i64::MAX, Money::LIMIT - 2),
            (5, 1, 1, 5),
        ] {
            assert_eq!(Left { rule: RefundRule::Time, left, whole }.of(price(minor)), price(part), "{minor} {left} {whole}");
        }
    }
}
