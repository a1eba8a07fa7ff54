//! The raw text before any parser, and what the parser makes of it.
//!
//! Browsers and parsers mend what is broken: they drop tabs, turn `\` into `/`, read `0x7f.1` as an address. Whatever would be mended is
//! refused, so that everyone who reads the address reads the same.

use super::Denied;
use std::ops::RangeInclusive;
use url::Url;

const LENGTH: RangeInclusive<usize> = 1..=2048;
const LONGEST_HOST: usize = 253;
const LABEL: RangeInclusive<usize> = 1..=63;

pub(super) fn parse(raw: &str) -> Result<Url, Denied> {
    if !LENGTH.contains(&raw.len()) {
        return Err(Denied::Length);
    }
    if !raw.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Denied::Charset);
    }
    if raw.contains('\\') {
        return Err(Denied::Backslash);
    }
    let host = authority(raw).and_then(host)?;
    if raw.contains('#') {
        return Err(Denied::Fragment);
    }
    let url = Url::parse(raw).map_err(|_| Denied::NotCanonical)?;
    match url.host_str() == Some(host.to_ascii_lowercase().as_str()) {
        true => Ok(url),
        false => Err(Denied::NotCanonical),
    }
}

/// What stands between the two slashes and the path.
pub(super) fn authority(raw: &str) -> Result<&str, Denied> {
    let (scheme, rest) = raw.split_once("://").ok_or(Denied::Scheme)?;
    let known = ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if !known || rest.starts_with('/') {
        return Err(Denied::Scheme);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Ok(&rest[..end])
}

fn host(authority: &str) -> Result<&str, Denied> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if host.len() > LONGEST_HOST || !host.split('.').all(is_label) {
        return Err(Denied::Host);
    }
    match port {
        Some(port) if !is_port(port) => Err(Denied::Port),
        _ => Ok(host),
    }
}

/// A label of a host name, as RFC 1123 has it.
pub(super) fn is_label(label: &str) -> bool {
    LABEL.contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// 1 to 65535, without sign and without zeros in front.
pub(super) fn is_port(text: &str) -> bool {
    !text.starts_with(['0', '+']) && text.parse::<u16>().is_ok()
}
