//! The id of a user of this program.

use super::{Invalid, Timestamp};
use std::fmt;
use uuid::{Uuid, Variant};

/// A UUIDv7, given once and never again: what other tables, and tokens, call a user. Not the player's UUID, which only its upstream
/// vouches for. Printed in lower case with dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(Uuid);

impl UserId {
    /// A new one, made at `now`: ids sort by the millisecond they were made in.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }

    /// Reads the dashed form.
    ///
    /// # Errors
    /// For every other text, and for UUIDs of another version.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == 36 && uuid.get_version_num() == 7 && uuid.get_variant() == Variant::RFC4122 => {
                Ok(Self(uuid))
            }
            _ => Err(Invalid { what: "user id", fault: "is not a UUID of version 7" }),
        }
    }
}

/// 48 bits of time, the others from the system's source of randomness.
fn uuid_v7(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    let nanos = u32::try_from(millis % 1000).unwrap_or_default() * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix_time(millis / 1000, nanos, 0, 0))
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_one_is_unlike_all_others_and_reads_back() {
        let now = Timestamp::from_millis(1_768_739_696_789);
        let (one, other) = (UserId::new(now), UserId::new(now));
        assert_ne!(one, other);
        assert_eq!(one.to_string()[..13], other.to_string()[..13], "the same millisecond");
        assert!(UserId::new(Timestamp::from_millis(now.millis() + 1)) > one.max(other));
        assert_eq!(UserId::parse(&one.to_string()), Ok(one));
    }

    #[test]
    fn only_a_dashed_version_7_is_read() {
        let simple = UserId::new(Timestamp::default()).to_string().replace('-', "");
        for text in ["", "x", &simple, "069a79f4-44e9-4726-a5be-fca90e38aaf5", "00000000-0000-0000-0000-000000000000"] {
            assert!(UserId::parse(text).is_err(), "{text}");
        }
    }
}
