//! Time of a login over loopback: through the program, beside asking its slowest upstream directly.
//!
//! Prints, for each number of upstreams, how much of a login's time is this program's own, and how many connections 1,000 logins
//! cost the upstreams. See `README.md` for what not to conclude.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench stops when it cannot go on, and prints"
)]

#[path = "../tests/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;

use criterion::Criterion;
use std::time::{Duration, Instant};
use support::{
    client::{Connection, Request, Target},
    proxy::Proxy,
    tls::Ca,
    upstream::{Reply, Upstream},
};
use tokio::runtime::Runtime;

/// Logins counted for the summary, after the clock has been stopped.
const COUNTED: usize = 1_000;

/// Upstreams behind one proxy: the last knows the player, the others say no.
struct Stage {
    upstreams: Vec<Upstream>,
    proxy: Proxy,
}

async fn stage(count: usize, ca: Option<&Ca>) -> Stage {
    let mut upstreams = Vec::new();
    let mut builder = Proxy::builder().argument("--log=error");
    for n in 1..=count {
        let upstream = match ca {
            Some(ca) => Upstream::builder().tls(ca).start().await,
            None => Upstream::start().await,
        };
        if n == count {
            upstream.answers(Reply::profile("Notch"));
        }
        builder = builder.upstream(&format!("u{n}"), &upstream, "");
        upstreams.push(upstream);
    }
    Stage { upstreams, proxy: builder.start().await }
}

/// Logins one after the other on one connection, and how long they took together.
async fn logins(connection: &mut Connection, count: usize) -> Duration {
    let started = Instant::now();
    for n in 0..count {
        let login = Request::get(&format!("/session/minecraft/hasJoined?username=Notch&serverId=-{n}"));
        let answer = connection.send(&login).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    started.elapsed()
}

/// The same on a new client connection each.
async fn cold_logins(target: &impl Target, count: usize) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..count {
        let started = Instant::now();
        took += started.elapsed() + logins(&mut Connection::open(target).await.unwrap(), 1).await;
    }
    took
}

fn scene(criterion: &mut Criterion, runtime: &Runtime, name: &str, count: usize, ca: Option<&Ca>) {
    let Stage { upstreams, proxy } = runtime.block_on(stage(count, ca));
    let knowing = upstreams.last().unwrap();
    let mut through = runtime.block_on(Connection::open(&proxy)).unwrap();
    let mut direct = runtime.block_on(async {
        match ca {
            Some(ca) => Connection::open_tls(knowing, ca).await.unwrap(),
            None => Connection::open(knowing).await.unwrap(),
        }
    });
    // Everything is warm before the clock starts.
    runtime.block_on(logins(&mut through, 100));
    runtime.block_on(logins(&mut direct, 100));
    criterion.bench_function(&format!("{name}/warm"), |bencher| {
        bencher.iter_custom(|count| runtime.block_on(logins(&mut through, usize::try_from(count).unwrap())));
    });
    criterion.bench_function(&format!("{name}/new client connection"), |bencher| {
        bencher.iter_custom(|count| runtime.block_on(cold_logins(&proxy, usize::try_from(count).unwrap())));
    });
    let before: usize = upstreams.iter().map(Upstream::connections).sum();
    // In turns, so that the machine's moods meet both.
    let (mut by_proxy, mut by_hand) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..10 {
        by_proxy += runtime.block_on(logins(&mut through, COUNTED / 10));
        by_hand += runtime.block_on(logins(&mut direct, COUNTED / 10));
    }
    let opened = upstreams.iter().map(Upstream::connections).sum::<usize>() - before;
    let own = by_proxy.saturating_sub(by_hand);
    println!(
        "{name}: {:?} a login, {:?} asked directly: the program's own share is {:.0} %; {opened} connections opened for {COUNTED} logins\n",
        by_proxy / u32::try_from(COUNTED).unwrap(),
        by_hand / u32::try_from(COUNTED).unwrap(),
        100.0 * own.as_secs_f64() / by_proxy.as_secs_f64(),
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let ca = Ca::new();
    for count in [1, 3, 8] {
        scene(&mut criterion, &runtime, &format!("{count} upstreams over http"), count, None);
        scene(&mut criterion, &runtime, &format!("{count} upstreams over https"), count, Some(&ca));
    }
    criterion.final_summary();
}
