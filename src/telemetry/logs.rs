//! Log lines: who wants which, and in what form.

use super::{json::Json, lines::Lines, text::Text};
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Starts logging for the whole process; only the first call in a process counts.
///
/// # Errors
/// When `filter` is not a filter, as in `info` or `warn,hasjoined=debug`.
pub fn start(format: LogFormat, filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(filter)?;
    let lines = fmt().with_env_filter(filter).with_writer(Lines).with_target(false);
    // A subscriber that is there already, as in a test, stays.
    let _ = match format {
        LogFormat::Text if io::stderr().is_terminal() => lines.with_ansi(true).try_init(),
        LogFormat::Text => lines.event_format(Text).try_init(),
        LogFormat::Json => lines.event_format(Json).try_init(),
    };
    Ok(())
}
