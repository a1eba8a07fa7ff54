//! The program under test as a real process, asked through its sockets, its signals and its output.
//!
//! Decides how it is started and stopped. `config` writes its configuration, `output` collects what it says.

use std::{
    ffi::OsStr,
    fs,
    future::Future,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, kill_process, prlimit};
use tempfile::TempDir;
use tokio::process::Child;

mod builder;
mod output;
mod run;

pub(crate) use self::{
    builder::Builder,
    run::{Finished, run},
};
pub(crate) use rustix::process::Signal;

use self::output::Output;
use super::{upstream::Upstream, within};

/// What the program says, on its standard output, once it can be asked.
const LISTENING: &str = "listening on http";

/// What it logs when a successor has taken over.
const SUCCEEDED: &str = "the successor serves, draining";

/// What it says of its admin listener, if it has one.
const STATUS: &str = "status at http://";

/// A running program; killed when dropped, and its log shown when a test fails meanwhile.
pub(crate) struct Proxy {
    child: Child,
    pid: u32,
    address: SocketAddr,
    output: Output,
    log: Output,
    folder: TempDir,
    /// Started by itself, one after the other.
    successors: usize,
}

impl Proxy {
    /// In front of these upstreams, all equally trusted.
    pub(crate) async fn with<'a>(upstreams: impl IntoIterator<Item = (&'a str, &'a Upstream)>) -> Self {
        let mut builder = Self::builder();
        for (id, upstream) in upstreams {
            builder = builder.upstream(id, upstream, "");
        }
        builder.start().await
    }

    /// With settings of its own.
    pub(crate) fn builder() -> Builder {
        Builder::default()
    }

    /// With this configuration file, as it is.
    pub(crate) async fn from_config(text: &str) -> Self {
        Self::builder().config(text).start().await
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its admin listener is; panics when it has none.
    #[track_caller]
    pub(crate) fn admin(&self) -> impl Future<Output = SocketAddr> {
        let line = self.said(STATUS);
        async move { builder::address_in(&line.await, STATUS).unwrap() }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file it was started with; write to it to test a reload.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.folder.path().join(builder::CONFIG)
    }

    /// The folder it runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The lines of its standard output so far.
    pub(crate) fn output(&self) -> Vec<String> {
        self.output.lines()
    }

    /// The lines of its log (standard error) so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// Waits for a log line that contains `needle`, and returns it.
    #[track_caller]
    pub(crate) fn logged(&self, needle: &str) -> impl Future<Output = String> {
        Self::line(&self.log, needle, 1)
    }

    /// Waits until the log has that many lines that contain `needle`.
    #[track_caller]
    pub(crate) fn logged_times(&self, needle: &str, times: usize) -> impl Future<Output = String> {
        Self::line(&self.log, needle, times)
    }

    /// Waits for a line of its standard output that contains `needle`, and returns it.
    #[track_caller]
    pub(crate) fn said(&self, needle: &str) -> impl Future<Output = String> {
        Self::line(&self.output, needle, 1)
    }

    #[track_caller]
    fn line(output: &Output, needle: &str, nth: usize) -> impl Future<Output = String> {
        let line = within(format!("{needle:?} from the program"), output.line_with(needle, nth));
        async move { line.await.unwrap_or_else(|| panic!("the program ended without saying {needle:?}")) }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Tells it to start a successor, and waits until that serves: it is the program from then on. The first ends as it should.
    pub(crate) async fn upgrades(&mut self) {
        self.signal(Signal::USR2);
        let line = self.logged_times(SUCCEEDED, self.successors + 1).await;
        let told = line.split("process=").nth(1).and_then(|rest| rest.split_whitespace().next());
        self.pid = told.and_then(|process| process.parse().ok()).unwrap_or_else(|| panic!("no process in {line:?}"));
        if self.successors == 0 {
            assert_eq!(self.exit().await, 0);
        }
        self.successors += 1;
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.pid
    }

    /// The file that it runs.
    pub(crate) fn executable(&self) -> PathBuf {
        fs::read_link(format!("/proc/{}/exe", self.pid)).unwrap()
    }

    /// Waits for its end, and returns its exit code; panics when a signal ended it.
    pub(crate) async fn exit(&mut self) -> i32 {
        let status: ExitStatus = within("the program to end", self.child.wait()).await.unwrap();
        status.code().unwrap_or_else(|| panic!("ended by a signal: {status}"))
    }

    /// Kills it, and waits until nothing of it is left.
    pub(crate) async fn dies(mut self) {
        self.signal(Signal::KILL);
        within("the program to be gone", self.child.wait()).await.unwrap();
    }

    /// Bytes of memory it has resident.
    pub(crate) fn memory(&self) -> u64 {
        self.bytes_of("status", "VmRSS:")
    }

    /// The same, with its share only of what others use as well.
    pub(crate) fn proportional_memory(&self) -> u64 {
        self.bytes_of("smaps_rollup", "Pss:")
    }

    /// Nobody is the parent of a successor, but it runs in this program's folder.
    fn end_successors(&self) {
        let numbered = |name: &OsStr| name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(process) = numbered(&entry.file_name()) else { continue };
            if fs::read_link(entry.path().join("cwd")).is_ok_and(|folder| folder == self.folder.path()) {
                _ = kill_process(process, Signal::KILL);
            }
        }
    }

    fn bytes_of(&self, file: &str, name: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/{file}", self.pid)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// From now on it opens no more files and sockets than this.
    pub(crate) fn limit_open_files(&self, most: usize) {
        let pid = Pid::from_raw(i32::try_from(self.pid).unwrap()).unwrap();
        // What it may ask for stays as it is, which is what this process may.
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        prlimit(Some(pid), Resource::Nofile, Rlimit { current: Some(most as u64), maximum }).unwrap();
    }

    /// How many files and sockets it has open.
    pub(crate) fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end_successors();
        if std::thread::panicking() {
            eprintln!("--- log of the program\n{}\n---", self.log().join("\n"));
        }
    }
}
