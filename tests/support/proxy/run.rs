//! The program run to its end: `check`, `setup`, or a `serve` that is to be refused.
//!
//! Decides its environment, which is the same for a program that keeps running.

use std::{
    env,
    ffi::OsStr,
    path::Path,
    process::{Output, Stdio},
};

use tokio::process::Command;

use crate::support::within;

/// What an ended program left.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) log: String,
}

impl From<Output> for Finished {
    fn from(ended: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: ended.status.code(), output: text(&ended.stdout), log: text(&ended.stderr) }
    }
}

/// Runs the program with these arguments in `folder`, to its end.
pub(crate) async fn run<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Finished {
    let mut command = command(folder);
    Finished::from(within("the program to end", command.args(arguments).output()).await.unwrap())
}

/// The program, with pipes for its output and nothing of our own environment that it would heed.
pub(super) fn command(folder: &Path) -> Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_hasjoined")), folder)
}

/// The same of another file.
pub(super) fn command_of(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let heeded = ["HASJOINED_", "MICROSOFT_", "RUST_LOG", "LISTEN_", "NOTIFY_SOCKET"];
        if heeded.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command
}
