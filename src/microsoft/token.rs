//! Tokens of others: wiped when dropped, shown nowhere.

use bytes::Bytes;
use http::header::{HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// As large as an answer may be: nothing that is put together here has to grow, which would leave a copy behind.
pub(super) const LARGEST: usize = 64 * 1024;

/// Somebody else's token, of visible ASCII characters.
#[derive(Clone, Debug)]
pub(super) struct Token(SecretString);

impl Token {
    pub(super) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// `Bearer …`, which is neither indexed nor shown, and wiped after it was sent.
    pub(super) fn bearer(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let text = self.joined("Bearer ");
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The token after `prefix`.
    pub(super) fn joined(&self, prefix: &str) -> Wiped {
        let mut text = Vec::with_capacity(prefix.len() + self.reveal().len());
        text.extend_from_slice(prefix.as_bytes());
        text.extend_from_slice(self.reveal().as_bytes());
        Wiped(Zeroizing::new(text))
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SecretString::from(String::deserialize(deserializer)?);
        let visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        match visible(text.expose_secret()) {
            true => Ok(Self(text)),
            false => Err(D::Error::custom("no token")),
        }
    }
}

/// Bytes that are wiped when dropped.
pub(super) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    /// A JSON body.
    pub(super) fn json(value: &impl Serialize) -> Option<Self> {
        let mut text = Zeroizing::new(Vec::with_capacity(2 * LARGEST));
        serde_json::to_writer(&mut *text, value).ok()?;
        Some(Self(text))
    }

    /// A form.
    pub(super) fn form(pairs: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(2 * LARGEST));
        form.extend_pairs(pairs);
        Self(Zeroizing::new(form.finish().into_bytes()))
    }

    pub(super) fn as_text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn into_body(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_itself_to_nobody() {
        let token: Token = serde_json::from_str("\"hidden\"").unwrap();
        assert_eq!(format!("{token:?}{:?}", token.bearer().unwrap()).matches("hidden").count(), 0);
        assert_eq!(token.bearer().unwrap().as_bytes(), b"Bearer hidden");
        for wrong in ["\"\"", "\"a b\"", "\"a\\nb\"", "\"\u{e4}\"", "1", "null"] {
            assert!(serde_json::from_str::<Token>(wrong).is_err(), "{wrong}");
        }
    }
}
