//! Notices that files have changed.
//!
//! Their folders are watched, not they: editors replace files by renaming, Kubernetes swaps a link beside it, and certbot swaps the file
//! itself for another link. What else happens in those folders is nobody's business: only another content counts.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Editors write in several steps: only after this long without another is the file read.
const SETTLED: Duration = Duration::from_millis(200);

/// In a folder that never comes to rest, as one with a log in it, the file is read all the same.
const RESTLESS: Duration = Duration::from_secs(2);

/// Watches some files.
pub struct Watch {
    events: mpsc::Receiver<()>,
    files: Vec<File>,
    /// Something happened that has not been looked into yet. Outlives a `changed` that was given up.
    stirred: bool,
    /// Dropping it ends the watch.
    _watcher: RecommendedWatcher,
}

/// One of them.
struct File {
    path: PathBuf,
    /// What it held when it was last there: one may hold a secret, so this is not the content itself.
    held: Option<Content>,
}

/// A hash of what can be read, or why it cannot be.
type Content = Result<u64, io::ErrorKind>;

/// Starts to watch `file`.
///
/// # Errors
/// When it is no regular file, the folder is not there, or the kernel has no more watches to give.
pub fn watch(file: &Path) -> notify::Result<Watch> {
    watch_all(&[file])
}

/// Starts to watch all of these.
///
/// # Errors
/// As [`watch`].
pub fn watch_all(files: &[&Path]) -> notify::Result<Watch> {
    let (tell, events) = mpsc::channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // After an error something may have been missed.
        if event.map_or(true, |event| !event.kind.is_access()) {
            // When there is one in the queue already, it will do for both.
            let _ = tell.try_send(());
        }
    })?;
    let mut watched = Vec::new();
    let (mut folders, mut targets) = (BTreeSet::new(), BTreeSet::new());
    for file in files {
        // A pipe can be read only once, and to try again would wait for a writer.
        if !std::fs::metadata(file).map_err(notify::Error::io)?.is_file() {
            return Err(notify::Error::generic("not a regular file"));
        }
        let path = std::path::absolute(file).map_err(notify::Error::io)?;
        folders.insert(path.parent().unwrap_or(Path::new("/")).to_owned());
        // A link's target can be edited where it lies. It may also be replaced together with its folder, so this is not all.
        let target = std::fs::canonicalize(&path).ok();
        targets.extend(target.as_deref().and_then(Path::parent).map(Path::to_owned));
        watched.push(File { held: content(std::fs::read(&path)), path });
    }
    for folder in &folders {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    for elsewhere in targets.difference(&folders) {
        let _ = watcher.watch(elsewhere, RecursiveMode::NonRecursive);
    }
    Ok(Watch { events, files: watched, stirred: false, _watcher: watcher })
}

impl Watch {
    /// Waits until one of the files holds something else than before, or cannot be read any more. One that is gone is waited for.
    /// Loses nothing when given up and called again.
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
            let mut now = Vec::with_capacity(self.files.len());
            for file in &self.files {
                now.push(content(tokio::fs::read(&file.path).await));
            }
            self.stirred = false;
            if self.take_over(now) {
                return;
            }
        }
    }

    /// Whether that is something else.
    fn take_over(&mut self, now: Vec<Option<Content>>) -> bool {
        let mut other = false;
        for (file, now) in self.files.iter_mut().zip(now) {
            if now.is_some() && now != file.held {
                (file.held, other) = (now, true);
            }
        }
        other
    }
}

/// What reading a file has yielded; nothing when there is none.
fn content(read: io::Result<Vec<u8>>) -> Option<Content> {
    match read {
        Ok(bytes) => {
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            Some(Ok(hasher.finish()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(Err(error.kind())),
    }
}
