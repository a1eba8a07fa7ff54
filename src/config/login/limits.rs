//! `[login.limits]`.

use super::{LimitSettings, RateSettings};
use crate::config::section::Section;
use std::time::Duration;

/// Reads the section. `None` when the limits are switched off.
pub(super) fn limits(section: &Section<'_>) -> Option<LimitSettings> {
    let enabled = section.flag("enabled").unwrap_or(true);
    let rate = |key, requests, seconds, burst| {
        let default = RateSettings { requests, per: Duration::from_secs(seconds), burst };
        section.rate(key).unwrap_or(default)
    };
    let limits = LimitSettings {
        join: rate("join", 20, 60, 10),
        verify: rate("verify", 30, 60, 10),
        verify_name: rate("verify_name", 10, 60, 10),
        auth_verify: rate("auth_verify", 600, 60, 600),
        sessions: rate("sessions", 60, 60, 60),
        tokens: rate("tokens", 60, 60, 60),
        services: rate("services", 60, 60, 60),
        service_codes: rate("service_codes", 600, 60, 600),
        feather_server_id: rate("feather_server_id", 20, 60, 10),
        feather_has_joined: rate("feather_has_joined", 30, 60, 10),
        feather_auth_token: rate("feather_auth_token", 60, 60, 60),
        microsoft_login: rate("microsoft_login", 20, 60, 20),
        microsoft_callback: rate("microsoft_callback", 20, 60, 20),
        session_exchange: rate("session_exchange", 30, 60, 30),
        account: rate("account", 60, 60, 60),
        outbound: rate("outbound", 200, 10, 200),
    };
    section.finish();
    enabled.then_some(limits)
}
