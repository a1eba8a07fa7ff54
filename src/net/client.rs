//! The pooled client of one peer.
//!
//! Decides which protocol a request travels over; how is decided by `http1` and `http2`. A dial is a task of its own: who gave up
//! waiting for it leaves a warm connection behind. Whoever calls [`Client::send`] must see it through to its deadline: dropping it closes a connection.

use super::{
    Counts, Failure, Outgoing, Patience, Peer, PeerError, Reply, Roots, connection::Connection, connection::Relay1,
    dial::Dial, peer::Origin, pool::Pool, shared::SharedConnection, wire::Wire,
};
use crate::lifecycle::Tasks;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// Requests of one peer on one HTTP/2 connection at a time; servers commonly allow 100 to 250 and hyper queues the rest.
const STREAMS: usize = 250;

/// How often connections that waited too long are closed.
const SWEEP: Duration = Duration::from_secs(5);

/// One peer's connections. Cheap to clone.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

/// What the requests of one peer share.
pub(super) struct Inner {
    pub(super) origin: Origin,
    pub(super) dial: Dial,
    pub(super) pool: Pool<Wire>,
    /// Those whose bodies pass through.
    pub(super) relays: Pool<Relay1>,
    /// Connections open at one time, of both kinds.
    pub(super) most: usize,
    pub(super) shared: SharedConnection,
    /// Whether HTTP/2 is tried: offered by us and not refused by the peer.
    pub(super) multiplexed: AtomicBool,
    pub(super) permits: Semaphore,
    pub(super) streams: Semaphore,
    pub(super) drivers: Tasks,
    pub(super) counts: Arc<Counts>,
}

impl Client {
    /// Prepares a client; connects to nobody. Its connections are driven on `drivers`.
    ///
    /// # Errors
    /// When the origin is no http(s) address, or trusted certificates cannot be read.
    pub fn new(peer: &Peer, roots: &Roots, drivers: Tasks) -> Result<Self, PeerError> {
        let (origin, dial) = peer.prepare(roots)?;
        Ok(Self(Arc::new(Inner {
            origin,
            dial,
            pool: Pool::default(),
            relays: Pool::default(),
            most: peer.max_connections,
            shared: SharedConnection::default(),
            multiplexed: AtomicBool::new(peer.http2),
            permits: Semaphore::new(peer.max_connections),
            streams: Semaphore::new(STREAMS),
            drivers,
            counts: Arc::default(),
        })))
    }

    /// What has become of its connections.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Whether both are the same client.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Starts to open a first connection, so that the first request need not wait for it.
    pub fn warm(&self) {
        if self.0.multiplexed.load(Ordering::Relaxed) {
            self.0.warm2();
        } else if self.0.pool.is_cold() {
            self.0.dial1();
        }
    }

    /// Closes connections that nobody used for long, for as long as the client lives elsewhere.
    pub async fn sweep(self) {
        let inner = Arc::downgrade(&self.0);
        drop(self);
        loop {
            tokio::time::sleep(SWEEP).await;
            let Some(inner) = inner.upgrade() else { return };
            inner.pool.sweep();
            inner.relays.sweep();
        }
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// When no whole answer came in time. The connection is then closed, except where HTTP/2 can go on.
    pub async fn send(&self, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        match self.0.multiplexed.load(Ordering::Relaxed) {
            true => self.0.get2(request, patience).await,
            false => self.0.get1(request, patience).await,
        }
    }
}

impl Inner {
    /// A new connection, of whichever kind is negotiated.
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        let dialed = self.dial.connect(&self.drivers, &self.counts).await.map_err(|obstacle| {
            tracing::debug!(origin = %self.origin.authority, %obstacle, "no connection");
            if obstacle.is_ours() { Failure::Saturated } else { Failure::Refused }
        })?;
        Ok(dialed.connection)
    }
}
