//! The target of a relayed request: path segments and query of the client, checked again.
//!
//! Every path that Mojang has is made of letters, digits and a few signs. Whatever else a client writes could mean another path to
//! the server at the other end than it meant here, where it was chosen by its first segment.

use super::Refusal;
use crate::upstream::Host;
use http::uri::PathAndQuery;

pub(super) fn of(host: &Host, path: &[&str], query: Option<&str>) -> Result<PathAndQuery, Refusal> {
    let written = written(path, query).ok_or(Refusal::NotServed)?;
    host.target(&written).map_err(|_| Refusal::NotServed)
}

fn written(path: &[&str], query: Option<&str>) -> Option<String> {
    let mut written = String::with_capacity(64);
    for segment in path {
        if !is_plain(segment) {
            return None;
        }
        written.push('/');
        written.push_str(segment);
    }
    if let Some(query) = query {
        written.push('?');
        written.push_str(query);
    }
    Some(written)
}

/// Not `..` in any spelling.
fn is_plain(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    segment.bytes().all(plain) && segment.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_pass_with_their_query() {
        assert_eq!(written(&["player", "attributes"], None).unwrap(), "/player/attributes");
        assert_eq!(written(&["a.b-c_d~e"], Some("x=%2e%2e&y")).unwrap(), "/a.b-c_d~e?x=%2e%2e&y");
    }

    #[test]
    fn what_could_lead_elsewhere_does_not() {
        for segment in ["..", ".", "", "%2e%2e", "..%2f", "a%2fb", "..;", "a\\b", "a:b", "a@b", "é"] {
            assert_eq!(written(&["player", segment], None), None, "{segment}");
        }
    }
}
