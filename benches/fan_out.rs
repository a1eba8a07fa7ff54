//! What stands between a game server and its upstreams costs time: how much of a login is ours, by the clock, over loopback.
//!
//! Decides what is compared: a login through the real program, and the same question put to each upstream directly by the same
//! client. Instructions without sockets are counted by `hot_path`.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say so and stop")]

#[path = "fan_out/client.rs"]
mod client;
#[path = "../tests/support/profile.rs"]
mod profile;
#[path = "fan_out/proxy.rs"]
mod proxy;
#[path = "fan_out/share.rs"]
mod share;
#[path = "fan_out/stage.rs"]
mod stage;
#[path = "../tests/support/tls.rs"]
mod tls;
#[path = "fan_out/upstream.rs"]
mod upstream;

use criterion::Criterion;
use share::Share;
use stage::{Case, Stage};
use std::time::Duration;

/// Logins for a row of the table.
const LOGINS: u32 = 1000;

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1200))
        .sample_size(30)
        .configure_from_args();
    // Without it the bench is only tried, as `cargo test --benches` does: one login says nothing.
    let in_earnest = std::env::args().any(|argument| argument == "--bench");
    let mut shares = Vec::new();
    for case in Case::all() {
        // Called for every sample, and not at all when the filter of the command line leaves the case out.
        let mut stage = None;
        criterion.bench_function(&case.to_string(), |bencher| {
            let stage: &mut Stage = stage.get_or_insert_with(|| {
                let mut stage = Stage::set(case);
                if in_earnest {
                    shares.push(Share::measure(case, &mut stage, LOGINS));
                }
                stage
            });
            bencher.iter(|| stage.login());
        });
    }
    if in_earnest {
        share::print(&shares);
    }
    criterion.final_summary();
}
