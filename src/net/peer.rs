//! Who is at the other end, in the forms that a request needs again and again.

use super::{
    Egress,
    dial::Dial,
    route::Route,
    tls::{self, Roots},
};
use http::{
    Uri,
    header::HeaderValue,
    uri::{Authority, Scheme},
};
use std::{path::PathBuf, time::Duration};

/// One peer and how to reach it. Requests to other paths of the same origin share its connections.
#[derive(Clone, Debug)]
pub struct Peer {
    /// `http://host[:port]` or `https://host[:port]`; path and query are not looked at.
    pub origin: Uri,
    /// A PEM file trusted in place of the platform's roots.
    pub ca_file: Option<PathBuf>,
    /// For the TCP connection, what is said to a proxy included, and again for the TLS handshake.
    pub connect_timeout: Duration,
    /// HTTP/1.1 connections open at one time; HTTP/2 needs only one, and this many requests a hundredfold.
    pub max_connections: usize,
    /// Offer HTTP/2: by ALPN over https, by prior knowledge over http.
    pub http2: bool,
    /// How connections to it leave this machine.
    pub egress: Egress,
}

/// Why a client cannot be made for a peer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Not an absolute http or https URL with a host.
    #[error("{0} is not an http or https address")]
    Origin(Uri),
    /// No address of a proxy.
    #[error("{0} is not the address of a proxy")]
    Proxy(Authority),
    /// SOCKS5 has no room for it.
    #[error("the name {0} is too long for SOCKS5")]
    LongName(String),
    /// The CA file cannot be used.
    #[error("ca_file {}: {fault}", file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The platform's own roots cannot be used.
    #[error("the certificates of this system cannot be used ({0}): install ca-certificates or set ca_file")]
    PlatformRoots(String),
}

/// An origin taken apart once.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// `Host` of HTTP/1.1.
    pub(super) host: HeaderValue,
}

impl Origin {
    fn of(uri: &Uri) -> Result<Self, PeerError> {
        let wrong = || PeerError::Origin(uri.clone());
        let scheme = uri.scheme().filter(|s| **s == Scheme::HTTP || **s == Scheme::HTTPS).ok_or_else(wrong)?;
        let authority = uri.authority().filter(|a| !a.host().is_empty()).ok_or_else(wrong)?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| wrong())?;
        Ok(Self { scheme: scheme.clone(), authority: authority.clone(), host })
    }
}

impl Origin {
    /// The port, written or not.
    pub(super) fn port(&self) -> u16 {
        let usual = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(usual)
    }
}

impl Peer {
    /// Reads certificates and makes what opens connections.
    pub(super) fn prepare(&self, roots: &Roots) -> Result<(Origin, Dial), PeerError> {
        let origin = Origin::of(&self.origin)?;
        let tls = match origin.scheme == Scheme::HTTPS {
            true => Some(tls::Connector::new(origin.authority.host(), self, roots)?),
            false => None,
        };
        let route = Route::new(self, &origin)?;
        Ok((origin, Dial { route, tls, connect_timeout: self.connect_timeout, http2: self.http2 }))
    }
}
