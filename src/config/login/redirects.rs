//! `[login.redirects]`, `[login.cookies]` and the pages of `[login.microsoft]`: where tokens may go by way of a browser.

use super::{RedirectSettings, over::Over};
use crate::{
    config::{environment::Environment, section::Section, settings::ServerSettings},
    model::{Denied, Redirect, RedirectHosts},
};
use http::Uri;
use std::net::Ipv4Addr;

pub(super) const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "*.uebliche.net"];
pub(super) const DASH: &str = "https://dash.uebliche.net";
pub(super) const BUILD_MOE: &str = "https://build.moe/signin";

const HOSTS_REMEDY: &str = "list hosts, as in [\"localhost\", \"dash.example.net\", \"*.example.net\"]";
const PAGE_REMEDY: &str = "write the whole address of a page, as in \"https://dash.example.net\"";
const DOMAIN_REMEDY: &str =
    "write the domain that all your pages share with server.public_url, as in \"example.net\", or remove it";

/// Reads the section, and two keys of `microsoft`.
pub(super) fn redirects(
    section: &Section<'_>,
    microsoft: &Section<'_>,
    environment: &Environment<'_>,
) -> RedirectSettings {
    let (keys, pages) = (Over { section, environment }, Over { section: microsoft, environment });
    let page = |text: &str| text.parse::<Redirect>();
    let dash: Option<Redirect> = pages.text("dash_redirect", "MICROSOFT_DASH_REDIRECT", PAGE_REMEDY, page);
    let build_moe = pages.text("build_moe_redirect", "MICROSOFT_BUILD_MOE_REDIRECT", PAGE_REMEDY, page);
    let apart = ("hosts", "AUTH_REDIRECT_HOSTS", (|sign| sign == ',') as fn(char) -> bool);
    let hosts = keys.words(apart, HOSTS_REMEDY, |hosts| RedirectHosts::new(hosts.iter().copied()));
    let consent = keys.text("consent_url", "DASH_CONSENT_URL", PAGE_REMEDY, page);
    let dash = dash.unwrap_or_else(|| Redirect::from_static(DASH));
    let settings = RedirectSettings {
        hosts: hosts.unwrap_or_else(default_hosts),
        require_https: section.flag("require_https").unwrap_or(false),
        consent: consent.unwrap_or_else(|| dash.under("/auth/consent")),
        dash,
        build_moe: build_moe.unwrap_or_else(|| Redirect::from_static(BUILD_MOE)),
    };
    section.finish();
    settings
}

pub(super) fn default_hosts() -> RedirectHosts {
    RedirectHosts::new(HOSTS).unwrap_or_default()
}

/// The domain that sees the cookie of a signed-in browser; without one, only the host that set it does.
pub(super) fn cookie_domain(
    section: &Section<'_>,
    environment: &Environment<'_>,
    server: &ServerSettings,
) -> Option<String> {
    let keys = Over { section, environment };
    let host = server.public_url.as_ref().and_then(Uri::host).map(str::to_ascii_lowercase);
    let read = |text: &str| domain(text, host.as_deref());
    let found = keys.text("domain", "AUTH_COOKIE_DOMAIN", DOMAIN_REMEDY, read);
    section.finish();
    found
}

/// Without the dot in front, which older software wanted.
fn domain(text: &str, host: Option<&str>) -> Result<String, &'static str> {
    let domain = text.strip_prefix('.').unwrap_or(text).to_ascii_lowercase();
    let parsed: Result<Redirect, Denied> = format!("https://{domain}/").parse();
    let plain = parsed.is_ok_and(|parsed| parsed.host() == domain) && domain.parse::<Ipv4Addr>().is_err();
    if !plain || !domain.contains('.') {
        return Err("is not a domain");
    }
    let within =
        |host: &str| host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    match host {
        Some(host) if !within(host) => Err("is not one that server.public_url is in, so browsers would ignore it"),
        _ => Ok(domain),
    }
}
