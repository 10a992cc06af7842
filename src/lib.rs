//! A shop that lives in Telegram. The modules in the order in which they may name one another.

/// Values everybody speaks.
pub mod base;
/// The only reader of the environment.
pub mod config;
/// How we reach the database, not what we ask it.
pub mod db;
/// The durable edges: inbox, jobs, outbox.
pub mod queue;
/// Other people's machines: panels so far.
pub mod providers;
/// The business: one folder a capability.
pub mod shop;
/// What every edge holds: database, clock, ids, seal, Telegram.
pub mod app;
/// Telegram: from a raw update to an answer.
pub mod bot;
/// HTTP from outside: webhooks, health, metrics.
pub mod api;
/// Durable background acts.
pub mod jobs;
/// The simulated outside world; only the demo and tests name it.
#[cfg(feature = "sim")]
pub mod sim;
/// Everything wired together: commands, roles, the tables of jobs and cron lines.
pub mod run;
