//! Watches request heads of HTTP/1 on their way to the library that reads them.
//!
//! Decides two things that the library leaves open: how long a head may take from its first byte on, and that a length is said once.
//! The library takes two equal lengths for one, and a coding beside a length for the coding alone (RFC 9112 §6.3 allows both); what
//! stands in front of this program may read them otherwise. Whatever else may be wrong with a head is left to the library.
//!
//! A head that comes before its predecessor was answered is not watched: the library then has it already, or holds it back.

use memchr::memchr;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// Whose turn it is on a connection; shared by its stream and its service.
#[derive(Debug, Default)]
pub(super) struct Turn {
    state: AtomicU8,
    last: AtomicBool,
}

/// The client's, who has said nothing yet since the last answer.
const ANEW: u8 = 0;
/// The client's, in the middle of a head.
const CLIENT: u8 = 1;
/// The client's, with a head that says its length twice.
const CLIENT_SAID_TWO_THINGS: u8 = 2;
/// Ours: a request is being answered.
const OURS: u8 = 3;

impl Turn {
    /// A request has arrived. Whether its head can be read in one way only.
    pub(super) fn take(&self) -> bool {
        self.state.swap(OURS, Ordering::Relaxed) != CLIENT_SAID_TWO_THINGS
    }

    /// It has been answered.
    pub(super) fn give_back(&self) {
        self.set(ANEW);
    }

    /// The next answer is the last.
    pub(super) fn end(&self) {
        self.last.store(true, Ordering::Relaxed);
    }

    /// Whether an answer given now is the last.
    pub(super) fn ends(&self) -> bool {
        self.last.load(Ordering::Relaxed)
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::Relaxed)
    }

    fn set(&self, state: u8) {
        self.state.store(state, Ordering::Relaxed);
    }
}

/// A stream whose heads are watched.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    turn: Arc<Turn>,
    patience: Duration,
    head: Head,
    /// Runs while a head has begun and not ended.
    late: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    /// Gives each head `patience` from its first byte.
    pub(super) fn new(stream: S, turn: Arc<Turn>, patience: Duration) -> Self {
        Self { stream, turn, patience, head: Head::default(), late: None }
    }

    fn saw(&mut self, bytes: &[u8]) {
        match self.head.read(bytes) {
            None => {
                self.late.get_or_insert_with(|| Box::pin(sleep(self.patience)));
            }
            Some(plain) => {
                self.late = None;
                self.head = Head { over: true, ..Head::default() };
                if !plain {
                    self.turn.set(CLIENT_SAID_TWO_THINGS);
                }
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.turn.state() {
            OURS => return Pin::new(&mut this.stream).poll_read(context, buffer),
            ANEW => {
                (this.head, this.late) = (Head::default(), None);
                this.turn.set(CLIENT);
            }
            _ => {}
        }
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(context, buffer) {
            if !this.head.over && buffer.filled().len() > before {
                this.saw(&buffer.filled()[before..]);
            }
            return Poll::Ready(read);
        }
        if let Some(late) = &mut this.late {
            ready!(late.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
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

const LENGTH: &[u8] = b"content-length";
const CODING: &[u8] = b"transfer-encoding";

/// What is known of a head so far.
#[derive(Debug, Default)]
pub struct Head {
    /// The beginning of the line at hand: enough to know the names above.
    name: [u8; CODING.len()],
    /// Bytes of the line at hand; only whether there are more than `name` holds counts.
    length: usize,
    /// The name of the line at hand is over.
    named: bool,
    /// A line has been read: an empty one now ends the head.
    begun: bool,
    /// It has ended, and the request is about to be taken.
    over: bool,
    lengths: u8,
    codings: u8,
}

impl Head {
    /// Reads on. When the head ends: whether its body's length is said at most once.
    pub fn read(&mut self, mut bytes: &[u8]) -> Option<bool> {
        while let Some((first, rest)) = bytes.split_first() {
            // A line that begins with another letter than the two names has neither; and most do.
            if self.length == 0 && !self.named && first.is_ascii_alphabetic() && !matches!(first | 0x20, b'c' | b't') {
                (self.named, self.length) = (true, 1);
            }
            match first {
                b'\n' => {
                    let empty = self.length == 0;
                    if empty && self.begun {
                        return Some(self.lengths + self.codings < 2);
                    }
                    self.begun |= !empty;
                    (self.length, self.named) = (0, false);
                }
                _ if self.named => {
                    // A value: of no interest, and most of the head.
                    let end = memchr(b'\n', rest).unwrap_or(rest.len());
                    bytes = &rest[end..];
                    continue;
                }
                b'\r' if self.length == 0 => {}
                b':' => {
                    self.named = true;
                    let name = self.name.get(..self.length).unwrap_or_default();
                    let counted = match name {
                        _ if name.eq_ignore_ascii_case(LENGTH) => &mut self.lengths,
                        _ if name.eq_ignore_ascii_case(CODING) => &mut self.codings,
                        _ => {
                            bytes = rest;
                            continue;
                        }
                    };
                    *counted = counted.saturating_add(1);
                }
                byte => {
                    match self.name.get_mut(self.length) {
                        Some(place) => *place = *byte,
                        // Longer than either name.
                        None => self.named = true,
                    }
                    self.length += 1;
                }
            }
            bytes = rest;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same however the bytes are cut.
    fn read(head: &[u8]) -> Option<bool> {
        let whole = Head::default().read(head);
        for size in 1..head.len() {
            let mut reader = Head::default();
            let read = head.chunks(size).find_map(|chunk| reader.read(chunk));
            assert_eq!(read, whole, "in pieces of {size}: {}", head.escape_ascii());
        }
        whole
    }

    #[test]
    fn a_length_is_said_once() {
        for (head, plain) in [
            (&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], Some(true)),
            (b"GET / HTTP/1.1\nHost: a\n\n", Some(true)),
            (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", Some(true)),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nX-Content-Length: 1\r\ncontent-lengthy: 1\r\n\r\n", Some(true)),
            (b"POST / HTTP/1.1\r\nX: Content-Length: 1\r\ncontent-length: 1\r\n\r\n", Some(true)),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nContent-Length:", Some(true)),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-LENGTH: 1\r\n\r\n", Some(false)),
            (b"POST / HTTP/1.1\r\ncontent-length:1\r\nX: y\r\ntransfer-encoding:chunked\r\n\r\n", Some(false)),
            (b"POST / HTTP/1.1\ntransfer-encoding:chunked\ncontent-length:1\n\n", Some(false)),
            (b"POST / HTTP/1.1\r\ntransfer-encoding: a\r\ntransfer-encoding: b\r\n\r\n", Some(false)),
            (b"GET / HTTP/1.1\r\nHost: a\r\n", None),
            (b"\r\n\r\n\r\n", None),
            (b"", None),
        ] {
            assert_eq!(read(head), plain, "{}", head.escape_ascii());
        }
    }
}
