//! A login here and through nginx and HAProxy: how much CPU time each takes for it, in one run on one machine.
//!
//! Decides what is compared: all stand in front of the same upstreams, with the same certificates, are asked the same by the same clients,
//! one after the other and again, each alone on the first core. Run by `benches/compare/run`, which installs the two.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say so and stop")]

#[path = "fan_out/client.rs"]
mod client;
#[path = "compare/crowd.rs"]
mod crowd;
#[path = "compare/peer.rs"]
mod peer;
#[path = "../tests/support/profile.rs"]
mod profile;
#[path = "../tests/support/tls.rs"]
mod tls;
#[expect(dead_code, reason = "what `fan_out` counts is not counted here")]
#[path = "fan_out/upstream.rs"]
mod upstream;

use peer::{Kind, Peer};
use std::time::Duration;
use tls::Ca;
use upstream::{Knows, Manner, Upstream};

/// Long enough for the kernel's count of CPU time, which is in hundredths of a second.
const WINDOW: Duration = Duration::from_secs(2);

/// One question put to several proxies.
struct Case {
    title: &'static str,
    upstreams: usize,
    /// A new connection for each login, as Velocity makes.
    new: bool,
    peers: &'static [Kind],
}

const CASES: [Case; 4] = [
    Case { title: "1 HTTPS upstream", upstreams: 1, new: false, peers: &[Kind::Here, Kind::Nginx, Kind::Haproxy] },
    Case {
        title: "1 HTTPS upstream, a connection each",
        upstreams: 1,
        new: true,
        peers: &[Kind::Here, Kind::Nginx, Kind::Haproxy],
    },
    Case { title: "3 HTTPS upstreams", upstreams: 3, new: false, peers: &[Kind::Here, Kind::NginxLua] },
    Case {
        title: "3 HTTPS upstreams, a connection each",
        upstreams: 3,
        new: true,
        peers: &[Kind::Here, Kind::NginxLua],
    },
];

#[expect(clippy::print_stdout, reason = "what a bench is run for")]
fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    // `cargo test --benches` runs this too, on machines that have neither nginx nor HAProxy.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(5);
    println!("{:<40}{:<14}{:>16}{:>22}", "", "", "CPU µs a login", "ours, as a part of it");
    for case in CASES {
        measure(&case, rounds);
    }
}

/// Every round asks each of them, so that whatever else the machine does falls on all.
#[expect(clippy::print_stdout, reason = "what a bench is run for")]
fn measure(case: &Case, rounds: usize) {
    let ca = Ca::new();
    let manner = Manner { ca: Some(ca), cold: false };
    let knows = |place| if place + 1 == case.upstreams { Knows::Notch } else { Knows::Nobody };
    let upstreams: Vec<_> = (0..case.upstreams).map(|place| Upstream::start(knows(place), &manner)).collect();
    let peers: Vec<_> = case.peers.iter().map(|kind| Peer::start(*kind, &upstreams, &manner)).collect();
    let mut costs = vec![Vec::new(); peers.len()];
    for round in 0..=rounds {
        for (peer, costs) in peers.iter().zip(&mut costs) {
            let cost = crowd::cost(peer, case.new, WINDOW);
            // The first round opens connections and fills caches.
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    for (kind, cost) in case.peers.iter().zip(&costs) {
        let parts = costs[0].iter().zip(cost).map(|(ours, theirs)| ours / theirs).collect();
        println!("{:<40}{:<14}{:>16.1}{:>22.2}", case.title, kind.name(), median(cost.clone()), median(parts));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
