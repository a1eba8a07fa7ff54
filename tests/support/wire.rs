//! Reads HTTP/1 messages off a stream byte by byte, for both sides of a test.
//!
//! Decides where a head or a body ends; what they mean is up to the fake upstream and the client.

use std::io;

use bytes::{Bytes, BytesMut};
use httparse::Status;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A stream and what was read of it in advance.
pub(crate) struct Buffered<S> {
    /// For writing.
    pub(crate) stream: S,
    buffer: BytesMut,
}

impl<S: AsyncRead + Unpin> Buffered<S> {
    /// Nothing read so far.
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: BytesMut::new() }
    }

    /// All up to and including the empty line; `None` when the peer closed between two messages.
    pub(crate) async fn head(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(Some(self.buffer.split_to(end + 4).freeze()));
            }
            if self.buffer.is_empty() {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Ok(None);
                }
            } else {
                self.fill().await?;
            }
        }
    }

    /// So many bytes.
    pub(crate) async fn exactly(&mut self, length: usize) -> io::Result<Bytes> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    /// A chunked body with its framing taken off.
    pub(crate) async fn chunked(&mut self) -> io::Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            let size = match httparse::parse_chunk_size(&self.buffer) {
                Ok(Status::Complete((start, size))) => {
                    let _ = self.buffer.split_to(start);
                    usize::try_from(size).map_err(io::Error::other)?
                }
                Ok(Status::Partial) => {
                    self.fill().await?;
                    continue;
                }
                Err(_) => return Err(invalid("a chunk size that is none")),
            };
            body.extend_from_slice(&self.exactly(size).await?);
            if &*self.exactly(2).await? != b"\r\n" {
                return Err(invalid("a chunk without its end"));
            }
            if size == 0 {
                return Ok(body.freeze());
            }
        }
    }

    /// Everything until the peer closes.
    pub(crate) async fn rest(&mut self) -> io::Result<Bytes> {
        while self.stream.read_buf(&mut self.buffer).await? > 0 {}
        Ok(self.buffer.split().freeze())
    }

    /// What came before the peer closed or reset the connection.
    pub(crate) async fn remains(&mut self) -> Bytes {
        while self.stream.read_buf(&mut self.buffer).await.is_ok_and(|read| read > 0) {}
        self.buffer.split().freeze()
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// The peer broke the rules of HTTP.
pub(crate) fn invalid(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

/// Header names and values of a head, as they came.
pub(crate) fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect()
}

/// The first value of this name, in any case.
pub(crate) fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
}
