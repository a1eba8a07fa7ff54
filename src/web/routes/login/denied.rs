//! What a login that was denied is called on the wire: the one place.

use crate::{
    login::{Denied, ServiceDenied},
    store::StoreError,
    tokens::Refused,
    web::edge::{Code, Refusal},
};

/// The refusal; what is wrong inside this program is logged here, and nobody is told.
pub(super) fn denied(denied: Denied) -> Refusal {
    let code = match denied {
        Denied::Scope => Code::InvalidScope,
        Denied::NameMissing => return Refusal::field("name"),
        Denied::SecretMissing => return Refusal::field("clientSecret"),
        Denied::JoinToken => Code::InvalidJoinToken,
        Denied::Expired => Code::JoinTokenExpired,
        Denied::Used => Code::JoinTokenUsed,
        Denied::InUse => Code::JoinTokenInUse,
        Denied::NotJoined => Code::JoinNotFound,
        Denied::Mismatch => Code::ProfileMismatch,
        Denied::Secret => Code::InvalidClientSecret,
        Denied::Disabled => Code::AccountDisabled,
        Denied::UpstreamInvalid => Code::UpstreamInvalid,
        Denied::UpstreamUnavailable => Code::UpstreamUnavailable,
        Denied::Full => {
            tracing::warn!("login.max_pending challenges are waiting: no more are made");
            Code::Unavailable
        }
        Denied::Store(error) => return unavailable(&error),
        Denied::Token(_) | Denied::Randomness(_) | Denied::Lost => {
            tracing::error!(%denied, "a login failed");
            Code::InternalError
        }
    };
    code.into()
}

/// A service that gets nothing.
pub(super) fn unserved(why: ServiceDenied) -> Refusal {
    let code = match why {
        ServiceDenied::Unknown => Code::UnknownService,
        ServiceDenied::Off => Code::ServiceDisabled,
        ServiceDenied::Redirect(_) => Code::InvalidRedirect,
        ServiceDenied::Permissions => Code::InvalidScope,
        ServiceDenied::Scope => Code::InsufficientScope,
        ServiceDenied::Over => Code::ConsentExpired,
        ServiceDenied::NoRequest => return Refusal::field("consentRequest"),
        ServiceDenied::Client => Code::InvalidClient,
        ServiceDenied::Code => Code::InvalidGrant,
        ServiceDenied::Full => {
            tracing::warn!("too many requests of services wait for an answer: no more are kept");
            Code::Unavailable
        }
        ServiceDenied::Denied(why) => return denied(why),
    };
    code.into()
}

/// A token that is not believed: nobody is told why.
pub(super) fn refused(refused: Refused) -> Refusal {
    match refused {
        Refused::Unavailable(error) => unavailable(&error),
        Refused::Invalid(_) | Refused::Expired => {
            tracing::debug!(%refused, "a token");
            Code::InvalidToken.into()
        }
    }
}

pub(super) fn unavailable(error: &StoreError) -> Refusal {
    tracing::error!(%error, "the login store fails");
    Code::Unavailable.into()
}
