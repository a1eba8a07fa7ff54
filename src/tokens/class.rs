//! The classes of tokens: what sets one apart from another.
//!
//! Decides that a token of one class is never taken for another: each has keys of its own, and where nobody else's rules forbid it a
//! `typ` and an audience of its own; all that there is of the three is looked at.

use std::time::Duration;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Proof that a challenge was given out here: good for one verify, and read by nobody else.
    Join,
    /// What the API is used with: read here and by other services.
    Access,
    /// What one service is used with: read by that service alone.
    Service,
    /// The first of Feather's two tokens: it gets the second, and is read by nobody else.
    FeatherSession,
    /// The second of Feather's two tokens: read by Feather's services.
    FeatherFull,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Class {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Join, Self::Access, Self::Service, Self::FeatherSession, Self::FeatherFull];

    /// As it is stored and typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Access => "access",
            Self::Service => "service",
            Self::FeatherSession => "feather-session",
            Self::FeatherFull => "feather-full",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// `typ` in the header.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Join => "join+jwt",
            Self::Access | Self::Service => "at+jwt",
            Self::FeatherSession | Self::FeatherFull => "JWT",
        }
    }

    /// What a token lives at most, whatever it says of itself: the most that can be configured, so that a shorter lifetime in the
    /// configuration ends no token before its time.
    pub(super) const fn longest(self) -> Duration {
        match self {
            Self::Join => Duration::from_secs(600),
            Self::Access | Self::Service | Self::FeatherSession | Self::FeatherFull => {
                Duration::from_secs(400 * DAY.as_secs())
            }
        }
    }

    /// Whether others read its tokens, and so need its keys. A join key in a document of keys would only help to take a join token for
    /// something else.
    pub(super) const fn is_published(self) -> bool {
        matches!(self, Self::Access | Self::Service | Self::FeatherFull)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_share_a_name() {
        for class in Class::ALL {
            assert_eq!(Class::named(class.name()), Some(class));
            assert_eq!(Class::ALL.iter().filter(|other| other.name() == class.name()).count(), 1, "{class:?}");
        }
        assert_eq!(Class::named("Access"), None);
    }

    #[test]
    fn the_keys_of_join_tokens_are_nobodys_business() {
        assert!(!Class::Join.is_published());
        assert!(!Class::FeatherSession.is_published());
        assert!(Class::Access.is_published());
    }
}
