//! The form of a token: three parts, the first of which is a header.
//!
//! Decides what is read of bytes that anybody may have sent. Nothing in it is to be believed before the signature is.

use super::Flaw;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};

/// What we issue has less than 2 KiB.
pub(super) const LONGEST: usize = 8 * 1024;

/// A token that nobody has verified. It has no `Debug`: whoever reads one in a log can use it.
pub struct Token<'a> {
    header: Header,
    signed: &'a [u8],
    payload: &'a str,
    signature: &'a str,
}

/// What is looked at of a header. Where a key could be fetched from (`jku`, `jwk`, `x5u`, …) is not among it. Unlike the library's own,
/// it does not take an unreadable member for a missing one.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
    #[serde(default, deserialize_with = "is_there")]
    b64: bool,
}

/// Whatever it is, `null` too: it is there.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// What a JSON object says. The deserializer would take an array for one, its values in the order of the members.
fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    if !json.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(json).ok()
}

impl<'a> Token<'a> {
    /// Reads any bytes at all.
    ///
    /// # Errors
    /// When they are no token, or one with a critical extension: no extension is understood here.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Flaw> {
        if bytes.len() > LONGEST {
            return Err(Flaw::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| Flaw::Form)?;
        let (message, signature) = text.rsplit_once('.').ok_or(Flaw::Form)?;
        let (header, payload) = message.split_once('.').ok_or(Flaw::Form)?;
        if payload.contains('.') || [header, payload].contains(&"") {
            return Err(Flaw::Form);
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Flaw::Form)?;
        let header: Header = object(&header).ok_or(Flaw::Header)?;
        if header.crit || header.b64 {
            return Err(Flaw::Critical);
        }
        Ok(Self { header, signed: message.as_bytes(), payload, signature })
    }

    /// The claims, whether they are true or not.
    ///
    /// # Errors
    /// When one that `T` needs is missing, there twice, or of another type.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, Flaw> {
        let payload = URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| Flaw::Form)?;
        object(&payload).ok_or(Flaw::Claims)
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Whether it names a key of the form that ours have: the base64 of a SHA-256.
    pub(super) fn names_a_key(&self) -> bool {
        self.header.kid.as_ref().is_some_and(|id| id.len() == 43)
    }

    /// What was signed, and by what.
    pub(super) fn signature(&self) -> (&'a [u8], &'a str) {
        (self.signed, self.signature)
    }
}

impl Header {
    /// Whether `typ` is this, written in any case and with or without `application/`.
    pub(super) fn is_of(&self, kind: &str) -> bool {
        let Some(typ) = &self.typ else { return false };
        let short = match typ.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        short.eq_ignore_ascii_case(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(header: &str) -> String {
        format!("{}.e30.", URL_SAFE_NO_PAD.encode(header))
    }

    fn flaw(text: &str) -> Option<Flaw> {
        Token::parse(text.as_bytes()).err()
    }

    #[test]
    fn a_type_is_compared_as_a_media_type_is() {
        for (typ, is) in [
            ("\"at+jwt\"", true),
            ("\"AT+JWT\"", true),
            ("\"Application/at+jwt\"", true),
            ("\"application/application/at+jwt\"", false),
            ("\"JWT\"", false),
            ("\"\"", false),
            ("null", false),
        ] {
            let text = with_header(&format!(r#"{{"alg":"ES256","typ":{typ}}}"#));
            assert_eq!(Token::parse(text.as_bytes()).unwrap().header().is_of("at+jwt"), is, "{typ}");
        }
    }

    #[test]
    fn a_header_is_an_object_that_says_everything_once() {
        for header in [
            "",
            "1",
            "[]",
            "null",
            "\"ES256\"",
            "{}",
            r#"["ES256",null,null]"#,
            r#"{"alg":1}"#,
            r#"{"alg":null}"#,
            r#"{"alg":"ES256"}{}"#,
            r#"{"alg":"ES256","alg":"ES256"}"#,
            r#"{"alg":"ES256","\u0061lg":"HS256"}"#,
            r#"{"alg":"ES256","kid":"a","kid":"a"}"#,
            r#"{"alg":"ES256","kid":1}"#,
            r#"{"alg":"ES256","typ":[]}"#,
            r#"{"alg":"ES256","crit":[],"crit":[]}"#,
            "\u{feff}{\"alg\":\"ES256\"}",
        ] {
            assert!(matches!(flaw(&with_header(header)), Some(Flaw::Header | Flaw::Form)), "{header}");
        }
    }

    #[test]
    fn any_critical_extension_is_one_too_many() {
        for member in
            [r#""crit":["x"]"#, r#""crit":[]"#, r#""crit":null"#, r#""crit":1"#, r#""b64":false"#, r#""b64":true"#]
        {
            let text = with_header(&format!(r#"{{"alg":"ES256",{member}}}"#));
            assert_eq!(flaw(&text), Some(Flaw::Critical), "{member}");
        }
    }

    #[test]
    fn case_53_of_another_form() {
        let whole = with_header(r#"{"alg":"ES256"}"#);
        assert_eq!(flaw(&whole), None);
        let (header, _) = whole.split_once('.').unwrap();
        for text in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            header.to_owned(),
            format!("{header}.e30"),
            format!("{header}.e30.a.b"),
            format!("{header}..a"),
            format!("{header}=.e30.a"),
            format!(" {whole}"),
            format!(
                "{}.e30.a",
                URL_SAFE_NO_PAD.encode("{\"alg\":\"ES256\",\"kid\":\"?>\u{7f}\"}").replace(['-', '_'], "/")
            ),
        ] {
            assert_eq!(flaw(&text), Some(Flaw::Form), "{text}");
        }
        assert_eq!(flaw(&"a".repeat(9 * 1024)), Some(Flaw::TooLong));
        assert_eq!(Token::parse(&[0xff; 40]).err(), Some(Flaw::Form));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let _ = Token::parse(&bytes);
        }

        #[test]
        fn any_header_and_any_claims_are_read_without_harm(header: Vec<u8>, claims: Vec<u8>, signature in "[ -~]{0,90}") {
            let text = format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
            if let Ok(token) = Token::parse(text.as_bytes()) {
                let _ = token.claims::<serde_json::Value>();
            }
        }

        #[test]
        fn any_header_of_json_is_read_without_harm(name in "alg|typ|kid|crit|b64|jwk", value in r#"[\[\]{}",:0-9a-z\\]{0,30}"#) {
            let _ = flaw(&with_header(&format!(r#"{{"alg":"ES256","{name}":{value}}}"#)));
        }
    }
}
