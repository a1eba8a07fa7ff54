//! An answer as hyper's client reads it.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::{
    client::conn::http1,
    rt::{Read, ReadBufCursor, Write},
};
use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// A peer that says these bytes once it has been asked, and closes.
struct Peer(Rc<RefCell<Said>>);

struct Said {
    bytes: Vec<u8>,
    at: usize,
    asked: bool,
    waiting: Option<Waker>,
}

impl Read for Peer {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut said = self.0.borrow_mut();
        if !said.asked {
            said.waiting = Some(context.waker().clone());
            return Poll::Pending;
        }
        let length = buffer.remaining().min(said.bytes.len() - said.at);
        let at = said.at;
        buffer.put_slice(&said.bytes[at..at + length]);
        said.at += length;
        Poll::Ready(Ok(()))
    }
}

impl Write for Peer {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut said = self.0.borrow_mut();
        said.asked = true;
        if let Some(waiting) = said.waiting.take() {
            waiting.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Status and body; nothing, when hyper makes nothing of it.
#[must_use]
pub fn answer(bytes: &[u8], method: Method) -> Option<(StatusCode, Bytes)> {
    let said = Said { bytes: bytes.to_vec(), at: 0, asked: false, waiting: None };
    let peer = Peer(Rc::new(RefCell::new(said)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
    runtime.block_on(async {
        let (mut sender, connection) = http1::handshake::<_, Empty<Bytes>>(peer).await.ok()?;
        let request = Request::builder().method(method).uri("/").body(Empty::new()).ok()?;
        let asked = async {
            let (head, body) = sender.send_request(request).await.ok()?.into_parts();
            Some((head.status, body.collect().await.ok()?.to_bytes()))
        };
        let mut asked = std::pin::pin!(asked);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            answer = &mut asked => answer,
            // What it has read by then is all there is.
            _ = &mut connection => asked.await,
        }
    })
}
