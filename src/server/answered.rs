//! The body of an answer that says when it is over.

use super::head::Turn;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// A body, or none. It is dropped when it has been written; then it is the client's turn.
#[derive(Debug)]
pub(super) struct Answered<B> {
    body: Option<B>,
    turn: Arc<Turn>,
}

impl<B> Answered<B> {
    pub(super) fn with(body: B, turn: Arc<Turn>) -> Self {
        Self { body: Some(body), turn }
    }

    pub(super) fn empty(turn: Arc<Turn>) -> Self {
        Self { body: None, turn }
    }
}

impl<B> Drop for Answered<B> {
    fn drop(&mut self) {
        self.turn.give_back();
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.get_mut().body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}
