//! `hasjoined health`: whether the running program is ready, for containers that have nothing else to ask it with.

use super::{Failed, print, running};
use crate::cli::ProgramOptions;

/// Asks it, and repeats what it says.
pub(super) fn run(program: &ProgramOptions) -> Result<(), Failed> {
    running::ask(program, async |running| {
        print(&running.ready().await?);
        Ok(())
    })
}
