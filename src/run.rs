//! The only module that sees everything: it starts what the command line names, wires the roles of a shop, and holds the tables
//! of jobs and of cron lines.
mod backup;
mod check;
mod command;
mod log;
mod name;
mod serve;
mod tools;

#[cfg(feature = "sim")]
mod demo;

pub use command::{Act, Command, LedgerAct, Reins, Role};
pub use serve::alarms;

use crate::app::App;
use crate::base::{Fault, HOUR, MINUTE};
use crate::config::{Config, LOG_DEFAULT, Log, LogFormat, Mistakes};
use crate::jobs;
use crate::queue::clock::Line;
use crate::queue::jobs::Registry;
use crate::shop::{agents, backups, checkout, reports, subscriptions};
use std::io::Write;
use std::process::ExitCode;

/// Every kind of job that a worker knows.
pub fn registry() -> Registry<App> {
    Registry::new()
        .with::<checkout::ReviewCard>()
        .with::<checkout::NameReceipts>()
        .with::<checkout::SellBatch>()
        .with::<subscriptions::Provision>()
        .with::<subscriptions::RemoveAccount>()
        .with::<backups::BackUp>()
        .with::<agents::ApplyTier>()
        .with::<agents::CutOff>()
        .with::<agents::Restore>()
        .with::<agents::Release>()
        .with::<agents::TellAgents>()
        .with::<jobs::enforce_credit::EnforceCredit>()
        .with::<jobs::auto_accept::AutoAccept>()
        .with::<jobs::clean_trials::CleanTrials>()
        .with::<jobs::daily_proof::DailyProof>()
        .with::<jobs::end_services::EndServices>()
        .with::<jobs::expire_orders::ExpireOrders>()
        .with::<jobs::failure_rates::FailureRates>()
        .with::<jobs::month_end::MonthEnd>()
        .with::<jobs::panel_health::PanelHealth>()
        .with::<jobs::prune::Prune>()
        .with::<jobs::remind::Remind>()
        .with::<jobs::sync_usage::SyncUsage>()
        .with::<jobs::watchdog::Watchdog>()
        .with::<jobs::weekly_digest::WeeklyDigest>()
        .with::<reports::AgentsRound>()
        .with::<reports::ReportFile>()
        .with::<reports::StatementFile>()
}

/// The clock's timetable: a line, how often, and the job that it wants.
pub fn timetable() -> Vec<Line> {
    vec![
        Line::every("auto_accept", 10 * MINUTE, |_| jobs::auto_accept::AutoAccept {}),
        // Every quarter: wherever the shop's hour begins in its zone, a slot begins with it.
        Line::every("backup", 15 * MINUTE, |_| backups::BackUp { asked: None }),
        Line::every("clean_trials", HOUR, |_| jobs::clean_trials::CleanTrials {}),
        Line::every("daily_proof", 10 * MINUTE, |_| jobs::daily_proof::DailyProof {}),
        Line::every("end_services", MINUTE, |_| jobs::end_services::EndServices {}),
        Line::every("enforce_credit", MINUTE, |_| jobs::enforce_credit::EnforceCredit {}),
        Line::every("expire_orders", MINUTE, |_| jobs::expire_orders::ExpireOrders {}),
        Line::every("failure_rates", MINUTE, |_| jobs::failure_rates::FailureRates {}),
        Line::every("month_end", 10 * MINUTE, |_| jobs::month_end::MonthEnd {}),
        Line::every("panel_health", MINUTE, |_| jobs::panel_health::PanelHealth {}),
        Line::every("prune", HOUR, |_| jobs::prune::Prune {}),
        Line::every("remind", MINUTE, |_| jobs::remind::Remind {}),
        Line::every("sync_usage", MINUTE, |_| jobs::sync_usage::SyncUsage {}),
        Line::every("watchdog", MINUTE, |_| jobs::watchdog::Watchdog {}),
        Line::every("weekly_digest", 10 * MINUTE, |_| jobs::weekly_digest::WeeklyDigest {}),
    ]
}

/// Why a command ended badly, with what it printed and its exit code.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The environment is wrong: exit code 2.
    #[error(transparent)]
    Environment(#[from] Mistakes),
    /// A file or an answer is not as it should be; the words are for the operator.
    #[error("{0}")]
    Told(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Runs a command to its end.
pub fn start(command: Command) -> ExitCode {
    // What SQLite's threads answer comes in by the queue that workers look into once in so many tasks: 61, unless told.
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().global_queue_interval(4).build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Failed::Fault(error.into())),
    };
    let ended = runtime.block_on(run(command.act));
    // Nothing is waited for here: what matters was stopped in order before.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => failed(&why),
    }
}

fn failed(why: &Failed) -> ExitCode {
    complain(&why.to_string());
    match why {
        Failed::Environment(_) => ExitCode::from(2),
        Failed::Told(_) | Failed::Fault(_) => ExitCode::FAILURE,
    }
}

async fn run(act: Act) -> Result<(), Failed> {
    match act {
        Act::Run { role, reins } => {
            let config = Config::from_env()?;
            // A demo's terminal is for the page's address; what goes wrong shows all the same.
            if reins.until_input_ends {
                quiet_logging(&config.log)?;
            } else {
                logging(&config.log, &config.log.filter)?;
            }
            serve::serve(config, role, reins).await
        }
        Act::Migrate => tools::migrate().await,
        Act::Apply { file, dry_run } => tools::apply(&file, dry_run).await,
        Act::Ledger { act: LedgerAct::Verify } => tools::verify().await,
        Act::Check => tools::check().await,
        Act::Backup { to } => backup::backup(to).await,
        Act::Restore { file } => backup::restore(&file).await,
        #[cfg(feature = "sim")]
        Act::Demo { listen, keep } => demo::demo(listen, keep).await,
        #[cfg(feature = "sim")]
        Act::Sim { listen } => demo::world_alone(listen).await,
    }
}

fn logging(log: &Log, filter: &str) -> Result<(), Failed> {
    log::start(filter, log.format == LogFormat::Json, log.dir.as_deref()).map_err(Failed::Told)
}

/// A command that ends soon speaks to the person at the terminal; its log is for what went wrong.
fn quiet_logging(log: &Log) -> Result<(), Failed> {
    logging(log, if log.filter == LOG_DEFAULT { "warn" } else { &log.filter })
}

/// Prints a line for the person at the terminal.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}"));
}

/// Prints what went wrong.
fn complain(line: &str) {
    let mut out = std::io::stderr().lock();
    drop(writeln!(out, "{line}"));
}
