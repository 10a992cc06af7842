//! Time: milliseconds since 1970, UTC. Only a [`Clock`] reads the world's.
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
pub struct Time(pub i64);

impl Time {
    /// Later by so many milliseconds (earlier, when negative); saturates at the ends of time.
    #[must_use]
    pub const fn after(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when it lies before.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn unix(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }
}

/// Where time comes from: the world, or a hand that moves it (demo and tests).
#[derive(Clone, Debug, Default)]
pub struct Clock {
    hand: Option<Arc<AtomicI64>>,
    shift: Arc<AtomicI64>,
}

impl Clock {
    /// The world's clock; `shift` may move it forward (the demo's "three days later").
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved.
    pub fn stopped_at(time: Time) -> Self {
        Self { hand: Some(Arc::new(AtomicI64::new(time.0))), shift: Arc::default() }
    }

    #[expect(clippy::disallowed_methods, reason = "the one door to the world's clock")]
    pub fn now(&self) -> Time {
        let base = match &self.hand {
            Some(hand) => hand.load(Ordering::SeqCst),
            None => chrono::Utc::now().timestamp_millis(),
        };
        Time(base.saturating_add(self.shift.load(Ordering::SeqCst)))
    }

    /// Sets how far this clock and all its clones are ahead of the world's.
    pub fn be_ahead(&self, ms: i64) {
        self.shift.store(ms, Ordering::SeqCst);
    }

    /// How far it is ahead of the world's, in milliseconds.
    pub fn ahead(&self) -> i64 {
        self.shift.load(Ordering::SeqCst)
    }

    /// Moves this clock and all its clones forward.
    pub fn advance(&self, ms: i64) {
        self.shift.fetch_add(ms, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, HOUR, Time};

    #[test]
    fn a_stopped_clock_moves_only_by_hand() {
        let clock = Clock::stopped_at(Time(1_000));
        let twin = clock.clone();
        assert_eq!(clock.now(), Time(1_000));
        clock.advance(HOUR);
        assert_eq!(twin.now(), Time(1_000 + HOUR));
    }
}
