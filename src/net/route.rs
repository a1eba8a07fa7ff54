//! From here to a peer: a TCP stream, straight or through a proxy, from one of the addresses it may come from.

use super::{
    Obstacle, Peer, PeerError, Proxy,
    dns::{CachedDns, Resolver, Unresolved},
    obstacle,
    peer::Origin,
    sources::{Source, Sources},
    tunnel::Tunnel,
};
use http::{Uri, uri::Scheme};
use hyper_util::client::legacy::connect::HttpConnector;
use std::{error::Error, io, sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tower_service::Service;

/// Found dead by the kernel after this long without a word, so that a silent peer does not hold a connection for ever.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// One way to one peer.
pub(super) struct Route {
    tcp: HttpConnector<Resolver>,
    sources: Sources,
    /// Who is connected to: the peer, or the proxy.
    next: Uri,
    tunnel: Option<Tunnel>,
    patience: Duration,
}

impl Route {
    pub(super) fn new(peer: &Peer, origin: &Origin) -> Result<Self, PeerError> {
        let (egress, patience) = (&peer.egress, peer.connect_timeout);
        let mut tcp = HttpConnector::new_with_resolver(Resolver(Arc::<CachedDns>::default()));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_connect_timeout(Some(patience));
        let next = match &egress.proxy {
            None => peer.origin.clone(),
            Some(proxy) => address_of(proxy)?,
        };
        let tunnel = egress.proxy.as_ref().map(|proxy| Tunnel::new(proxy, origin)).transpose()?;
        Ok(Self { tcp, sources: Sources::new(&egress.bind), next, tunnel, patience })
    }

    pub(super) async fn open(&self) -> Result<TcpStream, Obstacle> {
        let Some(tunnel) = &self.tunnel else { return self.connect().await };
        let late = |_| Obstacle::Late { step: "connection through the proxy", patience: self.patience };
        timeout(self.patience, Box::pin(self.through(tunnel))).await.map_err(late)?
    }

    async fn through(&self, tunnel: &Tunnel) -> Result<TcpStream, Obstacle> {
        let mut refusal = None;
        for target in tunnel.targets().await? {
            match tunnel.through(self.connect().await?, target).await {
                Err(Obstacle::ProxyRefusal { proxy, said }) => refusal = Some(Obstacle::ProxyRefusal { proxy, said }),
                ended => return ended,
            }
        }
        Err(refusal.unwrap_or(Obstacle::Http))
    }

    /// To the peer or the proxy.
    async fn connect(&self) -> Result<TcpStream, Obstacle> {
        let mut rounds = self.sources.rounds();
        loop {
            let mut tcp = self.tcp.clone();
            match self.sources.next() {
                Source::Any => {}
                Source::V4(address) => tcp.set_local_address(Some(address.into())),
                Source::V6(address) => tcp.set_local_address(Some(address.into())),
                Source::Either(v4, v6) => tcp.set_local_addresses(v4, v6),
            }
            let error = match tcp.call(self.next.clone()).await {
                Ok(tcp) => return Ok(tcp.into_inner()),
                Err(error) => error,
            };
            rounds -= 1;
            // One address that this machine has lost is no reason not to use the others.
            let lost = obstacle::cause(&error)
                .is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::AddrNotAvailable);
            if !lost || rounds == 0 {
                return Err(self.obstacle(&error));
            }
        }
    }

    fn obstacle(&self, error: &(dyn Error + 'static)) -> Obstacle {
        let address = self.next.authority().map(ToString::to_string).unwrap_or_default();
        if let Some(unresolved) = obstacle::cause::<Unresolved>(error) {
            let name = self.next.host().unwrap_or_default().to_owned();
            return Obstacle::Name { name, fault: unresolved.to_string() };
        }
        let Some(cause) = obstacle::cause::<io::Error>(error) else {
            return Obstacle::Tcp { address, fault: error.to_string() };
        };
        if let Some(ours) = Obstacle::of_descriptors(cause) {
            return ours;
        }
        match (cause.kind(), self.sources.is_empty()) {
            (io::ErrorKind::AddrNotAvailable, false) => Obstacle::Source(cause.to_string()),
            // There was no address left to try.
            (io::ErrorKind::NotConnected, false) => Obstacle::NoSource { address },
            (io::ErrorKind::TimedOut, _) => Obstacle::Late { step: "connection", patience: self.patience },
            _ => Obstacle::Tcp { address, fault: cause.to_string() },
        }
    }
}

fn address_of(proxy: &Proxy) -> Result<Uri, PeerError> {
    let address = Uri::builder().scheme(Scheme::HTTP).authority(proxy.address.clone()).path_and_query("/");
    address.build().map_err(|_| PeerError::Proxy(proxy.address.clone()))
}
