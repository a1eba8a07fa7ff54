//! Listening sockets that were open before this program was: socket activation, in systemd's way.
//!
//! Decides what can be taken over. Which of them serves what is decided by `app`.

use listenfd::ListenFd;
use socket2::SockRef;
use std::{
    env, io,
    net::{SocketAddr, TcpListener},
};

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

/// Takes them out of the environment, which is changed by that: to be called before there are threads.
///
/// # Errors
/// When what was passed on is no TCP socket, or one that does not listen.
pub fn passed() -> io::Result<Vec<Passed>> {
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':').map(str::to_owned);
    let mut given = ListenFd::from_env();
    let mut passed = Vec::new();
    for place in 0..given.len() {
        let name = names.next().unwrap_or_default();
        let Some(socket) = given.take_tcp_listener(place)? else { continue };
        if !SockRef::from(&socket).is_listener()? {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("\"{name}\" does not listen")));
        }
        passed.push(Passed { name, socket });
    }
    Ok(passed)
}
