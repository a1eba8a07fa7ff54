//! A whole answer, bounded and decoded.

use super::{Failure, Headers};
use bytes::{Bytes, BytesMut};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::{
    Response, StatusCode,
    header::{CONTENT_ENCODING, HeaderValue},
};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use std::io::Read;

/// What a peer answered.
#[derive(Debug)]
pub struct Reply {
    /// Its status, redirects among them: none is followed.
    pub status: StatusCode,
    /// Its headers.
    pub headers: Headers,
    /// The decoded body, no larger than the request allowed.
    pub body: Bytes,
}

/// Reads the answer to its end, after which the connection can be used again. On an error it cannot.
pub(super) async fn read(response: Response<Incoming>, largest: usize) -> Result<Reply, Failure> {
    let (head, body) = response.into_parts();
    let raw = whole(body, largest).await?;
    let body = plain(head.headers.get(CONTENT_ENCODING), raw, largest)?;
    Ok(Reply { status: head.status, headers: head.headers.into(), body })
}

/// The body as it was before anything was done to it for the way.
pub(super) fn plain(encoding: Option<&HeaderValue>, raw: Bytes, largest: usize) -> Result<Bytes, Failure> {
    match encoding {
        Some(encoding) if !raw.is_empty() => decoded(encoding, &raw, largest),
        _ => Ok(raw),
    }
}

/// Most bodies come in one frame, which is then passed on as it is.
async fn whole(mut body: Incoming, largest: usize) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > largest as u64 {
        return Err(Failure::TooLarge);
    }
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::Reset)?.into_data() else { continue };
        if first.len() + more.len() + data.len() > largest {
            return Err(Failure::TooLarge);
        }
        match first.is_empty() {
            true => first = data,
            false => more.extend_from_slice(&data),
        }
    }
    match more.is_empty() {
        true => Ok(first),
        false => Ok([&first[..], &more[..]].concat().into()),
    }
}

/// No compression is asked for, but some front ends compress all the same.
fn decoded(encoding: &HeaderValue, raw: &[u8], largest: usize) -> Result<Bytes, Failure> {
    match encoding.as_bytes() {
        b"identity" => Ok(Bytes::copy_from_slice(raw)),
        b"gzip" | b"x-gzip" => inflated(MultiGzDecoder::new(raw), largest),
        b"deflate" => inflated(ZlibDecoder::new(raw), largest),
        _ => Err(Failure::Encoding),
    }
}

fn inflated(decoder: impl Read, largest: usize) -> Result<Bytes, Failure> {
    let mut plain = Vec::new();
    decoder.take(largest as u64 + 1).read_to_end(&mut plain).map_err(|_| Failure::Encoding)?;
    match plain.len() > largest {
        true => Err(Failure::TooLarge),
        false => Ok(plain.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const LARGEST: usize = 64 * 1024;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(encoding: &'static str, raw: &[u8]) -> Result<Bytes, Failure> {
        decoded(&HeaderValue::from_static(encoding), raw, LARGEST)
    }

    #[test]
    fn decodes_gzip_and_nothing_it_does_not_know() {
        assert_eq!(decode("gzip", &gzip(b"{}")).unwrap(), "{}");
        assert_eq!(decode("identity", b"{}").unwrap(), "{}");
        assert_eq!(decode("br", b"{}"), Err(Failure::Encoding));
        assert_eq!(decode("gzip", b"not gzip"), Err(Failure::Encoding));
        assert_eq!(decode("gzip", &gzip(b"cut short")[..12]), Err(Failure::Encoding));
    }

    #[test]
    fn a_gzip_bomb_stops_at_the_bound() {
        let bomb = gzip(&vec![0; 50 * 1024 * 1024]);
        assert!(bomb.len() < LARGEST, "the bomb itself must pass the bound");
        assert_eq!(decode("gzip", &bomb), Err(Failure::TooLarge));
        assert_eq!(decode("gzip", &gzip(&vec![0; LARGEST])).unwrap().len(), LARGEST);
    }
}
