//! All that can go wrong on the way to a token, in the words of the player it happens to.
//!
//! Texts are fixed: nothing of a request, of Microsoft or of an error inside this program is repeated.

use http::StatusCode;

/// What went wrong. Each has its words below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Problem {
    StateInvalid,
    AccessDenied,
    ConsentRequired,
    NotConfigured,
    Misconfigured,
    AppNotApproved,
    MicrosoftCodeInvalid,
    MicrosoftUnavailable,
    XboxBanned,
    XboxParentalRestriction,
    XboxNoAccount,
    XboxTerms,
    XboxRegion,
    XboxAgeVerification,
    XboxChildAccount,
    XboxError,
    MinecraftRejected,
    MinecraftRateLimited,
    MinecraftUnavailable,
    NoMinecraftProfile,
    AccountDisabled,
    MissingService,
    UnknownService,
    ServiceDisabled,
    InvalidRedirect,
    InvalidRequest,
    ConsentExpired,
    Forbidden,
    NotFound,
    RateLimited,
    Unavailable,
    InternalError,
}

/// What the player can do about it on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Begin anew, with this on the link.
    Again(&'static str),
    /// See to something on another site first.
    Elsewhere(&'static str, &'static str),
    /// Nothing but what the text says.
    Read,
}

/// A problem as it is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) name: &'static str,
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) remedy: Remedy,
}

const START: Remedy = Remedy::Again("Start again");
const RETRY: Remedy = Remedy::Again("Try again");
const OTHER: Remedy = Remedy::Again("Use another account");
const FAMILY: Remedy = Remedy::Elsewhere("Open Microsoft family", "https://account.microsoft.com/family");

impl Problem {
    /// All of them.
    #[rustfmt::skip]
    pub(in crate::web) const ALL: [Self; 32] = [
        Self::StateInvalid, Self::AccessDenied, Self::ConsentRequired, Self::NotConfigured, Self::Misconfigured,
        Self::AppNotApproved, Self::MicrosoftCodeInvalid, Self::MicrosoftUnavailable, Self::XboxBanned,
        Self::XboxParentalRestriction, Self::XboxNoAccount, Self::XboxTerms, Self::XboxRegion,
        Self::XboxAgeVerification, Self::XboxChildAccount, Self::XboxError, Self::MinecraftRejected,
        Self::MinecraftRateLimited, Self::MinecraftUnavailable, Self::NoMinecraftProfile, Self::AccountDisabled,
        Self::MissingService, Self::UnknownService, Self::ServiceDisabled, Self::InvalidRedirect,
        Self::InvalidRequest, Self::ConsentExpired, Self::Forbidden, Self::NotFound, Self::RateLimited,
        Self::Unavailable, Self::InternalError,
    ];

    /// By the name it has on the wire. Those that a player need not tell apart have one page.
    pub(in crate::web) fn named(name: &str) -> Option<Self> {
        match name {
            "server_error" | "temporarily_unavailable" | "microsoft_error" => Some(Self::MicrosoftUnavailable),
            "xbox_unavailable" => Some(Self::XboxError),
            "busy" => Some(Self::Unavailable),
            "duplicate_parameter" => Some(Self::InvalidRequest),
            _ => Self::ALL.into_iter().find(|problem| problem.words().name == name),
        }
    }

    /// How the answer is marked.
    pub(in crate::web) const fn status(self) -> StatusCode {
        self.words().status
    }

    #[rustfmt::skip]
    pub(super) const fn words(self) -> Words {
        use Remedy::{Elsewhere as E, Read as READ};
        use StatusCode as S;
        match self {
            Self::StateInvalid => row("state_invalid", S::BAD_REQUEST, "Signing in cannot go on", "It took too long, was finished already, or was started in another browser.", START),
            Self::AccessDenied => row("access_denied", S::FORBIDDEN, "Signing in was cancelled", "You are not signed in, and nothing was changed.", START),
            Self::ConsentRequired => row("consent_required", S::FORBIDDEN, "Microsoft wants your permission", "When it asks whether this site may sign you in to Xbox, say yes.", START),
            Self::NotConfigured => row("microsoft_not_configured", S::SERVICE_UNAVAILABLE, "Signing in is not set up here", "Whoever runs this site has not connected it to Microsoft yet.", READ),
            Self::Misconfigured => row("microsoft_misconfigured", S::BAD_GATEWAY, "Signing in does not work here", "You did nothing wrong. Please tell whoever runs this site.", READ),
            Self::AppNotApproved => row("app_not_approved", S::SERVICE_UNAVAILABLE, "Signing in is not available yet", "You did nothing wrong. Please come back another day.", READ),
            Self::MicrosoftCodeInvalid => row("microsoft_code_invalid", S::BAD_REQUEST, "Microsoft did not confirm who you are", "It took too long, or was finished already.", START),
            Self::MicrosoftUnavailable => row("microsoft_unavailable", S::SERVICE_UNAVAILABLE, "Microsoft does not answer", "You did nothing wrong. Try again in a few minutes.", RETRY),
            Self::XboxBanned => row("xbox_banned", S::FORBIDDEN, "This Xbox account is suspended", "Xbox tells you why, and what you can do, on its enforcement site.", E("Open enforcement.xbox.com", "https://enforcement.xbox.com/")),
            Self::XboxParentalRestriction => row("xbox_parental_restriction", S::FORBIDDEN, "A parent has to allow this", "The family settings of this account do not let it sign in to Xbox.", FAMILY),
            Self::XboxNoAccount => row("xbox_no_account", S::FORBIDDEN, "No Xbox profile yet", "This Microsoft account has no Xbox profile. Make one at xbox.com, then sign in here again.", E("Open xbox.com", "https://www.xbox.com/")),
            Self::XboxTerms => row("xbox_terms", S::FORBIDDEN, "Xbox has terms to accept", "Sign in at xbox.com and accept them, then sign in here again.", E("Open xbox.com", "https://www.xbox.com/")),
            Self::XboxRegion => row("xbox_region", S::FORBIDDEN, "No Xbox in your country", "Xbox is not offered in the country of this Microsoft account.", OTHER),
            Self::XboxAgeVerification => row("xbox_age_verification", S::FORBIDDEN, "Microsoft wants to know your age", "Confirm it in your Microsoft account, then sign in here again.", E("Open account.microsoft.com", "https://account.microsoft.com/")),
            Self::XboxChildAccount => row("xbox_child_account", S::FORBIDDEN, "This is a child account", "An adult has to add it to a Microsoft family first.", FAMILY),
            Self::XboxError => row("xbox_error", S::BAD_GATEWAY, "Xbox did not let you in", "Try again in a few minutes. If it stays like this, sign in at xbox.com to see why.", RETRY),
            Self::MinecraftRejected => row("minecraft_rejected", S::BAD_GATEWAY, "Minecraft did not let you in", "Try again. If it stays like this, please tell whoever runs this site.", START),
            Self::MinecraftRateLimited => row("minecraft_rate_limited", S::SERVICE_UNAVAILABLE, "Minecraft is busy", "You did nothing wrong. Try again in a minute.", RETRY),
            Self::MinecraftUnavailable => row("minecraft_unavailable", S::SERVICE_UNAVAILABLE, "Minecraft does not answer", "You did nothing wrong. Try again in a few minutes.", RETRY),
            Self::NoMinecraftProfile => row("no_minecraft_profile", S::FORBIDDEN, "No Minecraft on this account", "This Microsoft account has no Minecraft: Java Edition profile. Sign in with the account you play with.", OTHER),
            Self::AccountDisabled => row("account_disabled", S::FORBIDDEN, "This account is locked", "Please ask whoever runs this site why.", READ),
            Self::MissingService => row("missing_service", S::BAD_REQUEST, "No service was named", "The link that brought you here is not complete. Please tell whoever runs the site you came from.", READ),
            Self::UnknownService => row("unknown_service", S::NOT_FOUND, "This service is not known", "The link that brought you here names a service that is not registered. Please tell whoever runs the site you came from.", READ),
            Self::ServiceDisabled => row("service_disabled", S::NOT_FOUND, "This service is switched off", "It cannot ask for your account at the moment. Please tell whoever runs it.", READ),
            Self::InvalidRedirect => row("invalid_redirect", S::BAD_REQUEST, "This link is not allowed", "It would send you to an address that is not registered here. Please tell whoever runs the site you came from.", READ),
            Self::InvalidRequest => row("invalid_request", S::BAD_REQUEST, "This link does not work", "Something in it is missing or wrong. Go back to where you came from, and try from there.", READ),
            Self::ConsentExpired => row("consent_expired", S::CONFLICT, "This request is over", "It took too long, or you have answered it already. Go back to the service, and start there again.", READ),
            Self::Forbidden => row("forbidden", S::FORBIDDEN, "This page was out of date", "Nothing was changed. Open the page anew, then repeat what you did.", Remedy::Again("Open the page")),
            Self::NotFound => row("not_found", S::NOT_FOUND, "There is nothing here", "The address is wrong, or what was here is gone. Go back to where you came from, and try from there.", READ),
            Self::RateLimited => row("rate_limited", S::TOO_MANY_REQUESTS, "Too many attempts", "Wait a moment, then try again.", RETRY),
            Self::Unavailable => row("unavailable", S::SERVICE_UNAVAILABLE, "This site cannot answer right now", "You did nothing wrong. Try again in a moment.", RETRY),
            Self::InternalError => row("internal_error", S::INTERNAL_SERVER_ERROR, "Something went wrong here", "You did nothing wrong. If it stays like this, please tell whoever runs this site.", RETRY),
        }
    }
}

const fn row(name: &'static str, status: StatusCode, title: &'static str, text: &'static str, remedy: Remedy) -> Words {
    Words { name, status, title, text, remedy }
}
