//! The pooled client of one peer.
//!
//! HTTP/1.1: as many connections as there are permits; each serves one request, is given back when its answer was read to the end
//! and closed otherwise. HTTP/2: one connection for all. A dial is a task of its own: who gave up waiting for it leaves a warm
//! connection behind. Whoever calls [`Client::get`] must see it through to its deadline: dropping it closes a connection.

use super::{
    Failure, Peer, PeerError, Reply, Roots,
    connection::{self, Body, Broken, Connection, Http1, Http2},
    dial::Dial,
    idle::Idle,
    peer::Origin,
    reply,
    shared::{Dialed, Found, SharedConnection},
};
use crate::lifecycle::{CancellationToken, Tasks};
use http::{HeaderMap, Method, Request, Uri, header::HOST, uri::PathAndQuery};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, timeout_at},
};

/// A GET on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where to, within the peer's origin.
    pub target: PathAndQuery,
    /// Everything but `Host`.
    pub headers: HeaderMap,
    /// May be sent again when a connection that was idle breaks before the answer: it may then have arrived twice.
    pub repeatable: bool,
}

/// How long an answer is wanted.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Until then.
    pub deadline: Instant,
    /// Or until this is cancelled, if by then nothing was sent: a request that has left is seen through, to save its connection.
    pub given_up: CancellationToken,
}

impl Patience {
    /// Waits for what a request needs before it can leave.
    async fn for_leave<T>(&self, wait: impl Future<Output = Result<T, Failure>>, late: Failure) -> Result<T, Failure> {
        tokio::select! {
            biased;
            ready = timeout_at(self.deadline, wait) => ready.unwrap_or(Err(late)),
            () = self.given_up.cancelled() => Err(Failure::NotAsked),
        }
    }
}

/// Requests of one peer on one HTTP/2 connection at a time; servers commonly allow 100 to 250 and hyper queues the rest.
const STREAMS: usize = 250;

/// How often connections that waited too long are closed.
const SWEEP: Duration = Duration::from_secs(5);

/// One peer's connections. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    origin: Origin,
    dial: Dial,
    idle: Idle,
    shared: SharedConnection,
    /// Whether HTTP/2 is tried: offered by us and not refused by the peer.
    multiplexed: AtomicBool,
    permits: Arc<Semaphore>,
    streams: Semaphore,
    drivers: Tasks,
    opened: AtomicU64,
}

/// An HTTP/1.1 connection and the permit that allows it; the permit is freed after the connection.
struct Checkout {
    connection: Http1,
    permit: OwnedSemaphorePermit,
    fresh: bool,
}

/// Where an exchange ended without a reply.
enum Ended {
    /// Before the head of the answer: perhaps worth another connection.
    Before(Broken),
    /// For good.
    Finally(Failure),
}

impl Ended {
    fn failure(self) -> Failure {
        match self {
            Self::Before(_) => Failure::Reset,
            Self::Finally(failure) => failure,
        }
    }
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
            idle: Idle::default(),
            shared: SharedConnection::default(),
            multiplexed: AtomicBool::new(peer.http2),
            permits: Arc::new(Semaphore::new(peer.max_connections)),
            streams: Semaphore::new(STREAMS),
            drivers,
            opened: AtomicU64::new(0),
        })))
    }

    /// Connections opened since the start.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.0.opened.load(Ordering::Relaxed)
    }

    /// Opens a first connection, so that the first request need not wait for it.
    ///
    /// # Errors
    /// When there is none to be had; requests will try again.
    pub async fn warm(&self, patience: &Patience) -> Result<(), Failure> {
        self.0.warm(patience).await
    }

    /// Closes connections that nobody used for long, for as long as the client lives elsewhere.
    pub async fn sweep(self) {
        let idle = Arc::downgrade(&self.0);
        drop(self);
        loop {
            tokio::time::sleep(SWEEP).await;
            let Some(inner) = idle.upgrade() else { return };
            inner.idle.sweep();
        }
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// When no whole answer came in time. The connection is then closed, except where HTTP/2 can go on.
    pub async fn get(&self, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        match self.0.multiplexed.load(Ordering::Relaxed) {
            true => self.0.get2(request, patience).await,
            false => self.0.get1(request, patience).await,
        }
    }
}

impl Inner {
    async fn get1(self: &Arc<Self>, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        let mut permit = self.permit(patience).await?;
        let mut idle_allowed = true;
        loop {
            let mut checkout = self.checkout(permit, idle_allowed, patience).await?;
            let exchange = self.exchange1(&mut checkout.connection, request);
            match timeout_at(patience.deadline, exchange).await.unwrap_or(Err(Ended::Finally(Failure::Timeout))) {
                Ok(reply) => {
                    self.idle.put(checkout.connection);
                    return Ok(reply);
                }
                Err(Ended::Before(Broken { unsent })) if !checkout.fresh && (unsent || request.repeatable) => {
                    // Once it may have arrived, only a new connection is worth the one repetition.
                    idle_allowed = unsent;
                    permit = checkout.permit;
                }
                Err(ended) => return Err(ended.failure()),
            }
        }
    }

    async fn exchange1(&self, connection: &mut Http1, request: &Outgoing) -> Result<Reply, Ended> {
        let response = connection::send1(connection, self.request1(request)).await.map_err(Ended::Before)?;
        reply::read(response).await.map_err(Ended::Finally)
    }

    async fn permit(&self, patience: &Patience) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let permit = async { self.permits.clone().acquire_owned().await.map_err(|_| Failure::Saturated) };
        patience.for_leave(permit, Failure::Saturated).await
    }

    async fn checkout(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        idle_allowed: bool,
        patience: &Patience,
    ) -> Result<Checkout, Failure> {
        if idle_allowed && let Some(connection) = self.idle.take() {
            return Ok(Checkout { connection, permit, fresh: false });
        }
        let dialed = self.dial1(permit);
        patience.for_leave(async { dialed.await.unwrap_or(Err(Failure::Refused)) }, Failure::Timeout).await
    }

    /// Dials in a task of its own, which leaves the connection to the others when nobody waits any more.
    fn dial1(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> oneshot::Receiver<Result<Checkout, Failure>> {
        let (tell, dialed) = oneshot::channel();
        let inner = self.clone();
        self.drivers.spawn(async move {
            let outcome = match inner.connect().await {
                Ok(Connection::Http1(connection)) => Ok(Checkout { connection, permit, fresh: true }),
                Ok(Connection::Http2(_)) => {
                    // It refused HTTP/2 before and has changed its mind: the next request will share.
                    inner.multiplexed.store(true, Ordering::Relaxed);
                    Err(Failure::Refused)
                }
                Err(failure) => Err(failure),
            };
            if let Err(Ok(unwanted)) = tell.send(outcome) {
                inner.idle.put(unwanted.connection);
            }
        });
        dialed
    }

    async fn get2(self: &Arc<Self>, request: &Outgoing, patience: &Patience) -> Result<Reply, Failure> {
        let mut repeated = false;
        loop {
            let Some(mut connection) = patience.for_leave(self.connection2(), Failure::Timeout).await? else {
                return self.get1(request, patience).await;
            };
            let stream = async { self.streams.acquire().await.map_err(|_| Failure::Saturated) };
            let _stream = patience.for_leave(stream, Failure::Saturated).await?;
            let exchange = self.exchange2(&mut connection, request);
            match timeout_at(patience.deadline, exchange).await.unwrap_or(Err(Ended::Finally(Failure::Timeout))) {
                Ok(reply) => return Ok(reply),
                Err(Ended::Before(Broken { unsent })) if !repeated && (unsent || request.repeatable) => repeated = true,
                Err(ended) => return Err(ended.failure()),
            }
        }
    }

    async fn exchange2(&self, connection: &mut Http2, request: &Outgoing) -> Result<Reply, Ended> {
        let request = self.request2(request).map_err(Ended::Finally)?;
        let response = connection::send2(connection, request).await.map_err(Ended::Before)?;
        reply::read(response).await.map_err(Ended::Finally)
    }

    /// The shared connection, dialed if need be; `None` when the peer chose HTTP/1.1.
    async fn connection2(self: &Arc<Self>) -> Result<Option<Http2>, Failure> {
        let dialing = match self.shared.find() {
            Found::Open(connection) => return Ok(Some(connection)),
            Found::Dialing(dialing) => dialing,
            Found::Nothing(tell, dialing) => {
                let inner = self.clone();
                self.drivers.spawn(async move { inner.shared.settle(inner.dial2().await, tell) });
                dialing
            }
        };
        dialing.await.unwrap_or(Err(Failure::Refused))
    }

    async fn dial2(&self) -> Dialed {
        match self.connect().await? {
            Connection::Http2(connection) => Ok(Some(connection)),
            Connection::Http1(connection) => {
                self.multiplexed.store(false, Ordering::Relaxed);
                self.idle.put(connection);
                Ok(None)
            }
        }
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let connection = self.dial.connect(&self.drivers).await?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }

    async fn warm(self: &Arc<Self>, patience: &Patience) -> Result<(), Failure> {
        if self.multiplexed.load(Ordering::Relaxed) {
            return patience.for_leave(self.connection2(), Failure::Timeout).await.map(|_| ());
        }
        let permit = self.permit(patience).await?;
        let checkout = self.checkout(permit, true, patience).await?;
        self.idle.put(checkout.connection);
        Ok(())
    }

    /// HTTP/1.1 wants the target alone and a `Host`.
    fn request1(&self, outgoing: &Outgoing) -> Request<Body> {
        let mut request = Request::new(Body::default());
        *request.uri_mut() = Uri::from(outgoing.target.clone());
        *request.headers_mut() = outgoing.headers.clone();
        request.headers_mut().insert(HOST, self.origin.host.clone());
        request
    }

    /// HTTP/2 wants the whole URL.
    fn request2(&self, outgoing: &Outgoing) -> Result<Request<Body>, Failure> {
        let uri = Uri::builder()
            .scheme(self.origin.scheme.clone())
            .authority(self.origin.authority.clone())
            .path_and_query(outgoing.target.clone())
            .build()
            .map_err(|_| Failure::Refused)?;
        let mut request = Request::new(Body::default());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        *request.headers_mut() = outgoing.headers.clone();
        Ok(request)
    }
}
