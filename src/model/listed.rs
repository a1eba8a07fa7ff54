//! A player as an operator writes one into a list.

use super::{Invalid, PlayerName, ProfileId};
use std::str::FromStr;

/// A name, which is the same in any case of its ASCII letters, or a UUID with or without dashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listed {
    /// [`PlayerName::folded`] of the name.
    Name(Box<str>),
    /// The UUID.
    Id(ProfileId),
}

impl FromStr for Listed {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match ProfileId::parse(text) {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => PlayerName::new(text).map(|name| Self::Name(name.folded())),
        }
    }
}
