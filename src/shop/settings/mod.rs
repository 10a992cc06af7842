//! The numbers an owner may tune (a row a key, JSON), and a few facts that the shop learned about itself (the group's
//! new id after an upgrade, its topics).
//!
//! A setting that is absent has the default below. Writing goes through `souk apply`; reading is one query, which
//! the application caches for a few seconds: nothing here decides about money that is already promised.
mod store;

use crate::base::{Asset, DAY, HOUR, Lang, MINUTE};
use serde::{Deserialize, Serialize};

pub use store::{current, fact, forget_fact, load, save, set_fact};

/// No top-up may be larger: a year's sales in the smallest unit of any asset.
const TOPUP_MOST: i64 = 1_000_000_000_000;
const TOPUP_AMOUNTS_MAX: usize = 8;

/// Everything tunable. Field names are the keys of the `[settings]` table of a shop file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The shop's name, as customers read it.
    pub shop_name: String,
    /// How to reach a person: `@name` or a link.
    pub support_contact: String,
    /// IANA name; days and quiet hours are counted there.
    pub time_zone: String,
    /// What prices are in.
    pub asset: Asset,
    /// Languages offered, in order.
    pub languages: Vec<Lang>,
    /// The admin group's language.
    pub group_lang: Lang,
    /// An order not paid by then expires.
    pub order_minutes: i64,
    /// Amounts offered for a top-up, here and below in the smallest unit of `asset`.
    pub topup_amounts: Vec<i64>,
    pub topup_min: i64,
    pub topup_max: i64,
    /// An order that waits for a top-up waits for so long.
    pub saved_order_hours: i64,
    /// A service before the review: this share of the quota; 0 = off.
    pub provisional_percent: i64,
    pub provisional_days: i64,
    pub trial_megabytes: i64,
    pub trial_days: i64,
    /// The plan whose panels trials use; empty = no trials.
    pub trial_plan: String,
    /// A person must have known the shop for so long before a trial.
    pub trial_after_minutes: i64,
    /// Trials' panel accounts are deleted so long after their end.
    pub trial_cleanup_days: i64,
    /// Trials the whole shop gives in a day; 0 = no limit.
    pub trial_daily_limit: i64,
    /// Payments under review for so long are accepted by the clock; 0 = never.
    pub auto_accept_days: i64,
    /// A paid order not delivered for so long is an alarm.
    pub late_minutes: i64,
    /// After so long the admin is offered refund or another panel.
    pub refund_offer_minutes: i64,
    /// A panel down for so long is an alarm.
    pub panel_down_minutes: i64,
    pub undo_seconds: i64,
    /// Finished updates, jobs and notices are kept for so long.
    pub retention_days: i64,
    pub sync_minutes: i64,
    pub sync_idle_minutes: i64,
    /// Reminders wait for the morning between these hours of the shop's day; equal = never quiet.
    pub quiet_from_hour: i64,
    pub quiet_to_hour: i64,
    /// An agent whose account stands below zero for so long is cut off.
    pub credit_grace_hours: i64,
    /// The time that a service was off for its agent's credit is given back; else it runs on.
    pub credit_time_kept: bool,
    /// The same for a service that its agent paused.
    pub pause_time_kept: bool,
    /// An agent who deletes a service so soon after he bought it gets back what is left of it by its plan's rule; 0 = never.
    pub delete_refund_hours: i64,
    /// What one admin corrects by hand in a day without a second owner, in the smallest unit; 0 = nothing.
    pub correction_alone_max: i64,
    /// Receipts larger than this are refused.
    pub receipt_megabytes_max: i64,
    /// The clock makes a backup each day at this hour of the shop's zone.
    pub backup_hour: i64,
    /// So many backups are kept; 0 = the clock makes none.
    pub backups_kept: i64,
    /// Where backups lie; empty = beside the SQLite file, else `backups` in the working directory.
    pub backup_folder: String,
    /// From this hour of the shop's day the books are proved and the group is told.
    pub proof_hour: i64,
    /// The group reads of its week on this day, 1 is Monday; 0 = never.
    pub digest_weekday: i64,
    /// So many failed updates and given-up jobs in ten minutes are an alarm; 0 = never.
    pub alarm_errors: i64,
    /// So many failed calls to panels in ten minutes are an alarm; 0 = never.
    pub alarm_panel_failures: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shop_name: "souk".to_owned(),
            support_contact: String::new(),
            time_zone: "Asia/Tehran".to_owned(),
            asset: Asset::Irt,
            languages: Lang::ALL.to_vec(),
            group_lang: Lang::En,
            order_minutes: 120,
            topup_amounts: vec![50_000, 100_000, 200_000, 500_000],
            topup_min: 10_000,
            topup_max: 50_000_000,
            saved_order_hours: 48,
            provisional_percent: 10,
            provisional_days: 3,
            trial_megabytes: 200,
            trial_days: 1,
            trial_plan: String::new(),
            trial_after_minutes: 1_440,
            trial_cleanup_days: 3,
            trial_daily_limit: 0,
            auto_accept_days: 3,
            late_minutes: 10,
            refund_offer_minutes: 60,
            panel_down_minutes: 5,
            undo_seconds: 60,
            retention_days: 14,
            sync_minutes: 10,
            sync_idle_minutes: 60,
            quiet_from_hour: 0,
            quiet_to_hour: 8,
            credit_grace_hours: 24,
            credit_time_kept: true,
            pause_time_kept: false,
            delete_refund_hours: 24,
            correction_alone_max: 5_000_000,
            receipt_megabytes_max: 10,
            backup_hour: 3,
            backups_kept: 30,
            backup_folder: String::new(),
            proof_hour: 9,
            digest_weekday: 6,
            alarm_errors: 10,
            alarm_panel_failures: 100,
        }
    }
}

impl Settings {
    pub fn order_ms(&self) -> i64 {
        self.order_minutes.saturating_mul(MINUTE)
    }

    pub fn saved_order_ms(&self) -> i64 {
        self.saved_order_hours.saturating_mul(HOUR)
    }

    pub fn auto_accept_ms(&self) -> Option<i64> {
        (self.auto_accept_days > 0).then(|| self.auto_accept_days.saturating_mul(DAY))
    }

    pub fn credit_grace_ms(&self) -> i64 {
        self.credit_grace_hours.saturating_mul(HOUR)
    }

    pub fn late_ms(&self) -> i64 {
        self.late_minutes.saturating_mul(MINUTE)
    }

    /// The shop's zone; an unknown name was refused by `souk apply`, so UTC here is a last resort.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.time_zone.parse().unwrap_or(chrono_tz::UTC)
    }

    /// What is wrong with these numbers, in plain words, one line each.
    pub fn mistakes(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.time_zone.parse::<chrono_tz::Tz>().is_err() {
            found.push(format!("settings.time_zone: \"{}\" is not a time zone; write one like \"Asia/Tehran\"", self.time_zone));
        }
        if self.languages.is_empty() {
            found.push("settings.languages: name at least one of \"en\", \"fa\", \"ru\"".to_owned());
        }
        let ranges = [
            ("order_minutes", self.order_minutes, 5, 7 * 24 * 60),
            ("topup_min", self.topup_min, 1, self.topup_max),
            ("topup_max", self.topup_max, 1, TOPUP_MOST),
            ("saved_order_hours", self.saved_order_hours, 1, 720),
            ("provisional_percent", self.provisional_percent, 0, 100),
            ("provisional_days", self.provisional_days, 1, 30),
            ("trial_megabytes", self.trial_megabytes, 1, 1_000_000),
            ("trial_days", self.trial_days, 1, 365),
            ("trial_after_minutes", self.trial_after_minutes, 0, 525_600),
            ("trial_cleanup_days", self.trial_cleanup_days, 1, 365),
            ("trial_daily_limit", self.trial_daily_limit, 0, 1_000_000),
            ("auto_accept_days", self.auto_accept_days, 0, 365),
            ("late_minutes", self.late_minutes, 1, 1_440),
            ("refund_offer_minutes", self.refund_offer_minutes, 1, 10_080),
            ("panel_down_minutes", self.panel_down_minutes, 1, 1_440),
            ("undo_seconds", self.undo_seconds, 0, 3_600),
            ("retention_days", self.retention_days, 1, 3_650),
            ("sync_minutes", self.sync_minutes, 1, 1_440),
            ("sync_idle_minutes", self.sync_idle_minutes, 1, 10_080),
            ("quiet_from_hour", self.quiet_from_hour, 0, 23),
            ("quiet_to_hour", self.quiet_to_hour, 0, 23),
            ("credit_grace_hours", self.credit_grace_hours, 0, 8_760),
            ("delete_refund_hours", self.delete_refund_hours, 0, 8_760),
            ("correction_alone_max", self.correction_alone_max, 0, TOPUP_MOST),
            ("receipt_megabytes_max", self.receipt_megabytes_max, 1, 20),
            ("backup_hour", self.backup_hour, 0, 23),
            ("backups_kept", self.backups_kept, 0, 3_650),
            ("proof_hour", self.proof_hour, 0, 23),
            ("digest_weekday", self.digest_weekday, 0, 7),
            ("alarm_errors", self.alarm_errors, 0, 100_000),
            ("alarm_panel_failures", self.alarm_panel_failures, 0, 1_000_000),
        ];
        for amount in self.topup_amounts.iter().filter(|amount| !(self.topup_min..=self.topup_max).contains(amount)) {
            found.push(format!("settings.topup_amounts: {amount} is outside topup_min to topup_max"));
        }
        if self.topup_amounts.len() > TOPUP_AMOUNTS_MAX {
            found.push(format!("settings.topup_amounts: name at most {TOPUP_AMOUNTS_MAX} amounts"));
        }
        for (name, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                found.push(format!("settings.{name}: {value} is outside {least} to {most}"));
            }
        }
        found
    }

    /// The moment a reminder meant for `at` may be sent: at once, or when the quiet hours end.
    #[must_use]
    pub fn after_quiet(&self, at: crate::base::Time) -> crate::base::Time {
        use chrono::{TimeZone, Timelike};
        let Some(local) = self.zone().timestamp_millis_opt(at.0).single() else { return at };
        let hour = i64::from(local.hour());
        let (from, to) = (self.quiet_from_hour, self.quiet_to_hour);
        let quiet = if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to };
        if !quiet {
            return at;
        }
        let hours = (to - hour).rem_euclid(24);
        let past_hour = i64::from(local.minute()) * MINUTE + i64::from(local.second()) * 1_000;
        at.after(hours * HOUR - past_hour)
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::base::{HOUR, Time};

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Settings::default().mistakes(), Vec::<String>::new());
    }

    #[test]
    fn quiet_hours_hold_a_reminder_until_the_morning() {
        let settings = Settings { time_zone: "UTC".to_owned(), quiet_from_hour: 23, quiet_to_hour: 8, ..Settings::default() };
        let day = Time(1_700_006_400_000);
        assert_eq!(day.0 % (24 * HOUR), 0);
        assert_eq!(settings.after_quiet(day.after(12 * HOUR)), day.after(12 * HOUR));
        assert_eq!(settings.after_quiet(day.after(2 * HOUR + 7)), day.after(8 * HOUR + 7));
        assert_eq!(settings.after_quiet(day.after(23 * HOUR)), day.after(32 * HOUR));
        let never = Settings { quiet_from_hour: 0, quiet_to_hour: 0, ..settings };
        assert_eq!(never.after_quiet(day.after(HOUR)), day.after(HOUR));
    }
}
