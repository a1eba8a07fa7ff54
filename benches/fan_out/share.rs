//! The numbers criterion has no word for: the share of a login that is the proxy's own, and the connections that logins cost.
//!
//! Decides how they are taken: logins and direct questions by turns, so that whatever else the machine does falls on both alike.

use crate::stage::{Case, Stage};
use std::time::{Duration, Instant};

/// One case's row in the table.
pub(crate) struct Share {
    case: Case,
    /// Medians.
    through: Duration,
    slowest_upstream: Duration,
    connections_per_thousand: f64,
}

impl Share {
    /// On a fresh stage: the connections that the program opens when it starts are counted.
    pub(crate) fn measure(case: Case, stage: &mut Stage, logins: u32) -> Self {
        let mut through = Vec::new();
        let mut directly = vec![Vec::new(); case.upstreams];
        for (_, place) in (0..logins).zip((0..case.upstreams).cycle()) {
            through.push(timed(|| stage.login()));
            directly[place].push(timed(|| stage.ask(place)));
        }
        let connections_per_thousand = f64::from(stage.opened()) * 1000.0 / f64::from(logins);
        let slowest_upstream = directly.iter_mut().filter_map(|times| median(times)).max().unwrap_or_default();
        Self { case, through: median(&mut through).unwrap_or_default(), slowest_upstream, connections_per_thousand }
    }

    fn own(&self) -> Duration {
        self.through.saturating_sub(self.slowest_upstream)
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(times: &mut [Duration]) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// The table.
#[expect(clippy::print_stdout, reason = "what a bench is run for")]
pub(crate) fn print(shares: &[Share]) {
    let micros = |time: Duration| format!("{:.0} µs", time.as_secs_f64() * 1e6);
    println!("\nMedians of a login                through    slowest   proxy's     its   connections");
    println!("                                    proxy   upstream       own   share   per 1,000 logins");
    for share in shares {
        let part = 100.0 * share.own().as_secs_f64() / share.through.as_secs_f64();
        let [through, upstream, own] = [share.through, share.slowest_upstream, share.own()].map(micros);
        let (case, opened) = (share.case.to_string(), share.connections_per_thousand);
        println!("{case:<30} {through:>10} {upstream:>10} {own:>9} {part:>5.1} % {opened:>9.0}");
    }
}
