//! A client's own join. Its body holds an access token, so it goes to one upstream only, and once: a second one would be a second
//! use of the token that nobody asked for.

use super::Refusal;
use crate::{
    net::{Lines, Outgoing, Reply},
    upstream::Host,
};
use bytes::Bytes;
use http::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue, VIA},
};

const PATH: &str = "/session/minecraft/join";

/// An error is a line of JSON; a web page in its place is hardly more.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Where joins go.
pub struct Join(Host);

/// What the upstream said. Clients read the reason of a refusal in the body, so all of it is kept.
#[derive(Debug)]
pub struct Joined {
    /// 204 when it took the join.
    pub status: StatusCode,
    /// Of the body.
    pub content_type: Option<HeaderValue>,
    /// Empty when it took the join.
    pub body: Bytes,
}

impl Join {
    pub(super) fn new(session: Host) -> Self {
        Self(session)
    }

    /// Of the client's headers only the type of the body travels on: what else it says is not for the upstream.
    pub(super) async fn tell(
        &self,
        content_type: Option<&HeaderValue>,
        body: Bytes,
        via: HeaderValue,
    ) -> Result<Joined, Refusal> {
        let mut headers = Host::headers();
        headers.extend(content_type.map(|kind| (CONTENT_TYPE, kind.clone())));
        let target = self.0.target(PATH).map_err(Refusal::Down)?;
        let request = Outgoing {
            method: Method::POST,
            target: target.into(),
            headers: Lines::of(headers),
            own: Some((VIA, via)),
            body,
            largest_answer: LARGEST_ANSWER,
            repeatable: false,
        };
        let Reply { status, headers, body } = self.0.send(&request).await.map_err(Refusal::Down)?;
        Ok(Joined { status, content_type: headers.get(CONTENT_TYPE), body })
    }
}
