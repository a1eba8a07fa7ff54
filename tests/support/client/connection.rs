//! A connection of a game server, for one request or several in a row.
//!
//! Decides when an answer is complete; `answer` says what is in it.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Version;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Answer, Framing, Request, Target};
use crate::support::{
    tls::Ca,
    wire::{self, Buffered, invalid},
    within,
};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Keeps alive as long as both sides want.
pub(crate) struct Connection {
    wire: Buffered<Box<dyn Stream>>,
    address: SocketAddr,
    opened: Instant,
}

impl Connection {
    /// Plain TCP.
    pub(crate) async fn open(target: &impl Target) -> io::Result<Self> {
        let opened = Instant::now();
        Ok(Self::over(Box::new(dial(target).await?), target, opened))
    }

    /// TLS to `localhost`, trusting `ca` only, offering HTTP/1.1.
    pub(crate) async fn open_tls(target: &impl Target, ca: &Ca) -> io::Result<Self> {
        let opened = Instant::now();
        Ok(Self::over(Box::new(dial_tls(target, ca, "http/1.1").await?), target, opened))
    }

    /// TLS to `localhost`, trusting this certificate only, offering HTTP/1.1.
    pub(crate) async fn open_tls_trusting(target: &impl Target, certificate: &str) -> io::Result<Self> {
        let opened = Instant::now();
        let tls = dial_tls_with(target, crate::support::pair::trusting(certificate, &["http/1.1"])).await?;
        Ok(Self::over(Box::new(tls), target, opened))
    }

    /// Any stream.
    pub(crate) fn on(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, target: &impl Target) -> Self {
        Self::over(Box::new(stream), target, Instant::now())
    }

    fn over(stream: Box<dyn Stream>, target: &impl Target, opened: Instant) -> Self {
        Self { wire: Buffered::new(stream), address: target.address(), opened }
    }

    /// Asks; the connection can be used again unless the answer ended with it.
    pub(crate) async fn send(&mut self, request: &Request) -> io::Result<Answer> {
        self.ask(request, Instant::now()).await
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.stream.write_all(bytes).await?;
        self.wire.stream.flush().await
    }

    /// Says that nothing follows, and goes on reading.
    pub(crate) async fn finish_writing(&mut self) -> io::Result<()> {
        self.wire.stream.shutdown().await
    }

    /// Reads one answer to a request of this method.
    pub(crate) async fn answer(&mut self, method: &str) -> io::Result<Answer> {
        within("an answer", self.read(method)).await
    }

    /// Waits until the other side closes or resets, and returns what came before.
    pub(crate) async fn closed(&mut self) -> Bytes {
        within("the other side to close", self.wire.remains()).await
    }

    /// Asks, says that nothing follows, and reads to the end.
    pub(super) async fn finish(mut self, request: &Request) -> io::Result<Answer> {
        let mut answer = self.ask(request, self.opened).await?;
        // Now, not with the request: a client that half-closes too early has hung up.
        _ = self.wire.stream.shutdown().await;
        answer.stray = self.closed().await.to_vec();
        Ok(answer)
    }

    async fn ask(&mut self, request: &Request, since: Instant) -> io::Result<Answer> {
        self.write(&request.bytes(self.address)).await?;
        let mut answer = self.answer(request.method).await?;
        answer.took = since.elapsed();
        Ok(answer)
    }

    async fn read(&mut self, method: &str) -> io::Result<Answer> {
        let head = self.wire.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut parsed = httparse::Response::new(&mut headers);
        parsed.parse(&head).map_err(|error| invalid(error.to_string()))?;
        let status = parsed.code.unwrap_or_default();
        let headers = wire::owned(parsed.headers);
        let version = if parsed.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
        let framing = Framing::of(method, status, &headers)?;
        let body = match framing {
            Framing::None => Bytes::new(),
            Framing::Length(length) => self.wire.exactly(length).await?,
            Framing::Chunked => self.wire.chunked().await?,
            Framing::UntilClose => self.wire.rest().await?,
        };
        let (head, body) = (head.to_vec(), body.to_vec());
        Ok(Answer { status, version, headers, framing, head, body, stray: Vec::new(), took: Duration::ZERO })
    }
}

pub(super) async fn dial(target: &impl Target) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect(target.address()).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

pub(super) async fn dial_tls(target: &impl Target, ca: &Ca, alpn: &str) -> io::Result<TlsStream<TcpStream>> {
    dial_tls_with(target, ca.client(&[alpn])).await
}

async fn dial_tls_with(target: &impl Target, client: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
    TlsConnector::from(client).connect(name, dial(target).await?).await
}
