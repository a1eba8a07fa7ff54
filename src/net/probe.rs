//! One exchange on a connection of its own, taken apart: for whoever looks for what is wrong with a peer.
//!
//! Leaves the pool as it is. Nothing is repeated, so a probe costs the peer one request at most.

use super::{
    Client, Failure, Obstacle, Outgoing, Reply,
    client::Inner,
    connection::{self, Connection, Ended},
    reply,
};
use http::Version;
use rustls::ProtocolVersion;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What was found.
#[derive(Debug)]
pub struct Probe {
    /// Until the connection was there: name, TCP, proxy, TLS.
    pub connecting: Duration,
    /// The version of TLS as it is spoken of, `1.3`; `None` without TLS.
    pub tls: Option<&'static str>,
    /// From the request to the end of the answer.
    pub answering: Duration,
    /// The version of HTTP and the answer; or why there is none.
    pub answer: Result<(Version, Reply), Failure>,
}

impl Client {
    /// Connects anew, asks once, and closes the connection.
    ///
    /// # Errors
    /// When no connection came about by the deadline.
    pub async fn probe(&self, request: &Outgoing, deadline: Instant) -> Result<Probe, Obstacle> {
        let started = Instant::now();
        let late = |_| Obstacle::Late { step: "connection", patience: deadline.saturating_duration_since(started) };
        let dialed =
            timeout_at(deadline, self.0.dial.connect(&self.0.drivers, &self.0.counts)).await.map_err(late)??;
        let connected = Instant::now();
        let mut connection = dialed.connection;
        let exchange = self.0.exchange(&mut connection, request);
        let answer = timeout_at(deadline, exchange).await.unwrap_or(Err(Ended::Finally(Failure::Timeout)));
        Ok(Probe {
            connecting: connected - started,
            tls: dialed.tls.map(spoken),
            answering: connected.elapsed(),
            answer: answer.map_err(Ended::failure),
        })
    }
}

impl Inner {
    async fn exchange(&self, connection: &mut Connection, request: &Outgoing) -> Result<(Version, Reply), Ended> {
        match connection {
            Connection::Http1(wire) => {
                let reply = wire.exchange(&self.origin.host, request).await?;
                Ok((Version::HTTP_11, reply))
            }
            Connection::Http2(connection) => {
                let request2 = self.request2(request).map_err(Ended::Finally)?;
                let response = connection::send2(connection, request2).await.map_err(Ended::Before)?;
                let version = response.version();
                Ok((version, reply::read(response, request.largest_answer).await.map_err(Ended::Finally)?))
            }
        }
    }
}

fn spoken(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "1.3",
        ProtocolVersion::TLSv1_2 => "1.2",
        _ => "?",
    }
}
