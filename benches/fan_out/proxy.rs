//! The real program as a process, in front of the upstreams of a case.
//!
//! Decides its configuration: all upstreams equally trusted, everything else as it comes.

use crate::upstream::{Manner, Upstream};
use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;

/// A running program; killed when dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    child: Child,
    /// Open, so that the program can go on writing; nobody reads the few lines that follow.
    _output: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Proxy {
    pub(crate) fn start(upstreams: &[Upstream], manner: &Manner) -> Self {
        let folder = TempDir::with_prefix("hasjoined-").unwrap();
        fs::write(folder.path().join("upstreams.toml"), configuration(upstreams, manner)).unwrap();
        if let Some(ca) = &manner.ca {
            ca.pem_file(folder.path());
        }
        // A server that serves players logs no more than it must.
        let mut command = Command::new(env!("CARGO_BIN_EXE_hasjoined"));
        command.args(["serve", "--config", "upstreams.toml", "--log", "warn"]).current_dir(folder.path());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.trim().strip_prefix("listening on http://")?.parse().ok());
        Self { address: address.unwrap(), child, _output: output, _folder: folder }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn configuration(upstreams: &[Upstream], manner: &Manner) -> String {
    let mut text = "[server]\nlisten = \"127.0.0.1:0\"\nadmin = false\n".to_owned();
    for (number, upstream) in upstreams.iter().enumerate() {
        let (origin, trust) = match manner.ca {
            None => (format!("http://{}", upstream.address), ""),
            Some(_) => (format!("https://localhost:{}", upstream.address.port()), "ca_file = \"ca.pem\"\n"),
        };
        let url = format!("url = \"{origin}/session/minecraft/hasJoined\"\n");
        write!(text, "[upstreams.u{number}]\n{url}attests = \"mojang\"\n{trust}").unwrap();
    }
    text
}
