//! What a client is told to join: a serverId that no game handshake can produce.
//!
//! The hash of a handshake is a signed number in hexadecimal: forty digits of it start with 1 to 7, and more come with a minus. So
//! forty digits that start with 8 to f are of this program alone, and a client that refuses all else cannot be made to log somebody
//! in to a game server. In bound mode the digits follow from who asks, too: an answer fetched by another service does not fit.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt::Write;

/// Bytes of a serverId.
const LENGTH: usize = 20;

/// The operating system has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// A fresh serverId.
pub(super) fn random() -> Result<String, NoRandomness> {
    bytes::<LENGTH>().map(|bytes| written(&bytes))
}

/// A fresh number for bound mode, as it is sent: 32 bytes in base64url.
pub(super) fn nonce() -> Result<String, NoRandomness> {
    bytes::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// The serverId of bound mode: it follows from the service that the client talks to, from `nonce`, and from the hash of a secret
/// that only the client has, both as they were sent.
#[must_use]
pub fn bound(audience: &str, nonce: &str, client_secret_hash: &str) -> String {
    let parts = ["mcjoin-v1", audience, nonce, client_secret_hash];
    let digest = digest(&SHA256, parts.join("\0").as_bytes());
    let mut first = [0; LENGTH];
    first.copy_from_slice(&digest.as_ref()[..LENGTH]);
    written(&first)
}

/// The hash of a client's secret, as clients send it.
#[must_use]
pub fn secret_hash(secret: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret))
}

/// Whether a text has the form of the serverIds made here.
#[must_use]
pub fn is_ours(server_id: &str) -> bool {
    let bytes = server_id.as_bytes();
    bytes.len() == 2 * LENGTH
        && matches!(bytes[0], b'8' | b'9' | b'a'..=b'f')
        && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// With its top bit set.
fn written(bytes: &[u8; LENGTH]) -> String {
    let mut text = String::with_capacity(2 * LENGTH);
    for (at, byte) in bytes.iter().enumerate() {
        let byte = if at == 0 { byte | 0x80 } else { *byte };
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn serverids_are_ours_distinct_and_use_every_first_digit() {
        let made: HashSet<_> = (0..10_000).map(|_| random().unwrap()).collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|id| is_ours(id)));
        let first: HashSet<_> = made.iter().map(|id| id.as_bytes()[0]).collect();
        assert_eq!(first.len(), 8);
    }

    #[test]
    fn hashes_of_game_handshakes_are_never_ours() {
        for hash in [
            "-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1",
            "4ed1f46bbe04bc756bcb17c0c7ce3e4632f06a48",
            "7fffffffffffffffffffffffffffffffffffffff",
            "88e16a1019277b15d58faf0541e11910eb756f6",
            "0",
        ] {
            assert!(!is_ours(hash), "{hash}");
        }
        assert!(is_ours("d8f8c86b0e9f9d3a1d8f8c86b0e9f9d3a1d8f8c8"));
        assert!(!is_ours("D8F8C86B0E9F9D3A1D8F8C86B0E9F9D3A1D8F8C8"));
        assert!(!is_ours("d8f8c86b0e9f9d3a1d8f8c86b0e9f9d3a1d8f8cg"));
    }

    /// So that a client in another language can check its own arithmetic.
    #[test]
    fn the_bound_serverid_is_the_documented_one() {
        let hash = secret_hash(&[7; 32]);
        assert_eq!(hash, "S7Bvjk46dxXSAdVz0KpCN2LlXavWGiwCJ4-lbMbSlOA");
        let nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let id = bound("https://login.example", nonce, &hash);
        assert_eq!(id, "be2f1e580796521340d382de3e8da89d532c478a");
        assert!(is_ours(&id));
        assert_ne!(id, bound("https://login.example.org", nonce, &hash));
    }
}
