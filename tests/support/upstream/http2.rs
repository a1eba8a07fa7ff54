//! HTTP/2 by hyper, as Mojang's front speaks it.
//!
//! Decides what a fault looks like where frames replace framing: a stream is reset, the connection stays.

use std::{convert::Infallible, future, io, sync::Arc, time::Instant};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Request, Response, Version};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::sleep;

use super::{Recorded, Reply, board::Connected, http1::Wire, reply::Course, written::ENDLESS};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Answers all streams of one connection.
pub(super) async fn serve(connected: &Connected, wire: impl Wire + 'static, streams: Option<u32>) -> io::Result<()> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.max_concurrent_streams(streams);
    let service = service_fn(|request| {
        let (board, number) = (Arc::clone(&connected.board), connected.number);
        async move {
            let request = record(request, number).await?;
            let (reply, answering) = board.arrived(request);
            sleep(reply.delay).await;
            if reply.course == Course::Hang {
                future::pending::<Infallible>().await;
            }
            let response = response(&reply);
            answering.done();
            response
        }
    });
    builder.serve_connection(TokioIo::new(wire), service).await.map_err(io::Error::other)
}

async fn record(request: Request<Incoming>, connection: usize) -> io::Result<Recorded> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    Ok(Recorded {
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or_else(|| head.uri.to_string(), ToString::to_string),
        version: Version::HTTP_2,
        headers: headers.collect(),
        body,
        connection,
        number: 0,
        at: Instant::now(),
    })
}

fn response(reply: &Reply) -> io::Result<Response<Body>> {
    let body = reply.encoded();
    let half = body.slice(..body.len() / 2);
    let cut = || io::Error::from(io::ErrorKind::ConnectionReset);
    let frames = match reply.course {
        Course::Hang | Course::CloseUnanswered | Course::ResetUnanswered | Course::Garbage => return Err(cut()),
        Course::Whole => stream::iter((!body.is_empty()).then_some(Ok(body))).boxed(),
        Course::ResetMidBody | Course::HalfClose => stream::iter([Ok(half), Err(cut())]).boxed(),
        Course::StallMidBody => stream::iter([Ok(half)]).chain(stream::pending()).boxed(),
        Course::Endless => stream::repeat_with(|| Ok(Bytes::from_static(&ENDLESS))).boxed(),
    };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.own_headers() {
        response = response.header(name, value);
    }
    let body = StreamBody::new(frames.map(|frame| frame.map(Frame::data)));
    response.body(BodyExt::boxed_unsync(body)).map_err(io::Error::other)
}
