//! What became of handshakes, in numbers: nobody logs them, for most that fail are scanners'.

use std::sync::atomic::{AtomicU64, Ordering};

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done from the beginning.
    Full,
    /// It went on from one before.
    Resumed,
    /// The two did not agree, or the client went away.
    Failed,
    /// The client took too long.
    TimedOut,
    /// The client began with something else than TLS.
    NotTls,
}

impl Outcome {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Full, Self::Resumed, Self::Failed, Self::TimedOut, Self::NotTls];

    /// Its name in figures.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Resumed => "resumed",
            Self::Failed => "failed",
            Self::TimedOut => "timeout",
            Self::NotTls => "not_tls",
        }
    }
}

/// How many there were of each, in the order of [`Outcome::ALL`].
pub type Handshakes = [(Outcome, u64); Outcome::ALL.len()];

#[derive(Debug, Default)]
pub(super) struct Counts([AtomicU64; Outcome::ALL.len()]);

impl Counts {
    pub(super) fn add(&self, outcome: Outcome) {
        if let Some(count) = self.0.get(outcome as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn so_far(&self) -> Handshakes {
        Outcome::ALL
            .map(|outcome| (outcome, self.0.get(outcome as usize).map_or(0, |count| count.load(Ordering::Relaxed))))
    }
}
