//! What game servers find where TLS is spoken: protocols, versions, tickets, and certificates that are renewed under way.

mod protocols;
mod refused;
mod renewed;
mod settings;
mod stopped;

use crate::support::{
    client::{self, Connection, Request},
    profile,
    proxy::{Builder, Proxy},
    tls::Ca,
    upstream::{Reply, Upstream},
    within,
};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A program that speaks TLS, and an upstream behind it that knows everybody.
struct Stage {
    ca: Ca,
    m: Upstream,
    proxy: Proxy,
}

impl Stage {
    async fn start() -> Self {
        Self::with(|program| program).await
    }

    /// The same, with a say in how the program is started. Its first certificate has the number 1.
    async fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let (ca, m) = (Ca::new(), Upstream::start().await);
        m.answers(Reply::profile("Notch"));
        let program = Proxy::builder().admin().tls(ca.numbered(1)).upstream("mojang", &m, "");
        let proxy = change(program).start().await;
        Self { ca, m, proxy }
    }

    fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// A connection by a client of this kind.
    async fn dial(&self, client: &Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address()).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        within("a handshake", TlsConnector::from(client.clone()).connect(name, tcp)).await
    }

    /// The number of the certificate that new connections are shown.
    async fn number(&self) -> u64 {
        number(&self.dial(&self.ca.client(&[])).await.unwrap())
    }

    /// One figure of the program; nothing when it is not there.
    async fn figure(&self, name: &str) -> Option<f64> {
        let text = client::get(&self.proxy.admin().await, "/metrics").await.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse().unwrap())
    }

    /// Handshakes that came to this.
    async fn handshakes(&self, outcome: &str) -> f64 {
        self.figure(&format!("hasjoined_tls_handshakes_total{{outcome=\"{outcome}\"}}")).await.unwrap()
    }
}

/// Asks whether Notch has joined, who has.
async fn joins(connection: &mut Connection) {
    let answer = connection.send(&Request::get(crate::support::HAS_JOINED)).await.unwrap();
    answer.assert_profile(&profile::notch());
}

/// The serial number, below 128, of the certificate that a client was shown.
fn number(stream: &TlsStream<TcpStream>) -> u64 {
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].as_ref().to_vec();
    // SEQUENCE, SEQUENCE, the version, and then the number: of one byte here.
    let at = shown.windows(6).position(|bytes| bytes.starts_with(&[0xa0, 3, 2, 1, 2, 2])).unwrap();
    assert_eq!(shown[at + 6], 1, "{shown:02x?}");
    u64::from(shown[at + 7])
}
