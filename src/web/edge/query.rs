//! Pairs of a query or a form: decoded once, each known one at most once.

use super::refusal::{Code, Refusal};
use percent_encoding::percent_decode;

/// The pairs of `application/x-www-form-urlencoded`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads them.
    ///
    /// # Errors
    /// When one is not UTF-8.
    pub fn read(encoded: &[u8]) -> Result<Self, Refusal> {
        let pairs = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let read = pairs.map(|pair| {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            Ok((decoded(name)?, decoded(value)?))
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// The value of one, if it is there.
    ///
    /// # Errors
    /// `duplicate_parameter`, when it is there twice: neither the first nor the last is meant for sure.
    pub fn get(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Code::DuplicateParameter.into()),
            (value, None) => Ok(value),
        }
    }
}

fn decoded(text: &[u8]) -> Result<String, Refusal> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8(bytes).map_err(|_| Code::InvalidRequest.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_once() {
        let read = Parameters::read(b"a=1+2%2B3&b=%C3%A9&c&=x&&d=%EF%BF%BD&e=%zz&f=a=b&g=%2561").unwrap();
        for (name, value) in
            [("a", "1 2+3"), ("b", "é"), ("c", ""), ("d", "\u{fffd}"), ("e", "%zz"), ("f", "a=b"), ("g", "%61")]
        {
            assert_eq!(read.get(name), Ok(Some(value)));
        }
        assert_eq!(read.get("z"), Ok(None));
    }

    #[test]
    fn known_ones_stand_once_and_all_are_text() {
        let twice = Parameters::read(b"limit=1&limit=2&x=1&x=2&%6Cimi=1").unwrap();
        assert_eq!(twice.get("limit"), Err(Code::DuplicateParameter.into()));
        assert_eq!(Parameters::read(b"a=1&%61=1").unwrap().get("a"), Err(Code::DuplicateParameter.into()));
        for bytes in [&b"a=%ff"[..], b"%ff=a", b"a=%c3", b"a=%ed%a0%80"] {
            assert_eq!(Parameters::read(bytes), Err(Code::InvalidRequest.into()));
        }
    }
}
