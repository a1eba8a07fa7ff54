//! Why a token is not believed.
//!
//! Decides nothing. Whoever asked is told only that it is not, or that its time is over; the rest is for the log.

use crate::store::StoreError;

/// What is wrong with a token. Says nothing of its content, so that it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// More than a token ever has.
    #[error("is longer than 8 KiB")]
    TooLong,
    /// Not three parts of base64url between two dots.
    #[error("is not of the form of a token")]
    Form,
    /// The first part is no header, or has a member twice.
    #[error("has no header that can be read")]
    Header,
    /// `crit` or `b64`: an extension that has to be understood.
    #[error("has a critical extension")]
    Critical,
    /// Its key is none of ours, or is gone.
    #[error("names no key of ours")]
    UnknownKey,
    /// Its key signs tokens for another purpose.
    #[error("is signed by the key of another class")]
    OtherClass,
    /// It says it is signed otherwise than its key signs.
    #[error("names another algorithm than its key's")]
    OtherAlgorithm,
    /// `typ` is missing or another.
    #[error("is of another type")]
    OtherType,
    /// The key did not sign this.
    #[error("has a wrong signature")]
    Signature,
    /// A claim is missing, there twice, or of the wrong type.
    #[error("has claims that cannot be read")]
    Claims,
    /// Another issuer's.
    #[error("was issued by another")]
    Issuer,
    /// For somebody else.
    #[error("is for another audience")]
    Audience,
    /// `nbf`, or an `iat` further off than clocks are apart.
    #[error("is from the future")]
    Future,
    /// From `iat` to `exp` is longer than its class allows.
    #[error("lives too long")]
    Lifetime,
    /// It was revoked.
    #[error("is revoked")]
    Revoked,
    /// It was issued before all tokens of its user were declared void.
    #[error("is older than its user allows")]
    Voided,
    /// Its user may not log in.
    #[error("is a disabled user's")]
    Disabled,
    /// Its user is gone.
    #[error("is nobody's")]
    Nobody,
}

/// Why a token is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It never was, or no longer is, good.
    #[error("the token {0}")]
    Invalid(Flaw),
    /// It was good until its time was over.
    #[error("the token has expired")]
    Expired,
    /// The store cannot tell whether it was revoked.
    #[error("whether the token was revoked is not known: {0}")]
    Unavailable(#[from] StoreError),
}

impl From<Flaw> for Refused {
    fn from(flaw: Flaw) -> Self {
        Self::Invalid(flaw)
    }
}
