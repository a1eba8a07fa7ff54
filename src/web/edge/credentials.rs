//! Where a request carries a token: `Authorization`, or a cookie.

use super::refusal::{Code, Refusal};
use http::{
    HeaderMap,
    header::{AUTHORIZATION, COOKIE},
};

/// No token of ours is longer; what is gets no cryptography.
const LONGEST: usize = 8 * 1024;

/// The token of `Authorization: Bearer`; `None` when there is no such header.
///
/// # Errors
/// `invalid_token`, when the header is there but holds something else: then no cookie stands in for it.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Code::InvalidRequest.into());
    }
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && is_token(token) => Ok(Some(token)),
        _ => Err(Code::InvalidToken.into()),
    }
}

/// The value of a cookie. `None` when it is not there, or is there with different values: another site under the same domain may
/// have set one of them.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // One header or several, as HTTP/2 splits them: all are one list.
    // Bytes, since another cookie need be no text, and does not hide this one.
    let crumbs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let mut values = crumbs.filter_map(|crumb| crumb.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let first = values.next()?;
    let text = str::from_utf8(first).ok().filter(|text| is_token(text))?;
    values.all(|value| value == first).then_some(text)
}

/// What a token may consist of (RFC 6750 §2.1). Whether it is one is for the one who knows the keys.
fn is_token(text: &str) -> bool {
    let bytes = text.trim_end_matches('=').as_bytes();
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    !bytes.is_empty() && text.len() <= LONGEST && bytes.iter().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{HeaderName, HeaderValue};

    fn headers(name: &HeaderName, values: &[&[u8]]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_bytes(value).unwrap())).collect()
    }

    #[test]
    fn case_55_the_scheme_is_bearer_in_any_case_and_one_space_follows() {
        let of = |values: &[&[u8]]| bearer(&headers(&AUTHORIZATION, values)).map(|token| token.map(str::to_owned));
        assert_eq!(of(&[]), Ok(None));
        for good in [&b"Bearer a.b-c_d"[..], b"bearer a.b-c_d", b"BEARER a.b-c_d"] {
            assert_eq!(of(&[good]), Ok(Some("a.b-c_d".to_owned())));
        }
        let long = [b"Bearer ".to_vec(), vec![b'a'; LONGEST + 1]].concat();
        for bad in [
            &b"Basic x"[..],
            b"Bearer",
            b"Bearer ",
            b"Bearer  a",
            b"a",
            b"",
            b"Bearer a b",
            b"\xff\xfe",
            b"Bearer a,b",
            &long,
        ] {
            assert_eq!(of(&[bad]), Err(Code::InvalidToken.into()));
        }
        assert_eq!(of(&[b"Bearer a", b"Bearer a"]), Err(Code::InvalidRequest.into()));
    }

    #[test]
    fn cases_64_and_65_cookies_are_one_list_and_must_agree() {
        let of = |values: &[&[u8]]| cookie(&headers(&COOKIE, values), "t").map(str::to_owned);
        assert_eq!(of(&[b"t=a"]), Some("a".to_owned()));
        assert_eq!(of(&[b"x=1; t=a;y=2"]), Some("a".to_owned()));
        assert_eq!(of(&[b"t=a; t=a"]), Some("a".to_owned()));
        assert_eq!(of(&[b"x=1", b"t=a", b"t=a"]), Some("a".to_owned()));
        assert_eq!(of(&[b"x=\xe9; t=a", b"y=\xff"]), Some("a".to_owned()), "beside cookies that are no text");
        for none in [
            &[&b"t=a; t=b"[..]][..],
            &[b"t=a", b"t=b"],
            &[b"T=a"],
            &[b"t="],
            &[b"tt=a"],
            &[b"t"],
            &[b"t=\xff"],
            &[b"t=a\xff", b"t=a"],
            &[],
        ] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
