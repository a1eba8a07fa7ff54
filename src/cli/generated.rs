//! What follows from the definition of the command line: completions for shells, and pages of the manual.

use super::Cli;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use std::{fs, io, path::Path, path::PathBuf};

/// `hasjoined completions`.
#[derive(Args, Debug)]
pub struct CompletionsOptions {
    /// The shell that is to complete
    pub shell: Shell,
}

/// `hasjoined man`.
#[derive(Args, Debug)]
pub struct ManOptions {
    /// Write a page for each command into this folder, instead of one page to standard output
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

impl CompletionsOptions {
    /// The script that teaches the shell to complete.
    #[must_use]
    pub fn script(&self) -> Vec<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut definition(), "hasjoined", &mut script);
        script
    }
}

/// The page of the program itself, which names those of its commands.
///
/// # Errors
/// None that is known of: it is written to memory.
pub fn page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(definition()).render(&mut page)?;
    Ok(page)
}

/// Writes that page and one for each command into `folder`, which is made if need be.
///
/// # Errors
/// When it cannot be written to.
pub fn write_pages(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(definition(), folder)
}

/// Without `help`, which every command has as an option.
fn definition() -> Command {
    <Cli as CommandFactory>::command().disable_help_subcommand(true)
}
