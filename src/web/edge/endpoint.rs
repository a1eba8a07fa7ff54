//! The table of login routes: where each lies, and what may be asked of it before anybody looks at what is asked.
//!
//! Paths are exact: case, slashes and percent signs as written here, since two spellings of one route are two rules for whatever
//! stands in front.

use super::limits::Limit;
use http::Method;

/// One login route. Which answer it gives is decided by `web::routes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A challenge is made.
    Join,
    /// A joined challenge becomes a token.
    Verify,
    /// The history of a player's logins.
    Sessions,
    /// Whether a token holds.
    AuthVerify,
    /// A token is given up (RFC 7009).
    Revoke,
    /// What a token says (RFC 7662).
    Introspect,
    /// A token is given up, and the browser's cookies with it.
    Logout,
    /// Public keys (RFC 7517).
    Jwks,
    /// What there is (RFC 8414).
    Metadata,
    /// The description of this API.
    OpenApi,
    /// A challenge, as Feather's clients ask for one.
    FeatherServerId,
    /// A joined challenge becomes the first of Feather's tokens.
    FeatherHasJoined,
    /// The first of Feather's tokens becomes the second.
    FeatherAuthToken,
    /// A browser is sent to Microsoft.
    MicrosoftLogin,
    /// It comes back.
    MicrosoftCallback,
    /// A signed-in browser gets another token.
    SessionExchange,
    /// A player's account, as a page.
    Account,
    /// The browser signs out, by a form of a page.
    AccountSignOut,
    /// So do all others of the player.
    AccountSignOutEverywhere,
    /// A service loses its access, by a form of the account page.
    AccountRevoke,
    /// A service sends a browser here to ask its player.
    ServiceExchange,
    /// A page that has the answer gets a token for the service.
    ServiceToken,
    /// A service gets a token for a code (RFC 6749).
    Token,
    /// The question whether a service gets access, as a page, and the answer to it.
    ServiceConsent,
}

/// What an endpoint takes for a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: what comes is not looked at.
    Nothing,
    /// A JSON object.
    Json,
    /// A JSON object, or a form as OAuth clients send it.
    JsonOrForm,
    /// A form of a page.
    Form,
}

/// Which scheme a 401 asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// A token in `Authorization`.
    Bearer,
    /// A service's slug and secret in `Authorization`.
    Basic,
    /// A Minecraft join: a scheme that no browser knows, so none opens a window.
    MinecraftJoin,
}

const METADATA: &str = "/.well-known/oauth-authorization-server";

impl Endpoint {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Join,
        Self::Verify,
        Self::Sessions,
        Self::AuthVerify,
        Self::Revoke,
        Self::Introspect,
        Self::Logout,
        Self::Jwks,
        Self::Metadata,
        Self::OpenApi,
        Self::FeatherServerId,
        Self::FeatherHasJoined,
        Self::FeatherAuthToken,
        Self::MicrosoftLogin,
        Self::MicrosoftCallback,
        Self::SessionExchange,
        Self::Account,
        Self::AccountSignOut,
        Self::AccountSignOutEverywhere,
        Self::AccountRevoke,
        Self::ServiceExchange,
        Self::ServiceToken,
        Self::Token,
        Self::ServiceConsent,
    ];

    /// Those of the Feather flow.
    pub const FEATHER: [Self; 3] = [Self::FeatherServerId, Self::FeatherHasJoined, Self::FeatherAuthToken];

    /// As it stands in metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Verify => "verify",
            Self::Sessions => "sessions",
            Self::AuthVerify => "auth_verify",
            Self::Revoke => "revoke",
            Self::Introspect => "introspect",
            Self::Logout => "logout",
            Self::Jwks => "jwks",
            Self::Metadata => "metadata",
            Self::OpenApi => "openapi",
            Self::FeatherServerId => "feather_server_id",
            Self::FeatherHasJoined => "feather_has_joined",
            Self::FeatherAuthToken => "feather_auth_token",
            Self::MicrosoftLogin => "microsoft_login",
            Self::MicrosoftCallback => "microsoft_callback",
            Self::SessionExchange => "session_exchange",
            Self::Account => "account",
            Self::AccountSignOut => "account_sign_out",
            Self::AccountSignOutEverywhere => "account_sign_out_everywhere",
            Self::AccountRevoke => "account_revoke",
            Self::ServiceExchange => "service_exchange",
            Self::ServiceToken => "service_token",
            Self::Token => "token",
            Self::ServiceConsent => "service_consent",
        }
    }

    /// Every path it is found at, below the base path.
    #[must_use]
    pub const fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Join => &["/v1/auth/session/minecraft/join"],
            Self::Verify => &["/v1/auth/session/minecraft/verify"],
            Self::Sessions => &["/v1/profile/auth/sessions"],
            Self::AuthVerify => &["/auth/verify", "/v1/auth/verify"],
            Self::Revoke => &["/v1/auth/revoke"],
            Self::Introspect => &["/v1/auth/introspect"],
            Self::Logout => &["/v1/auth/logout"],
            Self::Jwks => &["/.well-known/jwks.json"],
            Self::Metadata => &[METADATA],
            Self::OpenApi => &["/openapi.json"],
            Self::FeatherServerId => &["/v1/minecraft/server-id"],
            Self::FeatherHasJoined => &["/v1/minecraft/has-joined/{username}"],
            Self::FeatherAuthToken => &["/v1/game/auth-token"],
            Self::MicrosoftLogin => &["/v1/auth/microsoft/login"],
            Self::MicrosoftCallback => &["/v1/auth/microsoft/callback"],
            Self::SessionExchange => &["/v1/auth/session/exchange"],
            Self::Account => &["/v1/account"],
            Self::AccountSignOut => &["/v1/account/sign-out"],
            Self::AccountSignOutEverywhere => &["/v1/account/sign-out-everywhere"],
            Self::AccountRevoke => &["/v1/account/revoke"],
            Self::ServiceExchange => &["/v1/auth/service/exchange"],
            Self::ServiceToken => &["/v1/auth/service/token"],
            Self::Token => &["/v1/auth/token"],
            Self::ServiceConsent => &["/v1/auth/service/consent"],
        }
    }

    /// What it can be asked with, besides OPTIONS.
    #[must_use]
    pub const fn methods(self) -> &'static [Method] {
        match self {
            Self::Join | Self::Verify | Self::Revoke | Self::Introspect | Self::Logout => &[Method::POST],
            Self::AccountSignOut | Self::AccountSignOutEverywhere | Self::AccountRevoke => &[Method::POST],
            Self::ServiceToken | Self::Token => &[Method::POST],
            Self::ServiceConsent => &[Method::GET, Method::POST],
            Self::Sessions | Self::FeatherServerId | Self::FeatherHasJoined | Self::FeatherAuthToken => &[Method::GET],
            Self::MicrosoftLogin | Self::MicrosoftCallback | Self::SessionExchange | Self::Account => &[Method::GET],
            Self::ServiceExchange => &[Method::GET],
            // Without a side effect, so HEAD is GET without the body.
            Self::AuthVerify | Self::Jwks | Self::Metadata | Self::OpenApi => &[Method::GET, Method::HEAD],
        }
    }

    /// What its body may be.
    #[must_use]
    pub const fn takes(self) -> Takes {
        match self {
            Self::Join | Self::Verify | Self::ServiceToken => Takes::Json,
            Self::Revoke | Self::Introspect | Self::Logout | Self::Token => Takes::JsonOrForm,
            Self::AccountSignOut | Self::AccountSignOutEverywhere | Self::AccountRevoke | Self::ServiceConsent => {
                Takes::Form
            }
            _ => Takes::Nothing,
        }
    }

    /// What its 401 asks for.
    #[must_use]
    pub const fn challenge(self) -> Challenge {
        match self {
            Self::Join | Self::Verify | Self::FeatherHasJoined => Challenge::MinecraftJoin,
            Self::Token => Challenge::Basic,
            _ => Challenge::Bearer,
        }
    }

    /// How often one client may ask. What is the same for everybody may be asked at any rate.
    #[must_use]
    pub const fn limit(self) -> Option<Limit> {
        match self {
            Self::Join => Some(Limit::Join),
            Self::Verify => Some(Limit::Verify),
            Self::Sessions => Some(Limit::Sessions),
            Self::AuthVerify => Some(Limit::AuthVerify),
            Self::Revoke | Self::Introspect | Self::Logout => Some(Limit::Tokens),
            Self::Jwks | Self::Metadata | Self::OpenApi => None,
            Self::FeatherServerId => Some(Limit::FeatherServerId),
            Self::FeatherHasJoined => Some(Limit::FeatherHasJoined),
            Self::FeatherAuthToken => Some(Limit::FeatherAuthToken),
            Self::ServiceExchange | Self::ServiceToken => Some(Limit::Services),
            Self::Token => Some(Limit::ServiceCodes),
            Self::MicrosoftLogin => Some(Limit::MicrosoftLogin),
            Self::MicrosoftCallback => Some(Limit::MicrosoftCallback),
            Self::SessionExchange => Some(Limit::SessionExchange),
            Self::Account
            | Self::AccountSignOut
            | Self::AccountSignOutEverywhere
            | Self::AccountRevoke
            | Self::ServiceConsent => Some(Limit::Account),
        }
    }

    /// Whether scripts of the configured origins may ask.
    #[must_use]
    pub const fn is_for_scripts(self) -> bool {
        matches!(
            self,
            Self::Sessions
                | Self::AuthVerify
                | Self::FeatherServerId
                | Self::FeatherHasJoined
                | Self::FeatherAuthToken
                | Self::ServiceToken
                | Self::Token
        )
    }

    /// Whether a person looks at what it answers, who is told in a page what went wrong.
    #[must_use]
    pub const fn is_for_people(self) -> bool {
        matches!(
            self,
            Self::MicrosoftLogin
                | Self::MicrosoftCallback
                | Self::SessionExchange
                | Self::Account
                | Self::AccountSignOut
                | Self::AccountSignOutEverywhere
                | Self::AccountRevoke
                | Self::ServiceExchange
                | Self::ServiceConsent
        )
    }

    /// The endpoint of a path, with or without the base path in front.
    #[must_use]
    pub fn find(path: &str, base_path: &str) -> Option<Self> {
        let base = base_path.trim_end_matches('/');
        let below = path.strip_prefix(base).filter(|_| !base.is_empty());
        // RFC 8414 §3: the issuer's path stands after the well-known one.
        let named = || path.strip_prefix(METADATA).filter(|rest| !base.is_empty() && *rest == base);
        Self::at(path).or_else(|| below.and_then(Self::at)).or_else(|| named().map(|_| Self::Metadata))
    }

    fn at(path: &str) -> Option<Self> {
        // No path of a game server begins like these, so most requests end here.
        if !["/v", "/a", "/.", "/o"].contains(&path.get(..2)?) {
            return None;
        }
        Self::ALL.into_iter().find(|endpoint| endpoint.paths().iter().any(|known| fits(known, path)))
    }

    /// What stands in a path for the last segment of this endpoint's, if that is not fixed: never empty, and not decoded.
    #[must_use]
    pub fn last_segment(self, path: &str) -> Option<&str> {
        let open = self.paths().iter().any(|known| known.ends_with('}'));
        path.rsplit_once('/').map(|(_, last)| last).filter(|_| open)
    }

    /// Whether a path that is nobody's was probably meant to be one of these: the client is an application, and told so as one.
    #[must_use]
    pub fn is_near(path: &str) -> bool {
        let first = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
        ["v1", "auth", ".well-known", "openapi.json"].iter().any(|word| first.eq_ignore_ascii_case(word))
    }
}

/// Whether a path is this one, whose last segment may stand for any that is not empty.
fn fits(known: &str, path: &str) -> bool {
    match known.split_once('{') {
        None => known == path,
        Some((before, _)) => path.strip_prefix(before).is_some_and(|last| !last.is_empty() && !last.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_exact() {
        for endpoint in Endpoint::ALL {
            for path in endpoint.paths() {
                assert_eq!(Endpoint::find(path, "/"), Some(endpoint));
                assert_eq!(Endpoint::find(&format!("/base{path}"), "/base/"), Some(endpoint));
                assert_eq!(Endpoint::find(path, "/base"), Some(endpoint), "the base path was taken off in front");
                for wrong in [
                    format!("{path}/"),
                    format!("/{path}"),
                    path.to_uppercase(),
                    path.replacen('/', "/%2e/", 1),
                    format!("/other{path}"),
                ] {
                    assert_eq!(Endpoint::find(&wrong, "/base"), None, "{wrong}");
                    assert!(
                        wrong.starts_with("/other") || wrong.starts_with("/%2e") || Endpoint::is_near(&wrong),
                        "{wrong}"
                    );
                }
            }
        }
        assert_eq!(Endpoint::find("/.well-known/oauth-authorization-server/base", "/base"), Some(Endpoint::Metadata));
        assert_eq!(Endpoint::find("/.well-known/oauth-authorization-server/", "/"), None);
        for other in ["", "/", "/session/minecraft/hasJoined", "/authlib-injector", "/é"] {
            assert_eq!(Endpoint::find(other, "/"), None, "{other}");
            assert!(!Endpoint::is_near(other), "{other}");
        }
    }
}
