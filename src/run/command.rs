//! The command line.
use clap::{Args, Parser, Subcommand, ValueEnum};
#[cfg(feature = "sim")]
use std::net::SocketAddr;
use std::path::PathBuf;

/// A shop that lives in Telegram.
#[derive(Debug, Parser)]
#[command(name = "souk", version, about)]
pub struct Command {
    #[command(subcommand)]
    pub act: Act,
}

/// What a process of a shop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Takes updates by long polling and answers them.
    Bot,
    /// Takes webhooks, serves links, health and metrics.
    Web,
    /// Does jobs, sends notices, keeps the clock.
    Worker,
    /// All of it in one process.
    All,
}

impl Role {
    pub fn is_bot(self) -> bool {
        matches!(self, Self::Bot | Self::All)
    }

    pub fn is_web(self) -> bool {
        matches!(self, Self::Web | Self::All)
    }

    pub fn is_worker(self) -> bool {
        matches!(self, Self::Worker | Self::All)
    }
}

#[derive(Debug, Subcommand)]
pub enum Act {
    /// Run the shop, from the environment.
    Run {
        #[arg(long, value_enum, default_value = "all")]
        role: Role,
        #[command(flatten)]
        reins: Reins,
    },
    #[cfg(feature = "sim")]
    /// The whole shop against a simulated world, with a chat page in the browser. No token, no network.
    Demo {
        /// Where the chat page is served.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
        /// Keep the demo's database in this folder; without it, it is forgotten at the end.
        #[arg(long)]
        keep: Option<PathBuf>,
    },
    /// Bring the database's schema up to date.
    Migrate,
    /// Make the shop what a shop file says: languages, plans, panels, payment methods.
    Apply {
        file: PathBuf,
        /// Show what would change in the shop, and change nothing there; an old schema is brought up to date.
        #[arg(long)]
        dry_run: bool,
    },
    /// Questions to the ledger.
    Ledger {
        #[command(subcommand)]
        act: LedgerAct,
    },
    /// Make a sealed backup of the database, while the shop runs or not.
    Backup {
        /// Put it into this folder, and remove nothing there; without it, it is one of the shop's own.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Put a backup into an empty database, and verify its ledger.
    Restore { file: PathBuf },
    /// Say in plain words what is wrong with the environment, the database, the token, the group and each panel.
    Check,
    #[cfg(feature = "sim")]
    /// The simulated Telegram and panel alone, for load and crash tests.
    #[command(hide = true)]
    Sim {
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
    },
}

/// How the demo holds its shop.
#[derive(Debug, Args)]
pub struct Reins {
    /// The demo moves the shop's clock by the milliseconds that this file holds.
    #[arg(long, hide = true)]
    pub clock_file: Option<PathBuf>,
    /// Stop when standard input is closed, so that no shop outlives its demo.
    #[arg(long, hide = true)]
    pub until_input_ends: bool,
}

#[derive(Debug, Subcommand)]
pub enum LedgerAct {
    /// Check the invariants on the live database; exits non-zero with the offending rows.
    Verify,
}
