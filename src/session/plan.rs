//! Who is asked when: everybody at once, or first the upstream that knew the player last.
//!
//! Decides order and delay. That the others are asked at once when the first says no or fails is seen to by `calls`.

use super::Entrant;
use crate::model::{PlayerName, UpstreamId};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::time::Duration;
use tokio::time::Instant;

/// More players than a network sees in a day; about 20 MB when full.
const MOST_NAMES: u64 = 200_000;

/// The others wait as long as the first mostly takes, but within these.
const DELAY: std::ops::RangeInclusive<Duration> = Duration::from_millis(150)..=Duration::from_millis(800);

/// Which upstream vouched for a name last.
#[derive(Debug)]
pub struct Affinity(Cache<Box<str>, UpstreamId>);

impl Default for Affinity {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST_NAMES).eviction_policy(EvictionPolicy::lru()).build())
    }
}

impl Affinity {
    /// Remembers who vouched for the name.
    pub(super) fn learn(&self, name: &PlayerName, upstream: &UpstreamId) {
        let name = name.folded();
        // Mostly it is the one of last time: reading is cheaper than writing.
        if self.0.get(&name).is_none_or(|known| known != *upstream) {
            self.0.insert(name, upstream.clone());
        }
    }

    pub(super) fn last(&self, name: &PlayerName) -> Option<UpstreamId> {
        self.0.get(&*name.folded())
    }
}

/// Who is asked when. The numbers are places of entrants.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Asked at once.
    pub(super) first: Vec<usize>,
    /// Asked after `delay`, or once `guess` has not said yes.
    pub(super) later: Vec<usize>,
    /// The one of `first` that is thought to know the player.
    pub(super) guess: Option<usize>,
    pub(super) delay: Duration,
}

impl Plan {
    /// Everybody at once.
    pub(super) fn all(entrants: &[Entrant]) -> Self {
        Self { first: (0..entrants.len()).collect(), later: Vec::new(), guess: None, delay: Duration::ZERO }
    }

    /// First the one that vouched last, if it may be asked now. When it is a less trusted one its "yes" will wait for all that are
    /// trusted more, so these are asked with it.
    pub(super) fn by_affinity(entrants: &[Entrant], last: Option<UpstreamId>, name: &PlayerName, now: Instant) -> Self {
        let knows = |entrant: &Entrant| Some(entrant.upstream.id()) == last.as_ref();
        let guess = entrants.iter().position(|entrant| knows(entrant) && entrant.upstream.admits(name, now));
        let Some(guess) = guess else { return Self::all(entrants) };
        let with_it = |place: &usize| *place == guess || (!entrants[guess].trusted && entrants[*place].trusted);
        let (first, later) = (0..entrants.len()).partition(with_it);
        let delay = entrants[guess].upstream.usual_pace().unwrap_or(Duration::ZERO);
        Self { first, later, guess: Some(guess), delay: delay.clamp(*DELAY.start(), *DELAY.end()) }
    }
}
