//! The headers of an answer.
//!
//! Nearly every answer is judged by its status and its body alone, so a header is looked for when somebody asks for it.

use bytes::Bytes;
use http::{HeaderMap, header::HeaderValue};
use std::mem::MaybeUninit;

/// More headers than that are not what a session server sends.
pub(super) const MOST: usize = 100;

/// What an answer says of itself.
#[derive(Clone, Debug)]
pub struct Headers(Kept);

#[derive(Clone, Debug)]
enum Kept {
    /// Taken apart.
    Map(HeaderMap),
    /// As they came, the status line before them; known to be well-formed.
    Head(Bytes),
}

impl Headers {
    /// Those of a head that has been read.
    pub(super) fn of(head: Bytes) -> Self {
        Self(Kept::Head(head))
    }

    /// The first of this name.
    #[must_use]
    pub fn get(&self, name: impl AsRef<str>) -> Option<HeaderValue> {
        match &self.0 {
            Kept::Map(map) => map.get(name.as_ref()).cloned(),
            Kept::Head(head) => found(head, name.as_ref()),
        }
    }

    /// The first of this name, if it is text.
    #[must_use]
    pub fn text(&self, name: impl AsRef<str>) -> Option<String> {
        Some(self.get(name)?.to_str().ok()?.trim().to_owned())
    }
}

fn found(head: &[u8], name: &str) -> Option<HeaderValue> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST];
    let mut response = httparse::Response::new(&mut []);
    httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut response, head, &mut headers).ok()?;
    let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    HeaderValue::from_bytes(found.value).ok()
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self(Kept::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_searched_as_a_map_is() {
        let head = Headers::of(Bytes::from_static(b"HTTP/1.1 200 OK\r\nX-Err: 7\r\nx-err: 8\r\nDate:  now \r\n\r\n"));
        let map: Headers = HeaderMap::from_iter([
            (http::header::HeaderName::from_static("x-err"), HeaderValue::from_static("7")),
            (http::header::DATE, HeaderValue::from_static("now")),
        ])
        .into();
        for headers in [head, map] {
            assert_eq!(headers.get("X-ERR").unwrap(), "7");
            assert_eq!(headers.text(http::header::DATE).as_deref(), Some("now"));
            assert!(headers.get("age").is_none());
        }
    }
}
