//! What binds the end of a sign-in to its beginning: the `state` that travels, and the secret in the browser's cookie.
//!
//! Only hashes are stored, so that who reads the store can end nobody's sign-in.

use super::random::{self, NoRandomness};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};

/// A secret of one sign-in: 43 characters, of 32 random bytes.
#[derive(Clone, Debug)]
pub struct FlowSecret(SecretString);

/// What is stored of a [`FlowSecret`]: its SHA-256, in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored(String);

impl FlowSecret {
    /// A new one.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        random::text().map(Self)
    }

    /// The text, for the one who carries it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is stored of it.
    #[must_use]
    pub fn stored(&self) -> Stored {
        Stored::of(self.reveal())
    }
}

impl Stored {
    /// What would be stored of this text: to look for.
    #[must_use]
    pub fn of(presented: &str) -> Self {
        Self(random::hash(presented))
    }

    /// As it was read from the store.
    #[must_use]
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// As it is written to the store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is stored of this text. How long that takes tells nothing.
    #[must_use]
    pub fn is_of(&self, presented: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), Self::of(presented).0.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_alone() {
        let (one, other) = (FlowSecret::generate().unwrap(), FlowSecret::generate().unwrap());
        assert!(one.reveal().len() >= 43 && one.reveal() != other.reveal());
        let stored = Stored::from_store(one.stored().as_str().to_owned());
        assert!(stored.is_of(one.reveal()) && stored == Stored::of(one.reveal()));
        for wrong in [other.reveal(), "", &one.reveal()[1..], stored.as_str()] {
            assert!(!stored.is_of(wrong), "{wrong}");
        }
        assert!(!Stored::from_store(String::new()).is_of(""));
        assert!(!format!("{one:?}{stored:?}").contains(one.reveal()));
    }
}
