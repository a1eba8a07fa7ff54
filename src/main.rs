//! The program: arguments in, exit code out.

use clap::Parser;
use hasjoined::{app, cli::Cli};
use std::process::ExitCode;

/// A login is made of fifty small allocations: glibc takes 6,000 instructions more for them, and musl has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::run(Cli::parse())
}
