//! The binary: reads the command line and starts what it names. Everything else is in the library.
use clap::Parser;
use souk::run::{Command, start};
use std::process::ExitCode;

fn main() -> ExitCode {
    start(Command::parse())
}
