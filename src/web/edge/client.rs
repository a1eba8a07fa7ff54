//! Who asks: the address of a client, behind proxies that are trusted, and what it calls itself.

use crate::model::Network;
use http::{
    HeaderMap,
    header::{FORWARDED, USER_AGENT},
};
use std::net::{IpAddr, Ipv6Addr};

const LONGEST_USER_AGENT: usize = 256;

/// The client's address: the peer's, unless that is a trusted proxy. Then the last address in `X-Forwarded-For`, or `Forwarded`, that
/// is not one itself. Where what they say cannot be read, or both are there and do not agree, it is that of the last proxy that is
/// known.
pub(in crate::web) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    let of = |entries: Vec<&str>, address: fn(&str) -> Option<IpAddr>| {
        let mut last = peer;
        for entry in entries.iter().rev() {
            match address(entry.trim()) {
                Some(found) => last = found.to_canonical(),
                None => return last,
            }
            if !is_trusted(last) {
                return last;
            }
        }
        last
    };
    let simple = entries(headers, "x-forwarded-for", ',').map(|entries| of(entries, plain));
    let standard = entries(headers, FORWARDED.as_str(), ',').map(|entries| of(entries, forwarded));
    match (simple, standard) {
        // A proxy writes one of the two. The other may be the client's own word.
        (Some(simple), Some(standard)) if simple != standard => peer,
        (Some(address), _) | (None, Some(address)) => address,
        (None, None) => peer,
    }
}

/// All values of a header as one list; `None` when it is not there. A value that is no text is an entry that cannot be read.
fn entries<'a>(headers: &'a HeaderMap, name: &str, separator: char) -> Option<Vec<&'a str>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    Some(values.flat_map(|value| value.to_str().unwrap_or_default().split(separator)).collect())
}

/// `192.0.2.1`, `2001:db8::1`, either in brackets or with a port.
fn plain(entry: &str) -> Option<IpAddr> {
    if let Ok(address) = entry.parse() {
        return Some(address);
    }
    match entry.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            (port.is_empty() || is_port(port.strip_prefix(':')?)).then_some(address.into())
        }
        None => {
            let (address, port) = entry.split_once(':')?;
            let address: std::net::Ipv4Addr = address.parse().ok()?;
            is_port(port).then_some(address.into())
        }
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok() && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// `for=192.0.2.60;proto=http`, `For="[2001:db8::17]:4711"` (RFC 7239).
fn forwarded(entry: &str) -> Option<IpAddr> {
    let mut named = entry.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    });
    let value = named.next().filter(|_| named.next().is_none())?;
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    plain(bare)
}

/// What a client calls itself, fit to be kept and shown: visible ASCII and spaces, other bytes as `?`, cut at 256.
pub(super) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get(USER_AGENT)?.as_bytes();
    let fit = |byte: &u8| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '?' };
    Some(sent.iter().take(LONGEST_USER_AGENT).map(fit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{HeaderName, HeaderValue};

    fn headers(sent: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        sent.iter().map(pair).collect()
    }

    fn from(peer: &str, sent: &[(&str, &str)]) -> String {
        let trusted: Vec<Network> = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap()).into();
        address(peer.parse().unwrap(), &headers(sent), &trusted).to_string()
    }

    #[test]
    fn case_60_only_a_trusted_proxy_is_believed() {
        let xff = "X-Forwarded-For";
        for (peer, sent, client) in [
            ("203.0.113.9", &[(xff, "1.2.3.4")][..], "203.0.113.9"),
            ("203.0.113.9", &[("Forwarded", "for=1.2.3.4")], "203.0.113.9"),
            ("10.0.0.1", &[(xff, "1.2.3.4")], "1.2.3.4"),
            ("::ffff:10.0.0.1", &[(xff, "::ffff:1.2.3.4")], "1.2.3.4"),
            ("10.0.0.1", &[(xff, "6.6.6.6, 1.2.3.4")], "1.2.3.4"),
            ("10.0.0.1", &[(xff, "6.6.6.6"), (xff, "1.2.3.4 , 10.0.0.2")], "1.2.3.4"),
            ("10.0.0.1", &[(xff, "10.0.0.3, 10.0.0.2")], "10.0.0.3"),
            ("10.0.0.1", &[(xff, "1.2.3.4:567")], "1.2.3.4"),
            ("fd00::1", &[(xff, "[2001:db8::1]:80")], "2001:db8::1"),
            ("10.0.0.1", &[(xff, "1.2.3.4, unknown, 10.0.0.2")], "10.0.0.2"),
            ("10.0.0.1", &[(xff, "1.2.3.4, ")], "10.0.0.1"),
            ("10.0.0.1", &[(xff, "1.2.3.4\u{e9}")], "10.0.0.1"),
            ("10.0.0.1", &[(xff, "1.2.3.4:x")], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[("Forwarded", "for=6.6.6.6, For=\"[2001:db8::17]:4711\";proto=https")], "2001:db8::17"),
            ("10.0.0.1", &[("Forwarded", "for=_hidden")], "10.0.0.1"),
            ("10.0.0.1", &[("Forwarded", "for=6.6.6.6;for=1.2.3.4")], "10.0.0.1"),
            ("10.0.0.1", &[("Forwarded", "for=1.2.3.4"), (xff, "1.2.3.4")], "1.2.3.4"),
            ("10.0.0.1", &[("Forwarded", "for=1.2.3.4"), (xff, "6.6.6.6")], "10.0.0.1"),
        ] {
            assert_eq!(from(peer, sent), client, "{peer} {sent:?}");
        }
    }

    #[test]
    fn case_59_a_user_agent_is_made_fit() {
        let of = |sent: &str| user_agent(&headers(&[("User-Agent", sent)])).unwrap();
        assert_eq!(of("Mod/1.0 (x)"), "Mod/1.0 (x)");
        assert_eq!(of("a\tbé"), "a?b??");
        assert_eq!(of(&"x".repeat(300)).len(), 256);
        assert_eq!(user_agent(&HeaderMap::new()), None);
    }
}
