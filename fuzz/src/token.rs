//! What a token has to say to be believed, once it is known who signed it: the specification's list, read from its JSON.

use crate::json::Json;
use hasjoined::model::{ProfileId, UpstreamId, UserId};

/// What is wanted of a token.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// `alg`, the key's own.
    pub algorithm: &'a str,
    /// `typ`.
    pub kind: &'a str,
    /// `kid`; `None`: no key is to be named.
    pub key: Option<&'a str>,
    /// `iss` and `aud`; `None`: they are not looked at.
    pub parties: Option<(&'a str, &'a str)>,
    /// The present, in seconds.
    pub now: i64,
    /// How many seconds before `nbf` it is believed.
    pub early: i64,
    /// How many seconds after `exp` it still is.
    pub late: i64,
    /// From `iat` to `exp` at most, in seconds.
    pub longest: i64,
}

/// How far ahead another clock may be, in seconds.
const APART: i64 = 60;

impl Wanted<'_> {
    /// Whether the header is that of such a token.
    #[must_use]
    pub fn is_header(&self, header: &Json) -> bool {
        let names_key = match self.key {
            Some(key) => is_text(header, "kid", |id| id == key),
            None => matches!(header.all("kid").as_slice(), [] | [Json::Null]),
        };
        let is_kind = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").unwrap_or(&typ) == self.kind.to_ascii_lowercase()
        };
        let extends = ["crit", "b64"].iter().any(|name| !header.all(name).is_empty());
        is_text(header, "alg", |alg| alg == self.algorithm) && is_text(header, "typ", is_kind) && names_key && !extends
    }

    /// Whether the claims are those of a join token.
    #[must_use]
    pub fn is_join(&self, claims: &Json) -> bool {
        let texts = ["sid", "scope"].iter().all(|name| is_text(claims, name, |_| true));
        let optional = ["name", "csh"].iter().all(|name| is_optional(claims, name, |_| true));
        let is_player = is_optional(claims, "sub", |id| ProfileId::parse(id).is_ok());
        let is_first = number(claims, "ver") == Some(1);
        self.is_ours(claims) && texts && optional && is_player && is_first && number(claims, "nbf").is_some()
    }

    /// Whether the claims are those of an access token.
    #[must_use]
    pub fn is_access(&self, claims: &Json) -> bool {
        let texts = ["client_id", "scope", "name"].iter().all(|name| is_text(claims, name, |_| true));
        let is_player = is_text(claims, "sub", |id| ProfileId::parse(id).is_ok());
        let is_user = is_text(claims, "uid", |id| UserId::parse(id).is_ok());
        let is_idp = is_text(claims, "idp", |id| UpstreamId::new(id).is_ok());
        let is_dated = number(claims, "auth_time").is_some();
        self.is_ours(claims) && texts && is_player && is_user && is_idp && is_dated && is_texts(claims, "amr")
    }

    /// Whether the claims are those of an access token of the older form, but for its user and its id.
    #[must_use]
    pub fn is_older(&self, claims: &Json) -> bool {
        let is_player = is_text(claims, "sub", |id| ProfileId::parse(id).is_ok());
        self.is_in_time(claims) && is_player && is_texts(claims, "scopes") && is_text(claims, "jti", |_| true)
    }

    fn is_ours(&self, claims: &Json) -> bool {
        let of_us = self.parties.is_none_or(|(issuer, audience)| {
            is_text(claims, "iss", |iss| iss == issuer) && is_text(claims, "aud", |aud| aud == audience)
        });
        of_us && self.is_in_time(claims) && is_text(claims, "jti", is_uuid)
    }

    fn is_in_time(&self, claims: &Json) -> bool {
        let (Some(iat), Some(exp)) = (number(claims, "iat"), number(claims, "exp")) else { return false };
        let has_begun = match claims.all("nbf").as_slice() {
            [] | [Json::Null] => true,
            _ => number(claims, "nbf").is_some_and(|nbf| nbf <= self.now + self.early),
        };
        let is_short = i128::from(exp) - i128::from(iat) <= i128::from(self.longest);
        has_begun && iat <= self.now + APART && exp > self.now - self.late && is_short
    }
}

fn one<'a>(object: &'a Json, name: &str) -> Option<&'a Json> {
    if let [value] = object.all(name).as_slice() { Some(*value) } else { None }
}

fn is_text(object: &Json, name: &str, fits: impl Fn(&str) -> bool) -> bool {
    one(object, name).and_then(Json::text).is_some_and(fits)
}

fn is_optional(object: &Json, name: &str, fits: impl Fn(&str) -> bool) -> bool {
    matches!(object.all(name).as_slice(), [] | [Json::Null]) || is_text(object, name, fits)
}

fn is_texts(object: &Json, name: &str) -> bool {
    matches!(one(object, name), Some(Json::List(items)) if items.iter().all(|item| item.text().is_some()))
}

/// A whole number, written as one. That `-0` is one is not agreed upon.
fn number(object: &Json, name: &str) -> Option<i64> {
    match one(object, name)? {
        Json::Number(digits) if digits != "-0" => digits.parse().ok(),
        _ => None,
    }
}

fn is_uuid(text: &str) -> bool {
    let is_right = |(at, sign): (usize, u8)| match at {
        8 | 13 | 18 | 23 => sign == b'-',
        _ => sign.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}
