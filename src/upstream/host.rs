//! Everything an upstream offers besides hasJoined, as places to send a request to.
//!
//! Decides only where a request goes and that no redirect or foreign header goes with it; what is asked and what an answer means
//! is decided by whoever asks.

use super::PRODUCT;
use crate::net::{Client, Failure, Lines, Outgoing, Patience, Reply};
use bytes::Bytes;
use http::{
    HeaderMap, Method, Uri,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT},
    uri::PathAndQuery,
};
use std::time::Duration;
use tokio::time::Instant;

/// A base URL and the connections to it: never those of logins, so that a flood of look-ups cannot hold a player up.
#[derive(Clone)]
pub struct Host {
    client: Client,
    base_path: String,
    timeout: Duration,
}

/// The hosts of one upstream; those it does not have are `None`.
#[derive(Clone, Default)]
pub struct Hosts {
    /// Profiles by UUID, `join`, blocked servers.
    pub session: Option<Host>,
    /// Keys, look-ups by name, everything that takes a player's token.
    pub services: Option<Host>,
    /// Look-ups of the older kind.
    pub account: Option<Host>,
    /// The discovery document itself, not a base URL.
    pub discovery: Option<Host>,
}

/// What is asked of a host.
#[derive(Clone, Debug)]
pub struct Ask {
    /// GET, or POST with a JSON body.
    pub method: Method,
    /// Path and query, to be appended to the host's base URL; percent-encoded by whoever makes it.
    pub path: String,
    /// A JSON body, or nothing.
    pub json: Bytes,
    /// The most that is read of the answer, in bytes.
    pub largest_answer: usize,
    /// May be sent again when a connection that was idle breaks before the answer.
    pub repeatable: bool,
}

impl Ask {
    /// A GET, which may be repeated, with an answer of at most 64 KiB.
    #[must_use]
    pub fn get(path: String) -> Self {
        Self { method: Method::GET, path, json: Bytes::new(), largest_answer: 64 * 1024, repeatable: true }
    }

    /// A POST of JSON, which is sent once, with an answer of at most 64 KiB.
    #[must_use]
    pub fn post(path: String, json: Bytes) -> Self {
        Self { method: Method::POST, path, json, largest_answer: 64 * 1024, repeatable: false }
    }
}

impl Host {
    /// The place `base` leads to, reached through `client`, which must have been made for its origin.
    #[must_use]
    pub fn new(base: &Uri, client: Client, timeout: Duration) -> Self {
        Self { client, base_path: base.path().trim_end_matches('/').to_owned(), timeout }
    }

    /// The connections to it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The target of `path` under this host's base.
    ///
    /// # Errors
    /// [`Failure::Refused`] when the two make no URL.
    pub fn target(&self, path: &str) -> Result<PathAndQuery, Failure> {
        PathAndQuery::from_maybe_shared(Bytes::from(format!("{}{path}", self.base_path))).map_err(|_| Failure::Refused)
    }

    /// What every request carries, whoever makes it: who asks, and for what.
    #[must_use]
    pub fn headers() -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers
    }

    /// Sends a request made elsewhere, and reads the whole answer. Let it end: dropping it closes a connection.
    ///
    /// # Errors
    /// When no whole answer came within the upstream's timeout.
    pub async fn send(&self, request: &Outgoing) -> Result<Reply, Failure> {
        let deadline = Instant::now() + self.timeout;
        self.client.send(request, &Patience::until(deadline)).await
    }

    /// Asks with no header of any client, and reads the whole answer. Let it end: dropping it closes a connection.
    ///
    /// # Errors
    /// When no whole answer came within the upstream's timeout.
    pub async fn ask(&self, ask: &Ask) -> Result<Reply, Failure> {
        let mut headers = Self::headers();
        if !ask.json.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let request = Outgoing {
            method: ask.method.clone(),
            target: self.target(&ask.path)?.into(),
            headers: Lines::of(headers),
            own: None,
            body: ask.json.clone(),
            largest_answer: ask.largest_answer,
            repeatable: ask.repeatable,
        };
        self.send(&request).await
    }
}
