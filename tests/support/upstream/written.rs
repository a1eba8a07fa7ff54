//! The bytes of an HTTP/1 answer.
//!
//! Decides status line, headers and framing; how many of these bytes are sent is up to `http1`.

use bytes::Bytes;
use http::StatusCode;

use super::{
    Reply,
    reply::{After, Framing},
};

/// No status line, no header.
pub(super) const GARBAGE: &[u8] = b"\x00\x17SSH-2.0 this is not HTTP\r\n\r\n";

/// One piece of a body that has no end.
pub(super) static ENDLESS: [u8; 16 * 1024] = [b' '; 16 * 1024];

/// Bytes of a body per chunk: a profile has several.
const CHUNK: usize = 512;

/// The head and the framed body.
pub(super) fn whole(reply: &Reply) -> (Bytes, Bytes) {
    let body = reply.encoded();
    let bodiless = matches!(reply.status, 204 | 304) && body.is_empty();
    match reply.framing {
        _ if bodiless => (head(reply, &[]), body),
        Framing::Length => (head(reply, &[("Content-Length", &body.len().to_string())]), body),
        Framing::UntilClose => (head(reply, &[]), body),
        Framing::Chunked => {
            let mut chunks = body.chunks(CHUNK).map(chunk).collect::<Vec<_>>().concat();
            chunks.extend_from_slice(b"0\r\n\r\n");
            (head(reply, &[("Transfer-Encoding", "chunked")]), Bytes::from(chunks))
        }
    }
}

/// One chunk with its size.
pub(super) fn chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

/// Status line and headers up to the empty line.
pub(super) fn head(reply: &Reply, framing: &[(&str, &str)]) -> Bytes {
    let reason = StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let version = if reply.http10 { "1.0" } else { "1.1" };
    let mut head = format!("HTTP/{version} {} {}\r\n", reply.status, reason.unwrap_or("Odd"));
    let close = (reply.after == After::CloseAnnounced).then_some(("Connection", "close"));
    for (name, value) in reply.own_headers().chain(framing.iter().copied()).chain(close) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    Bytes::from(head)
}
