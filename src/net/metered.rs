//! A connection that is read in slices, and not without end.
//!
//! Decides how much a peer may send before it is asked something again. A parser goes on for as long as there is something to
//! read, and interim answers (RFC 9110 §15.2) have no end of their own: a peer that floods its connection with them would hold up
//! everyone, deadlines included.

use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Read without a pause; then others have their turn.
const SLICE: usize = 16 * 1024;

/// More than the largest answer that passes here, 4 MiB, with its head and its framing.
const MOST: usize = 8 * 1024 * 1024;

/// A connection as its driver sees it. One of HTTP/2 writes all along, since it has to give leave for what it is to read.
struct Metered<S> {
    stream: S,
    /// Read since the last pause.
    slice: usize,
    /// Read since something was last written: since the last request.
    answer: usize,
}

/// The same connection, metered.
pub(super) fn metered<I: Read + Write + Unpin>(io: I) -> impl Read + Write + Unpin {
    TokioIo::new(Metered { stream: TokioIo::new(io), slice: 0, answer: 0 })
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.answer > MOST {
            return Poll::Ready(Err(io::Error::other("an answer without end")));
        }
        if self.slice >= SLICE {
            self.slice = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        self.answer += read;
        self.slice = if polled.is_pending() { 0 } else { self.slice + read };
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.answer = 0;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.answer = 0;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn over<S>(stream: S) -> Metered<S> {
        Metered { stream, slice: 0, answer: 0 }
    }

    #[tokio::test]
    async fn an_answer_has_an_end_and_the_next_begins_with_a_request() {
        let mut metered = over(tokio::io::join(tokio::io::repeat(b'x'), tokio::io::sink()));
        let mut answer = vec![0; MOST];
        for _ in 0..2 {
            metered.read_exact(&mut answer).await.unwrap();
            metered.write_all(b"GET").await.unwrap();
        }
        metered.read_exact(&mut answer).await.unwrap();
        metered.read_exact(&mut [0; 1024]).await.unwrap();
        assert!(metered.read(&mut answer).await.is_err());
    }

    #[tokio::test]
    async fn others_have_their_turn() {
        let mut metered = over(tokio::io::join(tokio::io::repeat(b'x'), tokio::io::sink()));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut read = 0;
        loop {
            let mut bytes = [0; 4096];
            let mut buffer = ReadBuf::new(&mut bytes);
            if Pin::new(&mut metered).poll_read(&mut context, &mut buffer).is_pending() {
                break;
            }
            read += buffer.filled().len();
        }
        assert_eq!(read, SLICE);
        metered.read_exact(&mut vec![0; SLICE * 3]).await.unwrap();
    }
}
