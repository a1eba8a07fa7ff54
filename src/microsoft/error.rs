//! Why nobody was signed in: one table of codes, of what a player reads, and of whom it concerns.
//!
//! Nothing here comes from anybody else's answer, so all of it may be shown and logged.

use http::StatusCode;

/// Whom a failed sign-in concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The player, who can do something about it.
    Player,
    /// Somebody out there, for now: it passes.
    Outage,
    /// The operator: until they act, nobody gets in.
    Operator,
}

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $status:ident, $concern:ident, $sentence:literal;)*) => {
        /// Why nobody was signed in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SignInError {
            $($(#[$doc])* $name,)*
        }

        impl SignInError {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            const fn row(self) -> (&'static str, StatusCode, Concern, &'static str) {
                match self {
                    $(Self::$name => ($code, StatusCode::$status, Concern::$concern, $sentence),)*
                }
            }
        }
    };
}

table! {
    /// The player said no.
    AccessDenied: "access_denied", FORBIDDEN, Player, "Sign-in was cancelled.";
    /// Microsoft wants the player to agree to something, which has to be done in its own pages.
    ConsentRequired: "consent_required", FORBIDDEN, Player, "Microsoft needs your consent. Sign in again and accept.";
    /// Microsoft's sign-in page failed.
    ServerError: "server_error", BAD_GATEWAY, Outage, "Microsoft had a problem. Try again in a minute.";
    /// Microsoft's sign-in page is overloaded.
    TemporarilyUnavailable: "temporarily_unavailable", SERVICE_UNAVAILABLE, Outage,
        "Microsoft is busy. Try again in a minute.";
    /// Microsoft refused for a reason that is none of the others.
    MicrosoftError: "microsoft_error", BAD_GATEWAY, Outage, "Microsoft refused the sign-in. Try again.";
    /// The code was used, has expired, or belongs to another sign-in.
    MicrosoftCodeInvalid: "microsoft_code_invalid", BAD_REQUEST, Player, "This sign-in has expired. Start again.";
    /// Microsoft does not accept how this program is registered.
    MicrosoftMisconfigured: "microsoft_misconfigured", SERVICE_UNAVAILABLE, Operator,
        "Sign-in with Microsoft is not set up correctly here. Its operator has been told.";
    /// Microsoft gave no answer that can be used.
    MicrosoftUnavailable: "microsoft_unavailable", SERVICE_UNAVAILABLE, Outage,
        "Microsoft cannot be reached. Try again in a minute.";
    /// XErr 2148916227.
    XboxBanned: "xbox_banned", FORBIDDEN, Player, "This Xbox account is banned.";
    /// XErr 2148916229.
    XboxParentalRestriction: "xbox_parental_restriction", FORBIDDEN, Player,
        "Parental controls of this account do not allow it to play online.";
    /// XErr 2148916233.
    XboxNoAccount: "xbox_no_account", FORBIDDEN, Player, "This Microsoft account has no Xbox profile yet.";
    /// XErr 2148916234.
    XboxTerms: "xbox_terms", FORBIDDEN, Player,
        "This account has not accepted the Xbox terms yet. Sign in at xbox.com once.";
    /// XErr 2148916235.
    XboxRegion: "xbox_region", FORBIDDEN, Player, "Xbox Live is not available in the country of this account.";
    /// XErr 2148916236 and 2148916237.
    XboxAgeVerification: "xbox_age_verification", FORBIDDEN, Player,
        "Xbox needs to verify the age of this account, or its play time is over. Sign in at xbox.com.";
    /// XErr 2148916238.
    XboxChildAccount: "xbox_child_account", FORBIDDEN, Player,
        "This is a child account; an adult must add it to a family.";
    /// Xbox Live refused for a reason that is none of the others, or contradicts itself.
    XboxError: "xbox_error", BAD_GATEWAY, Outage, "Xbox Live refused the sign-in. Try again.";
    /// Xbox Live gave no answer that can be used.
    XboxUnavailable: "xbox_unavailable", SERVICE_UNAVAILABLE, Outage,
        "Xbox Live cannot be reached. Try again in a minute.";
    /// Minecraft's services do not accept the Xbox token, or their own.
    MinecraftRejected: "minecraft_rejected", BAD_GATEWAY, Outage, "Minecraft refused the sign-in. Try again.";
    /// Mojang has not allowed this program's registration to sign in yet.
    AppNotApproved: "app_not_approved", SERVICE_UNAVAILABLE, Operator, "Sign-in is not available yet.";
    /// Minecraft's services were asked too often.
    MinecraftRateLimited: "minecraft_rate_limited", SERVICE_UNAVAILABLE, Outage,
        "Too many sign-ins at the moment. Try again in a minute.";
    /// Minecraft's services gave no answer that can be used.
    MinecraftUnavailable: "minecraft_unavailable", SERVICE_UNAVAILABLE, Outage,
        "Minecraft's services cannot be reached. Try again in a minute.";
    /// The account has never had a profile of Minecraft: Java Edition.
    NoMinecraftProfile: "no_minecraft_profile", FORBIDDEN, Player,
        "This account has no Minecraft: Java Edition profile.";
    /// So many sign in that this one did not get its turn.
    Busy: "busy", SERVICE_UNAVAILABLE, Outage, "Too many people are signing in right now. Try again in a minute.";
}

impl SignInError {
    /// The stable name: `loginErrorCode`, and a metric's label.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// The status of a page that says it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// Whom it concerns.
    #[must_use]
    pub const fn concern(self) -> Concern {
        self.row().2
    }

    /// What a player reads: `loginError`.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.row().3
    }
}

impl std::fmt::Display for SignInError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for SignInError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_distinct_and_sentences_whole() {
        let codes: HashSet<_> = SignInError::ALL.iter().map(|error| error.code()).collect();
        assert_eq!(codes.len(), SignInError::ALL.len());
        for error in SignInError::ALL {
            assert!(error.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{error:?}");
            assert!(error.sentence().ends_with('.') && error.sentence().is_ascii(), "{error:?}");
            assert!([400, 403, 502, 503].contains(&error.status().as_u16()), "{error:?}");
        }
    }

    #[test]
    fn sentences_that_are_promised_are_these() {
        for (error, sentence) in [
            (SignInError::AccessDenied, "Sign-in was cancelled."),
            (SignInError::XboxNoAccount, "This Microsoft account has no Xbox profile yet."),
            (SignInError::XboxChildAccount, "This is a child account; an adult must add it to a family."),
            (SignInError::NoMinecraftProfile, "This account has no Minecraft: Java Edition profile."),
            (SignInError::AppNotApproved, "Sign-in is not available yet."),
        ] {
            assert_eq!(error.to_string(), sentence);
        }
    }
}
