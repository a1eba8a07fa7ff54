//! The figures of `/metrics`: every name there is, read from the live program.
//!
//! To add one: count it where it happens, in plain atomics, and give it a name here. `upstream` is the id of the configuration.
//!
//! | name | labels | what |
//! |---|---|---|
//! | `hasjoined_logins_total` | `outcome` = joined, not_joined, undecided, shared | logins; shared ones took the answer to an equal question |
//! | `hasjoined_login_duration_seconds` | | histogram, from the question to the answer |
//! | `hasjoined_disputes_total` | | logins for which two upstreams vouched for different players |
//! | `hasjoined_bound_elsewhere_total` | | a less trusted upstream vouched for a name bound to another |
//! | `hasjoined_upstream_answers_total` | `upstream`, `outcome` = positive, negative, barred, timeout, refused, reset, status, malformed, open, over_budget, saturated, not_asked, other | verdicts, late ones too |
//! | `hasjoined_upstream_latency_seconds` | `upstream` | histogram, of those that tell it |
//! | `hasjoined_upstream_wins_total` | `upstream` | logins its "yes" decided |
//! | `hasjoined_upstream_requests_in_flight` | `upstream` | hasJoined requests |
//! | `hasjoined_upstream_connections_opened_total` | `upstream`, `pool` = logins, lookups | |
//! | `hasjoined_upstream_tls_handshakes_total` | `upstream`, `pool` | that succeeded |
//! | `hasjoined_upstream_connections_open` | `upstream`, `pool` | |
//! | `hasjoined_upstream_breaker` | `upstream`, `state` = closed, open, half_open | 1 for the state it is in |
//! | `hasjoined_upstream_budget_left` | `upstream` | only of those that have one |
//! | `hasjoined_upstream_pause_seconds` | `upstream` | left of the pause it asked for by 429 |
//! | `hasjoined_lookup_cache_total` | `result` = hit, stale, miss | profiles looked for among those that are known |
//! | `hasjoined_requests_total` | `route`, `code` | answers of the public listener; bad questions are `route="has_joined"`, `code="400"` |
//! | `hasjoined_login_api_answers_total` | `endpoint`, `code` = ok or the error's name | answers of the login API |
//! | `hasjoined_login_api_store_up` | | whether its store answers, 1 or 0; only where there is a login API |
//! | `hasjoined_requests_in_flight` | | |
//! | `hasjoined_requests_shed_total` | | answered 503 at once: too many in flight |
//! | `hasjoined_requests_limited_total` | | hasJoined questions answered 503 at once: above `client_limit` |
//! | `hasjoined_connections_open` | | of clients |
//! | `hasjoined_connections_refused_total` | | of clients: too many open |
//! | `hasjoined_tls_handshakes_total` | `outcome` = full, resumed, failed, timeout, not_tls | of clients; only where TLS is spoken |
//! | `hasjoined_tls_certificate_expiry_seconds` | | when the certificate that clients are shown ends, in Unix time; only where TLS is spoken |
//! | `hasjoined_connections_unannounced_total` | | of trusted proxies, closed for want of a PROXY header |
//! | `hasjoined_config_reloads_total` | `result` = done, refused | |
//! | `hasjoined_ready` | | what `/readyz` says, 1 or 0 |
//! | `hasjoined_build_info` | `version` | 1 |
//! | `process_start_time_seconds`, `process_resident_memory_bytes`, `process_open_fds` | | |

use super::{Admin, process};
use crate::{
    net::{self, Client},
    server::Tls,
    session::{Entrant, Outcome},
    telemetry::{Family, Labels},
    upstream::{Health, Said, Standing, Upstream},
    web::{Site, edge::Code},
};
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::UNIX_EPOCH,
};
use tokio::time::Instant;

impl Admin {
    /// All of them, as they are now.
    pub(super) fn figures(&self) -> Vec<Family> {
        let site = self.web.site();
        let mut families = Vec::from(self.logins());
        families.extend(answers(site.sessions.entrants()));
        families.extend(connections(site.sessions.entrants()));
        families.extend(standings(site.sessions.entrants()));
        families.extend(self.requests(&site));
        families.extend(self.tls());
        families.extend(self.login_api(&site));
        families.extend(self.process());
        families
    }

    fn logins(&self) -> [Family; 4] {
        let journal = &self.memory.journal;
        let outcomes = Outcome::ALL.map(|outcome| (one("outcome", outcome.label()), journal.ended(outcome) as f64));
        let shared = (one("outcome", "shared"), journal.shared() as f64);
        let counts = &self.memory.counts;
        let alone = |count: &AtomicU64| [(Labels::new(), count.load(Relaxed) as f64)];
        [
            Family::counter(
                "hasjoined_logins",
                "Logins by outcome; shared ones took the answer to an equal question.",
                outcomes.into_iter().chain([shared]),
            ),
            Family::histogram(
                "hasjoined_login_duration_seconds",
                "From the question of a game server to its answer.",
                [(Labels::new(), journal.durations())],
            ),
            Family::counter(
                "hasjoined_disputes",
                "Logins for which two upstreams vouched for different players.",
                alone(&counts.disputes),
            ),
            Family::counter(
                "hasjoined_bound_elsewhere",
                "Times that a less trusted upstream vouched for a name that is bound to another.",
                alone(&counts.bound_elsewhere),
            ),
        ]
    }

    fn requests(&self, site: &Site) -> [Family; 8] {
        let answered = self.web.counts().answered().map(|(kind, status, count)| {
            let code = status.map_or("other".to_owned(), |status| status.to_string());
            (vec![("route", kind.label().to_owned()), ("code", code)], count as f64)
        });
        let known = site.lookups.counts();
        let lookups = [("hit", known.hits()), ("stale", known.stale()), ("miss", known.misses())];
        let alone = |value: f64| [(Labels::new(), value)];
        [
            Family::counter("hasjoined_requests", "Requests answered, by route and status.", answered),
            Family::gauge(
                "hasjoined_requests_in_flight",
                "Requests that are being answered.",
                alone(self.web.in_flight() as f64),
            ),
            Family::counter(
                "hasjoined_requests_shed",
                "Requests answered 503 at once since too many were in flight.",
                alone(self.web.counts().shed_so_far() as f64),
            ),
            Family::counter(
                "hasjoined_requests_limited",
                "Questions for a login answered 503 at once since their client asked too often.",
                alone(self.web.counts().crowded_so_far() as f64),
            ),
            Family::gauge(
                "hasjoined_connections_open",
                "Open connections of clients.",
                alone(self.server.connections() as f64),
            ),
            Family::counter(
                "hasjoined_connections_refused",
                "Connections of clients refused since too many were open.",
                alone(self.server.refused() as f64),
            ),
            Family::counter(
                "hasjoined_connections_unannounced",
                "Connections of trusted proxies closed for want of a PROXY header.",
                alone(self.server.unannounced() as f64),
            ),
            Family::counter(
                "hasjoined_lookup_cache",
                "Profiles looked for among those that are known.",
                lookups.map(|(result, count)| (one("result", result), count as f64)),
            ),
        ]
    }

    fn tls(&self) -> [Family; 2] {
        let tls = self.server.tls();
        let handshakes = tls.into_iter().flat_map(Tls::handshakes);
        [
            Family::counter(
                "hasjoined_tls_handshakes",
                "TLS handshakes with clients, by what became of them.",
                handshakes.map(|(outcome, count)| (one("outcome", outcome.label()), count as f64)),
            ),
            Family::gauge(
                "hasjoined_tls_certificate_expiry_seconds",
                "When the certificate that clients are shown ends, in seconds since 1970.",
                tls.map(|tls| (Labels::new(), tls.ends() as f64)),
            ),
        ]
    }

    fn login_api(&self, site: &Site) -> [Family; 2] {
        let answered = self.web.counts().logins().map(|(endpoint, refused, count)| {
            let code = refused.map_or("ok", Code::name).to_owned();
            (vec![("endpoint", endpoint.label().to_owned()), ("code", code)], count as f64)
        });
        let up = site.login.as_ref().map(|login| f64::from(u8::from(login.logins.store_answers())));
        [
            Family::counter(
                "hasjoined_login_api_answers",
                "Answers of the login API, by endpoint and error.",
                answered,
            ),
            Family::gauge(
                "hasjoined_login_api_store_up",
                "Whether the store of the login API answers.",
                up.map(|up| (Labels::new(), up)),
            ),
        ]
    }

    fn process(&self) -> [Family; 6] {
        let started = self.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let ready = f64::from(u8::from(self.unready().is_none()));
        let alone = |value: Option<f64>| value.map(|value| (Labels::new(), value));
        let reloads = [("done", &self.reloads.done), ("refused", &self.reloads.refused)];
        [
            Family::counter(
                "hasjoined_config_reloads",
                "Changes of the configuration that were taken over, or refused for a fault.",
                reloads.map(|(result, count)| (one("result", result), count.load(Relaxed) as f64)),
            ),
            Family::gauge("hasjoined_ready", "Whether logins can be answered.", alone(Some(ready))),
            Family::gauge(
                "hasjoined_build_info",
                "The program that runs.",
                [(one("version", env!("CARGO_PKG_VERSION")), 1.0)],
            ),
            Family::gauge("process_start_time_seconds", "When it was started.", alone(Some(started))),
            Family::gauge("process_resident_memory_bytes", "Memory in use.", alone(process::resident_bytes())),
            Family::gauge("process_open_fds", "Open files and sockets.", alone(process::open_files())),
        ]
    }
}

fn answers(entrants: &[Entrant]) -> [Family; 4] {
    let upstreams = || entrants.iter().map(|entrant| &*entrant.upstream);
    let said = |upstream: &Upstream| {
        let (id, counts) = (upstream.id().clone(), upstream.counts());
        Said::ALL.map(|said| {
            (vec![("upstream", id.to_string()), ("outcome", said.label().to_owned())], counts.said(said) as f64)
        })
    };
    [
        Family::counter("hasjoined_upstream_answers", "Verdicts of an upstream on logins.", upstreams().flat_map(said)),
        Family::histogram(
            "hasjoined_upstream_latency_seconds",
            "How long an upstream took to answer, or not to.",
            upstreams().map(|upstream| (of(upstream), upstream.counts().latency())),
        ),
        Family::counter(
            "hasjoined_upstream_wins",
            "Logins that the \"yes\" of this upstream decided.",
            upstreams().map(|upstream| (of(upstream), upstream.counts().wins() as f64)),
        ),
        Family::gauge(
            "hasjoined_upstream_requests_in_flight",
            "Questions that wait for an answer, or for a connection.",
            upstreams().map(|upstream| (of(upstream), upstream.counts().in_flight() as f64)),
        ),
    ]
}

fn connections(entrants: &[Entrant]) -> [Family; 3] {
    let samples = |read: fn(&net::Counts) -> u64| {
        let pools = entrants.iter().flat_map(|entrant| pools(&entrant.upstream));
        let samples = pools.map(move |(labels, clients)| {
            let sum: u64 = clients.iter().map(|client| read(client.counts())).sum();
            (labels, sum as f64)
        });
        samples.collect::<Vec<_>>()
    };
    [
        Family::counter(
            "hasjoined_upstream_connections_opened",
            "Connections opened to an upstream.",
            samples(net::Counts::opened),
        ),
        Family::counter(
            "hasjoined_upstream_tls_handshakes",
            "TLS handshakes with an upstream that succeeded.",
            samples(net::Counts::handshakes),
        ),
        Family::gauge(
            "hasjoined_upstream_connections_open",
            "Connections to an upstream that are open.",
            samples(net::Counts::open_now),
        ),
    ]
}

fn pools(upstream: &Upstream) -> [(Labels, Vec<&Client>); 2] {
    [("logins", vec![upstream.client()]), ("lookups", upstream.lookup_clients())].map(|(pool, clients)| {
        let mut labels = of(upstream);
        labels.push(("pool", pool.to_owned()));
        (labels, clients)
    })
}

fn standings(entrants: &[Entrant]) -> [Family; 3] {
    let now = Instant::now();
    let standings: Vec<_> =
        entrants.iter().map(|entrant| (of(&entrant.upstream), entrant.upstream.standing(now))).collect();
    let breaker = standings.iter().flat_map(|(labels, Standing { health, .. })| {
        let state = match health {
            Health::Closed => "closed",
            Health::Open(_) => "open",
            Health::HalfOpen => "half_open",
        };
        ["closed", "open", "half_open"].map(|known| {
            let mut labels = labels.clone();
            labels.push(("state", known.to_owned()));
            (labels, f64::from(u8::from(known == state)))
        })
    });
    let left = standings
        .iter()
        .filter_map(|(labels, standing)| standing.budget_left.map(|left| (labels.clone(), f64::from(left))));
    let pause =
        standings.iter().map(|(labels, standing)| (labels.clone(), standing.paused.unwrap_or_default().as_secs_f64()));
    [
        Family::gauge("hasjoined_upstream_breaker", "1 for the state the breaker of an upstream is in.", breaker),
        Family::gauge("hasjoined_upstream_budget_left", "Questions that may still leave now.", left),
        Family::gauge("hasjoined_upstream_pause_seconds", "What is left of the pause an upstream asked for.", pause),
    ]
}

fn of(upstream: &Upstream) -> Labels {
    vec![("upstream", upstream.id().to_string())]
}

fn one(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}
