//! A checked profile and the very bytes it came in.

use super::ProfileId;
use bytes::Bytes;

/// A profile that every known game server can read: its head has been checked, its body is what the client gets.
///
/// Made by `upstream::verdict`, which holds the checks; this type holds only what they found.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The UUID the body carries.
    pub id: ProfileId,
    /// The JSON object, byte for byte from the upstream unless it had to be repaired.
    pub body: Bytes,
}
