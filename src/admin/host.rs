//! Whether a request is meant for this listener.
//!
//! A web page anywhere can make a name of its own lead to this machine, and the reader's browser would then hand it whatever is
//! served here (DNS rebinding). So no name is answered to that anybody can register: only addresses, and names that a private
//! network gives.

use http::{HeaderMap, Uri, header::HOST, uri::Authority};
use std::net::IpAddr;

pub(super) const REFUSAL: &str =
    "not under this name: use an IP address, localhost, or a name that only a private network has\n";

/// Names below these are nobody's in the public DNS (RFC 6761, RFC 6762, RFC 8375, and ICANN for `internal`).
const PRIVATE: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];

/// Whether it is. A request that names no host comes from no browser.
pub(super) fn is_private(uri: &Uri, headers: &HeaderMap) -> bool {
    let named = headers.get_all(HOST).into_iter().map(|value| value.to_str().ok().and_then(|text| text.parse().ok()));
    let target = uri.authority().cloned().map(Some);
    target.into_iter().chain(named).all(|host: Option<Authority>| host.is_some_and(|host| is_private_name(host.host())))
}

fn is_private_name(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if address.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    // A name without a dot is completed by the network it is asked in: a container's, say.
    let alone = !name.is_empty() && !name.contains('.');
    alone || PRIVATE.iter().any(|top| name.strip_suffix(top).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn asked(hosts: &[&str]) -> bool {
        let headers: HeaderMap = hosts.iter().map(|host| (HOST, HeaderValue::from_str(host).unwrap())).collect();
        is_private(&Uri::from_static("/status"), &headers)
    }

    #[test]
    fn addresses_and_private_names_are_ours() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:9090",
            "[::1]:9090",
            "10.0.0.5:9090",
            "localhost",
            "LocalHost:9090",
            "hasjoined:9090",
            "hasjoined.default.svc.cluster.local:9090",
            "metrics.internal.",
            "box.home.arpa",
        ] {
            assert!(asked(&[host]), "{host}");
        }
        assert!(asked(&[]), "HTTP/1.0");
    }

    #[test]
    fn names_that_anybody_can_register_are_not() {
        for host in [
            "evil.example:9090",
            "127.0.0.1.nip.example",
            "localhost.evil.example",
            "evillocal.example",
            "notlocal.com",
            "x.evillocal",
            "example.com.",
            "",
            "a b",
            "127.0.0.1@evil.example",
        ] {
            assert!(!asked(&[host]), "{host}");
        }
        assert!(!asked(&["localhost", "evil.example"]));
        let uri = Uri::from_static("http://evil.example/status");
        assert!(!is_private(&uri, &HeaderMap::new()));
    }
}
