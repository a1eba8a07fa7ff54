//! An answer with all its bytes, and the few shapes an answer to a game server may have.
//!
//! Decides what "no", "down" and "yes" look like on the wire (`no body` means: not a byte, and no chunks).

use std::{fmt, io, time::Duration};

use http::Version;

use crate::support::wire::{self, invalid};

/// How the end of the body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There can be none, as with 204.
    None,
    /// `Content-Length`.
    Length(usize),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// It ends with the connection, or with the HTTP/2 stream.
    UntilClose,
}

impl Framing {
    pub(super) fn of(method: &str, status: u16, headers: &[(String, String)]) -> io::Result<Self> {
        let length = wire::first(headers, "content-length").map(str::parse);
        if method == "HEAD" || matches!(status, 100..200 | 204 | 304) {
            return Ok(Self::None);
        }
        if wire::first(headers, "transfer-encoding").is_some() {
            return Ok(Self::Chunked);
        }
        let length = length.transpose().map_err(|_| invalid("a Content-Length that is none"))?;
        Ok(length.map_or(Self::UntilClose, Self::Length))
    }
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    /// 200.
    pub(crate) status: u16,
    /// HTTP/1.0, 1.1 or 2.
    pub(crate) version: Version,
    /// Names as they came, in their order.
    pub(crate) headers: Vec<(String, String)>,
    /// How the end of the body was told.
    pub(crate) framing: Framing,
    /// The exact bytes of status line and headers; empty with HTTP/2.
    pub(crate) head: Vec<u8>,
    /// Without its framing, and not decompressed.
    pub(crate) body: Vec<u8>,
    /// What came after the body although nothing was asked: always a fault of the other side.
    pub(crate) stray: Vec<u8>,
    /// From before the connection was opened, or the request written on an open one, to the last byte.
    pub(crate) took: Duration,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of this name, in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        wire::first(&self.headers, name)
    }

    /// 204 without a byte of body: the player did not join.
    #[track_caller]
    pub(crate) fn assert_no(&self) {
        assert_eq!(self.status, 204, "{self:?}");
        self.assert_empty();
        assert_eq!(self.header("content-length").unwrap_or("0"), "0", "{self:?}");
    }

    /// 503 with `Content-Length: 0`: every game server says "servers are down".
    #[track_caller]
    pub(crate) fn assert_down(&self) {
        self.assert_status_empty(503);
    }

    /// This status with `Content-Length: 0`.
    #[track_caller]
    pub(crate) fn assert_status_empty(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        self.assert_empty();
        assert_eq!(self.header("content-length"), Some("0"), "{self:?}");
    }

    /// 200 with exactly these bytes as JSON, their length told, not compressed.
    #[track_caller]
    pub(crate) fn assert_profile(&self, profile: &[u8]) {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.text(), String::from_utf8_lossy(profile), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert_eq!(self.header("content-length"), Some(&*profile.len().to_string()), "{self:?}");
        assert_eq!(self.header("content-encoding"), None, "{self:?}");
        assert!(self.stray.is_empty(), "{self:?}");
    }

    #[track_caller]
    fn assert_empty(&self) {
        assert!(self.body.is_empty() && self.stray.is_empty(), "{self:?}");
        assert_eq!(self.header("transfer-encoding"), None, "{self:?}");
        assert_eq!(self.header("content-type"), None, "{self:?}");
    }
}

impl fmt::Debug for Answer {
    /// As a human would read it off the wire.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "answer {} ({:?}, {:?}) after {:?}:", self.status, self.version, self.framing, self.took)?;
        for (name, value) in &self.headers {
            writeln!(formatter, "  {name}: {value}")?;
        }
        let start: String = self.text().chars().take(300).collect();
        writeln!(formatter, "  {} bytes of body: {start}", self.body.len())?;
        if !self.stray.is_empty() {
            writeln!(formatter, "  and stray bytes: {}", String::from_utf8_lossy(&self.stray))?;
        }
        Ok(())
    }
}
