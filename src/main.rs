//! The binary: reads the command line and starts what it names. Everything else is in the library.
use clap::Parser;
use souk::run::{Command, start};
use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    start(Command::parse())
}
