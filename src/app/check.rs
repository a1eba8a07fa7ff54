//! `hasjoined check`: what a configuration resolves to.

mod login;

use super::{Failed, print, sign_in_with_microsoft, site::Builder};
use crate::{
    cli::CheckOptions,
    config::{
        self, Attests, BudgetSettings, Conflict, Ids, Loaded, ProxyKind, ProxySettings, ServerSettings, Strategy,
        UpstreamSettings, spelled,
    },
    lifecycle::Tasks,
    net::Roots,
};
use std::fmt::Write;

/// Reads it as `serve` would, makes the clients it would make, connects to nobody, and prints what it found.
pub(super) fn run(options: &CheckOptions) -> Result<(), Failed> {
    let loaded = config::load(options.config.as_deref())?;
    // Certificates are read here as they will be at the start.
    Builder::new(Tasks::default()).prepare(&loaded.settings)?;
    sign_in_with_microsoft(&loaded.settings.login, &Roots::default(), &Tasks::default())
        .map_err(|error| Failed::Unusable(format!("login.microsoft: {error}")))?;
    print(&text(&loaded));
    Ok(())
}

fn text(loaded: &Loaded) -> String {
    let Loaded { settings, warnings, source } = loaded;
    let (server, race) = (&settings.server, settings.race);
    let mut text = format!("configured by {source}\n");
    // Writing to a String cannot fail.
    for address in &server.listen {
        let _ = writeln!(text, "listens on {}://{address}", server.scheme());
    }
    if let Some(tls) = &server.tls {
        let _ = writeln!(text, "shows the certificate of {}, which holds until {}", tls.cert.display(), tls.last_day());
    }
    if let Some(first) = server.listen.first() {
        let _ = writeln!(text, "reached at {}", server.reached_at(*first));
    }
    match server.admin {
        Some(address) => {
            let _ = writeln!(text, "shows its status at http://{address}/status, for Prometheus at /metrics");
        }
        None => text.push_str("shows its status nowhere\n"),
    }
    let (deadline, grace) = (spelled(race.deadline), spelled(race.trust_grace));
    let _ = writeln!(
        text,
        "answers within {deadline}; a less trusted \"yes\" waits {grace} for the more trusted upstreams"
    );
    if race.strategy == Strategy::Affinity {
        text.push_str("asks the upstream that knew the player last, the others when it says no or takes long\n");
    }
    if race.conflict == Conflict::Reject {
        let _ = writeln!(text, "lets nobody in for whom two upstreams vouch differently: every \"yes\" waits {grace}");
    }
    let _ = writeln!(
        text,
        "at most {} requests and {} connections at a time, {} to drain",
        server.max_in_flight,
        server.max_connections,
        spelled(server.drain)
    );
    text.push_str(&clients(server));
    for upstream in &settings.upstreams {
        text.push_str(&described(upstream));
    }
    for id in &settings.disabled {
        let _ = writeln!(text, "\nupstream {id} is not enabled");
    }
    text.push_str(&login::described(&settings.login));
    let _ = writeln!(text, "\nroutes\n  GET /session/minecraft/hasJoined asks all of them");
    let _ = writeln!(text, "  GET /ID/ID/session/minecraft/hasJoined asks those named in the path");
    for warning in warnings {
        let _ = writeln!(text, "\nwarning: {warning}");
    }
    text
}

/// What holds for single clients, where anything does.
fn clients(server: &ServerSettings) -> String {
    let mut text = String::new();
    if let Some(limit) = server.client_limit {
        let per = spelled(limit.per);
        let _ = writeln!(text, "at most {} logins in {per} for one client, {} at once", limit.requests, limit.burst);
    }
    if server.proxy_protocol {
        let trusted: Vec<_> = server.trusted_proxies.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "expects a PROXY header from {}, and from nobody else", trusted.join(", "));
    }
    text
}

fn described(upstream: &UpstreamSettings) -> String {
    let attests = match upstream.attests {
        Attests::Mojang => "vouches for accounts of Mojang: its \"yes\" wins at once",
        Attests::Own => "vouches for accounts of its own: its \"yes\" waits",
    };
    let ids = match upstream.ids {
        Ids::Keep => "its UUIDs are passed on",
        Ids::Namespace => "its UUIDs are replaced by ones that are its alone",
    };
    let negative: String = upstream.negative.iter().map(|code| format!(", {code}")).collect();
    let mut text = format!(
        "\nupstream {}\n  {}\n  {attests}\n  {ids}\n  says \"no\" by 204{negative}\n",
        upstream.id,
        upstream.shown_url()
    );
    let (timeout, connect) = (spelled(upstream.timeout), spelled(upstream.connect_timeout));
    let protocol = if upstream.http2 { "HTTP/2 where it can, else " } else { "" };
    let _ = writeln!(
        text,
        "  has {timeout} to answer, {connect} to connect, {protocol}at most {} connections",
        upstream.max_connections
    );
    if let Some(BudgetSettings { requests, per }) = upstream.budget {
        let _ = writeln!(text, "  is asked at most {requests} times in {}", spelled(per));
    }
    if upstream.single_use {
        text.push_str("  forgets a join when asked: never asked twice\n");
    }
    if let Some(allow) = &upstream.allow {
        let _ = writeln!(text, "  vouches only for the {} on its allow list", players(allow.len()));
    }
    if !upstream.deny.is_empty() {
        let _ = writeln!(text, "  never vouches for the {} on its deny list", players(upstream.deny.len()));
    }
    if !upstream.forward_ip {
        text.push_str("  is not told the player's address\n");
    }
    text.push_str(&reached(upstream));
    text
}

/// What the connections to it are like.
fn reached(upstream: &UpstreamSettings) -> String {
    let mut text = String::new();
    if let Some(file) = &upstream.ca_file {
        let _ = writeln!(text, "  is believed by the certificates of {}", file.display());
    }
    if let Some(proxy) = &upstream.proxy {
        let _ = writeln!(text, "  is reached via proxy {}", proxied(proxy));
    }
    match &upstream.bind[..] {
        [] => {}
        [address] => {
            let _ = writeln!(text, "  is connected to from address {address}");
        }
        addresses => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            let _ = writeln!(text, "  is connected to from addresses {}, in turn", addresses.join(", "));
        }
    }
    text
}

fn players(number: usize) -> String {
    format!("{number} player{}", if number == 1 { "" } else { "s" })
}

/// Where a proxy is and what it speaks; never who we are to it.
fn proxied(proxy: &ProxySettings) -> String {
    let kind = match proxy.kind {
        ProxyKind::Http => "HTTP CONNECT",
        ProxyKind::Socks5 => "SOCKS5, names resolved here",
        ProxyKind::Socks5h => "SOCKS5, names resolved there",
    };
    let login = if proxy.login.is_some() { ", with a password" } else { "" };
    format!("{} ({kind}{login})", proxy.address)
}
