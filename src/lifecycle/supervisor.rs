//! What the service manager is told of the program's life, where one wants to know: systemd's notifications.

use sd_notify::NotifyState;
use std::io;

/// A turn in the life of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It listens, and has what it needs; also the end of a reload, whatever came of that.
    Ready,
    /// It reads its configuration again.
    Reloading,
    /// It takes no more connections, and will end.
    Stopping,
    /// Another process is the program from now on, and this one ends.
    Succeeded(u32),
}

/// Tells the service manager. Where there is none, nothing happens; where it cannot be told, the log says so.
pub fn tell(turn: Turn) {
    if let Err(error) = send(turn) {
        tracing::warn!(%error, "the service manager cannot be told: {turn:?}");
    }
}

fn send(turn: Turn) -> io::Result<()> {
    match turn {
        Turn::Ready => sd_notify::notify(&[NotifyState::Ready]),
        // The time tells this reload's end from that of one before.
        Turn::Reloading => sd_notify::notify(&[NotifyState::Reloading, NotifyState::monotonic_usec_now()?]),
        Turn::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
        Turn::Succeeded(process) => sd_notify::notify(&[NotifyState::MainPid(process)]),
    }
}
