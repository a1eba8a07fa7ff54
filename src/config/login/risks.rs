//! What may not be meant in how players sign in with Microsoft, a sentence each.

use super::{
    ConsentPage, RedirectSettings,
    microsoft::{CALLBACK, REDIRECT_URI},
    redirects::{BUILD_MOE, DASH, default_hosts},
};
use crate::{
    config::{settings::Settings, url},
    model::Redirect,
};
use http::Uri;

/// Whose pages the defaults are.
const HOME: &str = "uebliche.net";

/// Services, and the page that asks players about them.
pub(in crate::config) fn of_services(settings: &Settings) -> Vec<String> {
    let login = &settings.login;
    let mut found = Vec::new();
    if login.consent == ConsentPage::BuiltIn && login.microsoft.client_id.is_none() {
        found.push("login.consent: \"builtin\", where players sign in with Microsoft, but login.microsoft.client_id is not set".to_owned());
    }
    for service in &login.services {
        let exposed = |raw: &&String| raw.parse::<Redirect>().is_ok_and(|redirect| redirect.is_exposed());
        if let Some(redirect) = service.redirects.iter().find(exposed) {
            found.push(format!(
                "login.services: {} has {redirect}, plain http, where whoever is on the way can read its tokens",
                service.slug
            ));
        }
    }
    found
}

/// Nothing, unless players can sign in that way.
pub(in crate::config) fn of_sign_in(settings: &Settings) -> Vec<String> {
    let (microsoft, redirects) = (&settings.login.microsoft, &settings.login.redirects);
    if microsoft.client_id.is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let public = settings.server.public_url.as_ref();
    found.extend(of_callback(&microsoft.redirect_uri, settings.server.base_path(), public));
    let foreign = |uri: &Uri| uri.host().is_some_and(|host| host != HOME && !host.ends_with(&format!(".{HOME}")));
    if public.is_some_and(foreign) && has_defaults(redirects) {
        found.push(format!(
            "login.microsoft: tokens can be sent to pages of {HOME} and build.moe, which are the default; name your own in dash_redirect, build_moe_redirect and login.redirects.hosts"
        ));
    }
    for (key, page) in [
        ("microsoft.dash_redirect", &redirects.dash),
        ("microsoft.build_moe_redirect", &redirects.build_moe),
        ("redirects.consent_url", &redirects.consent),
    ] {
        if page.is_exposed() {
            found.push(format!("login.{key}: plain http, where whoever is on the way can read what is sent there"));
        }
    }
    if !redirects.require_https {
        found.push(
            "login.redirects.require_https: false, so tokens may be sent to pages over plain http, where whoever is on the way can read them".to_owned(),
        );
    }
    let endpoints = &microsoft.endpoints;
    let asked = [&endpoints.authorize, &endpoints.token, &endpoints.xbl, &endpoints.xsts, &endpoints.mc_services];
    if asked.iter().any(|uri| uri.scheme_str() == Some("http") && !url::is_loopback(uri)) {
        found.push(
            "login.microsoft.endpoints: asked over plain http, where whoever is on the way can sign in as anybody"
                .to_owned(),
        );
    }
    found
}

/// A browser that comes back elsewhere brings no cookie, and nobody is there.
fn of_callback(redirect_uri: &str, base_path: &str, public: Option<&Uri>) -> Option<String> {
    let uri: Uri = redirect_uri.parse().ok()?;
    let served = format!("{}{CALLBACK}", base_path.trim_end_matches('/'));
    if uri.path() != served {
        return Some(format!("login.microsoft.redirect_uri: its path is not {served}, where sign-ins end here"));
    }
    let public = public.filter(|public| public.authority() != uri.authority() || public.scheme() != uri.scheme())?;
    let default = if redirect_uri == REDIRECT_URI { ", which is the default" } else { "" };
    Some(format!(
        "login.microsoft.redirect_uri: browsers come back to {}{default}, and not to {}, where they started",
        uri.host().unwrap_or_default(),
        public.host().unwrap_or_default(),
    ))
}

fn has_defaults(redirects: &RedirectSettings) -> bool {
    redirects.dash == Redirect::from_static(DASH)
        || redirects.build_moe == Redirect::from_static(BUILD_MOE)
        || redirects.hosts == default_hosts()
}
