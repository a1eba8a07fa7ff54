//! The hash that ties a join to one login.

use super::{Invalid, opaque};
use std::fmt;

/// The `serverId` of a login: for about 30 seconds whoever knows it can ask who joined, so it is never printed.
///
/// Game servers send the signed hexadecimal SHA-1 of the handshake (at most 41 characters), some send other texts; 1 to 128
/// bytes without control characters travel on unread.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServerId(Box<str>);

impl ServerId {
    const LONGEST: usize = 128;

    /// Checks the text.
    ///
    /// # Errors
    /// When it is empty, longer than 128 bytes, or has a control character.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        opaque("serverId", text, Self::LONGEST)?;
        Ok(Self(text.into()))
    }

    /// The text, for the one place that sends it on.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerId(…)")
    }
}
