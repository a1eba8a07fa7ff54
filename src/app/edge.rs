//! Settings to the edge of the login API.

use crate::{
    config::{LimitSettings, LoginSettings, RateSettings, Settings},
    web::edge::{Edge, Endpoint, Limiter, Limits, Rate, Terms},
};
use http::Uri;
use std::sync::Arc;

/// The edge of the login API at this public URL; `None` when there is no such API. The limiter goes from each to the next.
#[must_use]
pub fn login_edge(settings: &Settings, public_url: &Uri, limiter: &Arc<Limiter>) -> Option<Edge> {
    let login = settings.login.enabled.then_some(&settings.login)?;
    let terms = Terms {
        host: public_url.host().unwrap_or_default().to_owned(),
        base_path: settings.server.base_path().to_owned(),
        trusted_proxies: settings.server.trusted_proxies.clone(),
        max_body: login.max_body,
        origins: login.cors_origins.clone(),
        limits: login.limits.map(limits),
        closed: closed(login),
    };
    Some(Edge::new(terms, limiter.clone()))
}

/// Endpoints of flows that are switched off.
fn closed(login: &LoginSettings) -> Vec<Endpoint> {
    if login.feather.enabled { Vec::new() } else { Endpoint::FEATHER.into() }
}

fn limits(settings: LimitSettings) -> Limits {
    Limits {
        join: rate(settings.join),
        verify: rate(settings.verify),
        verify_name: rate(settings.verify_name),
        auth_verify: rate(settings.auth_verify),
        sessions: rate(settings.sessions),
        tokens: rate(settings.tokens),
        services: rate(settings.services),
        service_codes: rate(settings.service_codes),
        feather_server_id: rate(settings.feather_server_id),
        feather_has_joined: rate(settings.feather_has_joined),
        feather_auth_token: rate(settings.feather_auth_token),
        microsoft_login: rate(settings.microsoft_login),
        microsoft_callback: rate(settings.microsoft_callback),
        session_exchange: rate(settings.session_exchange),
        account: rate(settings.account),
        outbound: rate(settings.outbound),
    }
}

/// A rate as the limiter takes it.
pub(super) fn rate(RateSettings { requests, per, burst }: RateSettings) -> Rate {
    Rate { requests, per, burst }
}
