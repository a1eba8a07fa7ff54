//! Reads a request's body to its end: not more than is allowed, not longer than is decent, and only of a type that is read here.

use super::{
    endpoint::Takes,
    refusal::{Code, Refusal},
};
use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use http_body_util::BodyExt;
use hyper::body::Body;
use std::{pin::pin, time::Duration};
use tokio::time::timeout;

/// From the head to the end of the body.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a body is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing is said.
    Unsaid,
    /// JSON.
    Json,
    /// A form.
    Encoded,
}

/// What the head says of the body.
///
/// # Errors
/// `unsupported_media_type`, when it is nothing that is taken here.
pub(super) fn form(headers: &HeaderMap, takes: Takes) -> Result<Form, Refusal> {
    let unsupported = Err(Code::UnsupportedMediaType.into());
    if takes == Takes::Nothing {
        return Ok(Form::Unsaid);
    }
    if headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return unsupported;
    }
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(Form::Unsaid) };
    let Ok(text) = value.to_str() else { return unsupported };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    if !parts.all(is_utf_8) {
        return unsupported;
    }
    match takes {
        Takes::Json | Takes::JsonOrForm if essence.eq_ignore_ascii_case("application/json") => Ok(Form::Json),
        Takes::Form | Takes::JsonOrForm if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") => {
            Ok(Form::Encoded)
        }
        _ => unsupported,
    }
}

/// The only parameter there may be.
fn is_utf_8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    name.eq_ignore_ascii_case("charset") && bare.eq_ignore_ascii_case("utf-8")
}

/// Reads all of it. Trailers are not looked at.
///
/// # Errors
/// When it is larger than `most`, takes too long, or breaks off; the rest of the connection is then not to be read.
pub(super) async fn read<B>(body: B, most: usize) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes>,
{
    let too_large = || Refusal::from(Code::PayloadTooLarge).closing();
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let mut body = pin!(body);
    let whole = async {
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Refusal::from(Code::InvalidRequest).closing())?;
            let Ok(data) = frame.into_data() else { continue };
            if read.len() + data.len() > most {
                return Err(too_large());
            }
            read.extend_from_slice(&data);
        }
        Ok(read.freeze())
    };
    timeout(PATIENCE, whole).await.unwrap_or_else(|_| Err(Refusal::from(Code::RequestTimeout).closing()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderValue;

    fn said(content_type: &[u8], takes: Takes) -> Result<Form, Refusal> {
        let value = HeaderValue::from_bytes(content_type).unwrap();
        form(&[(CONTENT_TYPE, value)].into_iter().collect(), takes)
    }

    #[test]
    fn case_11_json_in_utf_8_is_read_and_nothing_else() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json;charset=UTF-8",
            "application/json ; charset=\"utf-8\"",
        ] {
            assert_eq!(said(good.as_bytes(), Takes::Json), Ok(Form::Json), "{good}");
        }
        for bad in [
            &b"text/plain"[..],
            b"",
            b"application/json; charset=utf-16",
            b"application/json; profile=x",
            b"application/json;",
            b"application/json, text/plain",
            b"application/jsonx",
            b"application/x-www-form-urlencoded",
            b"application/json\xff",
        ] {
            assert_eq!(said(bad, Takes::Json), Err(Code::UnsupportedMediaType.into()), "{}", bad.escape_ascii());
        }
        assert_eq!(said(b"application/x-www-form-urlencoded", Takes::JsonOrForm), Ok(Form::Encoded));
        assert_eq!(said(b"text/plain", Takes::Nothing), Ok(Form::Unsaid));
        assert_eq!(form(&HeaderMap::new(), Takes::Json), Ok(Form::Unsaid));
        let packed =
            |coding| form(&[(CONTENT_ENCODING, HeaderValue::from_static(coding))].into_iter().collect(), Takes::Json);
        assert_eq!(packed("gzip"), Err(Code::UnsupportedMediaType.into()));
        assert_eq!(packed("identity"), Ok(Form::Unsaid));
    }
}
