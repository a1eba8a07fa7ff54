//! A request on its way out, and the parts of it that can be prepared.
//!
//! Decides how it is written. A target and a header are checked where they are made, so that nothing in them can end a line.

use bytes::Bytes;
use form_urlencoded::byte_serialize;
use http::{
    HeaderMap, Method,
    header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue},
    uri::PathAndQuery,
};
use std::sync::Arc;

/// A request on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What to do.
    pub method: Method,
    /// Where to, within the peer's origin.
    pub target: Target,
    /// Everything but `Host`.
    pub headers: Arc<Lines>,
    /// A header that only this request has.
    pub own: Option<(HeaderName, HeaderValue)>,
    /// What goes with it; empty for most.
    pub body: Bytes,
    /// The most that is read of an answer's body, and the most it may decode to, in bytes.
    pub largest_answer: usize,
    /// May be sent again when a connection that was idle breaks before the answer: it may then have arrived twice.
    pub repeatable: bool,
}

/// Path and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// This one with a parameter more, whose value may be any text. The query must have begun.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: &str) -> Self {
        if !self.0.ends_with(['?', '&']) {
            self.0.push('&');
        }
        self.0.push_str(key);
        self.0.push('=');
        // What needs no encoding is most of it.
        match is_plain(value) {
            true => self.0.push_str(value),
            false => self.0.extend(byte_serialize(value.as_bytes())),
        }
        self
    }

    /// The same, with room for so many bytes more.
    #[must_use]
    pub fn roomy(&self, more: usize) -> Self {
        let mut text = String::with_capacity(self.0.len() + more);
        text.push_str(&self.0);
        Self(text)
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PathAndQuery> for Target {
    fn from(target: PathAndQuery) -> Self {
        Self(target.as_str().to_owned())
    }
}

/// Whether all of it stands for itself in a query (<https://url.spec.whatwg.org/#urlencoded-serializing>). Looks at every byte, which
/// is quicker than to stop early.
fn is_plain(value: &str) -> bool {
    value.bytes().fold(true, |plain, byte| {
        let stands = byte.is_ascii_alphanumeric() | (byte == b'*') | (byte == b'-') | (byte == b'.') | (byte == b'_');
        plain & stands
    })
}

/// Headers that many requests have.
#[derive(Debug)]
pub struct Lines {
    pub(super) map: HeaderMap,
    text: Vec<u8>,
}

impl Lines {
    /// Prepares them.
    #[must_use]
    pub fn of(map: HeaderMap) -> Arc<Self> {
        let mut text = Vec::new();
        for (name, value) in &map {
            line(&mut text, name, value);
        }
        Arc::new(Self { map, text })
    }
}

impl Outgoing {
    /// As HTTP/1.1 has it: in one piece, so in one packet and one record.
    pub(super) fn written(&self, host: &HeaderValue) -> Vec<u8> {
        let Self { method, target, headers, own, body, .. } = self;
        let own_length = own.as_ref().map_or(0, |(name, value)| name.as_str().len() + value.len());
        let length = method.as_str().len() + target.0.len() + host.len() + headers.text.len() + own_length + body.len();
        let mut text = Vec::with_capacity(length + 64);
        text.extend_from_slice(method.as_str().as_bytes());
        text.push(b' ');
        text.extend_from_slice(target.0.as_bytes());
        text.extend_from_slice(b" HTTP/1.1\r\n");
        line(&mut text, &HOST, host);
        text.extend_from_slice(&headers.text);
        if let Some((name, value)) = own {
            line(&mut text, name, value);
        }
        // Some servers insist on a length wherever there could be a body.
        if !(body.is_empty() && matches!(*method, Method::GET | Method::HEAD)) {
            line(&mut text, &CONTENT_LENGTH, &body.len().into());
        }
        text.extend_from_slice(b"\r\n");
        text.extend_from_slice(body);
        text
    }
}

fn line(text: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    text.extend_from_slice(name.as_str().as_bytes());
    text.extend_from_slice(b": ");
    text.extend_from_slice(value.as_bytes());
    text.extend_from_slice(b"\r\n");
}
