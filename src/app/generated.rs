//! `hasjoined completions` and `hasjoined man`.

use super::{Failed, print};
use crate::cli::{self, CompletionsOptions, ManOptions};

/// Prints what the shell is to read.
pub(super) fn completions(options: &CompletionsOptions) -> Result<(), Failed> {
    print(&String::from_utf8_lossy(&options.script()));
    Ok(())
}

/// Prints the program's page, or writes all pages.
pub(super) fn man(options: &ManOptions) -> Result<(), Failed> {
    match &options.folder {
        Some(folder) => cli::write_pages(folder)
            .map_err(|error| Failed::Undone(format!("cannot write to {}: {error}", folder.display()))),
        None => {
            print(&String::from_utf8_lossy(&cli::page()?));
            Ok(())
        }
    }
}
