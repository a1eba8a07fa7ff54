//! The program: arguments in, exit code out.

use clap::Parser;
use hasjoined::{app, cli::Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    app::run(Cli::parse())
}
