//! When the program works, and when it ends: the tasks, the stop, the reload bell, the clock, the word to whoever supervises it.
//!
//! Decides what a signal means. What is done before the end, and what a reload changes, is decided by `app`.

mod clock;
mod descriptors;
mod supervisor;

pub use clock::Clock;
pub use descriptors::raise_open_files;
pub use supervisor::{Turn, tell};

use std::{future::Future, io};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Duration, timeout},
};
pub use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A group of tasks that can be waited for: the only place to spawn.
#[derive(Clone, Debug, Default)]
pub struct Tasks(TaskTracker);

impl Tasks {
    /// Runs a task to its end, whoever else goes away.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(task);
    }

    /// Waits until all tasks have ended, but no longer than `patience`. Whether they have.
    pub async fn ended(&self, patience: Duration) -> bool {
        self.0.close();
        timeout(patience, self.0.wait()).await.is_ok()
    }

    /// How many are running.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.len()
    }
}

/// hyper spawns the streams of HTTP/2 here.
impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}

/// What the operator asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// SIGTERM or SIGINT: drain and end.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR2: start the program anew, as it is installed now, and end when that serves.
    Upgrade,
}

/// The signals of this process.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    second: Signal,
}

impl Signals {
    /// Listens from now on, in place of the kernel's default of ending the process.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            second: signal(SignalKind::user_defined2())?,
        })
    }

    /// The next call.
    pub async fn next(&mut self) -> Call {
        tokio::select! {
            _ = self.terminate.recv() => Call::Stop,
            _ = self.interrupt.recv() => Call::Stop,
            _ = self.hangup.recv() => Call::Reload,
            _ = self.second.recv() => Call::Upgrade,
        }
    }
}
