//! The program: arguments in, exit code out.

use clap::Parser;
use hasjoined::{app, cli::Cli};
use std::process::ExitCode;

/// musl's own has one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::run(Cli::parse())
}
