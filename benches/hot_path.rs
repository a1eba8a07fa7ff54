//! Instructions of a login, without sockets: what this program itself does between reading a request and writing its answer.
//!
//! Counted by valgrind, so the same on every machine that runs the same binary; each has a limit that fails. See `README.md`.
#![expect(clippy::unwrap_used, missing_docs, reason = "a bench that cannot go on should stop")]

use bytes::Bytes;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use hasjoined::{
    lifecycle::Tasks,
    model::{Question, UpstreamId},
    net::{Client, Peer, Reply, Roots},
    session::{Answer, Selection},
    upstream::{Dialect, Hosts, Upstream, Verdict},
    web::{self, Route},
};
use http::{HeaderMap, StatusCode};
use std::{hint::black_box, time::Duration};

const QUERY: &str = "username=Notch&serverId=-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1";

fn upstream(namespaced: bool) -> Upstream {
    let url: http::Uri = "http://127.0.0.1:9/session/minecraft/hasJoined".parse().unwrap();
    let second = Duration::from_secs(1);
    let peer = Peer { origin: url.clone(), ca_file: None, connect_timeout: second, max_connections: 1, http2: false };
    let client = Client::new(&peer, &Roots::default(), Tasks::default()).unwrap();
    let negative = vec![403];
    let dialect =
        Dialect { url, forward_ip: true, negative, namespaced, single_use: false, timeout: second, budget: None };
    Upstream::new(UpstreamId::new("mojang").unwrap(), dialect, client, Hosts::default())
}

/// A profile of the size Mojang sends: 1.5 KB, nearly all of it textures and their signature.
fn profile(id: &str) -> Reply {
    let (value, signature) = ("ewogICJ0".repeat(80), "c2lnbmF0".repeat(86));
    let body = format!(
        r#"{{"id":"{id}","name":"Notch","properties":[{{"name":"textures","value":"{value}","signature":"{signature}"}}]}}"#
    );
    Reply { status: StatusCode::OK, headers: HeaderMap::new(), body: body.into() }
}

fn good() -> (Upstream, Question, Reply) {
    (upstream(false), web::question(QUERY).unwrap(), profile("069a79f444e94726a5befca90e38aaf5"))
}

fn dashed() -> (Upstream, Question, Reply) {
    (upstream(false), web::question(QUERY).unwrap(), profile("069a79f4-44e9-4726-a5be-fca90e38aaf5"))
}

fn namespaced() -> (Upstream, Question, Reply) {
    (upstream(true), web::question(QUERY).unwrap(), profile("069a79f444e94726a5befca90e38aaf5"))
}

fn no() -> (Upstream, Question, Reply) {
    let reply = Reply { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new() };
    (upstream(false), web::question(QUERY).unwrap(), reply)
}

fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(Callgrind::default().hard_limits([(EventKind::Ir, instructions)]));
    config
}

fn place(id: &str) -> Option<usize> {
    ["mojang", "minehut"].iter().position(|known| *known == id)
}

#[library_benchmark(config = at_most(60))]
fn route_plain() -> Option<Route<'static>> {
    web::route(black_box("/session/minecraft/hasJoined"), black_box("/"), place)
}

#[library_benchmark(config = at_most(3_100))]
fn route_selected() -> Option<Route<'static>> {
    web::route(black_box("/auth/mojang/minehut/session/minecraft/hasJoined"), black_box("/auth"), place)
}

#[library_benchmark(config = at_most(4_200))]
fn read_query() -> Question {
    web::question(black_box(QUERY)).unwrap()
}

#[library_benchmark]
#[bench::positive(args = (), setup = good, config = at_most(11_500))]
#[bench::dashed(args = (), setup = dashed, config = at_most(13_700))]
#[bench::namespaced(args = (), setup = namespaced, config = at_most(17_200))]
#[bench::negative(args = (), setup = no, config = at_most(2_100))]
fn judge((upstream, question, reply): (Upstream, Question, Reply)) -> Verdict {
    black_box(upstream.judge(&question, &reply))
}

// From the request's target to the response, with one upstream's answer in between.
#[library_benchmark(config = at_most(16_700))]
#[bench::joined(args = (), setup = good)]
fn whole((upstream, _, reply): (Upstream, Question, Reply)) -> http::Response<web::Body> {
    let route = web::route(black_box("/session/minecraft/hasJoined"), "/", place);
    assert_eq!(route, Some(Route::HasJoined(Selection::ALL)));
    let question = web::question(black_box(QUERY)).unwrap();
    let Verdict::Joined(profile) = upstream.judge(&question, &reply) else { panic!("a good profile") };
    web::login(Answer::Joined(upstream.id().clone(), profile))
}

library_benchmark_group!(name = hot_path; benchmarks = route_plain, route_selected, read_query, judge, whole);
main!(library_benchmark_groups = hot_path);
