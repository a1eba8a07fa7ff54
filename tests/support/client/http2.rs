//! A client that speaks HTTP/2 from its first byte, by hyper.
//!
//! Decides nothing about framing: that is checked with HTTP/1.

use std::{io, net::SocketAddr, sync::Arc, time::Instant};

use bytes::Bytes;
use http::Version;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    Answer, Framing, Target,
    connection::{dial, dial_tls},
};
use crate::support::{spawn, tls::Ca, within};

/// One connection; clones share it, so that streams can run at once.
#[derive(Clone)]
pub(crate) struct Http2 {
    sender: SendRequest<Empty<Bytes>>,
    address: SocketAddr,
    identity: Arc<()>,
}

impl Http2 {
    /// Over plain TCP, by prior knowledge.
    pub(crate) async fn open(target: &impl Target) -> io::Result<Self> {
        Self::over(dial(target).await?, target).await
    }

    /// Over TLS to `localhost`, offering nothing but `h2`.
    pub(crate) async fn open_tls(target: &impl Target, ca: &Ca) -> io::Result<Self> {
        Self::over(dial_tls(target, ca, "h2").await?, target).await
    }

    /// Any stream.
    pub(crate) async fn over<S>(stream: S, target: &impl Target) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let handshake = handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (sender, connection) = handshake.await.map_err(io::Error::other)?;
        spawn(connection);
        Ok(Self { sender, address: target.address(), identity: Arc::default() })
    }

    /// A GET on a stream of its own.
    pub(crate) async fn get(&self, path: &str) -> io::Result<Answer> {
        self.send(http::Request::get(self.uri(path))).await
    }

    /// Whether both are one connection.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.identity, &other.identity)
    }

    /// Whether it can ask no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// The whole address of a path.
    pub(crate) fn uri(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Any request without a body, on a stream of its own.
    pub(crate) async fn send(&self, request: http::request::Builder) -> io::Result<Answer> {
        let since = Instant::now();
        let request = request.body(Empty::new()).map_err(io::Error::other)?;
        let mut sender = self.sender.clone();
        let exchange = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>((head, body.collect().await?.to_bytes()))
        };
        let (head, body) = within("an answer", exchange).await.map_err(io::Error::other)?;
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        Ok(Answer {
            status: head.status.as_u16(),
            version: Version::HTTP_2,
            headers: headers.collect(),
            framing: if body.is_empty() { Framing::None } else { Framing::UntilClose },
            head: Vec::new(),
            body: body.to_vec(),
            stray: Vec::new(),
            took: since.elapsed(),
        })
    }
}
