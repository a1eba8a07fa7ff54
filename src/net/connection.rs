//! An open connection, HTTP/1.1 or HTTP/2, and the task that drives it.

use super::{Counts, Failure, body::Body, pool::Keepable, wire::Wire};
use crate::lifecycle::Tasks;
use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
    rt::{Read, Write},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{sync::Arc, time::Duration};

/// One request at a time, whose bodies pass through; owned by whoever uses it.
pub(super) type Relay1 = http1::SendRequest<Body>;

/// Many requests at a time: cloned by everyone who uses it.
pub(super) type Http2 = http2::SendRequest<Body>;

/// What dialing yields; which of the two the peer decides.
pub(super) enum Connection {
    Http1(Wire),
    Http2(Http2),
}

/// Why a request brought no response head.
pub(super) struct Broken {
    /// The request never left: the connection had ended before.
    pub(super) unsent: bool,
}

/// Response heads beyond these are not what a session server sends.
const MOST_HEADERS: usize = super::headers::MOST;
const LARGEST_HEAD: usize = super::head::LARGEST;

/// An HTTP/2 connection is asked whether it lives after this long without a word…
const PING_EVERY: Duration = Duration::from_secs(20);
/// …and given up when it does not say so in this time.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes a connection one for bodies that pass through.
pub(super) async fn relay1(wire: Wire, drivers: &Tasks) -> Result<Relay1, Failure> {
    let (stream, open) = wire.into_parts();
    let io = super::metered::metered(TokioIo::new(stream));
    let handshake =
        http1::Builder::new().max_headers(MOST_HEADERS).max_buf_size(LARGEST_HEAD).handshake::<_, Body>(io).await;
    let (sender, driver) = handshake.map_err(|_| Failure::Refused)?;
    drivers.spawn(async move {
        let _ = driver.await;
        drop(open);
    });
    Ok(sender)
}

impl Keepable for Relay1 {
    fn is_usable(&mut self) -> bool {
        !self.is_closed()
    }

    fn is_whole(&self) -> bool {
        !self.is_closed()
    }
}

pub(super) async fn http2<I>(io: I, drivers: &Tasks, counts: &Arc<Counts>) -> Result<Connection, Failure>
where
    I: Read + Write + Unpin + Send + 'static,
{
    let io = super::metered::metered(io);
    let handshake = http2::Builder::new(drivers.clone())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_header_list_size(LARGEST_HEAD as u32)
        .handshake::<_, Body>(io)
        .await;
    let (sender, driver) = handshake.map_err(|_| Failure::Refused)?;
    let open = counts.open();
    drivers.spawn(async move {
        let _ = driver.await;
        drop(open);
    });
    Ok(Connection::Http2(sender))
}

/// Sends on a shared HTTP/2 connection.
pub(super) async fn send2(connection: &mut Http2, request: Request<Body>) -> Result<Response<Incoming>, Broken> {
    connection.ready().await.map_err(|_| Broken { unsent: true })?;
    connection.try_send_request(request).await.map_err(|error| Broken { unsent: error.message().is_some() })
}

/// Sends on an HTTP/1.1 connection that must have been idle. Hands a request back of which nothing was sent.
pub(super) async fn offer1(
    connection: &mut Relay1,
    request: Request<Body>,
) -> Result<Response<Incoming>, Option<Request<Body>>> {
    match connection.ready().await {
        Ok(()) => connection.try_send_request(request).await.map_err(|mut error| error.take_message()),
        Err(_) => Err(Some(request)),
    }
}

/// Like [`send2`], but hands a request back of which nothing was sent.
pub(super) async fn offer2(
    connection: &mut Http2,
    request: Request<Body>,
) -> Result<Response<Incoming>, Option<Request<Body>>> {
    match connection.ready().await {
        Ok(()) => connection.try_send_request(request).await.map_err(|mut error| error.take_message()),
        Err(_) => Err(Some(request)),
    }
}

/// Where an exchange ended without a reply.
pub(super) enum Ended {
    /// Before the head of the answer: perhaps worth another connection.
    Before(Broken),
    /// For good.
    Finally(Failure),
}

impl Ended {
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Before(_) => Failure::Reset,
            Self::Finally(failure) => failure,
        }
    }
}
