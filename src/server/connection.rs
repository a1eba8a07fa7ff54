//! One client connection, from its first byte to its last.

use super::{
    answered::Answered,
    begun::Begun,
    head::{Turn, Watched},
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
use std::{convert::Infallible, error::Error, future::Future, pin::pin, sync::Arc, time::Duration};
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

/// How connections are served.
pub(super) struct Connections {
    http1: http1::Builder,
    http2: http2::Builder<Tasks>,
    tasks: Tasks,
    stop: CancellationToken,
    tls: Option<Arc<Tls>>,
}

impl Connections {
    pub(super) fn new(tasks: Tasks, stop: CancellationToken, tls: Option<Arc<Tls>>) -> Self {
        let mut http1 = http1::Builder::new();
        // A client may close its sending side and still wait for the answer.
        http1.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).half_close(true);
        http1.max_headers(MOST_HEADERS).max_buf_size(LARGEST_HEAD);
        let mut http2 = http2::Builder::new(tasks.clone());
        http2.timer(TokioTimer::new()).keep_alive_interval(PING_EVERY).keep_alive_timeout(PING_TIMEOUT);
        http2.max_concurrent_streams(STREAMS).max_header_list_size(LARGEST_HEAD as u32);
        Self { http1, http2, tasks, stop, tls }
    }

    /// Serves the connection to its end, in a task.
    pub(super) fn serve<S, B>(&self, stream: TcpStream, service: S, place: OwnedSemaphorePermit)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
        S::Future: Send + 'static,
        B: Body<Data = Bytes, Error: Error + Send + Sync> + Send + Unpin + 'static,
    {
        let (http1, http2, stop, tls) = (self.http1.clone(), self.http2.clone(), self.stop.clone(), self.tls.clone());
        self.tasks.spawn(async move {
            let _place = place;
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
            match multiplexed {
                true => {
                    let stream = TokioIo::new(stream);
                    let mut connection = Box::pin(http2.serve_connection(stream, service));
                    if running(connection.as_mut(), &stop).await.is_none() {
                        connection.as_mut().graceful_shutdown();
                        let _ = connection.await;
                    }
                }
                false => {
                    let turn = Arc::<Turn>::default();
                    let stream = TokioIo::new(Watched::new(stream, turn.clone(), DAWDLING));
                    let mut connection = pin!(http1.serve_connection(stream, in_turns(service, turn.clone())));
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
    pub(super) fn refuse(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let (http1, tls) = (self.http1.clone(), self.tls.clone());
        self.tasks.spawn(async move {
            let _place = place;
            let Some(tls) = tls else { return turn_away(http1, stream, Reason::Full).await };
            match tls.receive(stream, turned_away::PATIENCE).await {
                Some(Welcomed::Secure(stream, _)) => turn_away(http1, stream, Reason::Full).await,
                Some(Welcomed::Plain(stream)) => turn_away(http1, stream, Reason::NotTls).await,
                None => {}
            }
        });
    }
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

async fn last_chance(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(LAST_CHANCE).await;
}
