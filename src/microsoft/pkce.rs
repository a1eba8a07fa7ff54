//! Proof Key for Code Exchange (RFC 7636), by its only method that is worth it: S256.

use super::random::{self, NoRandomness};
use secrecy::{ExposeSecret, SecretString};

/// What opens a code. Kept here while the browser is away with its challenge.
#[derive(Clone, Debug)]
pub struct Verifier(SecretString);

impl Verifier {
    /// A new one: 43 characters, of 32 random bytes.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        random::text().map(Self)
    }

    /// The text, to be kept for [`sign_in`](super::Microsoft::sign_in).
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What the browser carries in its place.
    #[must_use]
    pub fn challenge(&self) -> String {
        challenge_of(self.reveal())
    }
}

/// The challenge of a verifier.
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    random::hash(verifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, Appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn verifiers_are_long_enough_and_all_different() {
        let (one, other) = (Verifier::generate().unwrap(), Verifier::generate().unwrap());
        assert_eq!(one.reveal().len(), 43);
        assert!(one.reveal().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.challenge(), challenge_of(one.reveal()));
        assert!(!format!("{one:?}").contains(one.reveal()));
    }
}
