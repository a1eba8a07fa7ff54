//! Who is at the other end, in the forms that a request needs again and again.

use super::{
    dial::Dial,
    dns::CachedDns,
    tls::{self, Roots},
};
use http::{
    Uri,
    header::HeaderValue,
    uri::{Authority, Scheme},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// One peer and how to reach it. Requests to other paths of the same origin share its connections.
#[derive(Clone, Debug)]
pub struct Peer {
    /// `http://host[:port]` or `https://host[:port]`; path and query are not looked at.
    pub origin: Uri,
    /// A PEM file trusted in place of the platform's roots.
    pub ca_file: Option<PathBuf>,
    /// For the TCP connection, and again for the TLS handshake.
    pub connect_timeout: Duration,
    /// HTTP/1.1 connections open at one time; HTTP/2 needs only one, and this many requests a hundredfold.
    pub max_connections: usize,
    /// Offer HTTP/2: by ALPN over https, by prior knowledge over http.
    pub http2: bool,
}

/// Why a client cannot be made for a peer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Not an absolute http or https URL with a host.
    #[error("{0} is not an http or https address")]
    Origin(Uri),
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

impl Peer {
    /// Reads certificates and makes what opens connections.
    pub(super) fn prepare(&self, roots: &Roots) -> Result<(Origin, Dial), PeerError> {
        let origin = Origin::of(&self.origin)?;
        let tls = match origin.scheme == Scheme::HTTPS {
            true => Some(tls::Connector::new(origin.authority.host(), self, roots)?),
            false => None,
        };
        let dial = Dial::new(self, tls, Arc::new(CachedDns::default()));
        Ok((origin, dial))
    }
}
