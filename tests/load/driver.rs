//! The load and crash proofs: drivers that play customers and admins against the real binary, with the simulated world in
//! a process of its own. `scripts/crash` and `scripts/bench` build and start them.
#![expect(clippy::print_stdout, reason = "what a driver finds out, it prints")]

mod agents;
mod bench;
mod checks;
mod contestants;
mod crash;
#[path = "../it/world/disagreements.rs"]
mod disagreements;
mod disk;
mod echo;
mod loads;
mod people;
mod process;
mod refunds;
mod shop;
mod table;
mod watch;
mod world;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Kills the shop again and again in the middle of sales, and looks for what was lost or doubled.
    Crash(crash::Plan),
    /// The same kills for a bare teloxide bot: it must lose some, or the test does not bite.
    CrashEcho(echo::Plan),
    /// Measures the shop beside two bare bots.
    Updates(bench::Plan),
    /// Makes an empty database on a PostgreSQL server.
    CreateDatabase {
        #[arg(long)]
        server: String,
        #[arg(long)]
        name: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse().act {
        Act::Crash(plan) => crash::run(plan).await,
        Act::CrashEcho(plan) => echo::run(plan).await,
        Act::Updates(plan) => bench::run(plan).await,
        Act::CreateDatabase { server, name } => bench::create_database(&server, &name).await,
    }
}
