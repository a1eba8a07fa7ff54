//! What programs call a service.

use super::Invalid;
use std::fmt;

/// The short name of a service that players may let use their account: it stands in links, and is the audience of the service's tokens,
/// so it is stable: 1 to 63 of `[a-z0-9-]`, starting with a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceSlug(Box<str>);

const LONGEST: usize = 63;

impl ServiceSlug {
    /// Checks the text.
    ///
    /// # Errors
    /// When it has other signs, or is empty or too long.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let invalid = |fault| Err(Invalid { what: "slug", fault });
        match text {
            "" => invalid("is empty"),
            _ if text.len() > LONGEST => invalid("is longer than 63 characters"),
            _ if text.starts_with('-') => invalid("starts with -"),
            _ if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') => {
                invalid("has something else than a-z, 0-9 and -")
            }
            _ => Ok(Self(text.into())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_are_read() {
        for good in ["a", "0", "build-moe", "a-", &"a".repeat(63)] {
            assert_eq!(ServiceSlug::new(good).map(|slug| slug.to_string()).as_deref(), Ok(good));
        }
        for bad in ["", "-a", "A", "a_b", "a.b", "a b", "é", "<script>", "a\0", &"a".repeat(64)] {
            assert!(ServiceSlug::new(bad).is_err(), "{bad}");
        }
    }
}
