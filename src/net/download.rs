//! The body of an answer on its way through.
//!
//! Decides that it never ends early without saying so: whatever breaks it, the deadline or the bound included, is an error that
//! breaks the connection of whoever reads it.

use super::{
    Failure,
    body::{self, Ending},
    pass::Lease,
};
use bytes::Bytes;
use futures::task::AtomicWaker;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

/// A body that is read from a peer as fast as somebody takes it.
pub struct Download {
    flow: Arc<Flow>,
    left: u64,
    /// Tells the watch that there is nothing to watch any more.
    _over: oneshot::Sender<()>,
}

/// Shared with a watch, since a reader that does not read does not ask for the time either.
struct Flow {
    state: Mutex<State>,
    reader: AtomicWaker,
}

enum State {
    Open(Box<(Incoming, Lease, Ending)>),
    Ended,
    Broken(Failure),
}

impl Download {
    pub(super) fn start(source: Incoming, largest: u64, deadline: Instant, (lease, ending): (Lease, Ending)) -> Self {
        let drivers = lease.inner().drivers.clone();
        let state = Mutex::new(State::Open(Box::new((source, lease, ending))));
        let flow = Arc::new(Flow { state, reader: AtomicWaker::new() });
        let (over, watched) = oneshot::channel::<()>();
        flow.settle();
        let watch = flow.clone();
        drivers.spawn(async move {
            if timeout_at(deadline, watched).await.is_err() {
                watch.breaks(Failure::Timeout);
                watch.reader.wake();
            }
        });
        Self { flow, left: largest, _over: over }
    }
}

impl Flow {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the connection back if all was read.
    fn settle(&self) {
        let mut state = self.state();
        if !matches!(&*state, State::Open(open) if open.0.is_end_stream()) {
            return;
        }
        if let State::Open(open) = std::mem::replace(&mut *state, State::Ended) {
            let (_, lease, ending) = *open;
            lease.give_back(&ending);
        }
    }

    fn ended(&self) {
        if let State::Open(open) = std::mem::replace(&mut *self.state(), State::Ended) {
            let (_, lease, ending) = *open;
            lease.give_back(&ending);
        }
    }

    /// Closes the connection, unless all was read.
    fn breaks(&self, failure: Failure) {
        let mut state = self.state();
        if matches!(&*state, State::Open(_)) {
            *state = State::Broken(failure);
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        match &mut *self.state() {
            State::Open(open) => body::data(&mut open.0, context),
            State::Ended => Poll::Ready(None),
            State::Broken(failure) => Poll::Ready(Some(Err(*failure))),
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        self.flow.reader.register(context.waker());
        match self.flow.poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                self.flow.ended();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(failure))) => {
                self.flow.breaks(failure);
                Poll::Ready(Some(Err(failure)))
            }
            Poll::Ready(Some(Ok(bytes))) => {
                let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
                    self.flow.breaks(Failure::TooLarge);
                    return Poll::Ready(Some(Err(Failure::TooLarge)));
                };
                self.left = left;
                // With a known length, nobody asks again after the last byte.
                self.flow.settle();
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&*self.flow.state(), State::Ended)
    }

    fn size_hint(&self) -> SizeHint {
        match &*self.flow.state() {
            State::Open(open) => open.0.size_hint(),
            State::Ended => SizeHint::with_exact(0),
            State::Broken(_) => SizeHint::default(),
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.flow.breaks(Failure::Reset);
    }
}
