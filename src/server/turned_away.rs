//! Clients that are not served, but told why: dropped without an answer, some proxies would leave their player hanging.

use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, HeaderValue},
};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, future::ready, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};

/// For the handshake, if there is one, and again for the head of the request that is answered.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Why.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    /// Too many connections are open.
    Full,
    /// It speaks plain HTTP where TLS is spoken.
    NotTls,
}

impl Reason {
    fn response(self) -> Response<Full<Bytes>> {
        let (status, text) = match self {
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, ""),
            Self::NotTls => (StatusCode::BAD_REQUEST, "this port speaks TLS: ask for https://, not http://\n"),
        };
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = status;
        if !text.is_empty() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        }
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

/// Answers one request of HTTP/1 and closes.
pub(super) async fn turn_away<S>(mut http1: http1::Builder, stream: S, reason: Reason)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    http1.header_read_timeout(PATIENCE).keep_alive(false);
    let answer = service_fn(move |_: Request<Incoming>| ready(Ok::<_, Infallible>(reason.response())));
    let _ = http1.serve_connection(TokioIo::new(stream), answer).await;
}
