//! The head of an HTTP/1.1 answer, and what it says of the body that follows (RFC 9112 §6.3).
//!
//! Decides how long a body is, and whether another request may follow it on the same connection.

use super::headers::MOST;
use http::{StatusCode, header::HeaderValue};
use std::mem::MaybeUninit;

/// A head is read that far.
pub const LARGEST: usize = 64 * 1024;

/// A head that has been read.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes of it, the empty line included.
    pub length: usize,
    /// The answer's.
    pub status: StatusCode,
    /// Where the body ends.
    pub body: Framing,
    /// The connection stays open, as far as the peer is concerned.
    pub keeps: bool,
    pub(super) encoding: Option<HeaderValue>,
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(u64),
    /// Where its last chunk says so.
    Chunked,
    /// With the connection.
    Close,
}

/// What stands there is not HTTP/1, or can be read in several ways.
#[derive(Debug, PartialEq, Eq)]
pub struct NotHttp;

impl Head {
    /// Reads the head at the beginning of `bytes`; `None` when it goes on. `bodiless`: it answers a HEAD.
    ///
    /// # Errors
    /// When it is none, or too long.
    pub fn read(bytes: &[u8], bodiless: bool) -> Result<Option<Self>, NotHttp> {
        let mut headers = [const { MaybeUninit::uninit() }; MOST];
        let mut response = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let length = match parsed.map_err(|_| NotHttp)? {
            // The same bound however it came.
            httparse::Status::Complete(length) if length <= LARGEST => length,
            httparse::Status::Complete(_) => return Err(NotHttp),
            httparse::Status::Partial if bytes.len() < LARGEST => return Ok(None),
            httparse::Status::Partial => return Err(NotHttp),
        };
        let status = response.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(NotHttp)?;
        let says = Says::of(response.headers)?;
        let newer = response.version == Some(1);
        let body = match bodiless || matches!(status.as_u16(), 100..=199 | 204 | 304) {
            true => Framing::Length(0),
            false => says.framing(newer)?,
        };
        // After a 101 the connection speaks something else; a body that ends with the connection says so itself; and one with two
        // lengths may have been read by somebody before us as the other of them.
        let keeps = newer
            && !(says.close || says.chunked.is_some() && says.length.is_some())
            && status != StatusCode::SWITCHING_PROTOCOLS
            && body != Framing::Close;
        Ok(Some(Self { length, status, body, keeps, encoding: says.encoding }))
    }

    /// One that precedes the answer.
    #[must_use]
    pub fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }
}

/// What the headers say of the body and the connection.
#[derive(Default)]
struct Says {
    length: Option<u64>,
    /// There is a transfer coding, and whether the last of them is `chunked`.
    chunked: Option<bool>,
    close: bool,
    encoding: Option<HeaderValue>,
}

impl Says {
    fn of(headers: &[httparse::Header<'_>]) -> Result<Self, NotHttp> {
        let mut says = Self::default();
        for header in headers {
            // Most names have another length than these.
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    says.close |= words(header.value).any(|word| word.eq_ignore_ascii_case(b"close"));
                }
                14 if header.name.eq_ignore_ascii_case("content-length") => says.length(header.value)?,
                16 if header.name.eq_ignore_ascii_case("content-encoding") && says.encoding.is_none() => {
                    says.encoding = Some(HeaderValue::from_bytes(header.value).map_err(|_| NotHttp)?);
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    // What is no text is read in several ways.
                    let text = str::from_utf8(header.value).ok().filter(|text| text.is_ascii()).ok_or(NotHttp)?;
                    let last = words(text.as_bytes()).last();
                    says.chunked = Some(last.is_some_and(|word| word.eq_ignore_ascii_case(b"chunked")));
                }
                _ => {}
            }
        }
        Ok(says)
    }

    /// Said more than once it has to be the same.
    fn length(&mut self, value: &[u8]) -> Result<(), NotHttp> {
        for word in words(value) {
            let length = number(word).ok_or(NotHttp)?;
            if *self.length.get_or_insert(length) != length {
                return Err(NotHttp);
            }
        }
        Ok(())
    }

    fn framing(&self, newer: bool) -> Result<Framing, NotHttp> {
        match (self.chunked, self.length) {
            // HTTP/1.0 has no codings: it stands there for somebody else.
            (Some(_), _) if !newer => Err(NotHttp),
            (Some(true), _) => Ok(Framing::Chunked),
            (Some(false), _) | (None, None) => Ok(Framing::Close),
            (None, Some(length)) => Ok(Framing::Length(length)),
        }
    }
}

/// Digits alone: no sign.
fn number(word: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(word).ok().filter(|word| word.bytes().all(|digit| digit.is_ascii_digit()))?;
    digits.parse().ok()
}

fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Result<Option<Head>, NotHttp> {
        Head::read(head.as_bytes(), false)
    }

    #[test]
    fn the_length_of_a_body_is_read_in_one_way() {
        for (lines, body) in [
            ("Content-Length: 7", Ok(Framing::Length(7))),
            ("Content-Length: 7\r\ncontent-length: 7, 7", Ok(Framing::Length(7))),
            ("Content-Length: 7\r\nContent-Length: 8", Err(NotHttp)),
            ("Content-Length: +7", Err(NotHttp)),
            ("Content-Length:", Err(NotHttp)),
            ("Content-Length: 99999999999999999999", Err(NotHttp)),
            ("Transfer-Encoding: chunked", Ok(Framing::Chunked)),
            ("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 7", Ok(Framing::Chunked)),
            ("Transfer-Encoding: gzip", Ok(Framing::Close)),
            ("X: Content-Length: 7", Ok(Framing::Close)),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{{}}");
            assert_eq!(read(&head).map(|head| head.unwrap().body), body, "{lines}");
        }
        assert_eq!(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: \u{e9}, chunked\r\n\r\n"), Err(NotHttp));
        assert_eq!(read("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Err(NotHttp));
        for status in [100, 101, 103, 204, 304] {
            let head = read(&format!("HTTP/1.1 {status} X\r\nContent-Length: 7\r\n\r\n")).unwrap().unwrap();
            assert_eq!(head.body, Framing::Length(0), "{status}");
            assert_eq!(head.is_interim(), status == 100 || status == 103, "{status}");
        }
        let head = Head::read(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true).unwrap().unwrap();
        assert_eq!(head.body, Framing::Length(0), "of a HEAD");
    }

    #[test]
    fn a_connection_stays_where_both_say_so() {
        for (head, keeps) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
            ("HTTP/1.1 204 No Content\r\n\r\n", true),
            ("HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n", true),
            ("HTTP/1.1 204 No Content\r\nConnection: x, Close\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\n\r\n", false),
            ("HTTP/1.0 204 No Content\r\n\r\n", false),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", false),
        ] {
            assert_eq!(read(head).unwrap().unwrap().keeps, keeps, "{head}");
        }
    }

    #[test]
    fn what_goes_on_is_waited_for_but_not_for_ever() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-"), Ok(None));
        assert_eq!(read(&format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(LARGEST))), Err(NotHttp));
        assert_eq!(read("SSH-2.0-OpenSSH"), Err(NotHttp));
        assert_eq!(read(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(MOST + 1))), Err(NotHttp));
    }
}
