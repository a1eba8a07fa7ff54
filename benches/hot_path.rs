//! What a login costs in instructions, without sockets: the same count on every run, so that a change of it is a change of the code.
//!
//! Decides the input, which is what a game server and Mojang's session server really send, and the limits. What goes on between
//! the parts (connections, tasks, system calls) is not counted: see `fan_out`.
#![expect(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that cannot go on should say so and stop; its parts are named"
)]

#[path = "../tests/support/profile.rs"]
mod profile;

use bytes::Bytes;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use hasjoined::{
    lifecycle::Tasks,
    login,
    model::{Question, UpstreamId},
    net::{Client, Egress, Peer, Reply, Roots, Target},
    session::Answer,
    upstream::{Dialect, Guests, Hosts, Upstream, Verdict},
    web::{
        self,
        edge::{Edge, Limiter, Terms},
    },
};
use http::{HeaderMap, Response, StatusCode, Uri};
use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

const PATH: &str = "/session/minecraft/hasJoined";
/// What a server with prevent-proxy-connections sends.
const QUERY: &str = "username=Notch&serverId=-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1&ip=203.0.113.7";
const IDS: [&str; 3] = ["mojang", "minehut", "connect"];

/// Fails above a tenth more instructions than these, which were counted on x86-64 with glibc when the limit was last set.
fn counted(instructions: u64) -> LibraryBenchmarkConfig {
    let most = instructions + instructions.div_ceil(10);
    let mut config = LibraryBenchmarkConfig::default();
    // `cargo test --benches` runs this too, without optimisation.
    if !cfg!(debug_assertions) {
        config.tool(Callgrind::default().hard_limits([(EventKind::Ir, most)]));
    }
    config
}

fn place(id: &str) -> Option<usize> {
    IDS.iter().position(|known| *known == id)
}

fn question() -> Question {
    web::question(QUERY).unwrap()
}

/// Which ids an upstream returns, as its configuration says.
fn upstream(namespaced: bool) -> Upstream {
    let url = Uri::from_static("https://sessionserver.example/session/minecraft/hasJoined");
    let peer = Peer {
        origin: Uri::from_static("http://sessionserver.example"),
        ca_file: None,
        connect_timeout: Duration::from_secs(1),
        max_connections: 64,
        http2: false,
        egress: Egress::default(),
    };
    let client = Client::new(&peer, &Roots::default(), Tasks::default()).unwrap();
    let timeout = Duration::from_secs(3);
    let negative = vec![403];
    let guests = Guests::default();
    let dialect =
        Dialect { url, forward_ip: true, negative, namespaced, single_use: false, timeout, budget: None, guests };
    Upstream::new(UpstreamId::new(IDS[0]).unwrap(), dialect, client, Hosts::default())
}

/// The edge of a login API at the root of its host.
fn edge() -> Edge {
    let terms = Terms {
        host: "login.example".to_owned(),
        base_path: "/".to_owned(),
        trusted_proxies: Vec::new(),
        max_body: 8_192,
        origins: Vec::new(),
        limits: None,
        closed: Vec::new(),
    };
    Edge::new(terms, Arc::new(Limiter::new(Instant::now())))
}

fn reply(status: u16, body: Vec<u8>) -> Reply {
    Reply { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new().into(), body: Bytes::from(body) }
}

type Judged = (Upstream, Question, Reply);

/// A profile that needs nothing done to it.
fn positive() -> Judged {
    (upstream(false), question(), reply(200, profile::notch()))
}

/// A profile with dashes in its id.
fn repaired() -> Judged {
    (upstream(false), question(), reply(200, profile::with_id("Notch", "069a79f4-44e9-4726-a5be-fca90e38aaf5")))
}

/// A profile whose id is replaced by one of this upstream's own.
fn namespaced() -> Judged {
    (upstream(true), question(), reply(200, profile::notch()))
}

fn negative() -> Judged {
    (upstream(false), question(), reply(204, Vec::new()))
}

/// A "no" with a JSON body, as Mojang's other services write it.
fn refused() -> Judged {
    (upstream(false), question(), reply(403, br#"{"error":"ForbiddenOperationException","path":"/x"}"#.to_vec()))
}

/// What follows from the reply of the only upstream, as the race would have it.
fn weighed((upstream, question, reply): Judged) -> (Answer, Upstream) {
    let answer = match upstream.judge(&question, &reply) {
        Verdict::Joined(profile) => Answer::Joined(upstream.id().clone(), profile),
        Verdict::NotJoined | Verdict::Barred(_) => Answer::NotJoined,
        Verdict::Failed(_) => Answer::Undecided,
    };
    (answer, upstream)
}

#[library_benchmark]
#[bench::plain(args = (PATH), config = counted(47))]
#[bench::selected(args = ("/mojang/minehut/session/minecraft/hasJoined"), config = counted(2_545))]
fn route(path: &str) -> Option<web::Route<'_>> {
    web::route(black_box(path), "", place)
}

#[library_benchmark(config = counted(2_494))]
fn read_query() -> Question {
    web::question(black_box(QUERY)).unwrap()
}

#[library_benchmark(config = counted(1_273))]
#[bench::with_ip(upstream(false), question())]
fn build_target(upstream: Upstream, question: Question) -> (Target, Upstream, Question) {
    let target = black_box(&upstream).target(&question).unwrap();
    (target, upstream, question)
}

#[library_benchmark]
#[bench::positive(args = (positive()), config = counted(4_972))]
#[bench::repaired(args = (repaired()), config = counted(6_660))]
#[bench::namespaced(args = (namespaced()), config = counted(15_322))]
#[bench::negative(args = (negative()), config = counted(261))]
#[bench::refused(args = (refused()), config = counted(2_697))]
fn judge(judged: Judged) -> (Verdict, Judged) {
    let (upstream, question, reply) = black_box(&judged);
    (upstream.judge(question, reply), judged)
}

#[library_benchmark]
#[bench::positive(args = (weighed(positive()).0), config = counted(508))]
#[bench::negative(args = (weighed(negative()).0), config = counted(49))]
fn write_answer(answer: Answer) -> Response<web::Body> {
    web::login(black_box(answer))
}

// From the request's path to the answer's head and body, with one upstream.
#[library_benchmark]
#[bench::positive(args = (positive()), config = counted(11_262))]
#[bench::repaired(args = (repaired()), config = counted(13_358))]
#[bench::negative(args = (negative()), config = counted(6_049))]
fn whole_chain((upstream, _, reply): Judged) -> (Response<web::Body>, Upstream) {
    let route = web::route(black_box(PATH), "", place);
    let question = web::question(black_box(QUERY)).unwrap();
    let target = upstream.target(&question).unwrap();
    black_box((route, target));
    let (answer, upstream) = weighed((upstream, question, black_box(reply)));
    (web::login(answer), upstream)
}

// What a login API beside the proxy adds to each login to a game: a look at the path, and one at the serverId. To be at most 3 % of
// the cheapest chain.
#[library_benchmark(config = counted(137))]
#[bench::pass(edge(), question())]
fn beside_a_login_api(edge: Edge, question: Question) -> (bool, Edge, Question) {
    let is_its = black_box(&edge).find(black_box(PATH)).is_some();
    let has_made = login::is_ours(black_box(&question).server_id.as_str());
    (is_its || has_made, edge, question)
}

library_benchmark_group!(
    name = hot_path,
    benchmarks = [route, read_query, build_target, judge, write_answer, whole_chain, beside_a_login_api]
);

main!(library_benchmark_groups = hot_path);
