//! The game server's side: requests byte by byte, answers with everything that could be wrong about them.
//!
//! Decides how to ask and to read; HTTP/1 is parsed here, not by hyper, so that framing can be checked.

use std::net::SocketAddr;

use tokio::{io::AsyncWriteExt, net::TcpStream};

mod answer;
mod connection;
mod http2;
mod request;

pub(crate) use self::{
    answer::{Answer, Framing},
    connection::Connection,
    http2::Http2,
    request::Request,
};

use super::{HAS_JOINED, proxy::Proxy, upstream::Upstream, wire::Buffered, within};

/// Whom a client can ask.
pub(crate) trait Target {
    /// Where it listens.
    fn address(&self) -> SocketAddr;
}

impl Target for SocketAddr {
    fn address(&self) -> SocketAddr {
        *self
    }
}

impl Target for Upstream {
    fn address(&self) -> SocketAddr {
        self.address()
    }
}

impl Target for Proxy {
    fn address(&self) -> SocketAddr {
        self.address()
    }
}

/// A GET on a connection of its own.
pub(crate) async fn get(target: &impl Target, path: &str) -> Answer {
    Request::get(path).send(target).await
}

/// Asks whether Notch has joined, on a connection of its own.
pub(crate) async fn has_joined(target: &impl Target) -> Answer {
    get(target, HAS_JOINED).await
}

/// Sends these bytes and returns all that comes until the other side closes or resets.
pub(crate) async fn raw(target: &impl Target, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(target.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    within("the other side to close", Buffered::new(stream).remains()).await.to_vec()
}
