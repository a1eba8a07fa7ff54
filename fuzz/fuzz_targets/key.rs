//! Public keys of upstreams: what is passed on, Java reads as an RSA key. One that it does not costs it all of them.
#![no_main]

use hasjoined::keys::is_rsa;
use libfuzzer_sys::fuzz_target;
use std::cmp::Ordering;

/// `rsaEncryption` with its NULL.
const ALGORITHM: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

fuzz_target!(|der: &[u8]| {
    // The encoding is unique: of a key that is one, modulus and exponent alone give all of its bytes.
    let numbers = numbers(der);
    let is_key = numbers.is_some_and(|(modulus, exponent)| {
        let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        let is_sound = is_odd(modulus) && is_odd(exponent) && exponent != [1];
        // Java's limits: up to 16384 bits, and with more than 3072 an exponent of up to 64.
        let is_readable = (1024..=16384).contains(&bits)
            && compare(exponent, modulus) == Ordering::Less
            && (bits <= 3072 || exponent.len() <= 8);
        is_sound && is_readable && written(modulus, exponent) == der
    });
    match is_rsa(der) {
        true => assert!(is_key, "Java may not read it"),
        // A longer exponent than anybody has may be refused with a small modulus as well.
        false => assert!(!is_key || numbers.is_some_and(|(_, exponent)| exponent.len() > 8), "Java reads it"),
    }
});

/// Modulus and exponent, found by stepping over what stands in front of them.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let info = inside(der)?.strip_prefix(ALGORITHM)?;
    let key = inside(inside(info)?.strip_prefix(&[0])?)?;
    let (modulus, rest) = split(key)?;
    let (exponent, _) = split(rest)?;
    (!modulus.is_empty() && !exponent.is_empty()).then_some((modulus, exponent))
}

fn inside(der: &[u8]) -> Option<&[u8]> {
    let header = match der.get(1)? {
        0x81 => 3,
        0x82 => 4,
        _ => 2,
    };
    der.get(header..)
}

/// The digits of the integer that comes first, without a zero in front, and what comes after it.
fn split(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let content = inside(der)?;
    let length = der.len() - content.len();
    let length = match der.get(1..length)? {
        [0x81, length] => usize::from(*length),
        [0x82, high, low] => usize::from(*high) * 256 + usize::from(*low),
        [length] => usize::from(*length),
        _ => return None,
    };
    let (digits, rest) = content.split_at_checked(length)?;
    Some((digits.strip_prefix(&[0]).unwrap_or(digits), rest))
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn written(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = value(0x30, &[integer(modulus), integer(exponent)].concat());
    value(0x30, &[ALGORITHM.to_vec(), value(0x03, &[vec![0], key].concat())].concat())
}

fn integer(digits: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
    value(0x02, &[sign, digits].concat())
}

fn value(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = match content.len() {
        0..=0x7f => vec![length[7]],
        0x80..=0xff => vec![0x81, length[7]],
        0x100..=0xffff => vec![0x82, length[6], length[7]],
        _ => panic!("no input is as long"),
    };
    [vec![kind], length, content.to_vec()].concat()
}
