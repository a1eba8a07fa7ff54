//! Whom a connection is from: who is at its other end, or whom a trusted proxy names in front of it.
//!
//! Decides how long such a proxy may take to say so, and that without a word from it there is no connection. How that word is written
//! is decided by `proxied`; who is trusted, by whoever made the server.

use super::proxied::Header;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

/// A proxy writes its header together with the first bytes it passes on, or before.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which peers say by a PROXY header whom their connections are from.
type Announcing = dyn Fn(IpAddr) -> bool + Send + Sync;

/// Finds out whom connections are from.
#[derive(Clone)]
pub(super) struct Arrivals {
    announcing: Arc<Announcing>,
    refused: Arc<AtomicU64>,
}

impl Arrivals {
    /// Peers for which `announcing` holds have to say it, all others must not.
    pub(super) fn new(announcing: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self { announcing: Arc::new(announcing), refused: Arc::default() }
    }

    /// Connections that were closed for want of a header.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Whom a connection is from; nothing, when its peer should have said that and did not. Reads the header, if there has to be one,
    /// and not a byte more.
    pub(super) async fn origin(&self, stream: &mut TcpStream, peer: SocketAddr) -> Option<SocketAddr> {
        if !(self.announcing)(peer.ip()) {
            return Some(peer);
        }
        match timeout(PATIENCE, header(stream)).await {
            Ok(Ok(Some(header))) => return Some(header.client.unwrap_or(peer)),
            // Gone without a word: so some balancers see whether anybody listens.
            Ok(Ok(None)) => return None,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "no PROXY header from a trusted proxy"),
            Err(_) => tracing::debug!(%peer, "a PROXY header from a trusted proxy took too long"),
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        None
    }
}

/// Takes a header off the stream; nothing, if the stream ends before its first byte. What has come is looked at before it is taken,
/// so that what follows the header is left to whoever reads on, be it TLS or HTTP.
async fn header(stream: &mut TcpStream) -> io::Result<Option<Header>> {
    let (mut taken, mut room) = (Vec::new(), [0; 512]);
    loop {
        let seen = match stream.peek(&mut room).await? {
            0 if taken.is_empty() => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            seen => seen,
        };
        let before = taken.len();
        taken.extend_from_slice(&room[..seen]);
        let header = Header::read(&taken).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let ours = header.map_or(taken.len(), |header| header.length) - before;
        stream.read_exact(&mut room[..ours]).await?;
        if header.is_some() {
            return Ok(header);
        }
    }
}
