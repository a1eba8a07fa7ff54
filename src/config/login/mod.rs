//! `[login]`: the API that logs players in elsewhere than on game servers.

mod feather;
mod limits;
mod microsoft;
mod over;
mod redirects;
mod risks;
mod secrets;
mod services;
mod settings;
mod sign_in;

pub use feather::FeatherSettings;
pub(super) use microsoft::CALLBACK;
pub(super) use risks::{of_services, of_sign_in};
pub use services::{ServiceSecret, ServiceSettings, is_service_name, is_verification_level};
pub use settings::{
    Algorithm, ConsentPage, Database, IpBinding, IpMode, LimitSettings, LoginSettings, RateSettings, ScopeSettings,
    SessionSettings, SigningSettings,
};
pub use sign_in::{MicrosoftEndpoints, MicrosoftSettings, RedirectSettings};

use super::{
    environment::Environment,
    section::Section,
    settings::{ServerSettings, UpstreamSettings},
    url,
};
use crate::model::UpstreamId;
use http::Uri;
use std::{path::Path, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);
const MOST_PENDING: usize = 10_000_000;
/// What the application that asked for this API knows.
const SCOPES: [&str; 3] = ["profile:read", "totem:read", "totem:write"];
const LONGEST_SCOPE: usize = 64;

/// Reads the section; what only an enabled one needs is not missing from another.
pub(super) fn login(
    section: &Section<'_>,
    (server_section, server): (&Section<'_>, &ServerSettings),
    known: &[UpstreamSettings],
    (folder, environment): (&Path, &Environment<'_>),
) -> LoginSettings {
    let enabled = section.flag("enabled").unwrap_or(false);
    let pages = [("dash", ConsentPage::Dash), ("builtin", ConsentPage::BuiltIn)];
    let consent = section.word("consent", &pages).map_or(ConsentPage::Dash, |at| at.value);
    let binding = [("off", IpBinding::Off), ("enforce", IpBinding::Enforce)];
    let sources = secrets::Sources { section, folder, environment, used: enabled };
    let database = sources.database();
    let microsoft = section.section("microsoft");
    let redirects = redirects::redirects(&section.section("redirects"), &microsoft, environment);
    let scopes = scopes(&section.section("scopes"));
    let settings = LoginSettings {
        enabled,
        upstreams: upstreams(section, known, enabled),
        audience: audience(section),
        services: services::services(&section.tables("services"), &scopes.allowed, (folder, enabled)),
        scopes,
        consent,
        require_consent_request: section.flag("require_consent_request").unwrap_or(consent == ConsentPage::BuiltIn),
        access_ttl: section.span_of_time("access_ttl", 60 * SECOND..=400 * DAY).unwrap_or(30 * DAY),
        join_ttl: section.span_of_time("join_ttl", 10 * SECOND..=600 * SECOND).unwrap_or(60 * SECOND),
        max_session: section.span_of_time("max_session", 60 * SECOND..=3_650 * DAY).unwrap_or(90 * DAY),
        ip_binding: section.word("ip_binding", &binding).map_or(IpBinding::Off, |at| at.value),
        burn_on_failure: section.flag("burn_on_failure").unwrap_or(false),
        extended_responses: section.flag("extended_responses").unwrap_or(false),
        max_pending: section.count("max_pending", 1..=MOST_PENDING).unwrap_or(100_000),
        max_body: section.count("max_body", 1_024..=65_536).unwrap_or(8_192),
        signing: sources.signing(&database),
        database,
        feather: feather::feather(&section.section("feather"), &sources),
        sessions: sessions(&section.section("sessions")),
        limits: limits::limits(&section.section("limits")),
        cors_origins: cors_origins(&section.section("cors")),
        microsoft: microsoft::microsoft(&microsoft, folder, environment, enabled),
        redirects,
        cookie_domain: redirects::cookie_domain(&section.section("cookies"), environment, server),
    };
    if settings.signing.legacy_tokens && settings.upstreams.iter().any(|id| id.as_str() != "mojang") {
        let span = section.span_of("upstreams").unwrap_or_default();
        let what = "has more than mojang, and a token of the older form cannot say who vouched";
        section.note("upstreams", span, what, "leave mojang alone there, or remove login.uebliche.legacy_tokens");
    }
    microsoft.finish();
    section.finish();
    if enabled {
        check_address(section, server_section, server);
    }
    settings
}

/// Tokens name the public URL as their issuer, and travel to it.
fn check_address(section: &Section<'_>, server_section: &Section<'_>, server: &ServerSettings) {
    let remedy = "write the https address that clients reach it at, as in public_url = \"https://login.example.net\"";
    let secure = |uri: &Uri| uri.scheme_str() == Some("https") || url::is_loopback(uri);
    match &server.public_url {
        Some(uri) if secure(uri) => {}
        Some(_) => {
            let span = server_section.span_of("public_url").unwrap_or_default();
            server_section.note(
                "public_url",
                span,
                "is not https, over which tokens would travel in the clear",
                remedy,
            );
        }
        // What could not be read has been noted.
        None if server_section.span_of("public_url").is_some() => {}
        None if server.listen.iter().all(|address| address.ip().is_loopback()) => {}
        None => {
            let span = section.span_of("enabled").unwrap_or_default();
            section.note("enabled", span, "needs server.public_url, which tokens name as their issuer", remedy);
        }
    }
}

/// Who may vouch: enabled upstreams, Mojang alone unless the file says otherwise.
fn upstreams(section: &Section<'_>, known: &[UpstreamSettings], enabled: bool) -> Vec<UpstreamId> {
    let names: Vec<_> = known.iter().map(|upstream| upstream.id.as_str()).collect();
    let remedy = format!("list some of: {}", names.join(", "));
    let written: Option<Vec<String>> = section.list("upstreams", &remedy);
    let span = section.span_of("upstreams").or(section.span_of("enabled")).unwrap_or_default();
    let noted = |what: String| section.note("upstreams", span.clone(), what, &remedy);
    let wanted = match &written {
        None if section.span_of("upstreams").is_some() => return Vec::new(),
        Some(written) if written.is_empty() => {
            noted("names nobody who could vouch for a player".to_owned());
            return Vec::new();
        }
        None if !enabled => return known.iter().filter(|one| one.id.as_str() == "mojang").map(id).collect(),
        None => &vec!["mojang".to_owned()],
        Some(written) => written,
    };
    let mut found = Vec::new();
    for name in wanted {
        match known.iter().find(|upstream| upstream.id.as_str() == name) {
            Some(upstream) if found.contains(&upstream.id) => noted(format!("names {name} twice")),
            Some(upstream) => found.push(upstream.id.clone()),
            None => noted(format!("\"{name}\" is not an enabled upstream")),
        }
    }
    found
}

fn id(upstream: &UpstreamSettings) -> UpstreamId {
    upstream.id.clone()
}

fn audience(section: &Section<'_>) -> Option<String> {
    let text = section.text("audience")?;
    if text.value.is_empty() || text.value.len() > 255 || text.value.contains(|c: char| c.is_control() || c == ' ') {
        let remedy = "write 1 to 255 characters without spaces, as in \"https://api.example.net\"";
        section.note("audience", text.span, "cannot name an audience", remedy);
        return None;
    }
    Some(text.value.to_owned())
}

/// Scopes are tokens of RFC 6749 §3.3.
fn scopes(section: &Section<'_>) -> ScopeSettings {
    let remedy = "list scopes of 1 to 64 visible characters without \" and \\, as in [\"profile:read\"]";
    let whole = |scope: &str| {
        (1..=LONGEST_SCOPE).contains(&scope.len())
            && scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
    };
    let read = |key: &'static str| {
        let mut scopes: Vec<String> = section.list(key, remedy)?;
        let span = || section.span_of(key).unwrap_or_default();
        if let Some(wrong) = scopes.iter().find(|scope| !whole(scope)) {
            section.note(key, span(), format!("{wrong:?} is no scope"), remedy);
        }
        if scopes.is_empty() {
            section.note(key, span(), "names no scope", remedy);
        }
        let mut seen = Vec::new();
        scopes.retain(|scope| {
            !seen.contains(scope) && {
                seen.push(scope.clone());
                true
            }
        });
        Some(scopes)
    };
    let allowed = read("allowed");
    let default = read("default");
    let allowed = allowed.unwrap_or_else(|| SCOPES.map(str::to_owned).into());
    // Who allows other scopes, and says nothing of the default, means all of these.
    let written = default.is_some();
    let default = default.unwrap_or_else(|| allowed.clone());
    if let Some(wrong) = default.iter().find(|scope| written && !allowed.contains(scope)) {
        let span = section.span_of("default").unwrap_or_default();
        section.note("default", span, format!("{wrong:?} is not allowed"), "add it to login.scopes.allowed");
    }
    section.finish();
    ScopeSettings { allowed, default }
}

fn sessions(section: &Section<'_>) -> SessionSettings {
    let modes = [("full", IpMode::Full), ("truncate", IpMode::Truncate), ("none", IpMode::None)];
    let settings = SessionSettings {
        ip_retention: section.span_of_time("ip_retention", Duration::ZERO..=90 * DAY).unwrap_or(7 * DAY),
        ip_mode: section.word("ip_mode", &modes).map_or(IpMode::Full, |at| at.value),
    };
    section.finish();
    settings
}

/// Origins exactly as browsers write them.
fn cors_origins(section: &Section<'_>) -> Vec<String> {
    let remedy = "list origins as browsers send them: scheme, host in lower case, a port that is not the scheme's own, no slash at the end, as in [\"https://dash.example.net\"]";
    let origins: Vec<String> = section.list("origins", remedy).unwrap_or_default();
    let exact = |origin: &str| {
        let Ok(uri) = url::absolute(origin) else { return false };
        let default_port = matches!((uri.scheme_str(), uri.port_u16()), (Some("https"), Some(443)) | (_, Some(80)));
        // What is after the authority is the `/` that the parser adds.
        let bare = uri.authority().is_some_and(|authority| origin.ends_with(authority.as_str()));
        bare && !default_port && !origin.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    if let Some(wrong) = origins.iter().find(|origin| !exact(origin)) {
        let span = section.span_of("origins").unwrap_or_default();
        section.note("origins", span, format!("{wrong:?} is not an origin"), remedy);
    }
    section.finish();
    origins
}
