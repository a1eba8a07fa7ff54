//! From a TCP connection to one that speaks TLS, or to the reason why not.

use super::{HTTP2, Outcome, Tls};
use rustls::HandshakeKind;
use std::{io, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The first byte of a record that holds a handshake (RFC 8446 §5.1).
const HANDSHAKE: u8 = 0x16;

/// A client that has been let in, or told apart.
pub(in crate::server) enum Welcomed {
    /// It speaks TLS. Whether it will speak HTTP/2, if the two have agreed on that.
    Secure(Box<TlsStream<TcpStream>>, Option<bool>),
    /// It began with a letter, as plain HTTP does; nothing has been read of it.
    Plain(TcpStream),
}

impl Tls {
    /// Gives a client so long from now for all of the handshake. Nothing comes of it when it takes longer, fails, or goes away.
    pub(in crate::server) async fn welcome(&self, stream: TcpStream, patience: Duration) -> Option<Welcomed> {
        self.led(&self.serving, stream, patience).await
    }

    /// The same for one that will be refused, by HTTP/1.1.
    pub(in crate::server) async fn receive(&self, stream: TcpStream, patience: Duration) -> Option<Welcomed> {
        self.led(&self.refusing, stream, patience).await
    }

    async fn led(&self, acceptor: &TlsAcceptor, stream: TcpStream, patience: Duration) -> Option<Welcomed> {
        let deadline = Instant::now() + patience;
        let Ok(first) = timeout_at(deadline, first_byte(&stream)).await else {
            self.counts.add(Outcome::TimedOut);
            return None;
        };
        match first.ok().flatten() {
            Some(HANDSHAKE) => {}
            Some(other) => {
                self.counts.add(Outcome::NotTls);
                return other.is_ascii_alphabetic().then_some(Welcomed::Plain(stream));
            }
            // Whoever looks whether somebody listens here connects and goes.
            None => return None,
        }
        let stream = match timeout_at(deadline, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%error, "TLS handshake failed");
                self.counts.add(Outcome::Failed);
                return None;
            }
            Err(_) => {
                self.counts.add(Outcome::TimedOut);
                return None;
            }
        };
        let connection = stream.get_ref().1;
        self.counts.add(match connection.handshake_kind() {
            Some(HandshakeKind::Resumed) => Outcome::Resumed,
            _ => Outcome::Full,
        });
        let http2 = connection.alpn_protocol().map(|protocol| protocol == HTTP2);
        Some(Welcomed::Secure(Box::new(stream), http2))
    }
}

/// The first byte, which stays where it is; nothing, when there will be none.
async fn first_byte(stream: &TcpStream) -> io::Result<Option<u8>> {
    let mut first = [0];
    Ok((stream.peek(&mut first).await? == 1).then_some(first[0]))
}
