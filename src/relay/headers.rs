//! Which headers of a relayed exchange travel on.
//!
//! Those of one hop stay behind (RFC 9110 §7.6.1), and those that speak of the client's way here or of the connection's origin.
//! Lengths are told anew, from the bodies themselves.

use http::{
    HeaderMap,
    header::{
        ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, HeaderName, HeaderValue,
        STRICT_TRANSPORT_SECURITY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
    },
};

const OF_ONE_HOP: [&str; 3] = ["keep-alive", "http2-settings", "proxy-connection"];

/// Put there by what stands in front: a player's address is none of the token's business.
const OF_THE_WAY: [&str; 3] = ["x-real-ip", "true-client-ip", "cf-connecting-ip"];

/// A client's headers as the upstream gets them; `via` is the only new one.
pub(super) fn onward(came: &HeaderMap, via: HeaderValue) -> HeaderMap {
    let mut headers = travelling(came, |name| {
        let of_the_way = name.as_str().starts_with("x-forwarded-") || OF_THE_WAY.contains(&name.as_str());
        !of_the_way && ![HOST, COOKIE, EXPECT, FORWARDED, VIA].contains(name)
    });
    for (_, token) in headers.iter_mut().filter(|(name, _)| **name == AUTHORIZATION) {
        // Not for HPACK's tables, nor for anyone who prints headers.
        token.set_sensitive(true);
    }
    headers.insert(VIA, via);
    headers
}

/// An upstream's headers as the client gets them.
pub(super) fn back(came: &HeaderMap) -> HeaderMap {
    // These two speak of an origin that the client has not asked.
    travelling(came, |name| ![ALT_SVC, STRICT_TRANSPORT_SECURITY].contains(name))
}

fn travelling(came: &HeaderMap, also: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let named: Vec<_> = came
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let stays = |name: &HeaderName| {
        [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, CONTENT_LENGTH].contains(name)
            || OF_ONE_HOP.contains(&name.as_str())
            || name.as_str().starts_with("proxy-")
            || named.iter().any(|named| named.eq_ignore_ascii_case(name.as_str()))
    };
    let travel = came.iter().filter(|(name, _)| !stays(name) && also(name));
    let mut headers = HeaderMap::with_capacity(came.len());
    for (name, value) in travel {
        headers.append(name.clone(), value.clone());
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    const HOP: [(&str, &str); 12] = [
        ("connection", "close, X-Named"),
        ("connection", "x-second"),
        ("x-named", "1"),
        ("x-second", "2"),
        ("keep-alive", "timeout=5"),
        ("proxy-authorization", "Basic eA=="),
        ("te", "trailers"),
        ("trailer", "x-sum"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABkAAQAAP__"),
        ("content-length", "7"),
    ];

    #[test]
    fn headers_of_one_hop_stay_behind_both_ways() {
        let mut came = map(&HOP);
        came.extend(map(&[("accept-encoding", "gzip"), ("x-a", "1")]));
        assert_eq!(back(&came), map(&[("accept-encoding", "gzip"), ("x-a", "1")]));
        let via = HeaderValue::from_static("1.1 here");
        assert_eq!(onward(&came, via), map(&[("accept-encoding", "gzip"), ("x-a", "1"), ("via", "1.1 here")]));
    }

    #[test]
    fn what_tells_of_the_client_stays_behind_and_the_token_is_not_shown() {
        let came = map(&[
            ("host", "proxy"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-anything", "1"),
            ("forwarded", "for=192.0.2.1"),
            ("via", "1.1 other"),
            ("x-real-ip", "192.0.2.1"),
            ("authorization", "Bearer secret"),
        ]);
        let out = onward(&came, HeaderValue::from_static("1.1 here"));
        assert_eq!(out, map(&[("authorization", "Bearer secret"), ("via", "1.1 here")]));
        assert!(!format!("{out:?}").contains("secret"));
    }

    #[test]
    fn repeated_headers_stay_repeated() {
        let came = map(&[("set-cookie", "a=1"), ("set-cookie", "b=2"), ("alt-svc", "h3"), ("warning", "x")]);
        assert_eq!(back(&came), map(&[("set-cookie", "a=1"), ("set-cookie", "b=2"), ("warning", "x")]));
    }
}
