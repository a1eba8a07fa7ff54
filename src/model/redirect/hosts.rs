//! The list of hosts that a browser may be sent to.

use super::{Redirect, syntax};
use std::{fmt, str::FromStr};

/// Hosts that a browser may be sent to with a token: `localhost`, `dash.example.net`, `*.example.net`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectHosts(Vec<Entry>);

/// Why a text is no entry of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a host like \"dash.example.net\", \"dash.example.net:8443\" or \"*.example.net\"")]
pub struct NotAHost;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    /// One host, with the only port that is allowed there; `None`: that of the scheme, or any on loopback.
    Exact { host: String, port: Option<u16> },
    /// All below a domain, which itself is not meant, on the scheme's own port. Begins with a dot.
    Below(String),
}

impl RedirectHosts {
    /// Reads each entry.
    ///
    /// # Errors
    /// For the first that is none.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, NotAHost> {
        entries.into_iter().map(str::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the address leads to one of them.
    pub(super) fn allow(&self, redirect: &Redirect) -> bool {
        let (host, port) = (redirect.host(), redirect.url().port());
        self.0.iter().any(|entry| match entry {
            Entry::Exact { host: allowed, .. } if allowed != host => false,
            Entry::Exact { port: Some(allowed), .. } => redirect.url().port_or_known_default() == Some(*allowed),
            Entry::Exact { port: None, .. } => port.is_none() || redirect.is_loopback(),
            Entry::Below(domain) => port.is_none() && host.len() > domain.len() && host.ends_with(domain.as_str()),
        })
    }

    /// Whether nothing is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RedirectHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter().map(|entry| match entry {
            Entry::Exact { host, port: None } => host.clone(),
            Entry::Exact { host, port: Some(port) } => format!("{host}:{port}"),
            Entry::Below(domain) => format!("*{domain}"),
        });
        match self.is_empty() {
            true => f.write_str("no host"),
            false => f.write_str(&entries.collect::<Vec<_>>().join(", ")),
        }
    }
}

impl FromStr for Entry {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let text = text.to_ascii_lowercase();
        if let Some(domain) = text.strip_prefix("*.") {
            // All below one label would be all of a country.
            return match domain.contains('.') && is_host(domain) {
                true => Ok(Self::Below(format!(".{domain}"))),
                false => Err(NotAHost),
            };
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) if syntax::is_port(port) => (host, port.parse().ok()),
            Some(_) => return Err(NotAHost),
            None => (text.as_str(), None),
        };
        match is_host(host) {
            true => Ok(Self::Exact { host: host.to_owned(), port }),
            false => Err(NotAHost),
        }
    }
}

/// A host that an address can lead to.
fn is_host(host: &str) -> bool {
    format!("https://{host}/").parse::<Redirect>().is_ok_and(|redirect| redirect.host() == host)
}
