//! A connection whose first bytes have been looked at.
//!
//! They are read once and handed on, so that to tell HTTP/2 from HTTP/1 costs a new connection no system call.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};

/// The first bytes of an HTTP/2 connection (RFC 9113 §3.4). No request of HTTP/1 begins with them, though its method may be `PRINT`.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// A game server's request fits; of a longer one, or of HTTP/2, the rest is read as usual.
const ROOM: usize = 1024;

/// A stream and what has been read of it.
#[derive(Debug)]
pub(super) struct Begun {
    first: Vec<u8>,
    stream: TcpStream,
}

impl Begun {
    /// Waits for as many bytes as it takes to know whether the client speaks HTTP/2, and says so; nothing if they do not come to an
    /// end within `patience` from the first.
    pub(super) async fn listen(stream: TcpStream, patience: Duration) -> Option<(Self, bool)> {
        let mut begun = Self { first: Vec::with_capacity(ROOM), stream };
        if begun.hears().await && begun.is_undecided() {
            let rest = async { while begun.is_undecided() && begun.hears().await {} };
            timeout(patience, rest).await.ok()?;
        }
        let multiplexed = begun.first.starts_with(PREFACE);
        Some((begun, multiplexed))
    }

    fn is_undecided(&self) -> bool {
        self.first.len() < PREFACE.len() && PREFACE.starts_with(&self.first)
    }

    /// Reads on. Whether there was more: whoever reads next finds the end, or what is broken, as well.
    async fn hears(&mut self) -> bool {
        loop {
            let read = match self.stream.readable().await {
                Ok(()) => self.stream.try_read_buf(&mut self.first),
                Err(error) => Err(error),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return matches!(read, Ok(1..)),
            }
        }
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
