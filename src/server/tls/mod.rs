//! TLS towards clients: what they are shown, which protocols are spoken, and how long they may take to agree.
//!
//! One configuration serves for as long as the program runs: another certificate takes the place of the one before, and tickets, which
//! are sealed by keys of their own, stay good. Connections that are open go on with what they began with.

mod counts;
mod welcome;

pub use counts::{Handshakes, Outcome};
pub(super) use welcome::Welcomed;

use crate::certificate::{CertifiedKey, Identity};
use arc_swap::ArcSwap;
use counts::Counts;
use rustls::{
    Error, ServerConfig,
    crypto::aws_lc_rs::{self, Ticketer},
    server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache},
};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio_rustls::TlsAcceptor;

const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Clients of TLS 1.2 that know no tickets, as Java 8 does not, resume what is remembered of them here: this many sessions.
const REMEMBERED: usize = 4096;

/// A game server uses one connection after the other, and each brings a ticket for the next.
const TICKETS: usize = 1;

/// The side of TLS that clients see, for all listeners of a server.
pub struct Tls {
    serving: TlsAcceptor,
    /// For clients that will be refused, in the one protocol in which that is done.
    refusing: TlsAcceptor,
    shown: Arc<Shown>,
    ends: AtomicI64,
    counts: Counts,
}

impl Tls {
    /// Shows this certificate.
    ///
    /// # Errors
    /// When the machine yields no random bytes for the keys of tickets.
    pub fn new(identity: &Identity) -> Result<Self, Error> {
        let shown = Arc::new(Shown(ArcSwap::new(identity.certified())));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.ticketer = Ticketer::new()?;
        config.send_tls13_tickets = TICKETS;
        config.session_storage = ServerSessionMemoryCache::new(REMEMBERED);
        let mut refusing = config.clone();
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        refusing.alpn_protocols = vec![HTTP1.to_vec()];
        Ok(Self {
            serving: TlsAcceptor::from(Arc::new(config)),
            refusing: TlsAcceptor::from(Arc::new(refusing)),
            shown,
            ends: AtomicI64::new(identity.ends().seconds()),
            counts: Counts::default(),
        })
    }

    /// From now on new connections are shown this one.
    pub fn replace(&self, identity: &Identity) {
        self.shown.0.store(identity.certified());
        self.ends.store(identity.ends().seconds(), Ordering::Relaxed);
    }

    /// When the certificate ends, in seconds since 1970.
    #[must_use]
    pub fn ends(&self) -> i64 {
        self.ends.load(Ordering::Relaxed)
    }

    /// What became of handshakes so far.
    #[must_use]
    pub fn handshakes(&self) -> Handshakes {
        self.counts.so_far()
    }
}

/// The certificate there is, for whatever name a client asks.
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}
