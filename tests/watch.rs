//! Changes of the configuration file are seen however they are made, and nothing else is taken for one.

use crate::support::within;
use hasjoined::config::{Watch, watch};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::timeout;

fn watched() -> (TempDir, PathBuf, Watch) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("upstreams.toml");
    fs::write(&file, "old").unwrap();
    let watch = watch(&file).unwrap();
    (folder, file, watch)
}

async fn seen(watch: &mut Watch) {
    within("the change to be seen", watch.changed()).await;
}

#[tokio::test]
async fn a_file_written_in_place() {
    let (_folder, file, mut watch) = watched();
    for content in ["new", "newer"] {
        fs::write(&file, content).unwrap();
        seen(&mut watch).await;
    }
}

#[tokio::test]
async fn a_file_replaced_as_editors_do() {
    let (folder, file, mut watch) = watched();
    for content in ["new", "newer"] {
        let beside = folder.path().join("upstreams.toml~");
        fs::write(&beside, content).unwrap();
        fs::rename(beside, &file).unwrap();
        seen(&mut watch).await;
    }
}

/// `upstreams.toml` → `..data/upstreams.toml`, `..data` → `..1`, and then `..data` is swapped for one to `..2`.
#[tokio::test]
async fn a_link_swapped_as_kubernetes_does() {
    let folder = tempfile::tempdir().unwrap();
    let mount = |version: &str| {
        let data = folder.path().join(version);
        fs::create_dir(&data).unwrap();
        fs::write(data.join("upstreams.toml"), version).unwrap();
        symlink(version, folder.path().join("..data_tmp")).unwrap();
        fs::rename(folder.path().join("..data_tmp"), folder.path().join("..data")).unwrap();
    };
    mount("..1");
    let file = folder.path().join("upstreams.toml");
    symlink("..data/upstreams.toml", &file).unwrap();
    let mut watch = watch(&file).unwrap();
    for version in ["..2", "..3"] {
        mount(version);
        seen(&mut watch).await;
    }
}

#[tokio::test]
async fn the_target_of_a_link_edited_where_it_lies() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = elsewhere.path().join("real.toml");
    fs::write(&target, "old").unwrap();
    let file = folder.path().join("upstreams.toml");
    symlink(&target, &file).unwrap();
    let mut watch = watch(&file).unwrap();
    fs::write(&target, "new").unwrap();
    seen(&mut watch).await;
}

/// Writes beside the file, without a pause in which it could settle, until dropped.
struct Busy(std::sync::Arc<AtomicBool>, Option<thread::JoinHandle<()>>);

impl Busy {
    fn beside(file: &Path) -> Self {
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let (told, log) = (stop.clone(), file.with_extension("log"));
        let writer = thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                fs::write(&log, "a line").unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        });
        Self(stop, Some(writer))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        let _ = self.1.take().map(thread::JoinHandle::join);
    }
}

#[tokio::test]
async fn a_change_in_a_folder_that_never_rests() {
    let (_folder, file, mut watch) = watched();
    let _busy = Busy::beside(&file);
    fs::write(&file, "new").unwrap();
    seen(&mut watch).await;
}

/// As when a signal comes while the file settles.
#[tokio::test]
async fn a_change_is_not_lost_when_the_wait_is_given_up() {
    let (_folder, file, mut watch) = watched();
    fs::write(&file, "new").unwrap();
    // Long enough for the event to be taken, too short for the file to settle.
    assert!(timeout(Duration::from_millis(100), watch.changed()).await.is_err());
    seen(&mut watch).await;
}

#[tokio::test]
async fn nothing_new_is_no_change() {
    let (folder, file, mut watch) = watched();
    fs::write(&file, "old").unwrap();
    fs::write(folder.path().join("other.toml"), "x").unwrap();
    fs::remove_file(&file).unwrap();
    assert!(timeout(Duration::from_millis(600), watch.changed()).await.is_err(), "neither is a file that is gone");
    fs::write(&file, "new").unwrap();
    seen(&mut watch).await;
}

#[test]
fn what_is_no_file_cannot_be_watched() {
    for path in ["/dev/null", "/", "/no/such/file"] {
        assert!(watch(Path::new(path)).is_err(), "{path}");
    }
}
