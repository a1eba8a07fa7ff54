//! URLs that a configuration may hold.

use http::{
    Uri,
    uri::{PathAndQuery, Scheme},
};

/// Reads an absolute http or https URL with a host, without credentials and fragment. The error says what is wrong.
pub(super) fn absolute(text: &str) -> Result<Uri, &'static str> {
    if text.contains('#') {
        return Err("has a fragment, which no server gets to see");
    }
    if text.contains(['<', '>', '"', ' ']) {
        return Err("has characters that no URL has");
    }
    // As in a template for other software, which fills them in itself.
    if text.contains("%s") || text.contains(['{', '}']) {
        return Err("holds a placeholder, where hasjoined appends the question itself");
    }
    // A password may hold a `/`: then what stands before it looks like a host and a port.
    if text.split(['?', '#']).next().unwrap_or_default().contains('@') {
        return Err("holds credentials, which would end up in logs");
    }
    let uri: Uri = text.parse().map_err(|_| "is not a URL")?;
    let Some(scheme) = uri.scheme() else { return Err("does not begin with http:// or https://") };
    if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
        return Err("does not begin with http:// or https://");
    }
    match uri.authority() {
        Some(authority) if authority.host().is_empty() => Err("names no host"),
        // What is no port at all is none to `port_u16` either, so the text decides whether there should be one.
        Some(authority) if authority.as_str() != authority.host() && !matches!(authority.port_u16(), Some(1..)) => {
            Err("has a port that is none")
        }
        Some(_) => Ok(uri),
        None => Err("names no host"),
    }
}

/// The same for all spellings of one address: capitals in the host, the scheme's own port, a slash at the end.
pub(super) fn identity(uri: &Uri) -> (bool, String, u16, String) {
    let secure = uri.scheme() == Some(&Scheme::HTTPS);
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let path = format!("{}?{}", uri.path().trim_end_matches('/'), uri.query().unwrap_or_default());
    (secure, uri.host().unwrap_or_default().to_ascii_lowercase(), port, path)
}

/// Reads a URL that game servers can be given: [`absolute`], and without a query.
pub(super) fn public(text: &str) -> Result<Uri, &'static str> {
    match absolute(text)? {
        uri if uri.query().is_some() => Err("has a query, which game servers append their own to"),
        uri if uri.path().contains('%') => {
            Err("has a % in its path, which several game servers take for a placeholder")
        }
        uri => Ok(uri),
    }
}

/// The URL with `path` after its own, and with its own query after that.
pub(super) fn under(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let base = uri.path().trim_end_matches('/');
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{base}{path}")).ok()?);
    Uri::from_parts(parts).ok()
}

/// Whether the host is this machine, where plain http is nobody's business.
pub(super) fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_addresses_without_secrets_are_read() {
        for text in ["http://h", "https://h:1/x", "https://[::1]:65535/x?k=a@b", "http://127.0.0.1:80"] {
            assert!(absolute(text).is_ok(), "{text}");
        }
        for text in [
            "h",
            "/x",
            "http://",
            "http:///x",
            "https://h:0/x",
            "https://h:65536/x",
            "https://h:/x",
            "https://h:port/x",
            "https://u:p@h/x",
            "https://u:p/q@h/x",
            "https://h/x?username=%s&serverId=%s",
            "https://h/{username}",
        ] {
            assert!(absolute(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_address_has_one_identity() {
        let of = |text: &str| identity(&text.parse().unwrap());
        assert_eq!(of("https://A.example:443/x/"), of("https://a.example/x"));
        for other in ["http://a.example/x", "https://a.example:444/x", "https://a.example/X", "https://a.example/x?k"] {
            assert_ne!(of(other), of("https://a.example/x"), "{other}");
        }
    }
}
