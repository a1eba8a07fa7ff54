//! How private keys lie in the store.
//!
//! Decides that with a key of keys nothing unsealed is believed: who can write to the database then still cannot sign. Where the key of
//! keys comes from is decided by the configuration.

use super::{Algorithm, Class};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::SecretSlice;
use std::{fmt, sync::Arc};

/// The first byte of what is stored.
const PLAIN: u8 = 0;
const SEALED: u8 = 1;

const FORGIVING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Why a stored key cannot be opened, or a key of keys not be used. Says nothing of either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The text is none.
    #[error("the key of keys is not 32 bytes in base64; make one with: openssl rand -base64 32")]
    NoKek,
    /// It lies sealed, and there is no key of keys.
    #[error("it is sealed: set login.kek_file, or HASJOINED_LOGIN_KEK_FILE, as they were when it was made")]
    NeedsKek,
    /// It lies open, though there is a key of keys.
    #[error(
        "it lies open in the store, though login.kek_file is set: run `hasjoined keys rotate` once, which seals it"
    )]
    NotSealed,
    /// Sealed by another key of keys, for another row, or changed since.
    #[error("it was sealed with another key of keys than the one in login.kek_file, or has been changed since")]
    NotOurs,
    /// Neither sealed nor open.
    #[error("it is not in a form that this version knows")]
    Unknown,
    /// The system has no randomness to give.
    #[error("it cannot be sealed")]
    NotDone,
}

/// A key that keys are sealed with: AES-256-GCM.
#[derive(Clone)]
pub struct Kek(Arc<RandomizedNonceKey>);

impl Kek {
    /// Reads 32 bytes in base64, of either alphabet.
    ///
    /// # Errors
    /// For every other text.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let engine = |alphabet| GeneralPurpose::new(alphabet, FORGIVING);
        let text = text.trim();
        let bytes = engine(&STANDARD).decode(text).or_else(|_| engine(&URL_SAFE).decode(text));
        let bytes = SecretSlice::from(bytes.map_err(|_| SealError::NoKek)?);
        let key = RandomizedNonceKey::new(&AES_256_GCM, secrecy::ExposeSecret::expose_secret(&bytes));
        Ok(Self(Arc::new(key.map_err(|_| SealError::NoKek)?)))
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kek(…)")
    }
}

/// Whose private part it is: a sealed one can be moved to no other row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'a> {
    pub(super) id: &'a str,
    pub(super) class: Class,
    pub(super) algorithm: Algorithm,
}

impl Label<'_> {
    fn aad(self) -> Aad<String> {
        Aad::from(format!("hasjoined key 1 {} {} {}", self.class.name(), self.algorithm.name(), self.id))
    }
}

/// The private part as it is stored.
pub(super) fn wrapped(kek: Option<&Kek>, label: Label<'_>, private: &[u8]) -> Result<Vec<u8>, SealError> {
    let Some(Kek(key)) = kek else { return Ok([&[PLAIN], private].concat()) };
    let mut sealed = private.to_vec();
    let nonce = key.seal_in_place_append_tag(label.aad(), &mut sealed).map_err(|_| SealError::NotDone)?;
    Ok([[SEALED].as_slice(), nonce.as_ref(), &sealed].concat())
}

/// The private part of what is stored.
pub(super) fn unwrapped(kek: Option<&Kek>, label: Label<'_>, stored: &[u8]) -> Result<SecretSlice<u8>, SealError> {
    match (stored, kek) {
        ([PLAIN, private @ ..], None) => Ok(private.to_vec().into()),
        ([PLAIN, ..], Some(_)) => Err(SealError::NotSealed),
        ([SEALED, ..], None) => Err(SealError::NeedsKek),
        ([SEALED, rest @ ..], Some(Kek(key))) => {
            let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::NotOurs)?;
            let mut bytes = sealed.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = key.open_in_place(nonce, label.aad(), &mut bytes).map_err(|_| SealError::NotOurs)?.len();
            bytes.truncate(length);
            Ok(bytes.into())
        }
        _ => Err(SealError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const LABEL: Label<'_> = Label { id: "one", class: Class::Access, algorithm: Algorithm::Es256 };

    fn kek(byte: u8) -> Kek {
        Kek::parse(&base64::engine::general_purpose::STANDARD.encode([byte; 32])).unwrap()
    }

    fn opened(kek: Option<&Kek>, label: Label<'_>, stored: &[u8]) -> Result<Vec<u8>, SealError> {
        unwrapped(kek, label, stored).map(|private| private.expose_secret().to_vec())
    }

    #[test]
    fn a_sealed_key_opens_with_its_kek_for_its_row_only() {
        let (ours, other) = (kek(1), kek(2));
        let stored = wrapped(Some(&ours), LABEL, b"private").unwrap();
        assert!(!stored.windows(7).any(|bytes| bytes == b"private"));
        assert_ne!(stored, wrapped(Some(&ours), LABEL, b"private").unwrap(), "never the same nonce");
        assert_eq!(opened(Some(&ours), LABEL, &stored).unwrap(), b"private");
        assert_eq!(opened(Some(&other), LABEL, &stored), Err(SealError::NotOurs));
        assert_eq!(opened(None, LABEL, &stored), Err(SealError::NeedsKek));
        for label in [
            Label { id: "two", ..LABEL },
            Label { class: Class::Join, ..LABEL },
            Label { algorithm: Algorithm::Hs256, ..LABEL },
        ] {
            assert_eq!(opened(Some(&ours), label, &stored), Err(SealError::NotOurs), "{label:?}");
        }
    }

    #[test]
    fn no_bit_of_a_sealed_key_can_be_changed_and_nothing_be_cut() {
        let ours = kek(1);
        let stored = wrapped(Some(&ours), LABEL, b"private").unwrap();
        for at in 0..stored.len() {
            let mut other = stored.clone();
            other[at] ^= 0x10;
            assert!(opened(Some(&ours), LABEL, &other).is_err(), "byte {at}");
            assert!(opened(Some(&ours), LABEL, &stored[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn where_there_is_a_kek_an_open_key_is_not_believed() {
        let stored = wrapped(None, LABEL, b"private").unwrap();
        assert_eq!(opened(None, LABEL, &stored).unwrap(), b"private");
        assert_eq!(opened(Some(&kek(1)), LABEL, &stored), Err(SealError::NotSealed));
    }

    #[test]
    fn a_kek_is_32_bytes_in_either_alphabet() {
        let bytes = [0xfb; 32];
        let standard = base64::engine::general_purpose::STANDARD.encode(bytes);
        let other = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        assert!(standard.contains('+') && other.contains('-'));
        for text in [standard.as_str(), &other, &format!("{standard}\n"), standard.trim_end_matches('=')] {
            assert!(Kek::parse(text).is_ok(), "{text}");
        }
        for text in ["", "abc", &"A".repeat(42), &"A".repeat(44), &"A".repeat(86)] {
            assert_eq!(Kek::parse(text).err(), Some(SealError::NoKek), "{text}");
        }
    }
}
