//! HTTP/1.1 connections that wait for their next request.

use super::connection::Http1;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Unused for longer, a connection is likelier to be closed by the peer than to be of use: below what servers commonly allow.
const LONGEST: Duration = Duration::from_secs(25);

/// Last in, first out: the warmest connection is used first and the coldest ones run out.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<Waiting>>);

struct Waiting {
    connection: Http1,
    since: Instant,
}

impl Idle {
    /// The warmest connection that is still open.
    pub(super) fn take(&self) -> Option<Http1> {
        let mut stack = self.stack();
        while let Some(Waiting { connection, since }) = stack.pop() {
            if since.elapsed() > LONGEST {
                // All below are colder still.
                stack.clear();
            } else if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    /// Gives back a connection whose last answer was read to its end.
    pub(super) fn put(&self, connection: Http1) {
        if !connection.is_closed() {
            self.stack().push(Waiting { connection, since: Instant::now() });
        }
    }

    /// Closes what has waited too long. Returns how many wait on.
    pub(super) fn sweep(&self) -> usize {
        let mut stack = self.stack();
        stack.retain(|waiting| waiting.since.elapsed() <= LONGEST && !waiting.connection.is_closed());
        stack.len()
    }

    fn stack(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
