//! The whole question of a game server.

use super::{Invalid, PlayerName, ServerId, opaque};
use std::fmt;

/// Who joined? What a game server asks, decoded once: everything downstream reads these values and nothing else of the query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// `username`: who says they joined.
    pub name: PlayerName,
    /// `serverId`: the login they joined for.
    pub server_id: ServerId,
    /// `ip`: sent by servers with prevent-proxy-connections, compared by the upstream with the address that joined.
    pub ip: Option<ClientAddress>,
}

/// The player's address in the game server's own spelling, which differs between Java and Go and may carry a scope
/// (`2001:db8:0:0:0:0:0:1%eth0`). Compared by the upstream, so it is passed on as it came and never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientAddress(Box<str>);

impl ClientAddress {
    const LONGEST: usize = 128;

    /// Checks the text.
    ///
    /// # Errors
    /// When it is empty, longer than 128 bytes, or has a control character.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        opaque("ip", text, Self::LONGEST)?;
        Ok(Self(text.into()))
    }

    /// The text, for the one place that sends it on.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(…)")
    }
}
