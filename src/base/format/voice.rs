//! A voice: the language, the wall clock and the moment in which a screen is said. Views take it and nothing of the world.
use super::{clock_time, date, duration, moment, money, traffic};
use crate::base::texts::{Arg, label, t, t_args};
use crate::base::{Lang, Money, Time};
use chrono_tz::Tz;

/// Says texts and values to one person, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    pub lang: Lang,
    pub zone: Tz,
    pub now: Time,
}

impl Voice {
    pub const fn new(lang: Lang, zone: Tz, now: Time) -> Self {
        Self { lang, zone, now }
    }

    pub fn t(&self, key: &'static str) -> &'static str {
        t(self.lang, key)
    }

    pub fn t_args(&self, key: &'static str, args: &[(&'static str, Arg)]) -> String {
        t_args(self.lang, key, args)
    }

    /// A text for a button or a toast, where no HTML is read.
    pub fn label(&self, key: &'static str, args: &[(&'static str, Arg)]) -> String {
        label(self.lang, key, args)
    }

    pub fn money(&self, amount: Money) -> String {
        money(self.lang, amount)
    }

    pub fn traffic(&self, bytes: i64) -> String {
        traffic(self.lang, bytes)
    }

    /// Relative and absolute: `in 3 days, 14 Azar 18:30`.
    pub fn moment(&self, at: Time) -> String {
        moment(self.lang, at, self.now, self.zone)
    }

    pub fn date(&self, at: Time) -> String {
        date(self.lang, at, self.now, self.zone)
    }

    pub fn clock_time(&self, at: Time) -> String {
        clock_time(self.lang, at, self.zone)
    }

    pub fn duration(&self, ms: i64) -> String {
        duration(self.lang, ms)
    }
}
