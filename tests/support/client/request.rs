//! A request as a game server writes it.
//!
//! Decides the bytes; `connection` sends them.

use std::{io, net::SocketAddr};

use super::{Answer, Connection, Target};
use crate::support::tls::Ca;

/// HTTP/1.1 with a `Host` and nothing else, unless told otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(super) method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    http10: bool,
    host: bool,
}

impl Request {
    /// A GET of this path and query.
    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST of this JSON.
    pub(crate) fn post(target: &str, json: &str) -> Self {
        Self::with_body("POST", target, json)
    }

    /// A POST of this form.
    pub(crate) fn form(target: &str, encoded: &str) -> Self {
        Self::typed(("POST", target), "application/x-www-form-urlencoded", encoded)
    }

    /// Any method with this JSON.
    pub(crate) fn with_body(method: &'static str, target: &str, json: &str) -> Self {
        Self::typed((method, target), "application/json", json)
    }

    fn typed((method, target): (&'static str, &str), content_type: &str, body: &str) -> Self {
        let request = Self::new(method, target).header("Content-Type", content_type);
        let mut request = request.header("Content-Length", &body.len().to_string());
        request.body = body.into();
        request
    }

    /// Any method, no body.
    pub(crate) fn new(method: &'static str, target: &str) -> Self {
        Self { method, target: target.to_owned(), headers: Vec::new(), body: Vec::new(), http10: false, host: true }
    }

    /// One more header, written as given; a `Host` replaces the usual one.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.host &= !name.eq_ignore_ascii_case("host");
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a token in its header.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// HTTP/1.0, without keep-alive.
    pub(crate) fn http10(mut self) -> Self {
        self.http10 = true;
        self
    }

    /// No `Host`.
    pub(crate) fn without_host(mut self) -> Self {
        self.host = false;
        self
    }

    /// All its bytes.
    pub(crate) fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let version = if self.http10 { "1.0" } else { "1.1" };
        let mut head = format!("{} {} HTTP/{version}\r\n", self.method, self.target);
        if self.host {
            head.push_str(&format!("Host: {address}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }

    /// Asks on a connection of its own and closes it; panics when there is no whole answer.
    pub(crate) async fn send(&self, target: &impl Target) -> Answer {
        let answer = self.try_send(target).await;
        answer.unwrap_or_else(|error| panic!("no whole answer to {} {}: {error}", self.method, self.target))
    }

    /// Like `send`, for an answer that may be broken.
    pub(crate) async fn try_send(&self, target: &impl Target) -> io::Result<Answer> {
        Connection::open(target).await?.finish(self).await
    }

    /// Like `try_send`, over TLS to `localhost`.
    pub(crate) async fn try_send_tls(&self, target: &impl Target, ca: &Ca) -> io::Result<Answer> {
        Connection::open_tls(target, ca).await?.finish(self).await
    }
}
