//! `[login]` as everyone else sees it: complete, checked, immutable.

use super::{FeatherSettings, MicrosoftSettings, RedirectSettings, ServiceSettings};
use crate::{config::secret::Secret, model::UpstreamId};
use std::{path::PathBuf, time::Duration};

/// `[login]`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoginSettings {
    /// Whether there is a login API. Without one, nothing is written to disk.
    pub enabled: bool,
    /// Where challenges, users, sessions, keys and bound names are kept.
    pub database: Database,
    /// Who may vouch for a player, in the order they are asked: a list of its own, never the race's.
    pub upstreams: Vec<UpstreamId>,
    /// `aud` of access tokens. `None`: the issuer.
    pub audience: Option<String>,
    /// What a token may allow.
    pub scopes: ScopeSettings,
    /// How long an access token is good for.
    pub access_ttl: Duration,
    /// How long a player has to join.
    pub join_ttl: Duration,
    /// How long a login can be renewed without signing in again.
    pub max_session: Duration,
    /// Whether the session server is told the address of who verifies.
    pub ip_binding: IpBinding,
    /// Whether one failed verify uses a join token up.
    pub burn_on_failure: bool,
    /// Whether verify answers with more than the seed's fields.
    pub extended_responses: bool,
    /// Challenges that may wait at one time.
    pub max_pending: usize,
    /// Bytes of a request's body.
    pub max_body: usize,
    /// How tokens are signed.
    pub signing: SigningSettings,
    /// The flow of Feather's launcher.
    pub feather: FeatherSettings,
    /// What is kept of sessions.
    pub sessions: SessionSettings,
    /// How often who may ask. `None`: as often as they like.
    pub limits: Option<LimitSettings>,
    /// Origins of pages that may ask: scheme, host and perhaps a port.
    pub cors_origins: Vec<String>,
    /// How players sign in with Microsoft.
    pub microsoft: MicrosoftSettings,
    /// Where browsers may be sent with a token.
    pub redirects: RedirectSettings,
    /// `cookies.domain`: who sees the cookie of a signed-in browser. `None`: the host that set it.
    pub cookie_domain: Option<String>,
    /// Who asks players whether a service may use their account.
    pub consent: ConsentPage,
    /// Whether a service's token needs a request that began in a browser.
    pub require_consent_request: bool,
    /// Services that players may let use their account.
    pub services: Vec<ServiceSettings>,
}

/// Who asks players whether a service may use their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentPage {
    /// `"dash"`: the page of `redirects.consent_url`.
    Dash,
    /// `"builtin"`: a page of this program.
    BuiltIn,
}

/// Where the store is.
#[derive(Clone, Debug, PartialEq)]
pub enum Database {
    /// SQLite, in this folder.
    Embedded(PathBuf),
    /// `"memory"`: gone with the process.
    Memory,
    /// PostgreSQL at this URL, which may hold a password; shared by several processes.
    Postgres(Secret),
}

/// `[login.scopes]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopeSettings {
    /// All that may be asked for.
    pub allowed: Vec<String>,
    /// What a login gets that asks for none; all of them are allowed.
    pub default: Vec<String>,
}

/// Whether the session server compares addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpBinding {
    /// `"off"`: the address is not told.
    Off,
    /// `"enforce"`: it is, and a join from another one does not count.
    Enforce,
}

/// `[login.signing]`, and the keys of keys.
#[derive(Clone, Debug, PartialEq)]
pub struct SigningSettings {
    /// For keys made from now on.
    pub alg: Algorithm,
    /// Seals private keys at rest: 32 bytes in base64, as text. `None`: they are stored as they are.
    pub kek: Option<Secret>,
    /// For HS256: at least 32 bytes.
    pub hs256_secret: Option<Secret>,
    /// `uebliche.legacy_tokens`: issue tokens of the older form: HS256, without a class.
    pub legacy_tokens: bool,
}

/// How tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the names of the algorithms")]
pub enum Algorithm {
    Es256,
    EdDsa,
    Rs256,
    Hs256,
}

/// `[login.sessions]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionSettings {
    /// How long addresses and user agents are kept; zero: never stored.
    pub ip_retention: Duration,
    /// How much of an address is kept.
    pub ip_mode: IpMode,
}

/// How much of an address is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpMode {
    /// `"full"`: all of it.
    Full,
    /// `"truncate"`: the network, /24 or /48.
    Truncate,
    /// `"none"`: nothing.
    None,
}

/// `[login.limits]`: for each client, unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitSettings {
    /// `join`.
    pub join: RateSettings,
    /// `verify`.
    pub verify: RateSettings,
    /// `verify` for one player's name, whoever asks.
    pub verify_name: RateSettings,
    /// `auth/verify`.
    pub auth_verify: RateSettings,
    /// The history of sessions.
    pub sessions: RateSettings,
    /// `revoke`, `introspect` and `logout`.
    pub tokens: RateSettings,
    /// All that begins or ends the asking for a service's token.
    pub services: RateSettings,
    /// Codes that are tried.
    pub service_codes: RateSettings,
    /// `server-id` of the Feather flow.
    pub feather_server_id: RateSettings,
    /// `has-joined` of the Feather flow.
    pub feather_has_joined: RateSettings,
    /// `auth-token` of the Feather flow.
    pub feather_auth_token: RateSettings,
    /// `microsoft/login`.
    pub microsoft_login: RateSettings,
    /// `microsoft/callback`.
    pub microsoft_callback: RateSettings,
    /// `session/exchange`.
    pub session_exchange: RateSettings,
    /// The account page and its forms.
    pub account: RateSettings,
    /// Questions to all login upstreams together.
    pub outbound: RateSettings,
}

/// At most `requests` in `per`, of which `burst` may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// How many.
    pub requests: u32,
    /// In how long a time.
    pub per: Duration,
    /// How many at once: from 1 to `requests`.
    pub burst: u32,
}
