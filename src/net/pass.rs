//! Exchanges that pass through: neither the request's body nor the answer's is ever held as a whole.
//!
//! Decides which connection carries one and what becomes of it. A connection is given back when both bodies went to their end, and
//! closed otherwise. A request is sent a second time only if nothing of it had left.

use super::{
    Client, Failure, Patience,
    body::{Body, Ending},
    client::Inner,
    connection::{self, Relay1},
    download::Download,
    pool::Ready,
};
use http::{
    HeaderMap, Method, Request, Response, Uri,
    header::{CONTENT_LENGTH, HOST, HeaderValue},
    uri::PathAndQuery,
};
use hyper::body::{Body as _, Incoming};
use std::sync::{Arc, atomic::Ordering};
use tokio::time::timeout_at;

/// A request that passes through.
pub struct Passing {
    /// What to do.
    pub method: Method,
    /// Where to, within the peer's origin.
    pub target: PathAndQuery,
    /// Everything but `Host` and what tells the length.
    pub headers: HeaderMap,
    /// What goes with it.
    pub body: Incoming,
    /// The most that passes, in bytes, each way.
    pub largest: u64,
}

/// A place at a peer, and the connection if nobody else uses it.
pub(super) struct Lease {
    inner: Arc<Inner>,
    /// `None`: the shared one of HTTP/2, where only the place counts.
    connection: Option<Relay1>,
    shared: bool,
}

impl Client {
    /// Sends, and returns as soon as the head of the answer is there. Patience goes for the whole exchange, its last byte included.
    ///
    /// # Errors
    /// When no head came, or one that announces too much. [`Failure::RequestTooLarge`] when the request itself was.
    pub async fn pass(&self, passing: Passing, patience: &Patience) -> Result<Response<Download>, Failure> {
        let Passing { method, target, headers, body, largest } = passing;
        let (body, ending) = Body::passing(body, largest, patience.deadline);
        let mut request = Request::new(body);
        // Some servers insist on a length wherever there could be a body.
        if request.body().is_end_stream() && method != Method::GET {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        request.headers_mut().extend(headers);
        *request.method_mut() = method;
        *request.uri_mut() = Uri::from(target);
        let exchange = match self.0.multiplexed.load(Ordering::Relaxed) {
            true => self.0.pass2(request, patience).await,
            false => self.0.pass1(request, patience).await,
        };
        // If sending failed for a reason of its own, that is the reason.
        let (response, lease) = exchange.map_err(|failure| match ending.get() {
            Some(Err(reason)) => *reason,
            _ => failure,
        })?;
        if response.body().size_hint().lower() > largest {
            return Err(Failure::TooLarge);
        }
        let deadline = patience.deadline;
        Ok(response.map(|body| Download::start(body, largest, deadline, (lease, ending))))
    }
}

impl Inner {
    async fn pass1(
        self: &Arc<Self>,
        mut request: Request<Body>,
        patience: &Patience,
    ) -> Result<(Response<Incoming>, Lease), Failure> {
        self.permit(patience).await?.forget();
        let mut lease = Lease { inner: self.clone(), connection: None, shared: false };
        loop {
            let Ready { mut connection, fresh } = self.ready_to_relay(patience).await?;
            self.address1(&mut request);
            let answer = timeout_at(patience.deadline, connection::offer1(&mut connection, request)).await;
            match answer.map_err(|_| Failure::Timeout)? {
                Ok(response) => {
                    lease.connection = Some(connection);
                    return Ok((response, lease));
                }
                Err(Some(unsent)) if !fresh => request = unsent,
                Err(_) => return Err(Failure::Reset),
            }
        }
    }

    async fn pass2(
        self: &Arc<Self>,
        mut request: Request<Body>,
        patience: &Patience,
    ) -> Result<(Response<Incoming>, Lease), Failure> {
        let mut repeated = false;
        loop {
            let Some(mut connection) = patience.for_leave(self.connection2(), Failure::Timeout).await? else {
                return self.pass1(request, patience).await;
            };
            self.stream(patience).await?.forget();
            let lease = Lease { inner: self.clone(), connection: None, shared: true };
            self.address2(&mut request)?;
            let answer = timeout_at(patience.deadline, connection::offer2(&mut connection, request)).await;
            match answer.map_err(|_| Failure::Timeout)? {
                Ok(response) => return Ok((response, lease)),
                Err(Some(unsent)) if !repeated => (request, repeated) = (unsent, true),
                Err(_) => return Err(Failure::Reset),
            }
        }
    }

    /// HTTP/1.1 wants the target alone and a `Host`.
    fn address1(&self, request: &mut Request<Body>) {
        if let Some(target) = request.uri().path_and_query() {
            *request.uri_mut() = Uri::from(target.clone());
        }
        request.headers_mut().insert(HOST, self.origin.host.clone());
    }

    /// HTTP/2 wants the whole URL.
    fn address2(&self, request: &mut Request<Body>) -> Result<(), Failure> {
        let target = request.uri().path_and_query().cloned();
        *request.uri_mut() = self.url(target.unwrap_or_else(|| PathAndQuery::from_static("/")))?;
        request.headers_mut().remove(HOST);
        Ok(())
    }
}

impl Lease {
    /// Where the peer's tasks run.
    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Ends an exchange whose answer was read to its end.
    pub(super) fn give_back(mut self, ending: &Ending) {
        // A request that is still being sent, or broke, blocks the connection.
        if let Some(connection) = self.connection.take().filter(|_| ending.get() == Some(&Ok(()))) {
            self.inner.relays.put(connection);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The connection first: there are never more of them than places.
        drop(self.connection.take());
        match self.shared {
            true => self.inner.streams.add_permits(1),
            false => self.inner.permits.add_permits(1),
        }
    }
}
