//! A player's UUID on the session wire.

use super::{Invalid, UpstreamId};
use std::fmt;
use uuid::Uuid;

/// The UUID of a profile. Printed as the wire has it: 32 hexadecimal digits, no dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProfileId(Uuid);

/// Namespace of all namespaces this program makes: `uuidgen` once, never to change, since players' data hangs on what follows from it.
const NAMESPACE: Uuid = Uuid::from_u128(0x2b44_9af9_1046_430a_b490_2147_b435_4044);

impl ProfileId {
    /// Reads 32 hexadecimal digits, or the dashed form of 36 characters which some upstreams send.
    ///
    /// # Errors
    /// For every other text, braces and `urn:` forms among them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let accepted = matches!(text.len(), 32 | 36);
        match Uuid::try_parse(text) {
            Ok(uuid) if accepted => Ok(Self(uuid)),
            _ => Err(Invalid { what: "id", fault: "is not a UUID" }),
        }
    }

    /// As tokens and applications have it: with dashes.
    #[must_use]
    pub fn dashed(self) -> impl fmt::Display {
        self.0.as_hyphenated().to_owned()
    }

    /// The id that stands for this one outside `upstream`: UUIDv5 over the upstream's id and the UUID, so that an upstream can
    /// never vouch for a UUID that belongs to players of another.
    #[must_use]
    pub fn within(self, upstream: &UpstreamId) -> Self {
        let namespace = Uuid::new_v5(&NAMESPACE, upstream.as_str().as_bytes());
        Self(Uuid::new_v5(&namespace, self.0.as_bytes()))
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_simple().fmt(f)
    }
}
