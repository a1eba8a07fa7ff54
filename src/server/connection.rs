//! One client connection, from its first byte to its last.

use super::{
    answered::Answered,
    arrival::Arrivals,
    begun::Begun,
    head::{Turn, Watched},
    pace::{Pace, Paced},
    patient::Patient,
    stream::Stream,
    tls::{Tls, Welcomed},
    turned_away::{self, Reason, turn_away},
};
use crate::lifecycle::{CancellationToken, Tasks};
use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{CONNECTION, HeaderValue},
};
use hyper::{
    body::{Body, Incoming},
    server::conn::{http1, http2},
    service::{Service, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, error::Error, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{sleep, timeout},
};

/// From the first byte awaited to the end of a request's head; an idle keep-alive connection ends by it too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// From the first byte of a request's head to its last: all heads there are fit into one packet or two.
const DAWDLING: Duration = Duration::from_secs(5);
/// A client that has connected but said nothing when a drain begins, or nothing since its last answer, may be about to: it gets this long.
const LAST_CHANCE: Duration = Duration::from_secs(1);
/// From the connection to the end of the TLS handshake. Game servers give up on the whole after 5 s.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// To be told that a connection ends, for a client that has not said a word.
const FAREWELL: Duration = Duration::from_secs(1);
/// Request heads beyond these are answered 431.
const MOST_HEADERS: usize = 64;
const LARGEST_HEAD: usize = 16 * 1024;
/// Requests at one time on one HTTP/2 connection.
const STREAMS: u32 = 200;
/// An HTTP/2 client is asked whether it lives after this long without a word…
const PING_EVERY: Duration = Duration::from_secs(20);
/// …and given up when it does not say so in this time.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Who takes no byte of its answers for this long has left, or wants them to pile up.
const UNREAD: Duration = Duration::from_secs(10);
/// What is kept of an HTTP/2 stream's answer until the client makes room for it.
const SEND_BUFFER: usize = 64 * 1024;
/// What an HTTP/2 client may send before any of it has been read: on one stream, and on all of a connection.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Streams that an HTTP/2 client has opened and reset before they were looked at (CVE-2023-44487): one more ends the connection.
const RESET_BY_CLIENT: usize = 20;
/// Streams that had to be reset for what the client did on them: one more ends the connection.
const RESET_BY_US: usize = 100;

/// How connections are served.
pub(super) struct Connections {
    http1: http1::Builder,
    http2: http2::Builder<Tasks>,
    tasks: Tasks,
    stop: CancellationToken,
    arrivals: Option<Arrivals>,
    tls: Option<Arc<Tls>>,
}

impl Connections {
    pub(super) fn new(
        tasks: Tasks,
        stop: CancellationToken,
        (arrivals, tls): (Option<Arrivals>, Option<Arc<Tls>>),
    ) -> Self {
        let mut http1 = http1::Builder::new();
        // A client may close its sending side and still wait for the answer.
        http1.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).half_close(true);
        http1.max_headers(MOST_HEADERS).max_buf_size(LARGEST_HEAD);
        let mut http2 = http2::Builder::new(tasks.clone());
        http2.timer(TokioTimer::new()).keep_alive_interval(PING_EVERY).keep_alive_timeout(PING_TIMEOUT);
        http2.max_concurrent_streams(STREAMS).max_header_list_size(LARGEST_HEAD as u32);
        http2.initial_stream_window_size(STREAM_WINDOW).initial_connection_window_size(CONNECTION_WINDOW);
        http2.max_send_buf_size(SEND_BUFFER);
        http2.max_pending_accept_reset_streams(RESET_BY_CLIENT).max_local_error_reset_streams(RESET_BY_US);
        Self { http1, http2, tasks, stop, arrivals, tls }
    }

    /// Serves the connection to its end, in a task, by a service made for whomever it is from.
    pub(super) fn serve<M, S, B>(
        &self,
        (mut stream, peer): (TcpStream, SocketAddr),
        service: M,
        place: OwnedSemaphorePermit,
    ) where
        M: FnOnce(SocketAddr) -> S + Send + 'static,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes, Error: Error + Send + Sync> + Send + Unpin + 'static,
    {
        let (http1, http2, stop) = (self.http1.clone(), self.http2.clone(), self.stop.clone());
        let (arrivals, tls) = (self.arrivals.clone(), self.tls.clone());
        self.tasks.spawn(async move {
            let _place = place;
            let Some(client) = origin(arrivals, (&mut stream, peer), &stop).await else { return };
            let (stream, agreed) = match tls {
                None => (Stream::Plain(stream), None),
                // In a box: it is over when the connection has only begun, and plain ones have none.
                Some(tls) => match Box::pin(welcomed(&tls, stream, &stop)).await {
                    Some(Welcomed::Secure(stream, agreed)) => (Stream::Secure(stream), agreed),
                    Some(Welcomed::Plain(stream)) => return Box::pin(turn_away(http1, stream, Reason::NotTls)).await,
                    None => return,
                },
            };
            let mut stream = Begun::new(stream);
            let Some(begins_as_http2) = first_word(&mut stream, &stop).await else {
                return stream.farewell(FAREWELL).await;
            };
            // What the two have agreed on holds, whatever the client says then.
            let multiplexed = agreed.unwrap_or(begins_as_http2);
            let stream = Patient::new(stream, UNREAD);
            match multiplexed {
                true => {
                    let pace = Arc::<Pace>::default();
                    let service = watched(service(client), pace.clone());
                    let mut connection = Box::pin(http2.serve_connection(TokioIo::new(stream), service));
                    let ending = async {
                        if running(connection.as_mut(), &stop).await.is_none() {
                            connection.as_mut().graceful_shutdown();
                            let _ = connection.await;
                        }
                    };
                    tokio::select! {
                        () = ending => {}
                        () = pace.stalled(UNREAD) => {}
                    }
                }
                false => {
                    let turn = Arc::<Turn>::default();
                    let stream = TokioIo::new(Watched::new(stream, turn.clone(), DAWDLING));
                    let mut connection = pin!(http1.serve_connection(stream, in_turns(service(client), turn.clone())));
                    if running(connection.as_mut(), &stop).await.is_none() {
                        // Closed at once, it could cross with a request. The next answer says that it was the last.
                        turn.end();
                        if timeout(LAST_CHANCE, connection.as_mut()).await.is_err() {
                            connection.as_mut().graceful_shutdown();
                            let _ = connection.await;
                        }
                    }
                }
            }
        });
    }

    /// Answers one request with 503 and closes.
    pub(super) fn refuse(&self, (mut stream, peer): (TcpStream, SocketAddr), place: OwnedSemaphorePermit) {
        let (http1, stop) = (self.http1.clone(), self.stop.clone());
        let (arrivals, tls) = (self.arrivals.clone(), self.tls.clone());
        self.tasks.spawn(async move {
            let _place = place;
            if origin(arrivals, (&mut stream, peer), &stop).await.is_none() {
                return;
            }
            let Some(tls) = tls else { return turn_away(http1, Patient::new(stream, UNREAD), Reason::Full).await };
            match tls.receive(stream, turned_away::PATIENCE).await {
                Some(Welcomed::Secure(stream, _)) => {
                    turn_away(http1, Patient::new(stream, UNREAD), Reason::Full).await;
                }
                Some(Welcomed::Plain(stream)) => turn_away(http1, stream, Reason::NotTls).await,
                None => {}
            }
        });
    }
}

/// Answers requests of HTTP/2, and sees how its answers are taken.
fn watched<S, B>(
    service: S,
    pace: Arc<Pace>,
) -> impl Service<Request<Incoming>, Response = Response<Paced<B>>, Error = Infallible, Future: Send>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
    B: Body<Data = Bytes> + Send + Unpin,
{
    service_fn(move |request| {
        let (answer, pace) = (service.call(request), pace.clone());
        async move { answer.await.map(|response| response.map(|body| pace.watch(body))) }
    })
}

/// Whom a connection is from; nothing, when it cannot be served.
async fn origin(
    arrivals: Option<Arrivals>,
    (stream, peer): (&mut TcpStream, SocketAddr),
    stop: &CancellationToken,
) -> Option<SocketAddr> {
    let Some(arrivals) = arrivals else { return Some(peer) };
    tokio::select! {
        biased;
        origin = arrivals.origin(stream, peer) => origin,
        () = last_chance(stop) => None,
    }
}

/// Some time after the stop.
async fn last_chance(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(LAST_CHANCE).await;
}

/// Answers requests whose heads can be read in one way, and refuses the others.
fn in_turns<S, B>(
    service: S,
    turn: Arc<Turn>,
) -> impl Service<Request<Incoming>, Response = Response<Answered<B>>, Error = Infallible, Future: Send>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
    B: Body<Data = Bytes> + Send + Unpin,
{
    service_fn(move |request| {
        let turn = turn.clone();
        let answer = turn.take().then(|| service.call(request));
        async move {
            match answer {
                Some(answer) => answer.await.map(|mut response| {
                    if turn.ends() {
                        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    }
                    response.map(|body| Answered::with(body, turn))
                }),
                None => {
                    let mut response = Response::new(Answered::empty(turn));
                    *response.status_mut() = StatusCode::BAD_REQUEST;
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    Ok(response)
                }
            }
        }
    })
}

/// Runs a connection until it ends, or until the stop: then it still has to end.
async fn running<C: Future>(connection: C, stop: &CancellationToken) -> Option<C::Output> {
    tokio::select! {
        biased;
        ended = connection => Some(ended),
        () = stop.cancelled() => None,
    }
}

/// The handshake, or nothing if it fails, or takes too long.
async fn welcomed(tls: &Tls, stream: TcpStream, stop: &CancellationToken) -> Option<Welcomed> {
    tokio::select! {
        biased;
        welcomed = tls.welcome(stream, HANDSHAKE_TIMEOUT) => welcomed,
        () = last_chance(stop) => None,
    }
}

/// Whether a client speaks HTTP/2; nothing if it says nothing for too long, or begins to and dawdles.
async fn first_word(stream: &mut Begun, stop: &CancellationToken) -> Option<bool> {
    tokio::select! {
        biased;
        word = timeout(HEAD_TIMEOUT, stream.listen(DAWDLING)) => word.ok().flatten(),
        () = last_chance(stop) => None,
    }
}
