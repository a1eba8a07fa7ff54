//! Text to settings: reads the file, fills in presets and defaults, and refuses what cannot be meant.
//!
//! No other module sees raw TOML; what a setting does is decided by whoever takes it. To add a key: its field in `settings`, its
//! reading in `server`, `upstream` or `login`, its lines in the reference `upstreams.toml`, and a wrong file among the tests.

mod egress;
mod environment;
mod fault;
mod login;
mod preset;
mod read;
mod risks;
mod secret;
mod section;
mod server;
mod settings;
mod tls;
mod units;
mod upstream;
mod url;
mod watch;

pub use environment::Environment;
pub use fault::ConfigError;
pub use login::{
    Algorithm, ConsentPage, Database, FeatherSettings, IpBinding, IpMode, LimitSettings, LoginSettings,
    MicrosoftEndpoints, MicrosoftSettings, RateSettings, RedirectSettings, ScopeSettings, ServiceSecret,
    ServiceSettings, SessionSettings, SigningSettings, is_service_name, is_verification_level,
};
pub use read::{DEFAULT_FILE, Loaded, Source, load, parse, parse_with};
pub use secret::Secret;
pub use settings::{
    Attests, BudgetSettings, Conflict, HostSettings, Ids, KeyUse, ProxyKind, ProxyLogin, ProxySettings, RaceSettings,
    ServerSettings, Settings, Strategy, UpstreamSettings,
};
pub use tls::TlsSettings;
pub use watch::{Watch, watch, watch_all};

/// Where a sign-in with Microsoft ends, under the public URL.
pub const MICROSOFT_CALLBACK: &str = login::CALLBACK;

/// What may not be meant in these settings, a sentence each.
#[must_use]
pub fn warnings(settings: &Settings) -> Vec<String> {
    risks::of(settings)
}

/// A duration as it is written in the file: `4500ms`, `3s`, `2m`.
#[must_use]
pub fn spelled(duration: std::time::Duration) -> String {
    units::spelled(duration)
}

/// A lifetime as it is written in the file: `60s`, `12h`, `30d`.
#[must_use]
pub fn spelled_long(duration: std::time::Duration) -> String {
    units::spelled_long(duration)
}

/// Reads a URL that game servers can be pointed at: http or https, a host, perhaps a path, nothing else.
///
/// # Errors
/// Says what is wrong, as a sentence whose subject is the URL.
pub fn public_url(text: &str) -> Result<http::Uri, &'static str> {
    url::public(text)
}
