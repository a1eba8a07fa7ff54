//! What no well-meant request to a login route looks like. Each of these is read differently by some program in front of this one,
//! and a login must not depend on which.
//!
//! Faults of framing (RFC 9112 §6) end in `server` and in the HTTP library, before there is a request.

use super::refusal::{Code, Refusal};
use http::{
    HeaderMap, Uri, Version,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING},
    uri::Authority,
};

/// Longest query.
const LONGEST_QUERY: usize = 4_096;

/// Checks a request's head.
///
/// # Errors
/// When it may mean two things.
pub(super) fn check(uri: &Uri, version: Version, headers: &HeaderMap) -> Result<(), Refusal> {
    names_one_host(uri, version, headers)?;
    for name in [AUTHORIZATION, CONTENT_TYPE, CONTENT_ENCODING] {
        at_most_one(headers, &name)?;
    }
    // The library reads what ends in `chunked`, whatever stands before it. What that would have decoded to is unknown.
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    if codings.next().is_some_and(|coding| !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"))
        || codings.next().is_some()
    {
        return Err(Refusal::from(Code::InvalidRequest).closing());
    }
    if uri.query().is_some_and(|query| query.len() > LONGEST_QUERY) {
        return Err(Code::InvalidRequest.into());
    }
    Ok(())
}

/// RFC 9112 §3.2: one `Host` with HTTP/1.1, the same as the target's authority if there is one; RFC 9113 §8.3.1 for HTTP/2.
fn names_one_host(uri: &Uri, version: Version, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = at_most_one(headers, &HOST)?;
    let host = match host {
        Some(value) => Some(authority(value).ok_or(Refusal::from(Code::InvalidRequest))?),
        None => None,
    };
    let needed = match (version, uri.authority()) {
        (Version::HTTP_09 | Version::HTTP_10, _) => false,
        (Version::HTTP_11, _) | (_, None) => true,
        _ => false,
    };
    match (host, uri.authority()) {
        (None, _) if needed => Err(Code::InvalidRequest.into()),
        (_, Some(target)) if target.as_str().contains('@') => Err(Code::InvalidRequest.into()),
        (Some(host), Some(target)) if !same(&host, target) => Err(Code::InvalidRequest.into()),
        _ => Ok(()),
    }
}

fn at_most_one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Code::InvalidRequest.into()),
    }
}

fn authority(value: &HeaderValue) -> Option<Authority> {
    let authority = Authority::try_from(value.as_bytes()).ok()?;
    (!authority.host().is_empty() && !authority.as_str().contains('@')).then_some(authority)
}

fn same(host: &Authority, target: &Authority) -> bool {
    let port = |authority: &Authority| authority.port_u16();
    host.host().eq_ignore_ascii_case(target.host()) && port(host) == port(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(uri: &str, version: Version, headers: &[(&'static str, &'static [u8])]) -> Result<(), Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        check(&uri.parse().unwrap(), version, &map)
    }

    #[test]
    fn one_host_is_named() {
        let one = Version::HTTP_11;
        for (uri, version, hosts) in [
            ("/x", one, &[("host", &b"a"[..])][..]),
            ("/x", one, &[("host", b"a:8080")]),
            ("http://A/x", one, &[("host", b"a")]),
            ("/x", Version::HTTP_10, &[]),
            ("http://a/x", Version::HTTP_2, &[]),
            ("http://a/x", Version::HTTP_2, &[("host", b"a")]),
        ] {
            assert_eq!(checked(uri, version, hosts), Ok(()), "{uri} {hosts:?}");
        }
        for (uri, version, hosts) in [
            ("/x", one, &[][..]),
            ("/x", one, &[("host", &b""[..])][..]),
            ("/x", one, &[("host", b"a"), ("host", b"a")]),
            ("/x", one, &[("host", b"a b")]),
            ("/x", one, &[("host", b"u@a")]),
            ("/x", one, &[("host", b"\xff")]),
            ("http://evil/x", one, &[("host", b"a")]),
            ("http://a:1/x", one, &[("host", b"a")]),
            ("http://u@a/x", one, &[("host", b"a")]),
            ("/x", Version::HTTP_10, &[("host", b"a"), ("host", b"b")]),
            ("http://a/x", Version::HTTP_2, &[("host", b"b")]),
            ("/x", Version::HTTP_2, &[]),
        ] {
            assert!(checked(uri, version, hosts).is_err(), "{uri} {hosts:?}");
        }
    }

    #[test]
    fn what_two_programs_read_differently_is_refused() {
        let with = |name: &'static str, values: &[&'static [u8]]| {
            let mut headers = vec![("host", &b"a"[..])];
            headers.extend(values.iter().map(|value| (name, *value)));
            checked("/x", Version::HTTP_11, &headers)
        };
        assert_eq!(with("transfer-encoding", &[b"Chunked"]), Ok(()));
        assert_eq!(with("authorization", &[b"\xff\xfe"]), Ok(()), "refused as a token");
        for (name, values) in [
            ("transfer-encoding", &[&b"gzip, chunked"[..]][..]),
            ("transfer-encoding", &[b"chunked", b"chunked"]),
            ("transfer-encoding", &[b""]),
            ("authorization", &[b"Bearer a", b"Bearer a"]),
            ("content-type", &[b"application/json", b"text/plain"]),
        ] {
            assert!(with(name, values).is_err(), "{name} {values:?}");
        }
        let long: Uri = format!("/x?{}", "a".repeat(4_097)).parse().unwrap();
        assert!(check(&long, Version::HTTP_10, &HeaderMap::new()).is_err());
    }
}
