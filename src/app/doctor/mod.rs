//! `hasjoined doctor`: asks every enabled upstream one harmless question, and says what it found.
//!
//! Decides what makes an upstream unusable. What is asked is decided by `exam`, how it looks by `table`, what to do by `advice`.

mod advice;
mod exam;
mod page;
mod table;

use super::{Failed, print, site::Builder};
use crate::{cli::DoctorOptions, config, lifecycle::Tasks};

/// Reads the configuration as `serve` would, binds nothing, asks all upstreams at the same time and prints what they did. A program
/// that serves meanwhile is not disturbed.
pub(super) fn run(options: &DoctorOptions) -> Result<(), Failed> {
    let loaded = config::load(options.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let examined = runtime.block_on(async {
        let prepared = Builder::new(Tasks::default()).prepare(&loaded.settings)?;
        let upstreams = loaded.settings.upstreams.iter().zip(&prepared.racing);
        let exams = upstreams.map(|(settings, (_, upstream))| exam::examine(settings, upstream));
        Ok::<_, Failed>(futures::future::join_all(exams).await)
    });
    // A resolver that still waits for its name server is not waited for.
    runtime.shutdown_background();
    let findings = examined?;
    print(&page::text(&loaded, &findings));
    let unusable: Vec<_> = findings.iter().filter(|finding| !finding.usable()).map(|finding| finding.id()).collect();
    match unusable.is_empty() {
        true => Ok(()),
        false => Err(Failed::Unwell(format!(
            "{} of {} upstreams cannot be used: {}",
            unusable.len(),
            findings.len(),
            unusable.join(", ")
        ))),
    }
}
