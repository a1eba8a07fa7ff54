//! What operators call an upstream.

use super::Invalid;
use std::{fmt, sync::Arc};

/// The id of an upstream, from its table `[upstreams.ID]`: it stands in paths, logs and metrics, and a namespaced UUID depends on
/// it, so it is stable: 1 to 32 of `[a-z0-9_-]`, starting with a letter or a digit, and never a word a route begins with.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpstreamId(Arc<str>);

/// First words of routes, taken now or later: an upstream of that id could not be selected by path.
const ROUTE_WORDS: [&str; 19] = [
    "api",
    "auth",
    "authlib-injector",
    "authserver",
    "blockedservers",
    "discovery",
    "hasjoined",
    "minecraft",
    "minecraftservices",
    "player",
    "privacy",
    "privileges",
    "profiles",
    "publickeys",
    "session",
    "sessionserver",
    "user",
    "users",
    "v1",
];

impl UpstreamId {
    /// Checks the text.
    ///
    /// # Errors
    /// When it is empty, too long, has other characters, or is the first word of a route.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let fault = match text.as_bytes() {
            [] => "is empty",
            long if long.len() > 32 => "is longer than 32 characters",
            [b'_' | b'-', ..] => "does not start with a letter or a digit",
            bytes if !bytes.iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-')) => {
                "has other characters than a-z, 0-9, _ and -"
            }
            _ if ROUTE_WORDS.contains(&text) => "is a word that routes begin with",
            _ => return Ok(Self(text.into())),
        };
        Err(Invalid { what: "upstream id", fault })
    }

    /// The id as it stands in the configuration.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UpstreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UpstreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamId({})", self.0)
    }
}
