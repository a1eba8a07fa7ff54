//! HTTP/1 by hand, so that an answer can be broken at any byte.
//!
//! Decides when a request is complete and how far its answer gets; `written` makes the bytes of the answer.

use std::{io, time::Instant};

use bytes::Bytes;
use http::Version;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};
use tokio_rustls::server::TlsStream;

use super::{
    Recorded, Reply,
    board::Connected,
    reply::{After, Course},
    written::{self, GARBAGE},
};
use crate::support::wire::{self, Buffered, invalid};

/// A connection that can be cut at the TCP level even under TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// How an answer ended.
enum Outcome {
    Keep,
    Close,
    /// Dropped as it is, so that a reset goes out instead of an orderly end.
    Reset,
    /// The asker left before its end.
    Abandoned,
}

/// Answers one request after the other until either side ends it.
pub(super) async fn serve(connected: &Connected, wire: impl Wire) -> io::Result<()> {
    let mut wire = Buffered::new(wire);
    while let Some(request) = read(&mut wire, connected.number).await? {
        let (head_only, last) = (request.method == "HEAD", is_last(&request));
        let (reply, answering) = connected.board.arrived(request);
        let outcome = answer(&mut wire, &reply, head_only).await?;
        if matches!(outcome, Outcome::Abandoned) {
            return Ok(());
        }
        answering.done();
        match outcome {
            Outcome::Reset => return Ok(()),
            Outcome::Keep if !last => {}
            _ => break,
        }
    }
    wire.stream.shutdown().await
}

async fn read(wire: &mut Buffered<impl Wire>, connection: usize) -> io::Result<Option<Recorded>> {
    let Some(head) = wire.head().await? else { return Ok(None) };
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut parsed = httparse::Request::new(&mut headers);
    parsed.parse(&head).map_err(|error| invalid(error.to_string()))?;
    let headers = wire::owned(parsed.headers);
    let chunked = wire::first(&headers, "transfer-encoding").is_some();
    let length = wire::first(&headers, "content-length").map(str::parse::<usize>);
    let body = match length {
        _ if chunked => wire.chunked().await?,
        Some(length) => wire.exactly(length.map_err(|error| invalid(error.to_string()))?).await?,
        None => Bytes::new(),
    };
    Ok(Some(Recorded {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        version: if parsed.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 },
        headers,
        body,
        connection,
        number: 0,
        at: Instant::now(),
    }))
}

fn is_last(request: &Recorded) -> bool {
    let connection = request.header("connection").unwrap_or_default().to_ascii_lowercase();
    match request.version {
        Version::HTTP_10 => !connection.contains("keep-alive"),
        _ => connection.contains("close"),
    }
}

async fn answer(wire: &mut Buffered<impl Wire>, reply: &Reply, head_only: bool) -> io::Result<Outcome> {
    if !reply.delay.is_zero() {
        tokio::select! {
            () = sleep(reply.delay) => {}
            _ = wire.remains() => return Ok(Outcome::Abandoned),
        }
    }
    match reply.course {
        Course::Whole => return whole(&mut wire.stream, reply, head_only).await,
        Course::Endless => endless(&mut wire.stream, reply).await?,
        Course::Garbage => wire.stream.write_all(GARBAGE).await?,
        Course::CloseUnanswered => {}
        Course::ResetUnanswered => return reset(&wire.stream),
        Course::Hang => return left(wire).await,
        Course::StallMidBody => {
            half(&mut wire.stream, reply).await?;
            return left(wire).await;
        }
        Course::HalfClose => {
            half(&mut wire.stream, reply).await?;
            wire.stream.shutdown().await?;
            wire.remains().await;
        }
        Course::ResetMidBody => {
            half(&mut wire.stream, reply).await?;
            return reset(&wire.stream);
        }
    }
    Ok(Outcome::Close)
}

fn reset(stream: &impl Wire) -> io::Result<Outcome> {
    stream.tcp().set_zero_linger()?;
    Ok(Outcome::Reset)
}

async fn left(wire: &mut Buffered<impl Wire>) -> io::Result<Outcome> {
    wire.remains().await;
    Ok(Outcome::Abandoned)
}

async fn whole(stream: &mut impl Wire, reply: &Reply, head_only: bool) -> io::Result<Outcome> {
    let (head, body) = written::whole(reply);
    let body = if head_only { Bytes::new() } else { body };
    match reply.drip {
        None => stream.write_all(&[head, body].concat()).await?,
        Some(pause) => {
            stream.write_all(&head).await?;
            for piece in body.chunks(body.len().div_ceil(10).max(1)) {
                stream.write_all(piece).await?;
                stream.flush().await?;
                sleep(pause).await;
            }
        }
    }
    stream.flush().await?;
    Ok(if reply.after == After::KeepAlive { Outcome::Keep } else { Outcome::Close })
}

async fn half(stream: &mut impl Wire, reply: &Reply) -> io::Result<()> {
    let (head, body) = written::whole(reply);
    stream.write_all(&head).await?;
    stream.write_all(&body[..body.len() / 2]).await?;
    stream.flush().await
}

async fn endless(stream: &mut impl Wire, reply: &Reply) -> io::Result<()> {
    stream.write_all(&written::head(reply, &[("Transfer-Encoding", "chunked")])).await?;
    let chunk = written::chunk(&written::ENDLESS);
    loop {
        stream.write_all(&chunk).await?;
    }
}
