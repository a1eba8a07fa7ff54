//! A connection whose first bytes have been looked at.
//!
//! They are read once and handed on, so that to tell HTTP/2 from HTTP/1 costs a new connection no system call.

use super::stream::Stream;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::timeout,
};

/// The first bytes of an HTTP/2 connection (RFC 9113 §3.4), all of which are waited for here: the library has no clock for them. No
/// request of HTTP/1 begins with them, though its method may be `PRINT`.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A game server's request fits; of a longer one, or of HTTP/2, the rest is read as usual.
const ROOM: usize = 1024;

/// A stream and what has been read of it.
#[derive(Debug)]
pub(super) struct Begun {
    first: Vec<u8>,
    stream: Stream,
}

impl Begun {
    /// Nothing has been read yet.
    pub(super) fn new(stream: Stream) -> Self {
        Self { first: Vec::with_capacity(ROOM), stream }
    }

    /// Waits for as many bytes as it takes to know whether the client speaks HTTP/2, and says so; nothing if they do not come to an
    /// end within `patience` from the first.
    pub(super) async fn listen(&mut self, patience: Duration) -> Option<bool> {
        if self.hears().await && self.is_undecided() {
            let rest = async { while self.is_undecided() && self.hears().await {} };
            timeout(patience, rest).await.ok()?;
        }
        Some(self.first.starts_with(PREFACE))
    }

    /// Ends it in good order where the client could otherwise not tell the end from a cut.
    pub(super) async fn farewell(mut self, patience: Duration) {
        if let Stream::Secure(stream) = &mut self.stream {
            let _ = timeout(patience, stream.shutdown()).await;
        }
    }

    fn is_undecided(&self) -> bool {
        self.first.len() < PREFACE.len() && PREFACE.starts_with(&self.first)
    }

    /// Reads on. Whether there was more: whoever reads next finds the end, or what is broken, as well.
    async fn hears(&mut self) -> bool {
        matches!(self.stream.read_on(&mut self.first).await, Ok(1..))
    }
}

impl AsyncRead for Begun {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.first.is_empty() {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        let taken = this.first.len().min(buffer.remaining());
        buffer.put_slice(&this.first[..taken]);
        match taken == this.first.len() {
            true => this.first = Vec::new(),
            false => drop(this.first.drain(..taken)),
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Begun {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
