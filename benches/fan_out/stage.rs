//! One case set up: upstreams, the program in front of them, and a client for each.
//!
//! Decides the cases, and who knows the player: the last upstream, so that the race is won by one among those who say no.

use crate::{
    client::Client,
    proxy::Proxy,
    tls::Ca,
    upstream::{Knows, Manner, Upstream},
};
use std::fmt;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// A new connection to every upstream for every login.
    pub(crate) cold: bool,
    pub(crate) tls: bool,
    pub(crate) upstreams: usize,
}

impl Case {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let ways = [(false, false), (false, true), (true, false), (true, true)];
        ways.into_iter().flat_map(|(cold, tls)| [1, 3, 8].map(|upstreams| Self { cold, tls, upstreams }))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = if self.cold { "cold" } else { "warm" };
        let speech = if self.tls { "https" } else { "http" };
        write!(f, "{connections} {speech}, upstreams: {}", self.upstreams)
    }
}

/// A case, ready to be measured.
pub(crate) struct Stage {
    pub(crate) upstreams: Vec<Upstream>,
    /// Asks the upstreams themselves, as the proxy does.
    directly: Vec<Client>,
    /// Asks the proxy, on one connection.
    through: Client,
    _proxy: Proxy,
    asked: u64,
}

impl Stage {
    pub(crate) fn set(case: Case) -> Self {
        let manner = Manner { ca: case.tls.then(Ca::new), cold: case.cold };
        let knows = |place| if place + 1 == case.upstreams { Knows::Notch } else { Knows::Nobody };
        let upstreams: Vec<_> = (0..case.upstreams).map(|place| Upstream::start(knows(place), &manner)).collect();
        let proxy = Proxy::start(&upstreams, &manner);
        let client = |upstream: &Upstream| Client::new(upstream.address, manner.ca.as_ref(), case.cold);
        let directly = upstreams.iter().map(client).collect();
        let through = Client::new(proxy.address, None, false);
        Self { upstreams, directly, through, _proxy: proxy, asked: 0 }
    }

    /// A login through the proxy.
    pub(crate) fn login(&mut self) {
        self.asked += 1;
        assert_eq!(self.through.ask(self.asked), 200);
    }

    /// The same question to one upstream.
    pub(crate) fn ask(&mut self, place: usize) {
        let status = match self.upstreams[place].knows {
            Knows::Notch => 200,
            Knows::Nobody => 204,
        };
        self.asked += 1;
        assert_eq!(self.directly[place].ask(self.asked), status);
    }

    /// Connections that the proxy has opened to all upstreams so far.
    pub(crate) fn opened(&self) -> u32 {
        let accepted: u32 = self.upstreams.iter().map(Upstream::accepted).sum();
        accepted - self.directly.iter().map(|client| client.opened).sum::<u32>()
    }
}
