//! An HTTP/1.1 connection that carries one whole request and one whole answer at a time.
//!
//! Driven by whoever asks: no task, no channel and no timer of its own, since a login is made of little else than such exchanges. What
//! a head means is decided by `head`, how a chunked body comes apart by `chunks`. While the peer thinks, nothing is held but the stream.

use super::{
    Failure, Headers, Outgoing, Reply,
    chunks::Chunks,
    connection::{Broken, Ended},
    counts::Open,
    head::{self, Framing, Head},
    pool::Keepable,
    reply,
    stream::Stream,
};
use bytes::{Bytes, BytesMut};
use http::{Method, header::HeaderValue};
use std::future::poll_fn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Room for an answer, made when it arrives: a profile and its head fit.
const ROOM: usize = 4 * 1024;
/// Less is not worth a system call.
const LEAST: usize = 512;

/// An open connection.
pub(super) struct Wire {
    stream: Stream,
    open: Open,
    /// Made when the first answer arrives. What is left of it serves for the next.
    room: BytesMut,
    /// The last answer was read to its end, and the peer will hear another request.
    keeps: bool,
}

impl Wire {
    pub(super) fn new(stream: Stream, open: Open) -> Self {
        Self { stream, open, room: BytesMut::new(), keeps: true }
    }

    /// What it is made of, for another use.
    pub(super) fn into_parts(self) -> (Stream, Open) {
        (self.stream, self.open)
    }

    /// Sends a request and reads its answer. Dropped before the end, it leaves a connection that cannot be used again.
    pub(super) async fn exchange(&mut self, host: &HeaderValue, request: &Outgoing) -> Result<Reply, Ended> {
        self.keeps = false;
        self.send(host, request).await.map_err(|_| before())?;
        let mut read = std::mem::take(&mut self.room);
        let head = self.head(&mut read, request.method == Method::HEAD).await?;
        let lines = read.split_to(head.length).freeze();
        let raw = self.body(read, head.body, request.largest_answer).await.map_err(Ended::Finally)?;
        self.keeps = self.keeps && head.keeps;
        let body = reply::plain(head.encoding.as_ref(), raw, request.largest_answer).map_err(Ended::Finally)?;
        Ok(Reply { status: head.status, headers: Headers::of(lines), body })
    }

    async fn send(&mut self, host: &HeaderValue, request: &Outgoing) -> std::io::Result<()> {
        self.stream.write_all(&request.written(host)).await?;
        self.stream.flush().await
    }

    /// The head of the answer, which stands at the beginning of what was read. Interim ones are dropped; together they may be as
    /// large as a head, or a peer could go on with them for ever.
    async fn head(&mut self, read: &mut BytesMut, bodiless: bool) -> Result<Head, Ended> {
        poll_fn(|context| self.stream.poll_arrival(context)).await.map_err(|_| before())?;
        let mut interim = 0;
        loop {
            let seen = read.len();
            self.more(read).await.map_err(|_| before())?;
            // A head that comes byte by byte is not read anew for each.
            if !read[seen..].contains(&b'\n') && read.len() < head::LARGEST {
                continue;
            }
            while let Some(head) = Head::read(read, bodiless).map_err(|_| before())? {
                if !head.is_interim() {
                    return Ok(head);
                }
                interim += head.length;
                let _ = read.split_to(head.length);
                if interim > head::LARGEST {
                    return Err(before());
                }
                if read.is_empty() {
                    break;
                }
            }
        }
    }

    /// The rest of the body. What is left over was not asked for: then the connection is not to be trusted any more.
    async fn body(&mut self, mut read: BytesMut, framing: Framing, largest: usize) -> Result<Bytes, Failure> {
        let body = match framing {
            Framing::Length(length) => {
                let length =
                    usize::try_from(length).ok().filter(|length| *length <= largest).ok_or(Failure::TooLarge)?;
                while read.len() < length {
                    self.more(&mut read).await?;
                }
                read.split_to(length)
            }
            Framing::Chunked => {
                let mut chunks = Chunks::new(largest);
                while !chunks.take(&mut read)? {
                    self.more(&mut read).await?;
                }
                chunks.whole()
            }
            Framing::Close => {
                while self.read(&mut read).await? > 0 {
                    if read.len() > largest {
                        return Err(Failure::TooLarge);
                    }
                }
                std::mem::take(&mut read)
            }
        };
        self.keeps = read.is_empty() && !self.stream.holds_more();
        self.room = read;
        Ok(body.freeze())
    }

    /// Reads on; an end is a break.
    async fn more(&mut self, read: &mut BytesMut) -> Result<(), Failure> {
        match self.read(read).await? {
            0 => Err(Failure::Reset),
            _ => Ok(()),
        }
    }

    async fn read(&mut self, read: &mut BytesMut) -> Result<usize, Failure> {
        if read.capacity() - read.len() < LEAST {
            read.reserve(ROOM);
        }
        self.stream.read_buf(read).await.map_err(|_| Failure::Reset)
    }
}

/// Nothing came that could be read: perhaps the peer had ended the connection.
fn before() -> Ended {
    Ended::Before(Broken { unsent: false })
}

impl Keepable for Wire {
    fn is_usable(&mut self) -> bool {
        self.stream.is_quiet()
    }

    fn is_whole(&self) -> bool {
        self.keeps
    }
}
