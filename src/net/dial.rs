//! From a peer to an open, negotiated connection.

use super::{
    Counts, Failure, Peer,
    connection::{self, Connection},
    dns::{CachedDns, Resolver},
    tls,
};
use crate::lifecycle::Tasks;
use http::Uri;
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tower_service::Service;

/// Opens connections to one peer.
#[derive(Clone)]
pub(super) struct Dial {
    tcp: HttpConnector<Resolver>,
    tls: Option<tls::Connector>,
    origin: Uri,
    connect_timeout: Duration,
    http2: bool,
}

/// Found dead by the kernel after this long without a word, so that a silent peer does not hold a connection for ever.
const KEEPALIVE: Duration = Duration::from_secs(30);

impl Dial {
    pub(super) fn new(peer: &Peer, tls: Option<tls::Connector>, dns: Arc<CachedDns>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver(dns));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_connect_timeout(Some(peer.connect_timeout));
        Self { tcp, tls, origin: peer.origin.clone(), connect_timeout: peer.connect_timeout, http2: peer.http2 }
    }

    /// Connects, shakes hands and starts the connection's driver on `drivers`.
    pub(super) async fn connect(&self, drivers: &Tasks, counts: &Arc<Counts>) -> Result<Connection, Failure> {
        let tcp = self.tcp.clone().call(self.origin.clone()).await.map_err(|_| Failure::Refused)?.into_inner();
        match &self.tls {
            None if self.http2 => connection::http2(TokioIo::new(tcp), drivers, counts).await,
            None => connection::http1(TokioIo::new(tcp), drivers, counts).await,
            Some(connector) => self.secure(connector, tcp, drivers, counts).await,
        }
    }

    async fn secure(
        &self,
        connector: &tls::Connector,
        tcp: TcpStream,
        drivers: &Tasks,
        counts: &Arc<Counts>,
    ) -> Result<Connection, Failure> {
        let handshake = connector.tls.connect(connector.name.clone(), tcp);
        let stream = match timeout(self.connect_timeout, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) | Err(_) => return Err(Failure::Refused),
        };
        counts.shook_hands();
        let negotiated = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        match negotiated {
            true => connection::http2(TokioIo::new(stream), drivers, counts).await,
            false => connection::http1(TokioIo::new(stream), drivers, counts).await,
        }
    }
}
