//! Texts that nobody can guess.

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{
    SecretString,
    zeroize::{Zeroize, Zeroizing},
};

/// The machine has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this machine has no randomness to give")]
pub struct NoRandomness;

/// 32 random bytes in base64url: 43 characters.
pub(super) fn text() -> Result<SecretString, NoRandomness> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::fill(&mut *bytes).map_err(|_| NoRandomness)?;
    let mut text = URL_SAFE_NO_PAD.encode(*bytes);
    let secret = SecretString::from(text.as_str());
    text.zeroize();
    Ok(secret)
}

/// SHA-256 in base64url: 43 characters.
pub(super) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
