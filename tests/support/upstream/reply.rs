//! One answer of a fake upstream, and every way it may go wrong.
//!
//! Decides what is to be sent; `http1` and `http2` decide how it goes over the wire.

use std::{io::Write, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use crate::support::profile;

/// How the end of the body is told (HTTP/1 only).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length,
    Chunked,
    UntilClose,
}

/// How far the answer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Whole,
    Endless,
    Hang,
    StallMidBody,
    CloseUnanswered,
    ResetUnanswered,
    ResetMidBody,
    HalfClose,
    Garbage,
}

/// What becomes of the connection after a whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    KeepAlive,
    CloseAnnounced,
    CloseUnannounced,
}

/// An answer. Starts proper (`no`, `profile`, `status`), each further call changes one thing.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) plain: Bytes,
    pub(super) delay: Duration,
    pub(super) drip: Option<Duration>,
    pub(super) gzip: bool,
    pub(super) http10: bool,
    pub(super) framing: Framing,
    pub(super) course: Course,
    pub(super) after: After,
}

impl Reply {
    /// Any status, without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            plain: Bytes::new(),
            delay: Duration::ZERO,
            drip: None,
            gzip: false,
            http10: false,
            framing: Framing::Length,
            course: Course::Whole,
            after: After::KeepAlive,
        }
    }

    /// 204: this player did not join.
    pub(crate) fn no() -> Self {
        Self::status(204)
    }

    /// 200 with the profile of `name`.
    pub(crate) fn profile(name: &str) -> Self {
        Self::status(200).json(profile::for_name(name))
    }

    /// With a body of `application/json`; it need not be JSON.
    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    /// With a body of `text/html`.
    pub(crate) fn html(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", "text/html").body(body)
    }

    /// With a body of `text/plain`.
    pub(crate) fn text(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", "text/plain").body(body)
    }

    /// With a body and no `Content-Type`.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.plain = Bytes::from(body.into());
        self
    }

    /// Blanks after the body until it has `bytes`: JSON stays JSON.
    pub(crate) fn padded_to(mut self, bytes: usize) -> Self {
        let mut body = self.plain.to_vec();
        body.resize(bytes.max(body.len()), b' ');
        self.plain = Bytes::from(body);
        self
    }

    /// One more header, written as given.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Only after this delay.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The body in ten pieces with this pause between (HTTP/1 only).
    pub(crate) fn drip(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }

    /// The body compressed, and said so.
    pub(crate) fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// The status line says HTTP/1.0, and the connection closes.
    pub(crate) fn http10(mut self) -> Self {
        self.http10 = true;
        self.after = After::CloseUnannounced;
        self
    }

    /// The body in several chunks.
    pub(crate) fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }

    /// The body ends where the connection ends.
    pub(crate) fn close_delimited(mut self) -> Self {
        self.framing = Framing::UntilClose;
        self.after = After::CloseUnannounced;
        self
    }

    /// A whole answer with `Connection: close`, then closed.
    pub(crate) fn then_close(mut self) -> Self {
        self.after = After::CloseAnnounced;
        self
    }

    /// A whole answer that promises keep-alive, then closed all the same.
    pub(crate) fn then_vanish(mut self) -> Self {
        self.after = After::CloseUnannounced;
        self
    }

    /// Reads the request and never answers.
    pub(crate) fn hang(self) -> Self {
        self.course(Course::Hang)
    }

    /// Head and half the body, then nothing more, the connection stays open.
    pub(crate) fn stall_mid_body(self) -> Self {
        self.course(Course::StallMidBody)
    }

    /// A chunked 200 whose body has no end.
    pub(crate) fn endless(self) -> Self {
        self.course(Course::Endless)
    }

    /// Closes in good order without a byte.
    pub(crate) fn close_without_answer(self) -> Self {
        self.course(Course::CloseUnanswered)
    }

    /// Resets the connection without a byte.
    pub(crate) fn reset_without_answer(self) -> Self {
        self.course(Course::ResetUnanswered)
    }

    /// Head and half the body, then a reset.
    pub(crate) fn reset_mid_body(self) -> Self {
        self.course(Course::ResetMidBody)
    }

    /// Head and half the body, then shuts its sending side down but keeps reading.
    pub(crate) fn half_close(self) -> Self {
        self.course(Course::HalfClose)
    }

    /// Bytes that are no HTTP.
    pub(crate) fn garbage(self) -> Self {
        self.course(Course::Garbage)
    }

    fn course(mut self, course: Course) -> Self {
        self.course = course;
        self
    }

    /// The body as sent, before framing.
    pub(super) fn encoded(&self) -> Bytes {
        if !self.gzip {
            return self.plain.clone();
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.plain).unwrap();
        Bytes::from(encoder.finish().unwrap())
    }

    /// The headers that do not depend on the framing.
    pub(super) fn own_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        own.chain(self.gzip.then_some(("Content-Encoding", "gzip")))
    }
}
