//! What a request carries: bytes in memory, or a stream that passes through.
//!
//! Decides how much of a stream may pass and until when, and remembers how it ended: a connection whose request was not sent to its
//! end cannot be used again.

use super::Failure;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};
use tokio::time::{Instant, Sleep, sleep_until};

/// The body of a request. Logins and look-ups carry whole ones, which cost no allocation here.
pub(super) enum Body {
    Whole(Full<Bytes>),
    Stream(Box<Upload>),
}

/// How the sending of a body ended; empty while it goes on.
pub(super) type Ending = Arc<OnceLock<Result<(), Failure>>>;

/// Somebody else's body on its way through.
pub(super) struct Upload {
    source: Incoming,
    left: u64,
    late: Pin<Box<Sleep>>,
    ending: Ending,
}

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }

    /// At most `largest` bytes of `source`, which end by the deadline; and where to see how they ended.
    pub(super) fn passing(source: Incoming, largest: u64, deadline: Instant) -> (Self, Ending) {
        let ending = Ending::default();
        if source.is_end_stream() {
            let _ = ending.set(Ok(()));
            return (Self::whole(Bytes::new()), ending);
        }
        let late = Box::pin(sleep_until(deadline));
        (Self::Stream(Box::new(Upload { source, left: largest, late, ending: ending.clone() })), ending)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(context).map_err(|never| match never {}),
            Self::Stream(upload) => upload.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Stream(upload) => upload.source.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Stream(upload) => upload.source.size_hint(),
        }
    }
}

impl Upload {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        if self.late.as_mut().poll(context).is_ready() {
            return self.broken(Failure::Timeout);
        }
        match data(&mut self.source, context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => self.ended(),
            Poll::Ready(Some(Err(failure))) => self.broken(failure),
            Poll::Ready(Some(Ok(bytes))) => match self.left.checked_sub(bytes.len() as u64) {
                None => self.broken(Failure::RequestTooLarge),
                Some(left) => {
                    self.left = left;
                    // With a known length, nobody asks again after the last byte.
                    if self.source.is_end_stream() {
                        let _ = self.ending.set(Ok(()));
                    }
                    Poll::Ready(Some(Ok(Frame::data(bytes))))
                }
            },
        }
    }

    fn ended(&self) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let _ = self.ending.set(Ok(()));
        Poll::Ready(None)
    }

    fn broken(&self, failure: Failure) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let _ = self.ending.set(Err(failure));
        Poll::Ready(Some(Err(failure)))
    }
}

/// The next bytes of a body. Trailers are left behind: they are of one hop (RFC 9110 §6.5.1).
pub(super) fn data(source: &mut Incoming, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
    loop {
        match Pin::new(&mut *source).poll_frame(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(Failure::Reset))),
            Poll::Ready(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(data)));
                }
            }
        }
    }
}
