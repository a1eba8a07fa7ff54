//! Listening sockets and the accept loop.

use super::{arrival::Arrivals, connection::Connections, passed::Passed, tls::Tls};
use crate::lifecycle::{CancellationToken, Tasks};
use bytes::Bytes;
use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    service::Service,
};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::{
    convert::Infallible,
    error::Error,
    io,
    net::{IpAddr, SocketAddr},
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Instant, sleep},
};

/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 4096;

/// What the kernel keeps of answers that a client does not read; by itself it would go up to some MiB for each connection.
const UNREAD: usize = 256 * 1024;

/// Pause after a failed accept: out of descriptors, the next one would fail at once, for ever.
const PAUSE: Duration = Duration::from_millis(50);

/// The log says it again after this long, if it is still so.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// Above the limit, this many connections are still told so; more are closed.
const TOLD: usize = 1024;

/// An address that connections queue up at.
pub struct Listener(TcpListener);

impl Listener {
    /// Takes the address.
    ///
    /// # Errors
    /// When it is taken or not ours to take.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // A restart must not wait for the connections of its predecessor to be forgotten.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        // Accepted sockets inherit it.
        socket.set_tcp_nodelay(true)?;
        socket.set_send_buffer_size(UNREAD)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(Self(TcpListener::from_std(socket.into())?))
    }

    /// Takes over a socket that listens already.
    ///
    /// # Errors
    /// When the kernel refuses to set it up as our own are.
    pub fn adopt(Passed { socket, .. }: Passed) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        SockRef::from(&socket).set_tcp_nodelay(true)?;
        SockRef::from(&socket).set_send_buffer_size(UNREAD)?;
        Ok(Self(TcpListener::from_std(socket)?))
    }

    /// The address it has, with the port the kernel chose for port 0.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// The same socket once more, for a successor. As long as anybody has it, it is open, and connections queue up.
    ///
    /// # Errors
    /// When there are no more descriptors.
    pub fn share(&self) -> io::Result<OwnedFd> {
        self.0.as_fd().try_clone_to_owned()
    }
}

/// What serves the connections of all listeners.
#[derive(Clone)]
pub struct Server {
    tasks: Tasks,
    stop: CancellationToken,
    places: Arc<Semaphore>,
    told: Arc<Semaphore>,
    refused: Arc<AtomicU64>,
    arrivals: Option<Arrivals>,
    most: usize,
    tls: Option<Arc<Tls>>,
}

impl Server {
    /// Serves at most `max_connections` at a time, on `tasks`, until `stop`.
    #[must_use]
    pub fn new(max_connections: usize, tasks: Tasks, stop: CancellationToken) -> Self {
        let places = max_connections.min(Semaphore::MAX_PERMITS);
        Self {
            tasks,
            stop,
            places: Arc::new(Semaphore::new(places)),
            told: Arc::new(Semaphore::new(TOLD)),
            refused: Arc::default(),
            arrivals: None,
            most: places,
            tls: None,
        }
    }

    /// The same, speaking TLS if this is there.
    #[must_use]
    pub fn over(mut self, tls: Option<Arc<Tls>>) -> Self {
        self.tls = tls;
        self
    }

    /// What of TLS clients see, if it is spoken.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_deref()
    }

    /// Behind proxies that speak the PROXY protocol: peers for which `announcing` holds have to say whom a connection is from, and
    /// it is served for that address. Nobody else may.
    #[must_use]
    pub fn behind(mut self, announcing: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.arrivals = Some(Arrivals::new(announcing));
        self
    }

    /// Connections of those proxies that were closed for want of a PROXY header.
    #[must_use]
    pub fn unannounced(&self) -> u64 {
        self.arrivals.as_ref().map_or(0, Arrivals::refused)
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.most.saturating_sub(self.places.available_permits())
    }

    /// Connections that were refused because too many were open.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Accepts until the stop; connections then end with the request they are at. Each gets a service made for the
    /// address it is from.
    pub async fn serve<M, S, B>(self, listener: Listener, service: M)
    where
        M: Fn(SocketAddr) -> S + Clone + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes, Error: Error + Send + Sync> + Send + Unpin + 'static,
    {
        let connections =
            Connections::new(self.tasks.clone(), self.stop.clone(), (self.arrivals.clone(), self.tls.clone()));
        let mut said: Option<Instant> = None;
        loop {
            let accepted = tokio::select! {
                accepted = listener.0.accept() => accepted,
                () = self.stop.cancelled() => break,
            };
            match accepted {
                Ok(arrived) => self.take(arrived, &connections, &service),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    if said.is_none_or(|at| at.elapsed() >= SAID_EVERY) {
                        said = Some(Instant::now());
                        tracing::warn!(%error, "cannot accept connections; those who come wait until it can");
                    }
                    sleep(PAUSE).await;
                }
            }
        }
        for arrived in queued(listener) {
            self.take(arrived, &connections, &service);
        }
    }

    fn take<M, S, B>(&self, arrived: (TcpStream, SocketAddr), connections: &Connections, service: &M)
    where
        M: Fn(SocketAddr) -> S + Clone + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes, Error: Error + Send + Sync> + Send + Unpin + 'static,
    {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return connections.serve(arrived, service.clone(), place);
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        if let Ok(place) = self.told.clone().try_acquire_owned() {
            connections.refuse(arrived, place);
        }
    }
}

/// Those who are in the queue have connected, as far as they know. The kernel is asked itself: the runtime takes a few at a time only, and
/// does not yet know of the last.
fn queued(listener: Listener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let queue = listener.0.into_std().ok();
    let accepted = std::iter::from_fn(move || {
        let next = queue.as_ref()?.accept();
        next.map_or_else(|error| is_of_one_connection(&error).then_some(None), |accepted| Some(Some(accepted)))
    });
    accepted.flatten().filter_map(|(stream, peer)| {
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    })
}

/// A client that hung up while it queued; the listener itself is well.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
