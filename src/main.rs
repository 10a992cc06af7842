//! The binary: reads the command line and starts what it names. Everything else is in the library.
use clap::Parser;
use mimalloc::MiMalloc;
use souk::run::{Command, start};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    start(Command::parse())
}
