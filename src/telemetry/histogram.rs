//! How long things took, counted while the program runs and read when somebody asks.
//!
//! Decides the bounds. Counting takes no lock and looks nothing up, since it happens for every login.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// From a look-up on loopback to the patience of a game server. One place more than bounds: what took longer than all.
const BOUNDS: [Duration; 15] = [
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(75),
    Duration::from_millis(100),
    Duration::from_millis(150),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_millis(3_500),
    Duration::from_millis(4_500),
];

/// Counts durations by size.
#[derive(Debug, Default)]
pub struct Histogram {
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// What a histogram has counted by some moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Upper bounds in seconds, the last one infinite, and how many lie between each and the one before.
    pub buckets: Vec<(f64, u64)>,
    /// All durations together, in seconds.
    pub sum: f64,
}

impl Histogram {
    /// Counts one.
    pub fn observe(&self, took: Duration) {
        let place = BOUNDS.iter().position(|bound| took <= *bound).unwrap_or(BOUNDS.len());
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What has been counted.
    #[must_use]
    pub fn read(&self) -> Distribution {
        let bounds = BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Distribution {
            buckets: bounds.zip(counts).collect(),
            sum: Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_lies_in_the_bucket_that_just_holds_it() {
        let histogram = Histogram::default();
        for millis in [0, 1, 2, 1_000, 1_001, 60_000] {
            histogram.observe(Duration::from_millis(millis));
        }
        let Distribution { buckets, sum } = histogram.read();
        let filled: Vec<_> = buckets.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.001, 2), (0.0025, 1), (1.0, 1), (2.0, 1), (f64::INFINITY, 1)]);
        assert!((sum - 62.004).abs() < 1e-9, "{sum}");
    }

    #[test]
    fn the_bounds_rise() {
        assert!(BOUNDS.is_sorted() && BOUNDS.len() == 15);
    }
}
