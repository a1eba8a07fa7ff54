//! Requests that carry a player's access token: to Mojang's hosts or the one primary upstream, and to nobody else.
//!
//! Decides where a token may go, by knowing nobody else: no other upstream's address can be reached from here. What a status means
//! to a client is decided by `web`.

mod blocked;
mod headers;
mod join;
mod target;
mod tokens;

pub use join::{Join, Joined};
pub use tokens::Relayed;

use crate::{
    net::Failure,
    upstream::{Hosts, Upstream},
};
use blocked::BlockedServers;
use bytes::Bytes;
use http::{Request, Response, header::HeaderValue};
use hyper::body::Incoming;
use tokens::TokenHost;

/// Why there is no answer of the one upstream that was to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is configured who could be asked, or there is no such path.
    #[error("not served here")]
    NotServed,
    /// The request is larger than may pass.
    #[error("request too large")]
    TooLarge,
    /// The upstream gave no answer.
    #[error(transparent)]
    Down(Failure),
}

/// How a body of an answer breaks off.
pub type Broken = Failure;

/// Where tokens may go.
pub struct Relay {
    primary: Option<Join>,
    services: Option<TokenHost>,
    account: Option<TokenHost>,
    blocked: Option<BlockedServers>,
}

impl Relay {
    /// Joins go to `primary`, everything else with a token to `mojang`. Where there is none, there is no such route.
    #[must_use]
    pub fn new(primary: Option<&Upstream>, mojang: Option<&Upstream>) -> Self {
        let Hosts { session, services, account, .. } = mojang.map(Upstream::hosts).cloned().unwrap_or_default();
        Self {
            primary: primary.and_then(|upstream| upstream.hosts().session.clone()).map(Join::new),
            services: services.map(TokenHost::new),
            account: account.map(TokenHost::new),
            blocked: session.map(BlockedServers::new),
        }
    }

    /// Tells the primary upstream of a join, once.
    ///
    /// # Errors
    /// When there is no primary upstream, or no whole answer of it.
    pub async fn join(
        &self,
        content_type: Option<&HeaderValue>,
        body: Bytes,
        via: HeaderValue,
    ) -> Result<Joined, Refusal> {
        let primary = self.primary.as_ref().ok_or(Refusal::NotServed)?;
        primary.tell(content_type, body, via).await
    }

    /// Hashes of the servers that Mojang blocks, one a line, at most an hour old unless Mojang cannot be asked.
    ///
    /// # Errors
    /// When Mojang is no upstream, or was never heard.
    pub async fn blocked_servers(&self) -> Result<Bytes, Refusal> {
        self.blocked.as_ref().ok_or(Refusal::NotServed)?.list().await
    }

    /// Passes a request to Mojang's services host, under this path.
    ///
    /// # Errors
    /// When Mojang is no upstream, the path is none of its own, or no head of an answer came.
    pub async fn services(
        &self,
        path: &[&str],
        request: Request<Incoming>,
        via: HeaderValue,
    ) -> Result<Response<Relayed>, Refusal> {
        self.services.as_ref().ok_or(Refusal::NotServed)?.pass(path, request, via).await
    }

    /// Passes a request to Mojang's account host, under this path.
    ///
    /// # Errors
    /// As for [`Self::services`].
    pub async fn account(
        &self,
        path: &[&str],
        request: Request<Incoming>,
        via: HeaderValue,
    ) -> Result<Response<Relayed>, Refusal> {
        self.account.as_ref().ok_or(Refusal::NotServed)?.pass(path, request, via).await
    }
}
