//! What `hasjoined check` says of `[login]`.

use crate::config::{Algorithm, ConsentPage, Database, IpBinding, IpMode, LoginSettings, RateSettings, spelled_long};
use std::fmt::Write;

/// The paragraph.
pub(super) fn described(login: &LoginSettings) -> String {
    if !login.enabled {
        return "\nlogin is not enabled\n".to_owned();
    }
    let mut text = "\nlogin\n".to_owned();
    // Writing to a String cannot fail.
    let _ = match &login.database {
        Database::Embedded(folder) => writeln!(text, "  keeps what it knows in {}", folder.display()),
        Database::Memory => writeln!(text, "  keeps what it knows until this process ends"),
        Database::Postgres(_) => writeln!(text, "  shares what it knows over PostgreSQL"),
    };
    let upstreams: Vec<_> = login.upstreams.iter().map(|id| id.as_str()).collect();
    let _ = writeln!(text, "  takes the word of {}", upstreams.join(", then "));
    if login.ip_binding == IpBinding::Enforce {
        text.push_str("  accepts a join only from the address that verifies\n");
    }
    let (join, access) = (spelled_long(login.join_ttl), spelled_long(login.access_ttl));
    let _ = writeln!(text, "  gives {join} to join, and tokens good for {access}, signed with {}", signed(login));
    let _ =
        writeln!(text, "  allows {}; without being asked {}", list(&login.scopes.allowed), list(&login.scopes.default));
    let _ = match (login.sessions.ip_mode, login.sessions.ip_retention) {
        (_, time) if time.is_zero() => writeln!(text, "  stores no addresses"),
        (IpMode::None, _) => writeln!(text, "  stores no addresses"),
        (IpMode::Full, time) => writeln!(text, "  stores addresses for {}", spelled_long(time)),
        (IpMode::Truncate, time) => {
            writeln!(text, "  stores networks in place of addresses for {}", spelled_long(time))
        }
    };
    if login.feather.enabled {
        let (ttl, alg) =
            (spelled_long(login.feather.ttl), if login.feather.secret.is_some() { "HS256" } else { "ES256" });
        let strict = if login.feather.strict { ", in the strict form" } else { "" };
        let _ = writeln!(text, "  answers clients of Feather with tokens good for {ttl}, signed with {alg}{strict}");
    }
    if let Some(limits) = &login.limits {
        let RateSettings { requests, per, burst } = limits.join;
        let _ = writeln!(text, "  one client may join {requests} times in {}, {burst} at once", spelled_long(per));
    }
    text.push_str(&sign_in(login));
    text.push_str(&services(login));
    text
}

/// How players sign in with Microsoft, and where browsers may go then.
fn sign_in(login: &LoginSettings) -> String {
    let (microsoft, redirects) = (&login.microsoft, &login.redirects);
    let mut text = match &microsoft.client_id {
        None => return "  signs nobody in with Microsoft: login.microsoft.client_id is not set\n".to_owned(),
        Some(id) => format!("  signs players in with Microsoft as application {id}"),
    };
    let secret = if microsoft.client_secret.is_some() { ", with a secret" } else { ", without a secret" };
    let _ = writeln!(text, "{secret}; they come back to {}", microsoft.redirect_uri);
    let _ = writeln!(text, "  then sends browsers to {} or {}", redirects.dash, redirects.build_moe);
    let _ = writeln!(text, "  or where they ask to be sent, on {}", redirects.hosts);
    if let Some(domain) = &login.cookie_domain {
        let _ = writeln!(text, "  shows its cookie to all of {domain}");
    }
    text
}

/// Who may ask for what, and which page asks the player.
fn services(login: &LoginSettings) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match login.consent {
        ConsentPage::BuiltIn => writeln!(text, "  asks players itself whether a service may use their account"),
        ConsentPage::Dash => {
            writeln!(text, "  lets {} ask players whether a service may use their account", login.redirects.consent)
        }
    };
    for service in login.services.iter().filter(|service| service.enabled) {
        let proof = if service.secret.is_some() { ", with a secret" } else { "" };
        let _ = writeln!(
            text,
            "  knows service {} ({}): {}{proof}",
            service.slug,
            service.name,
            list(&service.permissions)
        );
    }
    text
}

fn signed(login: &LoginSettings) -> &'static str {
    match login.signing.alg {
        _ if login.signing.legacy_tokens => "HS256, in the older form",
        Algorithm::Es256 => "ES256",
        Algorithm::EdDsa => "EdDSA",
        Algorithm::Rs256 => "RS256",
        Algorithm::Hs256 => "HS256",
    }
}

fn list(scopes: &[String]) -> String {
    scopes.join(", ")
}
