//! RSA public keys as session servers publish them, and documents of such keys.
//!
//! Decides form only: nobody here holds the private half of any of them.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The base64 of a key: the same seed always gives the same one.
pub(crate) fn rsa(seed: u8) -> String {
    // 2048 bits: the first and the last one are set.
    let modulus: Vec<u8> = (0..=255).map(|at: u8| at.wrapping_mul(seed) | if at == 0 { 0x80 } else { 1 }).collect();
    let modulus = value(0x02, &[&[0], &modulus[..]].concat());
    let key = value(0x30, &[modulus, value(0x02, &[1, 0, 1])].concat());
    let rsa_encryption = value(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
    let algorithm = value(0x30, &[rsa_encryption, value(0x05, &[])].concat());
    let bits = value(0x03, &[&[0], &key[..]].concat());
    STANDARD.encode(value(0x30, &[algorithm, bits].concat()))
}

/// A document of `/publickeys` with these entries for textures, chat and tokens.
pub(crate) fn document(profile: &[String], certificate: &[String], authentication: &[String]) -> String {
    let entries = |keys: &[String]| {
        let entries: Vec<_> = keys.iter().map(|key| format!(r#"{{"publicKey":"{key}"}}"#)).collect();
        entries.join(",")
    };
    let (profile, certificate, authentication) = (entries(profile), entries(certificate), entries(authentication));
    format!(
        r#"{{"profilePropertyKeys":[{profile}],"playerCertificateKeys":[{certificate}],"authenticationKeys":[{authentication}]}}"#
    )
}

fn value(kind: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match (high, low) {
        (0, short @ 0..=0x7f) => vec![kind, short],
        (0, long) => vec![kind, 0x81, long],
        (high, low) => vec![kind, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}
