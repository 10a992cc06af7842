//! Stories through the front door, a file a capability, in one binary.
#![expect(clippy::expect_used, clippy::panic, reason = "what a story stands on stops it when it is not there")]

mod admin_flow;
mod agents;
mod backups;
mod bad_input;
mod bot;
mod buy;
mod databases;
mod delivery;
mod demo;
mod histories;
mod ledger;
mod ledger_histories;
mod ledger_model;
mod ledger_verify;
mod orders;
mod outgoing;
mod panels;
mod papers;
mod queue_doors;
mod queue_inbox;
mod queue_jobs;
mod queue_outbox;
mod queue_plans;
mod refunds;
mod reminders;
mod reports;
mod review;
mod sales;
mod spoiled;
mod supply;
mod supply_clock;
mod supply_file;
mod wallet;
mod world;
mod writes;
