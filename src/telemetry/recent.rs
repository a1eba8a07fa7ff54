//! The last five minutes of an upstream, in slots of ten seconds: what the graphs of the status page are drawn from.
//!
//! Pure and without a clock of its own. Decides how long it looks back and how exactly; what is asked of whom is decided by
//! whoever counts.

use std::time::Duration;
use tokio::time::Instant;

/// The length of a slot.
pub const SLOT: Duration = Duration::from_secs(10);
/// So many slots are remembered, the one that is being filled included.
pub const SLOTS: usize = 30;

/// Latencies are sorted into steps, four for each doubling, from [`FASTEST`] upwards.
const STEPS: usize = 4 * 16;
/// The logarithm of 256 µs: below that all latencies are one.
const FASTEST: u32 = 8;

/// What happened in one slot, or in several added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Questions that left, or would have but for a limit.
    pub asked: u32,
    /// "Yes".
    pub positive: u32,
    /// Neither "yes" nor "no".
    pub failed: u32,
    /// Logins that its "yes" decided.
    pub wins: u32,
    latencies: [u32; STEPS],
}

impl Slot {
    const EMPTY: Self = Self { asked: 0, positive: 0, failed: 0, wins: 0, latencies: [0; STEPS] };

    /// The time within which so large a share of the answers came, from 0 to 1; `None` where there were none. Off by a tenth.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<Duration> {
        let answers: u32 = self.latencies.iter().sum();
        let wanted = (f64::from(answers) * share.clamp(0.0, 1.0)).ceil().max(1.0);
        let mut seen = 0;
        let step = self.latencies.iter().position(|count| {
            seen += count;
            f64::from(seen) >= wanted
        })?;
        Some(middle(step))
    }

    fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.positive += other.positive;
        self.failed += other.failed;
        self.wins += other.wins;
        for (sum, count) in self.latencies.iter_mut().zip(other.latencies) {
            *sum += count;
        }
    }
}

/// Slots of the last five minutes.
#[derive(Debug)]
pub struct Recent {
    since: Instant,
    /// Slots since then, the newest one included.
    newest: u64,
    slots: Box<[Slot; SLOTS]>,
}

impl Recent {
    /// Nothing yet. No later call may name a time before `now`.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { since: now, newest: 0, slots: Box::new([Slot::EMPTY; SLOTS]) }
    }

    /// The slot of this moment, to count in.
    pub fn slot(&mut self, now: Instant) -> &mut Slot {
        self.advance(now);
        &mut self.slots[place(self.newest)]
    }

    /// Counts how long an answer took, beside the rest of its slot.
    pub fn took(&mut self, took: Duration, now: Instant) {
        self.slot(now).latencies[step(took)] += 1;
    }

    /// All of them, the oldest first; those before the start are empty.
    pub fn slots(&mut self, now: Instant) -> Vec<Slot> {
        self.advance(now);
        (1..=SLOTS as u64).map(|ahead| self.slots[place(self.newest + ahead)].clone()).collect()
    }

    /// All of them added up.
    pub fn sum(&mut self, now: Instant) -> Slot {
        let mut sum = Slot::EMPTY;
        for slot in self.slots(now) {
            sum.add(&slot);
        }
        sum
    }

    fn advance(&mut self, now: Instant) {
        let newest = (now.saturating_duration_since(self.since).as_secs() / SLOT.as_secs()).max(self.newest);
        let passed = (newest - self.newest).min(SLOTS as u64);
        for gone in 0..passed {
            self.slots[place(newest - gone)] = Slot::EMPTY;
        }
        self.newest = newest;
    }
}

fn place(slot: u64) -> usize {
    (slot % SLOTS as u64) as usize
}

/// The doubling, and within it the quarter.
fn step(took: Duration) -> usize {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1 << FASTEST);
    let doubling = micros.ilog2();
    let quarter = (micros >> (doubling - 2)) & 3;
    ((doubling - FASTEST) as usize * 4 + quarter as usize).min(STEPS - 1)
}

fn middle(step: usize) -> Duration {
    let doubling = FASTEST + (step / 4) as u32;
    let lower = (4 + step as u64 % 4) << (doubling - 2);
    Duration::from_micros(lower + (1 << (doubling - 3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slots_pass_and_are_forgotten() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        recent.slot(at(0)).asked += 1;
        recent.slot(at(9)).asked += 1;
        recent.slot(at(10)).asked += 1;
        let asked = |recent: &mut Recent, seconds| -> Vec<u32> {
            recent.slots(at(seconds)).iter().map(|slot| slot.asked).collect()
        };
        assert_eq!(asked(&mut recent, 10)[SLOTS - 2..], [2, 1]);
        assert_eq!(asked(&mut recent, 299)[..2], [2, 1]);
        assert_eq!(asked(&mut recent, 300)[..2], [1, 0]);
        assert_eq!(recent.sum(at(300)).asked, 1);
        assert_eq!(recent.sum(at(100_000)).asked, 0);
    }

    #[test]
    fn shares_of_latencies_are_right_to_a_tenth() {
        let now = Instant::now();
        let mut recent = Recent::new(now);
        assert_eq!(recent.sum(now).latency(0.5), None);
        for millis in 1..=100 {
            recent.took(Duration::from_millis(millis), now);
        }
        for (share, millis) in [(0.0, 1.0), (0.5, 50.0), (0.95, 95.0), (1.0, 100.0)] {
            let found = recent.sum(now).latency(share).unwrap().as_secs_f64() * 1_000.0;
            assert!((found / millis - 1.0).abs() <= 0.125, "{share}: {found} ms");
        }
    }

    proptest! {
        /// Whatever the time, it lies in a step whose middle is near.
        #[test]
        fn every_time_has_a_step(micros in 0u64..u64::MAX) {
            let found = middle(step(Duration::from_micros(micros))).as_micros() as f64;
            let near = (256..1 << 24).contains(&micros);
            prop_assert!(!near || (found / micros as f64 - 1.0).abs() <= 0.126, "{micros} µs is taken for {found} µs");
        }
    }
}
