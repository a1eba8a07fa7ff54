//! A request as a fake upstream received it.

use std::time::Instant;

use bytes::Bytes;
use http::Version;

use crate::support::wire;

/// Everything that arrived, for the test to look at.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// `GET`.
    pub(crate) method: String,
    /// Path and query as they came.
    pub(crate) target: String,
    /// HTTP/1.0, 1.1 or 2.
    pub(crate) version: Version,
    /// Names as they came, in their order.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, without its framing.
    pub(crate) body: Bytes,
    /// Which connection of this upstream brought it, from 1.
    pub(crate) connection: usize,
    /// Which request of this upstream it is, from 1.
    pub(crate) number: usize,
    /// When it had arrived completely.
    pub(crate) at: Instant,
}

impl Recorded {
    /// The target without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split_once('?').map_or(&*self.target, |(path, _)| path)
    }

    /// The first query value of this name, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.queries(name).into_iter().next()
    }

    /// All query values of this name, decoded.
    pub(crate) fn queries(&self, name: &str) -> Vec<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// The first header of this name, in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        wire::first(&self.headers, name)
    }
}
