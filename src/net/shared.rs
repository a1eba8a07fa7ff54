//! The one HTTP/2 connection that all requests to a peer share.

use super::{Failure, connection::Http2};
use futures::future::{FutureExt, Shared};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What a dial in progress will bring: a connection, or nothing because the peer chose HTTP/1.1.
pub(super) type Dialed = Result<Option<Http2>, Failure>;

/// A dial in progress, waited for by everyone who needs the connection. Giving up waiting does not end it.
pub(super) type Dialing = Shared<oneshot::Receiver<Dialed>>;

/// Where the connection stands.
#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Dialing(Dialing),
    Open(Http2),
}

/// What a request finds.
pub(super) enum Found {
    /// Go ahead.
    Open(Http2),
    /// Somebody dials: wait for it.
    Dialing(Dialing),
    /// Nobody dials: whoever gets this must, and tell the outcome. The receiver is for waiting like everyone else.
    Nothing(oneshot::Sender<Dialed>, Dialing),
}

/// The connection, if there is one.
#[derive(Default)]
pub(super) struct SharedConnection(Mutex<Slot>);

impl SharedConnection {
    pub(super) fn find(&self) -> Found {
        let mut slot = self.slot();
        match &*slot {
            Slot::Open(connection) if !connection.is_closed() => return Found::Open(connection.clone()),
            // A dial that ended without a word (its task was dropped) is nobody's.
            Slot::Dialing(dialing) if !matches!(dialing.peek(), Some(Err(_))) => {
                return Found::Dialing(dialing.clone());
            }
            _ => {}
        }
        let (tell, dialing) = oneshot::channel();
        let dialing = dialing.shared();
        *slot = Slot::Dialing(dialing.clone());
        Found::Nothing(tell, dialing)
    }

    /// Ends a dial: the slot first, then those who wait.
    pub(super) fn settle(&self, dialed: Dialed, tell: oneshot::Sender<Dialed>) {
        *self.slot() = match &dialed {
            Ok(Some(connection)) => Slot::Open(connection.clone()),
            Ok(None) | Err(_) => Slot::Empty,
        };
        // Nobody may be waiting any more.
        let _ = tell.send(dialed);
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
