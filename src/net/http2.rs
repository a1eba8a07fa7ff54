//! Requests over HTTP/2: one connection for all of them.

use super::{
    Failure, Outgoing, Patience, Reply,
    body::Body,
    client::Inner,
    connection::{self, Broken, Connection, Ended, Http2},
    reply,
    shared::{Dialed, Found},
};
use http::{Request, Uri, uri::PathAndQuery};
use std::sync::{Arc, atomic::Ordering};
use tokio::{
    sync::{SemaphorePermit, oneshot},
    time::timeout_at,
};

impl Inner {
    pub(super) async fn get2(self: &Arc<Self>, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        let mut repeated = false;
        loop {
            let Some(mut connection) = patience.for_leave(self.connection2(), Failure::Timeout).await? else {
                return self.get1(request, patience).await;
            };
            let _stream = self.stream(patience).await?;
            let exchange = self.exchange2(&mut connection, request);
            match timeout_at(patience.deadline, exchange).await.unwrap_or(Err(Ended::Finally(Failure::Timeout))) {
                Ok(reply) => return Ok(reply),
                Err(Ended::Before(Broken { unsent })) if !repeated && (unsent || request.repeatable) => repeated = true,
                Err(ended) => return Err(ended.failure()),
            }
        }
    }

    async fn exchange2(&self, connection: &mut Http2, outgoing: &Outgoing) -> Result<Reply, Ended> {
        let request = self.request2(outgoing).map_err(Ended::Finally)?;
        let response = connection::send2(connection, request).await.map_err(Ended::Before)?;
        reply::read(response, outgoing.largest_answer).await.map_err(Ended::Finally)
    }

    /// The shared connection, dialed if need be; `None` when the peer chose HTTP/1.1.
    pub(super) async fn connection2(self: &Arc<Self>) -> Dialed {
        let dialing = match self.shared.find() {
            Found::Open(connection) => return Ok(Some(connection)),
            Found::Dialing(dialing) => dialing,
            Found::Nothing(tell, dialing) => {
                self.dial2(tell);
                dialing
            }
        };
        dialing.await.unwrap_or(Err(Failure::Refused))
    }

    /// Dials the shared connection unless it is there.
    pub(super) fn warm2(self: &Arc<Self>) {
        if let Found::Nothing(tell, _) = self.shared.find() {
            self.dial2(tell);
        }
    }

    fn dial2(self: &Arc<Self>, tell: oneshot::Sender<Dialed>) {
        let inner = self.clone();
        self.drivers.spawn(async move {
            let dialed = inner.negotiated().await;
            inner.shared.settle(dialed, tell);
        });
    }

    async fn negotiated(&self) -> Dialed {
        match self.connect().await? {
            Connection::Http2(connection) => Ok(Some(connection)),
            Connection::Http1(connection) => {
                self.multiplexed.store(false, Ordering::Relaxed);
                self.pool.put(connection);
                Ok(None)
            }
        }
    }

    pub(super) async fn stream(&self, patience: &Patience) -> Result<SemaphorePermit<'_>, Failure> {
        let stream = async { self.streams.acquire().await.map_err(|_| Failure::Saturated) };
        patience.for_leave(stream, Failure::Saturated).await
    }

    pub(super) fn url(&self, target: PathAndQuery) -> Result<Uri, Failure> {
        let origin = Uri::builder().scheme(self.origin.scheme.clone()).authority(self.origin.authority.clone());
        origin.path_and_query(target).build().map_err(|_| Failure::Refused)
    }

    /// HTTP/2 wants the whole URL.
    pub(super) fn request2(&self, outgoing: &Outgoing) -> Result<Request<Body>, Failure> {
        let target = PathAndQuery::try_from(outgoing.target.as_str()).map_err(|_| Failure::Refused)?;
        let uri = self.url(target)?;
        let mut request = Request::new(Body::whole(outgoing.body.clone()));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = outgoing.headers.map.clone();
        request.headers_mut().extend(outgoing.own.clone());
        Ok(request)
    }
}
