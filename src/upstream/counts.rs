//! What an upstream has said so far, and how fast: plain counts, kept where the verdicts are made so that each is counted once,
//! whenever it comes and whether or not anybody still waits for it.
//!
//! Decides which failures are told apart. What the counts are called outside is decided by `admin`.

use super::{Failure, Verdict};
use crate::{
    net,
    telemetry::{Distribution, Histogram, Recent, Slot},
};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tokio::time::Instant;

/// A verdict as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are their labels")]
pub enum Said {
    Positive,
    Negative,
    Barred,
    Timeout,
    Refused,
    Reset,
    Status,
    Malformed,
    Open,
    OverBudget,
    Saturated,
    NotAsked,
    Other,
}

impl Said {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 13] = [
        Self::Positive,
        Self::Negative,
        Self::Barred,
        Self::Timeout,
        Self::Refused,
        Self::Reset,
        Self::Status,
        Self::Malformed,
        Self::Open,
        Self::OverBudget,
        Self::Saturated,
        Self::NotAsked,
        Self::Other,
    ];

    /// As it stands in metrics and logs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::Barred => "barred",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Status => "status",
            Self::Malformed => "malformed",
            Self::Open => "open",
            Self::OverBudget => "over_budget",
            Self::Saturated => "saturated",
            Self::NotAsked => "not_asked",
            Self::Other => "other",
        }
    }

    /// The question was on its way, or waited for a connection: not so where this proxy itself held it back.
    #[must_use]
    pub const fn was_asked(self) -> bool {
        !matches!(self, Self::Open | Self::OverBudget | Self::NotAsked)
    }

    /// How long it took says something of the upstream.
    const fn tells_latency(self) -> bool {
        matches!(
            self,
            Self::Positive
                | Self::Negative
                | Self::Barred
                | Self::Timeout
                | Self::Reset
                | Self::Status
                | Self::Malformed
        )
    }
}

impl From<Failure> for Said {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Net(net::Failure::Timeout) => Self::Timeout,
            Failure::Net(net::Failure::Refused) => Self::Refused,
            Failure::Net(net::Failure::Reset) => Self::Reset,
            Failure::Net(net::Failure::Saturated) => Self::Saturated,
            Failure::Net(net::Failure::NotAsked) => Self::NotAsked,
            Failure::Net(net::Failure::TooLarge | net::Failure::RequestTooLarge | net::Failure::Encoding) => {
                Self::Other
            }
            Failure::Status(_) => Self::Status,
            Failure::Malformed(_) => Self::Malformed,
            Failure::Open => Self::Open,
            Failure::OverBudget => Self::OverBudget,
            Failure::Unaskable => Self::Other,
        }
    }
}

impl From<&Verdict> for Said {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Joined(_) => Self::Positive,
            Verdict::NotJoined => Self::Negative,
            Verdict::Barred(_) => Self::Barred,
            Verdict::Failed(failure) => (*failure).into(),
        }
    }
}

/// The counts of one upstream.
#[derive(Debug)]
pub struct Counts {
    said: [AtomicU64; Said::ALL.len()],
    wins: AtomicU64,
    in_flight: AtomicU64,
    latency: Histogram,
    lately: Mutex<Lately>,
}

/// What is not only counted.
#[derive(Debug)]
struct Lately {
    recent: Recent,
    last_failure: Option<(Failure, Instant)>,
}

/// A question on its way, until dropped.
pub(super) struct InFlight<'a>(&'a AtomicU64);

impl Counts {
    /// Nothing yet. No later call may name a time before `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            said: Default::default(),
            wins: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            latency: Histogram::default(),
            lately: Mutex::new(Lately { recent: Recent::new(now), last_failure: None }),
        }
    }

    pub(super) fn leave(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// Takes note of a verdict on what was asked at `asked`.
    pub(super) fn hear(&self, verdict: &Verdict, asked: Instant, now: Instant) {
        let said = Said::from(verdict);
        self.said[said as usize].fetch_add(1, Ordering::Relaxed);
        if !said.was_asked() {
            return;
        }
        let took = now.saturating_duration_since(asked);
        let mut lately = self.lately();
        let slot = lately.recent.slot(now);
        slot.asked += 1;
        slot.positive += u32::from(said == Said::Positive);
        if let Verdict::Failed(failure) = verdict {
            slot.failed += 1;
            lately.last_failure = Some((*failure, now));
        }
        if said.tells_latency() {
            lately.recent.took(took, now);
            self.latency.observe(took);
        }
    }

    /// Its "yes" has decided a login.
    pub fn won(&self, now: Instant) {
        self.wins.fetch_add(1, Ordering::Relaxed);
        self.lately().recent.slot(now).wins += 1;
    }

    /// How often it has said this.
    #[must_use]
    pub fn said(&self, said: Said) -> u64 {
        self.said[said as usize].load(Ordering::Relaxed)
    }

    /// Logins that its "yes" decided.
    #[must_use]
    pub fn wins(&self) -> u64 {
        self.wins.load(Ordering::Relaxed)
    }

    /// Questions that wait for an answer, or for a connection.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// How long its answers took.
    #[must_use]
    pub fn latency(&self) -> Distribution {
        self.latency.read()
    }

    /// The last five minutes slot by slot, the oldest first, and added up.
    #[must_use]
    pub fn recently(&self, now: Instant) -> (Vec<Slot>, Slot) {
        let mut lately = self.lately();
        (lately.recent.slots(now), lately.recent.sum(now))
    }

    /// The last time it was asked and said neither "yes" nor "no", and when that was.
    #[must_use]
    pub fn last_failure(&self) -> Option<(Failure, Instant)> {
        self.lately().last_failure
    }

    fn lately(&self) -> MutexGuard<'_, Lately> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, time::Duration};

    fn failed(failure: net::Failure) -> Verdict {
        Verdict::Failed(Failure::Net(failure))
    }

    #[test]
    fn labels_are_unique_and_in_order() {
        for (at, said) in Said::ALL.into_iter().enumerate() {
            assert_eq!(said as usize, at);
        }
        let labels: BTreeSet<_> = Said::ALL.map(Said::label).into();
        assert_eq!(labels.len(), Said::ALL.len());
    }

    #[test]
    fn each_is_counted_once_under_its_own_label() {
        let now = Instant::now();
        for (verdict, said) in [
            (Verdict::NotJoined, Said::Negative),
            (failed(net::Failure::Timeout), Said::Timeout),
            (failed(net::Failure::TooLarge), Said::Other),
            (Verdict::Failed(Failure::Status(503)), Said::Status),
            (Verdict::Failed(Failure::OverBudget), Said::OverBudget),
        ] {
            let counts = Counts::new(now);
            counts.hear(&verdict, now, now);
            for other in Said::ALL {
                assert_eq!(counts.said(other), u64::from(other == said), "{other:?} of {said:?}");
            }
        }
    }

    #[test]
    fn what_was_held_back_is_no_failure_of_the_upstream() {
        let now = Instant::now();
        let counts = Counts::new(now);
        for failure in [Failure::Open, Failure::OverBudget, Failure::Net(net::Failure::NotAsked)] {
            counts.hear(&Verdict::Failed(failure), now, now);
        }
        assert_eq!(counts.last_failure(), None);
        counts.hear(&failed(net::Failure::Saturated), now, now);
        counts.hear(&Verdict::NotJoined, now, now + Duration::from_micros(10));
        let (_, sum) = counts.recently(now);
        assert_eq!((sum.asked, sum.positive, sum.failed), (2, 0, 1));
        assert_eq!(counts.latency().buckets[0].1, 1, "a full pool says nothing of how fast it answers");
        assert_eq!(counts.last_failure(), Some((Failure::Net(net::Failure::Saturated), now)));
    }

    #[test]
    fn a_place_in_flight_is_given_back() {
        let counts = Counts::new(Instant::now());
        let place = counts.leave();
        assert_eq!(counts.in_flight(), 1);
        drop(place);
        assert_eq!(counts.in_flight(), 0);
    }
}
