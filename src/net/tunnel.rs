//! Through a proxy: from a connection to the proxy to one with the peer behind it.
//!
//! Decides what is said to a proxy and what its answer means. Reads not a byte beyond that answer: what follows is the peer's.

use super::{Credentials, Obstacle, PeerError, Proxy, ProxySpeech, dns::CachedDns, peer::Origin};
use base64::{Engine, prelude::BASE64_STANDARD};
use httparse::{EMPTY_HEADER, Response, Status};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_socks::{Error as SocksError, TargetAddr, tcp::Socks5Stream};

/// An answer to CONNECT is a few lines.
const LARGEST_HEAD: usize = 8 * 1024;
const MOST_HEADERS: usize = 64;

/// The way through one proxy to one peer.
pub(super) struct Tunnel {
    proxy: Proxy,
    /// Without brackets.
    host: String,
    port: u16,
    /// Of the peer's name; only where it is resolved here.
    dns: Arc<CachedDns>,
}

impl Tunnel {
    pub(super) fn new(proxy: &Proxy, origin: &Origin) -> Result<Self, PeerError> {
        let host = origin.authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if proxy.speech != ProxySpeech::Http && host.len() > 255 {
            return Err(PeerError::LongName(host));
        }
        Ok(Self { proxy: proxy.clone(), host, port: origin.port(), dns: Arc::default() })
    }

    /// Where the proxy is asked to lead, best first: more than one only where names are resolved here. Each needs a connection anew.
    pub(super) async fn targets(&self) -> Result<Vec<TargetAddr<'static>>, Obstacle> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![TargetAddr::Ip(SocketAddr::new(address, self.port))]);
        }
        if self.proxy.speech != ProxySpeech::Socks5 {
            return Ok(vec![TargetAddr::Domain(self.host.clone().into(), self.port)]);
        }
        let unresolved = |fault: io::Error| Obstacle::Name { name: self.host.clone(), fault: fault.to_string() };
        let known = self.dns.addresses(&self.host).await.map_err(unresolved)?;
        // Which family the proxy can reach is not known here: one of each is enough to find out.
        let first = |v6: bool| known.iter().find(|address| address.is_ipv6() == v6);
        let preferred = known.first().is_some_and(SocketAddr::is_ipv6);
        let some = [first(preferred), first(!preferred)].into_iter().flatten();
        Ok(some.map(|address| TargetAddr::Ip(SocketAddr::new(address.ip(), self.port))).collect())
    }

    /// Asks the proxy to lead on to `target`.
    pub(super) async fn through(&self, tcp: TcpStream, target: TargetAddr<'static>) -> Result<TcpStream, Obstacle> {
        match self.proxy.speech {
            ProxySpeech::Http => self.connect(tcp).await,
            ProxySpeech::Socks5 | ProxySpeech::Socks5h => self.socks(tcp, target).await,
        }
    }

    async fn socks(&self, tcp: TcpStream, target: TargetAddr<'static>) -> Result<TcpStream, Obstacle> {
        let asked = match &self.proxy.credentials {
            None => Socks5Stream::connect_with_socket(tcp, target).await,
            Some(Credentials { user, password }) => {
                Socks5Stream::connect_with_password_and_socket(tcp, target, user, password).await
            }
        };
        asked.map(Socks5Stream::into_inner).map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &SocksError) -> Obstacle {
        use SocksError as Socks;
        let (proxy, said) = (self.proxy.address.to_string(), error.to_string());
        match error {
            Socks::PasswordAuthFailure(_)
            | Socks::AuthorizationRequired
            | Socks::NoAcceptableAuthMethods
            | Socks::InvalidAuthValues(_) => Obstacle::ProxyCredentials { proxy, said },
            Socks::GeneralSocksServerFailure
            | Socks::ConnectionNotAllowedByRuleset
            | Socks::NetworkUnreachable
            | Socks::HostUnreachable
            | Socks::ConnectionRefused
            | Socks::TtlExpired
            | Socks::CommandNotSupported
            | Socks::AddressTypeNotSupported => Obstacle::ProxyRefusal { proxy, said },
            _ => Obstacle::ProxySpeech { proxy, fault: said },
        }
    }

    async fn connect(&self, mut tcp: TcpStream) -> Result<TcpStream, Obstacle> {
        let broken = |fault: io::Error| self.broken(&fault);
        tcp.write_all(self.request().as_bytes()).await.map_err(broken)?;
        loop {
            return match status(&mut tcp).await.map_err(broken)? {
                // Of those the last is still to come.
                100..=199 => continue,
                200..=299 => Ok(tcp),
                407 => {
                    let said = "status 407".to_owned();
                    Err(Obstacle::ProxyCredentials { proxy: self.proxy.address.to_string(), said })
                }
                status => {
                    let said = format!("status {status}");
                    Err(Obstacle::ProxyRefusal { proxy: self.proxy.address.to_string(), said })
                }
            };
        }
    }

    fn broken(&self, fault: &io::Error) -> Obstacle {
        let fault = match fault.kind() {
            io::ErrorKind::UnexpectedEof => "it ended the connection".to_owned(),
            _ => fault.to_string(),
        };
        Obstacle::ProxySpeech { proxy: self.proxy.address.to_string(), fault }
    }

    fn request(&self) -> String {
        let target = match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        };
        let credentials = self.proxy.credentials.as_ref().map(|Credentials { user, password }| {
            format!("Proxy-Authorization: Basic {}\r\n", BASE64_STANDARD.encode(format!("{user}:{password}")))
        });
        format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n", credentials.unwrap_or_default())
    }
}

/// The status of the next head. Looks before it takes, so that what follows the head stays in the socket.
async fn status(tcp: &mut TcpStream) -> io::Result<u16> {
    let mut head = [0; LARGEST_HEAD];
    let mut taken = 0;
    loop {
        let seen = tcp.peek(&mut head[taken..]).await?;
        if seen == 0 {
            let full = taken == head.len();
            return Err(if full { invalid("its answer is too long") } else { io::ErrorKind::UnexpectedEof.into() });
        }
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut response = Response::new(&mut headers);
        let parsed = response.parse(&head[..taken + seen]).map_err(|_| invalid("its answer is not HTTP"))?;
        let status = response.code;
        let end = match parsed {
            Status::Complete(end) => end,
            Status::Partial => taken + seen,
        };
        // What was looked at is there: this does not wait.
        tcp.read_exact(&mut head[taken..end]).await?;
        taken = end;
        if parsed.is_complete() {
            return status.ok_or_else(|| invalid("its answer is not HTTP"));
        }
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// What is read of these pieces, each sent when the one before has been looked at, and what is left in the socket.
    async fn read(pieces: &[&[u8]]) -> (io::Result<u16>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        far.set_nodelay(true).unwrap();
        let send = async {
            for piece in pieces {
                // Whoever has read enough does not read the rest.
                let _ = far.write_all(piece).await;
                tokio::task::yield_now().await;
            }
            drop(far);
        };
        let (status, ()) = tokio::join!(status(&mut near), send);
        let mut left = Vec::new();
        let _ = near.read_to_end(&mut left).await;
        (status, left)
    }

    #[tokio::test]
    async fn not_a_byte_beyond_the_answer_is_taken() {
        let whole: &[u8] = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 x\r\n\r\nfirst words";
        let bytewise: Vec<_> = whole.chunks(1).collect();
        for pieces in [&[whole][..], &bytewise, &[&whole[..20], &whole[20..50], &whole[50..]]] {
            let (status, left) = read(pieces).await;
            assert_eq!((status.unwrap(), &*left), (200, &b"first words"[..]));
        }
    }

    #[tokio::test]
    async fn an_answer_is_bounded_and_must_be_one() {
        let long = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 2 * LARGEST_HEAD]].concat();
        let many = [&b"HTTP/1.1 200 OK\r\n"[..], &b"X: y\r\n".repeat(MOST_HEADERS + 1), b"\r\n"].concat();
        for wrong in [&long[..], &many, b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 20", b"", b"HTTP/1.1 2x0 OK\r\n\r\n"] {
            let (status, _) = read(&[wrong]).await;
            assert!(status.is_err(), "{:?}", String::from_utf8_lossy(&wrong[..wrong.len().min(40)]));
        }
    }
}
