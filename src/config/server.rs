//! `[server]` and `[race]`.

use super::{
    section::Section,
    settings::{Conflict, RaceSettings, ServerSettings, Strategy, UpstreamSettings},
    tls::tls,
    url,
};
use crate::model::{Network, UpstreamId};
use http::Uri;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

const DEFAULT_DEADLINE: Duration = Duration::from_millis(4_500);
const DEFAULT_GRACE: Duration = Duration::from_millis(400);
const MOST_IN_FLIGHT: usize = 1_000_000;
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const DEFAULT_ADMIN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);

pub(super) fn server(section: &Section<'_>, upstreams: &[UpstreamSettings], folder: &Path) -> ServerSettings {
    let remedy = "write an address and a port, as in \"127.0.0.1:8080\" or \"[::1]:8080\"";
    let mut listen = section.list("listen", remedy).unwrap_or_else(|| vec![DEFAULT_LISTEN]);
    if listen.is_empty() {
        let span = section.span_of("listen").unwrap_or_default();
        section.note("listen", span, "names no address", remedy);
        listen.push(DEFAULT_LISTEN);
    }
    let twice = listen.iter().enumerate().find(|(at, address)| address.port() != 0 && listen[..*at].contains(address));
    if let Some((_, address)) = twice {
        let span = section.span_of("listen").unwrap_or_default();
        section.note("listen", span, format!("names {address} twice"), "remove one of the two");
    }
    let trusted_proxies = trusted_proxies(section);
    let settings = ServerSettings {
        public_url: public_url(section),
        admin: admin(section, &listen),
        listen,
        tls: tls(section, folder),
        proxy_protocol: proxy_protocol(section, &trusted_proxies),
        trusted_proxies,
        client_limit: section.rate_unless_false("client_limit"),
        max_in_flight: section.count("max_in_flight", 1..=MOST_IN_FLIGHT).unwrap_or(10_000),
        max_connections: section.count("max_connections", 1..=MOST_IN_FLIGHT).unwrap_or(20_000),
        drain: section.duration("drain").map_or(Duration::from_secs(30), |at| at.value),
        primary: primary(section, upstreams),
        skin_domains: skin_domains(section),
    };
    section.finish();
    settings
}

/// Where the operator's own routes are found; `None`: nowhere.
fn admin(section: &Section<'_>, listen: &[SocketAddr]) -> Option<SocketAddr> {
    let remedy = "write an address and a port, as in \"127.0.0.1:9090\", or false for none";
    let read = section.unless_false("admin", remedy);
    let admin = read.as_ref().map_or(Some(DEFAULT_ADMIN), |at| at.value);
    if let Some(address) = admin.filter(|address| address.port() != 0 && listen.contains(address)) {
        let span = section.span_of("admin").or(section.span_of("listen")).unwrap_or_default();
        section.note("admin", span, format!("is {address}, which listen names too"), remedy);
    }
    admin
}

/// Networks, not all there are: then every client could choose its address.
fn trusted_proxies(section: &Section<'_>) -> Vec<Network> {
    let remedy = "list addresses and networks, as in [\"127.0.0.1\", \"10.0.0.0/8\", \"fd00::/8\"]";
    let networks: Vec<Network> = section.list("trusted_proxies", remedy).unwrap_or_default();
    if let Some(all) = networks.iter().find(|network| network.is_everything()) {
        let span = section.span_of("trusted_proxies").unwrap_or_default();
        let what = format!("{all} is everybody, and everybody could then choose the address they come from");
        section.note("trusted_proxies", span, what, "list only the networks of your own reverse proxies");
    }
    networks
}

/// Whether their connections begin with a PROXY header: somebody has to be trusted with one.
fn proxy_protocol(section: &Section<'_>, trusted: &[Network]) -> bool {
    let on = section.flag("proxy_protocol").unwrap_or(false);
    // A list that cannot be read is a fault of its own.
    if on && trusted.is_empty() && (section.faults().is_empty() || section.span_of("trusted_proxies").is_none()) {
        let span = section.span_of("proxy_protocol").unwrap_or_default();
        let remedy =
            "list the networks of your load balancers in trusted_proxies: a PROXY header is read from nobody else";
        section.note("proxy_protocol", span, "is true, but nobody is trusted", remedy);
    }
    on
}

/// Host names; one with a dot in front stands for all below it.
fn skin_domains(section: &Section<'_>) -> Vec<String> {
    let remedy =
        "list host names, as in [\"skins.example.net\"], or with a dot for all below, as in [\".example.net\"]";
    let domains: Vec<String> = section.list("skin_domains", remedy).unwrap_or_default();
    let named = |domain: &str| {
        let name = domain.strip_prefix('.').unwrap_or(domain);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    if let Some(wrong) = domains.iter().find(|domain| !named(domain)) {
        let span = section.span_of("skin_domains").unwrap_or_default();
        section.note("skin_domains", span, format!("\"{wrong}\" is not a host name"), remedy);
    }
    domains
}

/// Whom a client's `join` goes to: an enabled upstream, Mojang unless the file says otherwise.
fn primary(section: &Section<'_>, upstreams: &[UpstreamSettings]) -> Option<UpstreamId> {
    let text = section.text("primary");
    let wanted = text.as_ref().map_or("mojang", |at| at.value);
    let found = upstreams.iter().find(|upstream| upstream.id.as_str() == wanted).map(|upstream| upstream.id.clone());
    if let (None, Some(text)) = (&found, text) {
        let known: Vec<_> = upstreams.iter().map(|upstream| upstream.id.as_str()).collect();
        let remedy = format!("write one of: {}", known.join(", "));
        section.note("primary", text.span, format!("\"{}\" is not an enabled upstream", text.value), remedy);
    }
    found
}

/// What the file says. Where it says nothing, the address listened on is known only later.
fn public_url(section: &Section<'_>) -> Option<Uri> {
    let text = section.text("public_url")?;
    let remedy =
        "write how game servers reach this proxy, as in \"https://login.example.net\" or \"http://10.0.0.5:8080/auth\"";
    match url::public(text.value) {
        Ok(uri) => Some(uri),
        Err(what) => {
            section.note("public_url", text.span, what, remedy);
            None
        }
    }
}

pub(super) fn race(section: &Section<'_>) -> RaceSettings {
    let deadline = section.duration("deadline");
    let trust_grace = section.duration("trust_grace");
    let strategy = section.word("strategy", &[("race", Strategy::Race), ("affinity", Strategy::Affinity)]);
    let conflict = section.word("conflict", &[("trusted", Conflict::Trusted), ("reject", Conflict::Reject)]);
    let settings = RaceSettings {
        deadline: deadline.as_ref().map_or(DEFAULT_DEADLINE, |at| at.value),
        // A short deadline shortens a grace that nobody wrote.
        trust_grace: match (&trust_grace, &deadline) {
            (Some(grace), _) => grace.value,
            (None, Some(deadline)) => DEFAULT_GRACE.min(deadline.value / 2),
            (None, None) => DEFAULT_GRACE,
        },
        strategy: strategy.map_or(Strategy::Race, |at| at.value),
        conflict: conflict.as_ref().map_or(Conflict::Trusted, |at| at.value),
    };
    if let Some(grace) = trust_grace.filter(|grace| grace.value >= settings.deadline) {
        let remedy = "make it shorter: a \"yes\" that waits until the deadline waits for nothing";
        section.note("trust_grace", grace.span, "is not shorter than race.deadline", remedy);
    }
    if let (Strategy::Affinity, Conflict::Reject, Some(at)) = (settings.strategy, settings.conflict, conflict) {
        let remedy = "keep one of the two: affinity asks one upstream, and one alone never differs from another";
        section.note("conflict", at.span, "\"reject\" stands beside strategy = \"affinity\"", remedy);
    }
    section.finish();
    settings
}
