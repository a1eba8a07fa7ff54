//! The program anew, as it is installed now, in place of this one: it is started with the sockets that listen, and when it serves, this
//! one ends.
//!
//! Connections wait in the sockets' queues, which are never closed meanwhile, so that nobody is refused: that is why it is not two sockets
//! at one address (`SO_REUSEPORT`), where those in the queue of the one that closes are lost. When the new one cannot serve, be it for its
//! configuration, the old one goes on as if nothing had been asked.

use crate::server::pass;
use std::{
    env, io,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    time::{sleep, timeout},
};

/// Until it serves; the store may get a new schema meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);

/// A successor that cannot serve has this long to say why.
const LAST_WORDS: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(10);

/// A successor that does not serve yet; ended when dropped.
pub(super) struct Successor {
    child: Option<Child>,
    wire: tokio::net::UnixStream,
}

impl Successor {
    /// Starts it as this program was started, so that the same name may mean a newer file by now.
    pub(super) fn start(sockets: &[(String, OwnedFd)]) -> io::Result<Self> {
        let mut arguments = env::args_os();
        let mut command = Command::new(arguments.next().ok_or(io::ErrorKind::NotFound)?);
        let (ours, wire) = UnixStream::pair()?;
        pass(command.args(arguments), sockets, wire)?;
        ours.set_nonblocking(true)?;
        let child = command.spawn()?;
        tracing::info!(process = child.id(), "a successor is started");
        Ok(Self { child: Some(child), wire: tokio::net::UnixStream::from_std(ours)? })
    }

    /// Waits until it serves: its process. Nothing, when it ends without, or takes too long.
    pub(super) async fn serves(&mut self) -> Option<u32> {
        let mut word = [0; 1];
        match timeout(PATIENCE, self.wire.read_exact(&mut word)).await {
            Ok(Ok(_)) => self.child.take().map(|child| child.id()),
            Ok(Err(_)) => {
                let _ = timeout(LAST_WORDS, self.ends()).await;
                None
            }
            Err(_) => None,
        }
    }

    /// Waits for its end, of which nobody is told otherwise.
    async fn ends(&mut self) {
        while let Some(Ok(None)) = self.child.as_mut().map(Child::try_wait) {
            sleep(LOOK).await;
        }
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
