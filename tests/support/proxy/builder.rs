//! The configuration and the command line of a program under test.
//!
//! Decides what every test wants: a free port on loopback and, for each fake, its address and its authority.

use std::{
    fs,
    net::SocketAddr,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use command_fds::{CommandFdExt, FdMapping};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{
    Finished, LISTENING, Output, Proxy,
    run::{command, command_of, run},
};
use crate::support::{
    pair::{CERT, KEY, Pair},
    tls::Ca,
    upstream::Upstream,
    within,
};

/// The configuration's file name in the program's folder.
pub(super) const CONFIG: &str = "upstreams.toml";

/// Lines are TOML, as a user would write them into that section.
#[derive(Default)]
pub(crate) struct Builder {
    text: Option<String>,
    server: String,
    race: String,
    sections: String,
    authorities: Vec<(String, Ca)>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    sockets: Vec<(OwnedFd, String)>,
    program: Option<PathBuf>,
    pair: Option<Pair>,
}

impl Builder {
    /// One more upstream. Unless `lines` say otherwise, it may vouch for Mojang's ids.
    pub(crate) fn upstream(mut self, id: &str, upstream: &Upstream, lines: &str) -> Self {
        let mut section = format!("\n[upstreams.{id}]\n");
        if !has_key(lines, "url") {
            section.push_str(&format!("url = \"{}\"\n", upstream.url()));
        }
        if !has_key(lines, "attests") && !has_key(lines, "preset") {
            section.push_str("attests = \"mojang\"\n");
        }
        if let Some(ca) = upstream.ca().filter(|_| !has_key(lines, "ca_file")) {
            section.push_str(&format!("ca_file = \"{id}.pem\"\n"));
            self.authorities.push((format!("{id}.pem"), ca.clone()));
        }
        self.section(&format!("{section}{lines}\n"))
    }

    /// More lines for `[server]`.
    pub(crate) fn server(mut self, lines: &str) -> Self {
        self.server.push_str(&format!("{lines}\n"));
        self
    }

    /// Over TLS, with this pair.
    pub(crate) fn tls(mut self, pair: Pair) -> Self {
        self.pair = Some(pair);
        self.server(&format!("tls = {{ cert = \"{}\", key = \"{}\" }}", CERT, KEY))
    }

    /// With the admin listener, on a free port: see `Proxy::admin`.
    pub(crate) fn admin(self) -> Self {
        self.argument("--admin=127.0.0.1:0")
    }

    /// Lines for `[race]`.
    pub(crate) fn race(mut self, lines: &str) -> Self {
        self.race.push_str(&format!("{lines}\n"));
        self
    }

    /// Any other section, with its head.
    pub(crate) fn section(mut self, text: &str) -> Self {
        self.sections.push_str(text);
        self
    }

    /// This file instead of all the above.
    pub(crate) fn config(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    /// One more argument after `serve --config FILE`.
    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// One variable of its environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One more open socket that it finds at its start, under this name.
    pub(crate) fn passing(mut self, socket: impl Into<OwnedFd>, name: &str) -> Self {
        self.sockets.push((socket.into(), name.to_owned()));
        self
    }

    /// This file instead of the one that was built.
    pub(crate) fn program(mut self, file: &Path) -> Self {
        self.program = Some(file.to_owned());
        self
    }

    /// The configuration as it will be written.
    pub(crate) fn text(&self) -> String {
        let Self { server, race, sections, .. } = self;
        let listen = if has_key(server, "listen") { "" } else { "listen = \"127.0.0.1:0\"\n" };
        let whole = || format!("[server]\n{listen}{server}\n[race]\n{race}{sections}");
        self.text.clone().unwrap_or_else(whole)
    }

    /// Starts it and waits until it listens; panics, with all it said, when it ends instead.
    pub(crate) async fn start(self) -> Proxy {
        let (folder, mut child) = self.spawn();
        let pid = child.id().unwrap();
        let output = Output::collect(child.stdout.take().unwrap());
        let log = Output::collect(child.stderr.take().unwrap());
        let Some(line) = within("the program to listen", output.line_with(LISTENING, 1)).await else {
            let said = [output.all().await, log.all().await].concat().join("\n");
            panic!("the program ended ({}) and said:\n{said}", child.wait().await.unwrap());
        };
        let address = address_in(&line, "://").unwrap_or_else(|| panic!("no address in {line:?}"));
        Proxy { child, pid, address, output, log, folder, successors: 0 }
    }

    /// Starts it and waits for its end, as with a configuration that must be refused.
    pub(crate) async fn fail(self) -> Finished {
        let (_folder, child) = self.spawn();
        Finished::from(within("the program to end", child.wait_with_output()).await.unwrap())
    }

    /// Runs another command with this configuration, to its end.
    pub(crate) async fn run(self, command: &str) -> Finished {
        let folder = TempDir::with_prefix("hasjoined-").unwrap();
        self.write(folder.path());
        run(folder.path(), [command]).await
    }

    fn spawn(&self) -> (TempDir, Child) {
        let folder = TempDir::with_prefix("hasjoined-").unwrap();
        self.write(folder.path());
        let mut command = match &self.program {
            Some(program) => command_of(program, folder.path()),
            None => command(folder.path()),
        };
        command.args(["serve", "--config", CONFIG]).args(&self.arguments);
        if !has_key(&self.text(), "admin") {
            // Programs that run at one time would all want the one port that is the default.
            command.env("HASJOINED_ADMIN", "false");
        }
        let variables = self.environment.iter().map(|(name, value)| (name, value));
        self.pass(&mut command);
        let child = command.envs(variables).spawn().expect("the program can be started");
        (folder, child)
    }

    /// As systemd does, but for LISTEN_PID, which only the program itself could know by now.
    fn pass(&self, command: &mut Command) {
        if self.sockets.is_empty() {
            return;
        }
        let names: Vec<_> = self.sockets.iter().map(|(_, name)| name.as_str()).collect();
        command.env("LISTEN_FDS", names.len().to_string()).env("LISTEN_FDNAMES", names.join(":"));
        let mapped = (3..).zip(&self.sockets);
        let mapped =
            mapped.map(|(child_fd, (socket, _))| FdMapping { parent_fd: socket.try_clone().unwrap(), child_fd });
        command.fd_mappings(mapped.collect()).unwrap();
    }

    fn write(&self, folder: &Path) {
        for (file, ca) in &self.authorities {
            fs::write(folder.join(file), ca.pem()).unwrap();
        }
        if let Some(pair) = &self.pair {
            pair.write(folder);
        }
        fs::write(folder.join(CONFIG), self.text()).unwrap();
    }
}

fn has_key(lines: &str, key: &str) -> bool {
    let keys = lines.lines().filter_map(|line| line.split_once('='));
    keys.map(|(name, _)| name.trim()).any(|name| name == key)
}

/// The address after `words`, up to the path that follows it.
pub(super) fn address_in(line: &str, words: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once(words)?;
    let end = rest.find(|sign: char| sign == '/' || sign.is_whitespace()).unwrap_or(rest.len());
    rest[..end].trim_end_matches([',', '.', ';']).parse().ok()
}
