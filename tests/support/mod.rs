//! What every black-box test stands on: fake upstreams, game-server clients, and the program as a real process.
//!
//! Decides how a test waits (for an event, with one generous limit) and leaves what to expect to the tests.

use std::{fmt::Display, future::Future, panic::Location, time::Duration};

use tokio::{task::JoinHandle, time::timeout};

pub(crate) mod client;
pub(crate) mod crowd;
pub(crate) mod dice;
pub(crate) mod doors;
pub(crate) mod gateway;
pub(crate) mod microsoft;
pub(crate) mod pair;
pub(crate) mod postgres;
pub(crate) mod profile;
pub(crate) mod proxy;
pub(crate) mod public_key;
pub(crate) mod tls;
pub(crate) mod upstream;
mod wire;

/// The path and query a game server sends for Notch.
pub(crate) const HAS_JOINED: &str = "/session/minecraft/hasJoined?username=Notch&serverId=-1a2b3c";

/// Nothing a test waits for takes this long, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Awaits `work`; panics, naming the caller and `what` was awaited, when it takes too long.
#[track_caller]
pub(crate) fn within<F: Future>(what: impl Display, work: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        match timeout(PATIENCE, work).await {
            Ok(output) => output,
            Err(_) => panic!("{caller}: waited {PATIENCE:?} in vain for {what}"),
        }
    }
}

/// Runs `work` beside the test, until the test's runtime ends.
#[expect(clippy::disallowed_methods, reason = "a test has no lifecycle to drain: its runtime ends all tasks")]
pub(crate) fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work)
}
