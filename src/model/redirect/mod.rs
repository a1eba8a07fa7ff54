//! Where a browser may be sent with a token.
//!
//! Decides which addresses pass, and how parameters are added to one. What is asked of an address that does not pass, and how its
//! refusal is shown, is decided by the routes.

mod hosts;
mod registered;
mod syntax;
#[cfg(test)]
mod tests;

pub use hosts::{NotAHost, RedirectHosts};
pub use registered::check_registered;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{fmt, str::FromStr};
use url::Url;

/// All but the unreserved characters of RFC 3986 and `:`, of which timestamps are made.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// Why an address does not pass. Says nothing of the address itself, so that it may be shown and logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Empty, or longer than 2048 bytes.
    #[error("is empty or too long")]
    Length,
    /// Something that is no visible ASCII character: spaces, line ends, letters of other scripts.
    #[error("has characters that belong percent-encoded")]
    Charset,
    /// `\`, which browsers take for `/`.
    #[error("has a backslash")]
    Backslash,
    /// Anything but `http://` or `https://`.
    #[error("does not begin with https:// or http://")]
    Scheme,
    /// No host name: empty labels, credentials, IPv6, percent-encoded letters.
    #[error("has no plain host name")]
    Host,
    /// No port: empty, signed, zero, above 65535.
    #[error("has a port that is none")]
    Port,
    /// A fragment, where the token goes.
    #[error("has a fragment")]
    Fragment,
    /// A parser makes another host of it than the one written.
    #[error("has a host that is written in an uncommon way")]
    NotCanonical,
    /// A host that is not on the list.
    #[error("leads to a host that is not allowed")]
    NotAllowed,
    /// Plain http, where it would be readable on the way.
    #[error("is not https")]
    Insecure,
    /// None of those that a service has registered.
    #[error("is not one that the service has registered")]
    NotRegistered,
}

/// An address that is what it looks like: http or https, a plain host, no credentials, no fragment. Printed as the parser has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirect(Url);

/// Whether a browser may be sent to `raw` with a token: its syntax, then its host.
///
/// # Errors
/// With the first rule that it breaks.
pub fn check_redirect(raw: &str, allowed: &RedirectHosts, require_https: bool) -> Result<Redirect, Denied> {
    let redirect: Redirect = raw.parse()?;
    match redirect {
        redirect if !allowed.allow(&redirect) => Err(Denied::NotAllowed),
        redirect if require_https && redirect.is_exposed() => Err(Denied::Insecure),
        redirect => Ok(redirect),
    }
}

impl Redirect {
    /// An address that is part of this program.
    ///
    /// # Panics
    /// When it does not pass.
    #[must_use]
    pub fn from_static(raw: &'static str) -> Self {
        match raw.parse() {
            Ok(redirect) => redirect,
            Err(denied) => panic!("{raw} {denied}"),
        }
    }

    /// The address as parsed.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// In lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether it leads to the machine the browser runs on.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        matches!(self.host(), "localhost" | "127.0.0.1")
    }

    /// Whether what is sent there can be read on the way.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.0.scheme() == "http" && !self.is_loopback()
    }

    /// This address with `path` after its own, and without its query.
    #[must_use]
    pub fn under(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_query(None);
        url.set_path(&format!("{base}{path}"));
        Self(url)
    }

    /// With these parameters after those it has: `?loginError=…`.
    #[must_use]
    pub fn with_query(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        let whole = match url.query().filter(|own| !own.is_empty()) {
            Some(own) => format!("{own}&{}", pairs(parameters)),
            None => pairs(parameters),
        };
        url.set_query(Some(&whole));
        url
    }

    /// With these parameters in a fragment, which no server gets to see: `#authToken=…&expiresAt=…`.
    #[must_use]
    pub fn with_fragment(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_fragment(Some(&pairs(parameters)));
        url
    }
}

/// Checks the syntax alone, as for an address that an operator has written.
impl FromStr for Redirect {
    type Err = Denied;

    fn from_str(raw: &str) -> Result<Self, Denied> {
        syntax::parse(raw).map(Self)
    }
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Spaces become `%20`: both kinds of decoders read that.
fn pairs(parameters: &[(&str, &str)]) -> String {
    let pair = |(key, value): &(&str, &str)| {
        format!("{}={}", utf8_percent_encode(key, ENCODED), utf8_percent_encode(value, ENCODED))
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}
