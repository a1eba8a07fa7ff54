//! How long an upstream mostly takes: learnt from its last answers.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Enough for the slowest twentieth to be three, and few enough to follow a change within a minute.
const SAMPLES: usize = 64;

/// The times of the last answers.
#[derive(Debug)]
pub(super) struct Pace(Mutex<Ring>);

#[derive(Debug)]
struct Ring {
    /// In microseconds.
    times: [u32; SAMPLES],
    taken: usize,
}

impl Pace {
    pub(super) fn unknown() -> Self {
        Self(Mutex::new(Ring { times: [0; SAMPLES], taken: 0 }))
    }

    /// Takes note of an answer.
    pub(super) fn note(&self, took: Duration) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = ring.taken % SAMPLES;
        ring.times[at] = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        ring.taken += 1;
    }

    /// What 19 of 20 answers stay within; `None` before the first.
    pub(super) fn usual(&self) -> Option<Duration> {
        let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut times, known) = (ring.times, ring.taken.min(SAMPLES));
        drop(ring);
        if known == 0 {
            return None;
        }
        let (_, usual, _) = times[..known].select_nth_unstable((known * 19).div_ceil(20) - 1);
        Some(Duration::from_micros((*usual).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nineteen_of_twenty_stay_within_it() {
        let pace = Pace::unknown();
        assert_eq!(pace.usual(), None);
        pace.note(Duration::from_millis(7));
        assert_eq!(pace.usual(), Some(Duration::from_millis(7)));
        let pace = Pace::unknown();
        for ms in 1..=20 {
            pace.note(Duration::from_millis(ms));
        }
        assert_eq!(pace.usual(), Some(Duration::from_millis(19)));
    }

    #[test]
    fn it_follows_a_change() {
        let pace = Pace::unknown();
        for ms in std::iter::repeat_n(900, 500).chain(std::iter::repeat_n(5, SAMPLES)) {
            pace.note(Duration::from_millis(ms));
        }
        assert_eq!(pace.usual(), Some(Duration::from_millis(5)));
    }
}
