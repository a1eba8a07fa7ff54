//! Listening sockets from one program to the next, in systemd's way: those that were open before this program was, and those of its own
//! that a successor is started with.
//!
//! Decides what can be taken over. Which of them serves what is decided by `app`.

use command_fds::{CommandFdExt, FdMapping};
use listenfd::ListenFd;
use socket2::{Domain, SockRef, Type};
use std::{
    env, io,
    net::{SocketAddr, TcpListener},
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::Command,
};

/// What the wire to a predecessor is called.
const PREDECESSOR: &str = "hasjoined.predecessor";

/// A socket that listens already.
pub struct Passed {
    /// What its giver calls it; nothing, when it has no name.
    pub name: String,
    pub(super) socket: TcpListener,
}

impl Passed {
    /// Where it listens.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// What a program finds at its start.
#[derive(Default)]
pub struct Inheritance {
    /// The sockets, in their order.
    pub sockets: Vec<Passed>,
    /// The program that has started this one, if it is to end when this one serves.
    pub predecessor: Option<Predecessor>,
}

/// A program that waits to be told that its successor serves.
pub struct Predecessor(UnixStream);

impl Predecessor {
    /// Tells it.
    ///
    /// # Errors
    /// When it is gone.
    pub fn relieve(self) -> io::Result<()> {
        io::Write::write_all(&mut &self.0, &[1])
    }
}

/// Takes them out of the environment, which is changed by that: to be called before there are threads.
///
/// # Errors
/// When what was passed on is no TCP socket, or one that does not listen.
pub fn passed() -> io::Result<Inheritance> {
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':').map(str::to_owned);
    let mut given = ListenFd::from_env();
    let Inheritance { sockets: mut passed, mut predecessor } = Inheritance::default();
    for place in 0..given.len() {
        let name = names.next().unwrap_or_default();
        if name == PREDECESSOR {
            let wire = given.take_custom(place, Domain::UNIX.into(), Type::STREAM.into(), "wire to a predecessor")?;
            predecessor = wire.map(Predecessor);
            continue;
        }
        let Some(socket) = given.take_tcp_listener(place)? else { continue };
        if !SockRef::from(&socket).is_listener()? {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("\"{name}\" does not listen")));
        }
        passed.push(Passed { name, socket });
    }
    Ok(Inheritance { sockets: passed, predecessor })
}

/// Lets a command have these sockets, by their names, and the end of a wire that tells when it serves.
///
/// # Errors
/// When there are no more descriptors.
pub fn pass(command: &mut Command, sockets: &[(String, OwnedFd)], wire: UnixStream) -> io::Result<()> {
    let names: Vec<_> = sockets.iter().map(|(name, _)| name.as_str()).chain([PREDECESSOR]).collect();
    // Without LISTEN_PID, which only the program itself could know by now.
    command.env_remove("LISTEN_PID").env_remove("LISTEN_FDS_FIRST_FD");
    command.env("LISTEN_FDS", names.len().to_string()).env("LISTEN_FDNAMES", names.join(":"));
    let mut all = sockets.iter().map(|(_, socket)| socket.try_clone()).collect::<io::Result<Vec<_>>>()?;
    all.push(wire.into());
    let mapped = (3..).zip(all).map(|(child_fd, parent_fd)| FdMapping { parent_fd, child_fd });
    command.fd_mappings(mapped.collect()).map_err(io::Error::other)?;
    Ok(())
}
