//! How often one client may ask whether a player has joined.
//!
//! Decides who is counted, and as whom. A network of game servers is one client, and all of its players come at once when it has
//! restarted: so there is no limit unless the operator sets one, and whoever is above it is told what an outage tells, since "not now"
//! must not read as "not joined".

use super::{
    Site,
    edge::{Limiter, Rate, client},
};
use http::HeaderMap;
use std::{net::IpAddr, time::Instant};

/// The clients that ask.
#[derive(Debug)]
pub(super) struct Crowd(Limiter<()>);

impl Crowd {
    /// Nobody has asked yet.
    pub(super) fn new() -> Self {
        Self(Limiter::new(Instant::now()))
    }

    /// Whether one more question of this client is too much.
    pub(super) fn is_too_much(&self, site: &Site, peer: IpAddr, headers: &HeaderMap) -> bool {
        let over = |limit: Rate| {
            let client = client::address(peer, headers, &site.trusted_proxies);
            // A server on this machine, or a proxy that does not say for whom: not one client, or not a stranger.
            let is_counted = !client.is_loopback() && !site.trusts(client);
            is_counted && self.0.take((), limit, client.into(), Instant::now()).is_err()
        };
        site.client_limit.is_some_and(over)
    }
}
