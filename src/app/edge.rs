//! Settings to the edge of the login API.

use crate::{
    config::{LimitSettings, RateSettings, Settings},
    web::edge::{Edge, Limiter, Limits, Rate, Terms},
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
    };
    Some(Edge::new(terms, limiter.clone()))
}

fn limits(settings: LimitSettings) -> Limits {
    let LimitSettings { join, verify, verify_name, auth_verify, sessions, tokens, outbound } = settings;
    Limits {
        join: rate(join),
        verify: rate(verify),
        verify_name: rate(verify_name),
        auth_verify: rate(auth_verify),
        sessions: rate(sessions),
        tokens: rate(tokens),
        outbound: rate(outbound),
    }
}

fn rate(RateSettings { requests, per, burst }: RateSettings) -> Rate {
    Rate { requests, per, burst }
}
