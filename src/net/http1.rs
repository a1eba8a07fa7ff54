//! Requests over HTTP/1.1: as many connections as there are permits, each with one request at a time.
//!
//! A connection is given back when its answer was read to the end, and closed otherwise. There are two kinds: what is whole is carried
//! by `wire`, and what passes through by the library, which knows how to hold a sender back.

use super::{
    Failure, Outgoing, Patience, Reply,
    client::Inner,
    connection::{self, Broken, Connection, Ended, Relay1},
    pool::{Claim, Ready},
    wire::Wire,
};
use futures::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
};
use tokio::{
    sync::{SemaphorePermit, oneshot},
    time::timeout_at,
};

impl Inner {
    pub(super) async fn get1(self: &Arc<Self>, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        let _permit = self.permit(patience).await?;
        let mut repeated = false;
        loop {
            let Ready { mut connection, fresh } = self.ready(patience).await?;
            let exchange = connection.exchange(&self.origin.host, request);
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

    pub(super) async fn permit(&self, patience: &Patience) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let permit = async { self.permits.acquire().await.map_err(|_| Failure::Saturated) };
        patience.for_leave(permit, Failure::Saturated).await
    }

    async fn ready(self: &Arc<Self>, patience: &Patience) -> Result<Ready<Wire>, Failure> {
        match self.pool.claim() {
            Claim::Ready(ready) => Ok(ready),
            Claim::Wait { turn, dial } => {
                if dial {
                    self.dial1();
                }
                come(turn, patience).await
            }
        }
    }

    /// The same for bodies that pass through.
    pub(super) async fn ready_to_relay(self: &Arc<Self>, patience: &Patience) -> Result<Ready<Relay1>, Failure> {
        match self.relays.claim() {
            Claim::Ready(ready) => Ok(ready),
            Claim::Wait { turn, dial } => {
                if dial {
                    self.dial_to_relay();
                }
                come(turn, patience).await
            }
        }
    }

    /// Dials for the pool, in a task of its own: who gives up waiting leaves a connection to the others.
    pub(super) fn dial1(self: &Arc<Self>) {
        if self.is_full() {
            self.relays.shed();
        }
        let inner = self.clone();
        self.drivers.spawn(async move {
            let wire = caught(inner.wired()).await;
            inner.pool.dialed(wire);
        });
    }

    fn dial_to_relay(self: &Arc<Self>) {
        if self.is_full() {
            self.pool.shed();
        }
        let inner = self.clone();
        self.drivers.spawn(async move {
            let relay = async { connection::relay1(inner.wired().await?, &inner.drivers).await };
            let relay = caught(relay).await;
            inner.relays.dialed(relay);
        });
    }

    /// Whether an idle connection of one kind stands in the way of one of the other.
    fn is_full(&self) -> bool {
        usize::try_from(self.counts.open_now()).is_ok_and(|open| open >= self.most)
    }

    async fn wired(&self) -> Result<Wire, Failure> {
        match self.connect().await? {
            Connection::Http1(wire) => Ok(wire),
            Connection::Http2(_) => {
                // It refused HTTP/2 before and has changed its mind: the next request will share.
                self.multiplexed.store(true, Ordering::Relaxed);
                Err(Failure::Refused)
            }
        }
    }
}

/// Waits for a turn. One that never comes: its dial has panicked.
async fn come<C>(turn: oneshot::Receiver<Result<Ready<C>, Failure>>, patience: &Patience) -> Result<Ready<C>, Failure> {
    let turn = async { turn.await.unwrap_or(Err(Failure::Refused)) };
    patience.for_leave(turn, Failure::Timeout).await
}

/// Were a dial to panic, its pool would wait for it for ever.
async fn caught<C>(dial: impl Future<Output = Result<C, Failure>>) -> Result<C, Failure> {
    AssertUnwindSafe(dial).catch_unwind().await.unwrap_or(Err(Failure::Refused))
}
