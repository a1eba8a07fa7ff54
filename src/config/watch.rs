//! Notices that the file has changed.
//!
//! The folder is watched, not the file: editors replace files by renaming, and Kubernetes swaps a link beside it. What else happens
//! in that folder is nobody's business: only another content counts.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Editors write in several steps: only after this long without another is the file read.
const SETTLED: Duration = Duration::from_millis(200);

/// In a folder that never comes to rest, as one with a log in it, the file is read all the same.
const RESTLESS: Duration = Duration::from_secs(2);

/// Watches one file.
pub struct Watch {
    events: mpsc::Receiver<()>,
    file: PathBuf,
    content: Option<Vec<u8>>,
    /// Something happened that has not been looked into yet. Outlives a `changed` that was given up.
    stirred: bool,
    /// Dropping it ends the watch.
    _watcher: RecommendedWatcher,
}

/// Starts to watch `file`.
///
/// # Errors
/// When it is no regular file, the folder is not there, or the kernel has no more watches to give.
pub fn watch(file: &Path) -> notify::Result<Watch> {
    // A pipe can be read only once, and to try again would wait for a writer.
    if !std::fs::metadata(file).map_err(notify::Error::io)?.is_file() {
        return Err(notify::Error::generic("not a regular file"));
    }
    let (tell, events) = mpsc::channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // After an error something may have been missed.
        if event.map_or(true, |event| !event.kind.is_access()) {
            // When there is one in the queue already, it will do for both.
            let _ = tell.try_send(());
        }
    })?;
    let file = std::path::absolute(file).map_err(notify::Error::io)?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    // A link's target can be edited where it lies. It may also be replaced together with its folder, so this is not all.
    let target = std::fs::canonicalize(&file).ok();
    if let Some(elsewhere) = target.as_deref().and_then(Path::parent).filter(|elsewhere| *elsewhere != folder) {
        let _ = watcher.watch(elsewhere, RecursiveMode::NonRecursive);
    }
    Ok(Watch { events, content: std::fs::read(&file).ok(), file, stirred: false, _watcher: watcher })
}

impl Watch {
    /// Waits until the file holds something else than before. A file that is gone is waited for. Loses nothing when given up and
    /// called again.
    pub async fn changed(&mut self) {
        loop {
            if !self.stirred && self.events.recv().await.is_none() {
                // The watcher has ended: nothing will change any more that we could know of.
                std::future::pending::<()>().await;
            }
            self.stirred = true;
            let settle =
                async { while timeout(SETTLED, self.events.recv()).await.is_ok_and(|event| event.is_some()) {} };
            let _ = timeout(RESTLESS, settle).await;
            let content = tokio::fs::read(&self.file).await.ok();
            self.stirred = false;
            if content.is_some() && content != self.content {
                self.content = content;
                return;
            }
        }
    }
}
