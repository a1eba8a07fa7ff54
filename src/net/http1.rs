//! Requests over HTTP/1.1: as many connections as there are permits, each with one request at a time.
//!
//! A connection is given back when its answer was read to the end, and closed otherwise.

use super::{
    Failure, Outgoing, Patience, Reply,
    body::Body,
    client::Inner,
    connection::{self, Broken, Connection, Ended, Http1},
    pool::{Claim, Ready},
    reply,
};
use futures::FutureExt;
use http::{Request, Uri, header::HOST};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
};
use tokio::{sync::SemaphorePermit, time::timeout_at};

impl Inner {
    pub(super) async fn get1(self: &Arc<Self>, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        let _permit = self.permit(patience).await?;
        let mut repeated = false;
        loop {
            let Ready { mut connection, fresh } = self.ready(patience).await?;
            let exchange = self.exchange1(&mut connection, request);
            match timeout_at(patience.deadline, exchange).await.unwrap_or(Err(Ended::Finally(Failure::Timeout))) {
                Ok(reply) => {
                    self.pool.put(connection);
                    return Ok(reply);
                }
                Err(Ended::Before(Broken { unsent: true })) if !fresh => {}
                Err(Ended::Before(_)) if !fresh && request.repeatable && !repeated => {
                    repeated = true;
                    self.pool.distrust();
                }
                Err(ended) => return Err(ended.failure()),
            }
        }
    }

    async fn exchange1(&self, connection: &mut Http1, request: &Outgoing) -> Result<Reply, Ended> {
        let response = connection::send1(connection, self.request1(request)).await.map_err(Ended::Before)?;
        reply::read(response, request.largest_answer).await.map_err(Ended::Finally)
    }

    pub(super) async fn permit(&self, patience: &Patience) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let permit = async { self.permits.acquire().await.map_err(|_| Failure::Saturated) };
        patience.for_leave(permit, Failure::Saturated).await
    }

    pub(super) async fn ready(self: &Arc<Self>, patience: &Patience) -> Result<Ready, Failure> {
        match self.pool.claim() {
            Claim::Ready(ready) => Ok(ready),
            Claim::Wait { turn, dial } => {
                if dial {
                    self.dial1();
                }
                // A turn that never comes: its dial has panicked.
                let turn = async { turn.await.unwrap_or(Err(Failure::Refused)) };
                patience.for_leave(turn, Failure::Timeout).await
            }
        }
    }

    /// Dials for the pool, in a task of its own: who gives up waiting leaves a connection to the others.
    pub(super) fn dial1(self: &Arc<Self>) {
        let inner = self.clone();
        self.drivers.spawn(async move {
            // Were it to panic, the pool would wait for this dial for ever.
            let dialed = AssertUnwindSafe(inner.connect()).catch_unwind().await;
            let outcome = match dialed.unwrap_or(Err(Failure::Refused)) {
                Ok(Connection::Http1(connection)) => Ok(connection),
                Ok(Connection::Http2(_)) => {
                    // It refused HTTP/2 before and has changed its mind: the next request will share.
                    inner.multiplexed.store(true, Ordering::Relaxed);
                    Err(Failure::Refused)
                }
                Err(failure) => Err(failure),
            };
            inner.pool.dialed(outcome);
        });
    }

    /// HTTP/1.1 wants the target alone and a `Host`.
    pub(super) fn request1(&self, outgoing: &Outgoing) -> Request<Body> {
        let mut request = Request::new(Body::whole(outgoing.body.clone()));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = Uri::from(outgoing.target.clone());
        *request.headers_mut() = outgoing.headers.clone();
        request.headers_mut().insert(HOST, self.origin.host.clone());
        request
    }
}
