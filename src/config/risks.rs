//! Settings that work but may not be what is wanted: each is said once, at the start and by `hasjoined check`.

use super::{
    login::{self, Algorithm, Database},
    settings::{Attests, Ids, Settings, UpstreamSettings},
    url,
};
use std::time::Duration;

/// BungeeCord, Waterfall, vanilla since 1.20.2 and Pumpkin give up after 5 s; the answer needs some of that for its way.
const CLIENTS_PATIENCE: Duration = Duration::from_millis(4_800);

/// A sentence for each.
pub(super) fn of(settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    let race = settings.race;
    if race.deadline > CLIENTS_PATIENCE {
        found.push(
            "race.deadline: many game servers give up after 5 s, and their players then wait for nothing".to_owned(),
        );
    }
    let server = &settings.server;
    for address in server.listen.iter().filter(|address| server.tls.is_none() && !address.ip().is_loopback()) {
        found.push(format!(
            "server.listen: {address} is reachable from other machines without TLS; whoever is on the way can forge logins"
        ));
    }
    found.extend(server.tls.iter().flat_map(|tls| tls.warnings(&server.told())));
    if let Some(address) = server.admin.filter(|address| !address.ip().is_loopback()) {
        found.push(format!(
            "server.admin: {address} is reachable from other machines, and asks for no password; whoever reaches it sees who logs in"
        ));
    }
    for upstream in &settings.upstreams {
        found.extend(of_upstream(upstream, race.deadline));
    }
    if settings.login.enabled {
        found.extend(of_login(settings));
        found.extend(login::of_sign_in(settings));
        found.extend(login::of_services(settings));
    }
    let publishing = settings.upstreams.iter().filter(|upstream| !upstream.publish_keys.is_empty());
    if let Some(upstream) = publishing.clone().next().filter(|_| !publishing.clone().any(|upstream| upstream.is_mojang))
    {
        found.push(format!(
            "upstreams.{}.publish_keys: without Mojang's keys none are served, and /publickeys answers 503",
            upstream.id
        ));
    }
    found
}

fn of_login(settings: &Settings) -> Vec<String> {
    let login = &settings.login;
    let mut found = Vec::new();
    if login.database == Database::Memory {
        found.push("login.database: all logins are forgotten, and all tokens void, when this process ends".to_owned());
    }
    for id in &login.upstreams {
        let upstream = settings.upstreams.iter().find(|upstream| upstream.id == *id);
        if upstream.is_some_and(|upstream| upstream.attests == Attests::Own) {
            found.push(format!("login.upstreams: {id} attests accounts of its own, which log in beside Mojang's"));
        }
    }
    if login.limits.is_none() {
        found.push("login.limits: switched off, so whoever guesses may do so as fast as they can".to_owned());
    }
    if login.signing.alg == Algorithm::Hs256 || login.signing.legacy_tokens {
        found.push("login.signing: with HS256, every service that can check a token can also make one".to_owned());
    }
    found
}

fn of_upstream(upstream: &UpstreamSettings, deadline: Duration) -> Vec<String> {
    let id = &upstream.id;
    let mut found = Vec::new();
    if upstream.url.scheme_str() == Some("http") && !url::is_loopback(&upstream.url) {
        found.push(format!("upstreams.{id}: asked over plain http, where whoever is on the way can forge its answers"));
    }
    if !upstream.url.path().trim_end_matches('/').ends_with("hasJoined") {
        found.push(format!(
            "upstreams.{id}.url does not end in hasJoined: the whole address is wanted, not the host that other software takes"
        ));
    }
    if upstream.attests == Attests::Own && upstream.ids == Ids::Keep {
        found.push(format!("upstreams.{id}: keeps ids though it attests accounts of its own: it can claim any UUID"));
    }
    if !upstream.publish_keys.is_empty() && upstream.hosts.services.is_none() {
        found.push(format!("upstreams.{id}.publish_keys: there is no services_url to fetch them from"));
    }
    if upstream.timeout > deadline {
        found.push(format!("upstreams.{id}.timeout is longer than race.deadline, when nobody waits any more"));
    }
    found
}
