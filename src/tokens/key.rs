//! One key: made, read, signed with and verified by.
//!
//! Decides that a key is what its private part says: its id is the RFC 7638 thumbprint of its public part, computed and never
//! believed. How the private part is kept is decided by `seal`, when it is used by `ring`.

use super::{Algorithm, Class};
use aws_lc_rs::{
    encoding::AsDer,
    rand::{self, SystemRandom},
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use jsonwebtoken::{
    DecodingKey, EncodingKey, Header, crypto,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;
use std::fmt;

/// RFC 7518 §3.2: a secret is at least as long as the hash.
const SHORTEST_SECRET: usize = 32;

/// How PKCS#8 wraps an RSA key of up to 64 KiB, after the length of the whole: version 0, `rsaEncryption` with its NULL.
const RSA_IN_PKCS8: &[u8] =
    &[0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Why a key cannot be had. Says nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system's source of randomness, or its memory, failed.
    #[error("a key could not be made")]
    NotMade,
    /// The private part is none of this algorithm.
    #[error("it is no private key for {}", .0.name())]
    NotOf(Algorithm),
    /// A secret that can be guessed.
    #[error("a secret for HS256 has at least 32 bytes")]
    ShortSecret,
    /// Signing failed.
    #[error("it does not sign")]
    DoesNotSign,
}

/// A key of one class.
pub struct Key {
    id: String,
    class: Class,
    algorithm: Algorithm,
    private: SecretSlice<u8>,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Jwk,
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate(class: Class, algorithm: Algorithm) -> Result<Self, KeyError> {
        let failed = |_| KeyError::NotMade;
        let random = SystemRandom::new();
        let private = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                .map_err(failed)?
                .as_ref()
                .to_vec(),
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8v1(&random).map_err(failed)?.as_ref().to_vec(),
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                AsDer::as_der(&pair).map_err(failed)?.as_ref().to_vec()
            }
            Algorithm::Hs256 => {
                let mut secret = vec![0; SHORTEST_SECRET];
                rand::fill(&mut secret).map_err(failed)?;
                secret
            }
        };
        Self::of(class, algorithm, private.into())
    }

    /// The key of this private part: PKCS#8 in DER, or for HS256 the secret itself.
    ///
    /// # Errors
    /// When it is none, or too short to be secret.
    pub fn of(class: Class, algorithm: Algorithm, private: SecretSlice<u8>) -> Result<Self, KeyError> {
        let wrong = KeyError::NotOf(algorithm);
        let bytes = private.expose_secret();
        let signing = match algorithm {
            Algorithm::Es256 => EncodingKey::from_ec_der(bytes),
            Algorithm::EdDsa => EncodingKey::from_ed_der(bytes),
            Algorithm::Rs256 => EncodingKey::from_rsa_der(rsa_inside(bytes).ok_or(wrong)?),
            Algorithm::Hs256 if bytes.len() < SHORTEST_SECRET => return Err(KeyError::ShortSecret),
            Algorithm::Hs256 => EncodingKey::from_secret(bytes),
        };
        let mut public = Jwk::from_encoding_key(&signing, algorithm.jwt()).map_err(|_| wrong)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| wrong)?;
        let verifying = DecodingKey::from_jwk(&public).map_err(|_| wrong)?;
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        public.common.key_id = Some(id.clone());
        Ok(Self { id, class, algorithm, private, signing, verifying, public })
    }

    /// `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it signs.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// By what it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// As a document of keys shows it; nothing of a secret that verifies and signs alike.
    pub(super) fn public(&self) -> Option<&Jwk> {
        (self.algorithm != Algorithm::Hs256).then_some(&self.public)
    }

    pub(super) fn private(&self) -> &[u8] {
        self.private.expose_secret()
    }

    /// A token of these claims. `kind` is its `typ`; older tokens do not name their key.
    pub(super) fn sign(&self, kind: &str, is_named: bool, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut header = Header::new(self.algorithm.jwt());
        header.typ = Some(kind.to_owned());
        header.kid = is_named.then(|| self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(|_| KeyError::DoesNotSign)
    }

    /// What attackers cannot have: a signature of any bytes.
    #[cfg(test)]
    pub(super) fn signature_of(&self, message: &[u8]) -> String {
        crypto::sign(message, &self.signing, self.algorithm.jwt()).unwrap_or_default()
    }

    /// Whether the signature is this key's, by this key's algorithm.
    pub(super) fn has_signed(&self, message: &[u8], signature: &str) -> bool {
        crypto::verify(signature, message, &self.verifying, self.algorithm.jwt()).unwrap_or(false)
    }
}

/// The RSA key in a PKCS#8 document, which is what the signer reads.
fn rsa_inside(pkcs8: &[u8]) -> Option<&[u8]> {
    let [0x30, 0x82, _, _, rest @ ..] = pkcs8 else { return None };
    let [0x04, 0x82, high, low, key @ ..] = rest.strip_prefix(RSA_IN_PKCS8)? else { return None };
    key.get(..usize::from(*high) << 8 | usize::from(*low))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} {} {})", self.class.name(), self.algorithm.name(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    fn jwk(value: Value) -> Jwk {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        // RFC 7638 §3.1.
        let n = concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZC",
            "iFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZg",
            "nYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIq",
            "bw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
        );
        let thumbprint = |jwk: Jwk| jwk.thumbprint(ThumbprintHash::SHA256).unwrap();
        let rsa = jwk(json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}));
        assert_eq!(thumbprint(rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        // RFC 8037 §A.3.
        let ed = jwk(json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}));
        assert_eq!(thumbprint(ed), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    /// The private key of RFC 7515 §A.3, as PKCS#8.
    const P256: &str = concat!(
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LKhRANCAAR_zc4nc",
        "PbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt"
    );

    #[test]
    fn a_known_private_key_has_the_known_public_one() {
        let private = URL_SAFE_NO_PAD.decode(P256).unwrap();
        let key = Key::of(Class::Access, Algorithm::Es256, private.into()).unwrap();
        assert_eq!(
            serde_json::to_value(key.public().unwrap()).unwrap(),
            json!({
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key.id(),
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            })
        );
        assert_eq!(key.id(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    }

    #[test]
    fn every_algorithm_signs_what_only_its_key_verifies() {
        for algorithm in Algorithm::ALL {
            let (key, other) =
                (Key::generate(Class::Join, algorithm).unwrap(), Key::generate(Class::Join, algorithm).unwrap());
            let token = key.sign("join+jwt", true, &json!({"sid": "a"})).unwrap();
            let (message, signature) = token.rsplit_once('.').unwrap();
            assert!(key.has_signed(message.as_bytes(), signature), "{algorithm:?}");
            assert!(!other.has_signed(message.as_bytes(), signature), "{algorithm:?}");
            assert!(!key.has_signed(b"other", signature), "{algorithm:?}");
            let again = Key::of(Class::Join, algorithm, key.private().to_vec().into()).unwrap();
            assert_eq!(again.id(), key.id());
            assert!(again.has_signed(message.as_bytes(), signature), "{algorithm:?}");
        }
    }

    #[test]
    fn a_private_part_of_another_kind_is_refused() {
        for algorithm in Algorithm::ALL {
            let of =
                |bytes: &[u8]| Key::of(Class::Join, algorithm, bytes.to_vec().into()).map(|key| key.id().to_owned());
            let short = if algorithm == Algorithm::Hs256 { KeyError::ShortSecret } else { KeyError::NotOf(algorithm) };
            assert_eq!(of(b""), Err(short));
            assert_eq!(of(b"31 bytes are not enough, really"), Err(short));
            for other in Algorithm::ALL.into_iter().filter(|other| ![algorithm, Algorithm::Hs256].contains(other)) {
                let foreign = Key::generate(Class::Join, other).unwrap();
                if algorithm != Algorithm::Hs256 {
                    assert_eq!(of(foreign.private()), Err(KeyError::NotOf(algorithm)), "{other:?}");
                }
            }
        }
    }

    #[test]
    fn a_cut_rsa_key_is_refused_without_harm() {
        let key = Key::generate(Class::Access, Algorithm::Rs256).unwrap();
        for end in (0..40).chain([key.private().len() - 1]) {
            let cut = key.private()[..end].to_vec();
            assert!(Key::of(Class::Access, Algorithm::Rs256, cut.into()).is_err(), "{end}");
        }
    }

    #[test]
    fn a_secret_is_in_no_document_and_no_log() {
        let key =
            Key::of(Class::Access, Algorithm::Hs256, b"a secret of more than 32 bytes, is it".to_vec().into()).unwrap();
        assert!(key.public().is_none());
        assert_eq!(format!("{key:?}"), format!("Key(access HS256 {})", key.id()));
    }
}
