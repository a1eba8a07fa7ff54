//! Whether bytes are an RSA public key as Java reads them: a SubjectPublicKeyInfo in DER.
//!
//! Decides form only. One entry that Java cannot read makes a game server throw the whole document away, so nothing doubtful
//! passes.

/// `SEQUENCE { OID 1.2.840.113549.1.1.1 (rsaEncryption), NULL }`, its content.
const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// What is weaker nobody should believe; what is larger Java refuses.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 1024..=16384;

/// With a large modulus, Java refuses an exponent of more than 64 bits.
const LONGEST_EXPONENT: usize = 8;

/// Whether this is exactly one RSA public key, of a size that is in use.
#[must_use]
pub fn is_rsa(der: &[u8]) -> bool {
    modulus_bits(der).is_some_and(|bits| MODULUS_BITS.contains(&bits))
}

fn modulus_bits(der: &[u8]) -> Option<usize> {
    let (info, []) = value(der, SEQUENCE)? else { return None };
    let (algorithm, rest) = value(info, SEQUENCE)?;
    let (bits, []) = value(rest, BIT_STRING)? else { return None };
    // The first byte counts unused bits at the end.
    let (0, key) = bits.split_first().map(|(unused, key)| (*unused, key))? else { return None };
    let (key, []) = value(key, SEQUENCE)? else { return None };
    let (modulus, rest) = value(key, INTEGER)?;
    let (exponent, []) = value(rest, INTEGER)? else { return None };
    let (modulus, exponent) = (positive(modulus)?, positive(exponent)?);
    let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    let in_use = exponent != [1] && exponent.len() <= LONGEST_EXPONENT;
    let usable = algorithm == RSA_ENCRYPTION && odd(modulus) && odd(exponent) && in_use;
    usable.then(|| modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize))
}

/// The content of a value of this kind, and what comes after it.
fn value(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = length(rest)?;
    if *found != kind {
        return None;
    }
    rest.split_at_checked(length)
}

/// A length in the one form that DER allows for it, up to 65535.
fn length(der: &[u8]) -> Option<(usize, &[u8])> {
    match der {
        [short @ 0..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, long @ 0x80..=0xff, rest @ ..] => Some((usize::from(*long), rest)),
        [0x82, high @ 1..=0xff, low, rest @ ..] => Some((usize::from(*high) << 8 | usize::from(*low), rest)),
        _ => None,
    }
}

/// The bytes of an integer above zero, without the zero that keeps its sign; `None` when it is written any longer than need be.
fn positive(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, rest @ ..] => matches!(rest, [0x80..=0xff, ..]).then_some(rest),
        [1..=0x7f, ..] => Some(integer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    /// Made by `openssl genrsa 1024 | openssl rsa -pubout -outform DER`.
    const KEY: &str = concat!(
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDFbTgZi9dRv/+F/BHh5AQx1PLi9mb6RpHGwhsIJsrh1IWgyDLCpkdPNIfIrC8v",
        "E3SyL8EmpuUDvGwo0f2JdVV2II8KSG2ul2a5w1/V7s46bfUwcv+g/9Sac5fwPymaEIt/0kOfJFsEEBPLQzmXJ1CXTN5tuY4P/yVP",
        "krBFmja7awIDAQAB"
    );
    /// Of 512 bits.
    const SHORT: &str = concat!(
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANLSs+RkqfquaJDwnFAqWyrBj0pEj+r+TUqnHEr0VHzPBA5er4non0CUfLVr6Z1Ghzb0",
        "WQ9H9pvXA1FCkQ8CBAECAwEAAQ=="
    );
    /// `openssl ecparam -name prime256v1 -genkey | openssl ec -pubout -outform DER`.
    const ELLIPTIC: &str = concat!(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErQW+uTib+Y7vGdN5KJLXuZEOULfacd/nrZRXyFNYEScx/uyE5dj7ZP0icUAO2Y0T",
        "74Cyg8mvvfhsc1y8ouM8ew=="
    );

    fn der(base64: &str) -> Vec<u8> {
        STANDARD.decode(base64).unwrap()
    }

    #[test]
    fn a_key_of_openssl_is_one() {
        assert_eq!(modulus_bits(&der(KEY)), Some(1024));
        assert!(is_rsa(&der(KEY)));
    }

    #[test]
    fn a_short_key_and_another_kind_of_key_are_none() {
        assert_eq!(modulus_bits(&der(SHORT)), Some(512));
        assert!(!is_rsa(&der(SHORT)));
        assert!(!is_rsa(&der(ELLIPTIC)));
    }

    #[test]
    fn a_key_that_is_cut_or_followed_by_anything_is_none() {
        let key = der(KEY);
        for end in 0..key.len() {
            assert!(!is_rsa(&key[..end]), "cut at {end}");
        }
        assert!(!is_rsa(&[&key[..], &[0]].concat()));
    }

    #[test]
    fn a_key_with_another_byte_in_its_structure_is_none() {
        let key = der(KEY);
        let modulus = key.windows(3).position(|bytes| bytes == [0x02, 0x81, 0x81]).unwrap() + 3;
        for at in 0..modulus {
            let mut other = key.clone();
            other[at] ^= 0x40;
            assert!(!is_rsa(&other), "byte {at}");
        }
    }

    /// The key with this exponent.
    fn with_exponent(exponent: &[u8]) -> Vec<u8> {
        let mut key = der(KEY);
        let added = u8::try_from(exponent.len()).unwrap() - 3;
        key.truncate(key.len() - 5);
        key.extend([&[0x02, 3 + added], exponent].concat());
        // The lengths of the whole, of the bit string and of the sequence in it.
        for (at, length) in [(2, 0x9f), (20, 0x8d), (24, 0x89)] {
            assert_eq!(key[at], length);
            key[at] += added;
        }
        key
    }

    #[test]
    fn a_key_with_an_exponent_that_java_refuses_is_none() {
        assert!(is_rsa(&with_exponent(&[1, 0, 1])));
        assert!(is_rsa(&with_exponent(&[1, 0, 0, 0, 0, 0, 0, 3])));
        assert!(!is_rsa(&with_exponent(&[1, 0, 0, 0, 0, 0, 0, 0, 3])));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end_without_harm(bytes: Vec<u8>) {
            let _ = is_rsa(&bytes);
        }
    }
}
