//! HTTP/1.1 connections between two requests, and the requests that wait for one.
//!
//! Whatever becomes free first serves who has waited longest: a connection given back, or one newly dialed. There are never more
//! dials than requests waiting, so connections never outnumber the permits that requests hold.

use super::Failure;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::Instant};

/// Unused for longer, a connection is likelier to be closed by the peer than to be of use: below what servers commonly allow.
const LONGEST_IDLE: Duration = Duration::from_secs(25);

/// What is kept between two requests.
pub(super) trait Keepable {
    /// Whether it can carry another request: neither side has ended it.
    fn is_usable(&mut self) -> bool;

    /// Whether its last exchange went to its end. What has come since is not looked at.
    fn is_whole(&self) -> bool;
}

/// A connection for one request.
pub(super) struct Ready<C> {
    pub(super) connection: C,
    /// It was dialed for this request. Any other may have been closed by the peer in the meantime.
    pub(super) fresh: bool,
}

/// What a request gets.
pub(super) enum Claim<C> {
    /// A connection.
    Ready(Ready<C>),
    /// A place in the queue. If `dial`, whoever gets this must dial, and tell the pool how it went.
    Wait { turn: oneshot::Receiver<Result<Ready<C>, Failure>>, dial: bool },
}

/// The connections of one peer that are of one kind.
pub(super) struct Pool<C>(Mutex<State<C>>);

struct State<C> {
    /// Last in, first out: the warmest is used first and the coldest run out.
    idle: Vec<Idle<C>>,
    waiting: VecDeque<oneshot::Sender<Result<Ready<C>, Failure>>>,
    dialing: usize,
}

struct Idle<C> {
    connection: C,
    since: Instant,
}

impl<C> Default for Pool<C> {
    fn default() -> Self {
        Self(Mutex::new(State { idle: Vec::new(), waiting: VecDeque::new(), dialing: 0 }))
    }
}

impl<C: Keepable> Pool<C> {
    /// The warmest connection that is still open, or a place in the queue.
    pub(super) fn claim(&self) -> Claim<C> {
        let mut state = self.state();
        if let Some(connection) = state.warmest() {
            return Claim::Ready(Ready { connection, fresh: false });
        }
        state.waiting.retain(|place| !place.is_closed());
        let (tell, turn) = oneshot::channel();
        state.waiting.push_back(tell);
        let dial = state.dialing < state.waiting.len();
        state.dialing += usize::from(dial);
        Claim::Wait { turn, dial }
    }

    /// Whether a first connection has to be dialed; then the caller must, as for a claim.
    pub(super) fn is_cold(&self) -> bool {
        let mut state = self.state();
        let cold = state.idle.is_empty() && state.dialing == 0;
        state.dialing += usize::from(cold);
        cold
    }

    /// Takes a new connection, or the failure to get one, which is the failure of one request that waits.
    pub(super) fn dialed(&self, outcome: Result<C, Failure>) {
        let mut state = self.state();
        state.dialing -= 1;
        match outcome {
            Ok(connection) => state.offer(connection, true),
            Err(failure) => {
                while let Some(place) = state.waiting.pop_front() {
                    if place.send(Err(failure)).is_ok() {
                        return;
                    }
                }
            }
        }
    }

    /// Takes back a connection whose last answer was read to its end.
    pub(super) fn put(&self, connection: C) {
        if connection.is_whole() {
            self.state().offer(connection, false);
        }
    }

    /// Closes what is idle: one of them turned out to be dead though it looked alive.
    pub(super) fn distrust(&self) {
        self.state().idle.clear();
    }

    /// Closes the one that has been idle for longest.
    pub(super) fn shed(&self) {
        let mut state = self.state();
        if !state.idle.is_empty() {
            state.idle.remove(0);
        }
    }

    /// Closes what has been idle for too long.
    pub(super) fn sweep(&self) {
        self.state().idle.retain_mut(|idle| idle.since.elapsed() <= LONGEST_IDLE && idle.connection.is_usable());
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Keepable> State<C> {
    fn warmest(&mut self) -> Option<C> {
        while let Some(Idle { mut connection, since }) = self.idle.pop() {
            if since.elapsed() > LONGEST_IDLE {
                // All below are colder still.
                self.idle.clear();
            } else if connection.is_usable() {
                return Some(connection);
            }
        }
        None
    }

    fn offer(&mut self, connection: C, fresh: bool) {
        let mut ready = Ready { connection, fresh };
        while let Some(place) = self.waiting.pop_front() {
            match place.send(Ok(ready)) {
                Ok(()) => return,
                Err(Ok(unwanted)) => ready = unwanted,
                // What was sent comes back.
                Err(Err(_)) => return,
            }
        }
        self.idle.push(Idle { connection: ready.connection, since: Instant::now() });
    }
}
