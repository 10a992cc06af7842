//! Durable background acts, a file each: what joins slices that may not name each other, and what speaks with panels. Those that speak
//! with Telegram are in `bot`.
//!
//! Always: an act may run twice, and at any time; no provider is called inside a transaction. Never: decides by itself what
//! a slice's rules can decide; knows when it runs (the timetable is in `run`).
pub mod agents_round;
pub mod apply_tier;
pub mod auto_accept;
pub mod backup;
pub mod clean_trials;
pub mod cut_off;
pub mod daily_proof;
pub mod end_services;
pub mod enforce_credit;
pub mod expire_orders;
pub mod failure_rates;
pub mod month_end;
pub mod name_receipts;
pub mod panel_health;
pub mod provision;
pub mod prune;
pub mod remind;
pub mod sell_batch;
pub mod sync_usage;
pub mod tell_agents;
pub mod watchdog;
pub mod weekly_digest;
