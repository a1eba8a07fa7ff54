//! Whether a token is believed: everything that can be told from the token, the keys and the time.
//!
//! Decides all of RFC 8725's checks that the library leaves open: the algorithm is its key's and not its own, every key has one class,
//! no extension is understood, and the end of a token's time is not in it. Whether it was revoked is decided by `standing`.

use super::{
    Class, Flaw, Refused,
    ring::Ring,
    token::{Header, Token},
    wire::Wire,
};
use crate::model::Timestamp;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How far apart the clocks of those who issue and those who read may be, before a token is from the future.
const APART: Duration = Duration::from_secs(60);

/// `typ` of the older form.
pub(super) const OLDER_KIND: &str = "JWT";

/// What a token has to be to be believed.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) class: Class,
    /// `typ`.
    pub(super) kind: &'a str,
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    /// How long before its beginning it is already believed.
    pub(super) early: Duration,
    /// How long after its end it still is.
    pub(super) late: Duration,
}

/// Its claims, when the token is signed by a key of the class, and is all that is wanted.
pub(super) fn believed<T>(token: &Token<'_>, ring: &Ring, wanted: Wanted<'_>, now: Timestamp) -> Result<T, Refused>
where
    T: Wire + DeserializeOwned,
{
    let key = match &token.header().kid {
        Some(id) => ring.find(id, now).ok_or(Flaw::UnknownKey)?,
        None if wanted.kind == OLDER_KIND => ring.shared_secret(wanted.class, now).ok_or(Flaw::UnknownKey)?,
        None => return Err(Flaw::UnknownKey.into()),
    };
    if key.class() != wanted.class {
        return Err(Flaw::OtherClass.into());
    }
    fits(token.header(), key.algorithm().name(), wanted.kind)?;
    let (message, signature) = token.signature();
    if !key.has_signed(message, signature) {
        return Err(Flaw::Signature.into());
    }
    let claims: T = token.claims()?;
    if let Some((issuer, audience)) = claims.parties() {
        if issuer != wanted.issuer {
            return Err(Flaw::Issuer.into());
        }
        if audience != wanted.audience {
            return Err(Flaw::Audience.into());
        }
    }
    in_time(claims.times(), wanted, now)?;
    Ok(claims)
}

fn fits(header: &Header, algorithm: &str, kind: &str) -> Result<(), Flaw> {
    if header.alg != algorithm {
        return Err(Flaw::OtherAlgorithm);
    }
    if header.is_of(kind) { Ok(()) } else { Err(Flaw::OtherType) }
}

fn in_time((iat, nbf, exp): (i64, Option<i64>, i64), wanted: Wanted<'_>, now: Timestamp) -> Result<(), Refused> {
    let at = Timestamp::from_seconds;
    if at(iat) > now.plus(APART) || nbf.is_some_and(|nbf| at(nbf) > now.plus(wanted.early)) {
        return Err(Flaw::Future.into());
    }
    // Without leeway it is over at the very moment that `exp` names.
    if at(exp) <= now.minus(wanted.late) {
        return Err(Refused::Expired);
    }
    if at(exp).since(at(iat)) > wanted.class.longest() {
        return Err(Flaw::Lifetime.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
