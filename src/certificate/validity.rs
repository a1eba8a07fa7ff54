//! From when until when a certificate holds: the one thing of it that the TLS library does not tell.
//!
//! Reads no further than to that. Whether the rest is well-formed is found out by the library.

use crate::model::Timestamp;
use time::{Date, Month, Time, UtcOffset};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version of a certificate, which those of version 1 lack.
const VERSION: u8 = 0xa0;

/// Two times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) begins: Timestamp,
    pub(super) ends: Timestamp,
}

impl Validity {
    /// Of a certificate in DER (RFC 5280 §4.1).
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = value(certificate, SEQUENCE)?;
        let (mut fields, _) = value(certificate, SEQUENCE)?;
        if let Some((_, rest)) = value(fields, VERSION) {
            fields = rest;
        }
        // The serial number, the algorithm, the issuer.
        for kind in [INTEGER, SEQUENCE, SEQUENCE] {
            (_, fields) = value(fields, kind)?;
        }
        let (validity, _) = value(fields, SEQUENCE)?;
        let (begins, rest) = moment(validity)?;
        let (ends, _) = moment(rest)?;
        Some(Self { begins, ends })
    }
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`, and what comes after it.
fn moment(der: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (digits, rest, short) = match value(der, UTC_TIME) {
        Some((text, rest)) => (text, rest, true),
        None => value(der, GENERALIZED_TIME).map(|(text, rest)| (text, rest, false))?,
    };
    let digits = digits.strip_suffix(b"Z")?;
    if digits.len() != if short { 12 } else { 14 } || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, digits) = digits.split_at(digits.len() - 10);
    let number = |digits: &[u8]| digits.iter().fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'));
    let year = match number(year) {
        year @ 0..50 if short => 2000 + year,
        year if short => 1900 + year,
        year => year,
    };
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::try_from(number(pair)).ok());
    let date = Date::from_calendar_date(i32::from(year), Month::try_from(pair(0)?).ok()?, pair(2)?).ok()?;
    let time = Time::from_hms(pair(4)?, pair(6)?, pair(8)?).ok()?;
    Some((Timestamp::from_seconds(date.with_time(time).assume_offset(UtcOffset::UTC).unix_timestamp()), rest))
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

/// A length of up to 65535.
fn length(der: &[u8]) -> Option<(usize, &[u8])> {
    match der {
        [short @ 0..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, long, rest @ ..] => Some((usize::from(*long), rest)),
        [0x82, high, low, rest @ ..] => Some((usize::from(*high) << 8 | usize::from(*low), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use time::OffsetDateTime;

    /// A certificate that holds from the one second to the other.
    fn certificate(begins: i64, ends: i64) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = OffsetDateTime::from_unix_timestamp(begins).unwrap();
        params.not_after = OffsetDateTime::from_unix_timestamp(ends).unwrap();
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn both_forms_of_a_time_are_read() {
        // 1996, 2049, and 2050, from which on the year has four digits.
        for (begins, ends) in
            [(825_553_967, 1_700_000_000), (1_700_000_001, 2_524_607_999), (2_524_608_000, 253_402_300_799)]
        {
            let read = Validity::of(&certificate(begins, ends)).unwrap();
            assert_eq!((read.begins.seconds(), read.ends.seconds()), (begins, ends));
        }
    }

    #[test]
    fn whatever_is_cut_or_turned_over_is_read_without_a_crash() {
        let whole = certificate(0, 1);
        for at in 0..whole.len() {
            let _ = Validity::of(&whole[..at]);
            let mut turned = whole.clone();
            turned[at] ^= 0xff;
            let _ = Validity::of(&turned);
        }
        assert_eq!(Validity::of(b""), None);
        assert_eq!(Validity::of(b"\x30\x03\x30\x01\x02"), None);
    }

    #[test]
    fn a_time_that_is_none_is_none() {
        let read = |text: &str| {
            moment(&[&[UTC_TIME, text.len() as u8], text.as_bytes()].concat()).map(|(time, _)| time.seconds())
        };
        assert_eq!(read("700101000000Z"), Some(0));
        for text in
            ["701301000000Z", "700132000000Z", "700101240000Z", "700101000000", "70010100000Z", "7001010000+1Z", ""]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
