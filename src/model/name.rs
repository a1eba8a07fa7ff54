//! The player's name as the game server sent it.

use super::{Invalid, opaque};

/// The name a game server asks about: 1 to 64 bytes without control characters.
///
/// Mojang's own names are 3 to 16 of `[A-Za-z0-9_]`, but other Yggdrasil servers allow more (spaces, letters of any script),
/// so the text is bounded rather than judged. 64 bytes are the 16 characters of the login packet at 4 bytes each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlayerName(Box<str>);

impl PlayerName {
    const LONGEST: usize = 64;

    /// Checks the text.
    ///
    /// # Errors
    /// When it is empty, longer than 64 bytes, or has a control character.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        opaque("username", text, Self::LONGEST)?;
        Ok(Self(text.into()))
    }

    /// The name as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a key: the same text for every spelling of one player, as [`Self::names`] has it.
    #[must_use]
    pub fn folded(&self) -> Box<str> {
        self.0.to_ascii_lowercase().into()
    }

    /// Whether an upstream's spelling names the same player: names are unique without regard to the case of ASCII letters. Other
    /// letters must be the same, since Unicode's case folding makes equal what two servers hold to be two players.
    #[must_use]
    pub fn names(&self, spelling: &str) -> bool {
        self.0.eq_ignore_ascii_case(spelling)
    }
}
