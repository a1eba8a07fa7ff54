//! Every way a login route says no, and the one place where a code becomes a status, a text and headers.
//!
//! Texts are fixed: nothing of a request, an upstream or an error inside this program is repeated.

use http::StatusCode;
use std::time::Duration;

/// Why. The names on the wire are stable: clients compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has its text below")]
pub enum Code {
    InvalidJson,
    InvalidRequest,
    DuplicateParameter,
    InvalidScope,
    InvalidToken,
    InvalidJoinToken,
    JoinTokenExpired,
    JoinTokenUsed,
    JoinTokenInUse,
    JoinNotFound,
    ChallengeUsed,
    ChallengeExpired,
    ProfileMismatch,
    InvalidClientSecret,
    AccountDisabled,
    InsufficientScope,
    Forbidden,
    StateInvalid,
    InvalidRedirect,
    LoginRequired,
    MicrosoftNotConfigured,
    SignInFailed,
    MissingService,
    UnknownService,
    ServiceDisabled,
    FirstPartyRequired,
    ConsentExpired,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    PayloadTooLarge,
    UnsupportedMediaType,
    RateLimited,
    InternalError,
    UpstreamInvalid,
    UpstreamUnavailable,
    Unavailable,
}

impl Code {
    /// All of them, for the documentation of the API.
    pub const ALL: [Self; 40] = [
        Self::InvalidJson,
        Self::InvalidRequest,
        Self::DuplicateParameter,
        Self::InvalidScope,
        Self::InvalidToken,
        Self::InvalidJoinToken,
        Self::JoinTokenExpired,
        Self::JoinTokenUsed,
        Self::JoinTokenInUse,
        Self::JoinNotFound,
        Self::ChallengeUsed,
        Self::ChallengeExpired,
        Self::ProfileMismatch,
        Self::InvalidClientSecret,
        Self::AccountDisabled,
        Self::InsufficientScope,
        Self::Forbidden,
        Self::StateInvalid,
        Self::InvalidRedirect,
        Self::LoginRequired,
        Self::MicrosoftNotConfigured,
        Self::SignInFailed,
        Self::MissingService,
        Self::UnknownService,
        Self::ServiceDisabled,
        Self::FirstPartyRequired,
        Self::ConsentExpired,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::RateLimited,
        Self::InternalError,
        Self::UpstreamInvalid,
        Self::UpstreamUnavailable,
        Self::Unavailable,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    /// The status of an answer with this code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().0
    }

    /// What a person reads.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.row().2
    }

    #[rustfmt::skip]
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidJson => (S::BAD_REQUEST, "invalid_json", "The body is not one JSON object in UTF-8."),
            Self::InvalidRequest => (S::BAD_REQUEST, "invalid_request", "The request is malformed."),
            Self::DuplicateParameter => (S::BAD_REQUEST, "duplicate_parameter", "A parameter appears more than once."),
            Self::InvalidScope => (S::BAD_REQUEST, "invalid_scope", "A scope is unknown, or there is none."),
            Self::InvalidToken => (S::UNAUTHORIZED, "invalid_token", "The token is missing or not valid."),
            Self::InvalidJoinToken => (S::UNAUTHORIZED, "invalid_join_token", "The joinToken is not valid."),
            Self::JoinTokenExpired => (S::UNAUTHORIZED, "join_token_expired", "The joinToken has expired."),
            Self::JoinTokenUsed => (S::UNAUTHORIZED, "join_token_used", "This joinToken was already used."),
            Self::JoinTokenInUse => (S::UNAUTHORIZED, "join_token_in_use", "This joinToken is being verified by another request."),
            Self::JoinNotFound => (S::UNAUTHORIZED, "join_not_found", "The session server knows of no such join."),
            Self::ChallengeUsed => (S::UNAUTHORIZED, "challenge_used", "This serverId was already used."),
            Self::ChallengeExpired => (S::UNAUTHORIZED, "challenge_expired", "This serverId has expired."),
            Self::ProfileMismatch => (S::UNAUTHORIZED, "profile_mismatch", "The player who joined is not the one who was named."),
            Self::InvalidClientSecret => (S::UNAUTHORIZED, "invalid_client_secret", "The clientSecret does not match its hash."),
            Self::AccountDisabled => (S::FORBIDDEN, "account_disabled", "This account is disabled."),
            Self::InsufficientScope => (S::FORBIDDEN, "insufficient_scope", "The token does not allow this."),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "This is not allowed."),
            Self::StateInvalid => (S::BAD_REQUEST, "state_invalid", "No such sign-in is under way in this browser."),
            Self::InvalidRedirect => (S::BAD_REQUEST, "invalid_redirect", "The address is not one that tokens may be sent to."),
            Self::LoginRequired => (S::UNAUTHORIZED, "login_required", "Nobody is signed in."),
            Self::MicrosoftNotConfigured => (S::SERVICE_UNAVAILABLE, "microsoft_not_configured", "Sign-in with Microsoft is not set up here."),
            Self::SignInFailed => (S::BAD_GATEWAY, "sign_in_failed", "Microsoft, Xbox Live or Minecraft did not sign the player in."),
            Self::MissingService => (S::BAD_REQUEST, "missing_service", "No service was named."),
            Self::UnknownService => (S::NOT_FOUND, "unknown_service", "There is no such service."),
            Self::ServiceDisabled => (S::FORBIDDEN, "service_disabled", "This service is switched off."),
            Self::FirstPartyRequired => (S::FORBIDDEN, "first_party_required", "A service's token cannot be used for this."),
            Self::ConsentExpired => (S::CONFLICT, "consent_expired", "This request is over, or was answered already."),
            Self::InvalidClient => (S::UNAUTHORIZED, "invalid_client", "The client is unknown, or has not proved who it is."),
            Self::InvalidGrant => (S::BAD_REQUEST, "invalid_grant", "The code is not valid, was used, or does not fit the rest of the request."),
            Self::UnsupportedGrantType => (S::BAD_REQUEST, "unsupported_grant_type", "Only authorization_code is supported."),
            Self::NotFound => (S::NOT_FOUND, "not_found", "There is nothing here."),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed", "This method is not allowed here."),
            Self::RequestTimeout => (S::REQUEST_TIMEOUT, "request_timeout", "The request did not arrive in time."),
            Self::PayloadTooLarge => (S::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large."),
            Self::UnsupportedMediaType => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body has a type or an encoding that is not read here."),
            Self::RateLimited => (S::TOO_MANY_REQUESTS, "rate_limited", "Too many requests; try again later."),
            Self::InternalError => (S::INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here."),
            Self::UpstreamInvalid => (S::BAD_GATEWAY, "upstream_invalid", "The session server gave an answer that is none."),
            Self::UpstreamUnavailable => (S::SERVICE_UNAVAILABLE, "upstream_unavailable", "The session server cannot be asked right now."),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "This service is not available right now."),
        }
    }

    /// When to come back, if nobody says otherwise: with every 429 and 503.
    const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::RateLimited => Some(Duration::from_secs(1)),
            // Until somebody has set it up.
            Self::MicrosoftNotConfigured => Some(Duration::from_secs(3_600)),
            Self::UpstreamUnavailable | Self::Unavailable => Some(Duration::from_secs(2)),
            _ => None,
        }
    }
}

/// A no, with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// Which field of the request, with `invalid_request`.
    pub(super) field: Option<&'static str>,
    /// The scope that would have been enough.
    pub(super) scope: Option<&'static str>,
    pub(super) retry_after: Option<Duration>,
    /// No token was sent at all: RFC 6750 §3.1 then wants a challenge that names no error.
    pub(super) no_token: bool,
    /// What is left of the request cannot be read: the connection has to end.
    pub(super) closes: bool,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, field: None, scope: None, retry_after: code.retry_after(), no_token: false, closes: false }
    }
}

impl Refusal {
    /// `invalid_request`, of a field that is missing, of another type, or has a value that cannot be meant.
    #[must_use]
    pub fn field(name: &'static str) -> Self {
        Self { field: Some(name), ..Code::InvalidRequest.into() }
    }

    /// `invalid_token`, where none was sent.
    #[must_use]
    pub fn no_token() -> Self {
        Self { no_token: true, ..Code::InvalidToken.into() }
    }

    /// `insufficient_scope`, where this one was needed.
    #[must_use]
    pub fn scope(needed: &'static str) -> Self {
        Self { scope: Some(needed), ..Code::InsufficientScope.into() }
    }

    /// `rate_limited`, until then.
    #[must_use]
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Code::RateLimited.into() }
    }

    pub(super) fn closing(self) -> Self {
        Self { closes: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let waits = matches!(code.status().as_u16(), 429 | 503);
            assert_eq!(Refusal::from(code).retry_after.is_some(), waits, "{code:?}");
            assert!(code.text().ends_with('.') && code.status().as_u16() >= 400);
        }
    }
}
