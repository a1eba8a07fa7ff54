//! Whether an HTTP/2 client takes its answers.
//!
//! Decides when one that does not is given up: it may leave no room for any answer, and still answer every ping. The library would wait
//! for ever, and hold the answers so long.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::sleep;

/// The answers of one connection.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Answers that have begun and are not over.
    open: AtomicUsize,
    /// Everything that happened to one of them.
    steps: AtomicU64,
}

impl Pace {
    /// An answer's body, watched.
    pub(super) fn watch<B>(self: &Arc<Self>, body: B) -> Paced<B> {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.steps.fetch_add(1, Ordering::Relaxed);
        Paced { body, pace: self.clone() }
    }

    /// Ends when there were answers to take, and for `patience` none was.
    pub(super) async fn stalled(&self, patience: Duration) {
        let mut before = u64::MAX;
        loop {
            sleep(patience).await;
            let steps = self.steps.load(Ordering::Relaxed);
            if steps == before && self.open.load(Ordering::Relaxed) > 0 {
                return;
            }
            before = steps;
        }
    }
}

/// A body; over when it is dropped.
#[derive(Debug)]
pub(super) struct Paced<B> {
    body: B,
    pace: Arc<Pace>,
}

impl<B> Drop for Paced<B> {
    fn drop(&mut self) {
        self.pace.open.fetch_sub(1, Ordering::Relaxed);
        self.pace.steps.fetch_add(1, Ordering::Relaxed);
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Paced<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        // One that waits for an upstream is asked again and again, too.
        this.pace.steps.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut this.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
