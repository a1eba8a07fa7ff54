//! From a peer to an open, negotiated connection.

use super::{
    Counts, Obstacle,
    connection::{self, Connection},
    route::Route,
    stream::Stream,
    tls,
    wire::Wire,
};
use crate::lifecycle::Tasks;
use hyper_util::rt::TokioIo;
use rustls::ProtocolVersion;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// Opens connections to one peer.
pub(super) struct Dial {
    pub(super) route: Route,
    pub(super) tls: Option<tls::Connector>,
    pub(super) connect_timeout: Duration,
    pub(super) http2: bool,
}

/// A new connection.
pub(super) struct Dialed {
    pub(super) connection: Connection,
    /// The version of TLS, where there is any.
    pub(super) tls: Option<ProtocolVersion>,
}

impl Dial {
    /// Connects, shakes hands and starts the connection's driver on `drivers`.
    pub(super) async fn connect(&self, drivers: &Tasks, counts: &Arc<Counts>) -> Result<Dialed, Obstacle> {
        let tcp = self.route.open().await?;
        let connection = match &self.tls {
            None if self.http2 => Box::pin(connection::http2(TokioIo::new(tcp), drivers, counts)).await,
            None => Ok(Connection::Http1(Wire::new(Stream::Plain(tcp), counts.open()))),
            Some(connector) => return Box::pin(self.secure(connector, tcp, drivers, counts)).await,
        };
        Ok(Dialed { connection: connection.map_err(|_| Obstacle::Http)?, tls: None })
    }

    async fn secure(
        &self,
        connector: &tls::Connector,
        tcp: TcpStream,
        drivers: &Tasks,
        counts: &Arc<Counts>,
    ) -> Result<Dialed, Obstacle> {
        let handshake = connector.tls.connect(connector.name.clone(), tcp);
        let late = |_| Obstacle::Late { step: "TLS handshake", patience: self.connect_timeout };
        let shaken = timeout(self.connect_timeout, handshake).await.map_err(late)?;
        let stream = shaken.map_err(|error| Obstacle::of_tls(&error))?;
        counts.shook_hands();
        let (tls, negotiated) = (stream.get_ref().1.protocol_version(), stream.get_ref().1.alpn_protocol());
        let connection = match negotiated == Some(b"h2") {
            true => Box::pin(connection::http2(TokioIo::new(stream), drivers, counts)).await,
            false => Ok(Connection::Http1(Wire::new(Stream::Secure(Box::new(stream)), counts.open()))),
        };
        Ok(Dialed { connection: connection.map_err(|_| Obstacle::Http)?, tls })
    }
}
