//! A value that no message, log or page may show.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A secret. It is wiped when dropped, and its `Debug` says nothing of it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Keeps the text from now on.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The text, for the one who needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Tells whether a reload changes it; nobody outside this process has a say in either side.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
