//! Profiles that have been found, for a while: bounded by their size, never anything but a "yes".
//!
//! A profile is given out unasked while it is fresh. Later it is asked for again, and the old one is given out only while nobody
//! can say better, so that a player keeps the skin through an outage.

use super::{
    answer::{Answer, Found},
    place::Wanted,
};
use bytes::Bytes;
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// In bytes, keys and bookkeeping included.
const LARGEST: u64 = 16 * 1024 * 1024;
/// What an entry takes besides its body, roughly.
const OVERHEAD: usize = 256;

/// Cheap to clone; clones are the same shelf.
#[derive(Clone)]
pub(super) struct Shelf {
    kept: Cache<Wanted, (Bytes, Instant)>,
    fresh: Duration,
    counts: Arc<Counts>,
}

/// How often a profile was known already.
#[derive(Debug, Default)]
pub struct Counts {
    hits: AtomicU64,
    stale: AtomicU64,
    misses: AtomicU64,
}

impl Counts {
    /// Given out unasked.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Known, but asked for again.
    #[must_use]
    pub fn stale(&self) -> u64 {
        self.stale.load(Ordering::Relaxed)
    }

    /// Not known.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }
}

/// A profile that was found before.
pub(super) struct Kept {
    pub(super) body: Bytes,
    /// It need not be asked for again.
    pub(super) fresh: bool,
}

impl Shelf {
    pub(super) fn new(fresh: Duration, stale: Duration) -> Self {
        let weight =
            |_: &Wanted, (body, _): &(Bytes, Instant)| u32::try_from(body.len() + OVERHEAD).unwrap_or(u32::MAX);
        let kept = Cache::builder().weigher(weight).max_capacity(LARGEST).time_to_live(stale).build();
        Self { kept, fresh, counts: Arc::default() }
    }

    pub(super) fn find(&self, wanted: &Wanted) -> Option<Kept> {
        let kept = self.kept.get(wanted).map(|(body, since)| Kept { body, fresh: since.elapsed() < self.fresh });
        let count = match &kept {
            Some(Kept { fresh: true, .. }) => &self.counts.hits,
            Some(_) => &self.counts.stale,
            None => &self.counts.misses,
        };
        count.fetch_add(1, Ordering::Relaxed);
        kept
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Keeps what is beyond doubt, forgets what nobody knows any more, and says what to answer if this was known before.
    pub(super) fn learn(&self, wanted: &Wanted, found: Found, old: Option<Bytes>) -> Answer {
        match (found, old) {
            (Found::Surely(body), _) => {
                // Its own bytes: those of the wire may be part of a larger buffer.
                self.kept.insert(wanted.clone(), (Bytes::copy_from_slice(&body), Instant::now()));
                Answer::Found(body)
            }
            (Found::Perhaps(_) | Found::Undecided, Some(old)) => Answer::Found(old),
            (Found::Unknown(words), _) => {
                self.kept.invalidate(wanted);
                Answer::Unknown(words)
            }
            (found, None) => found.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProfileId;

    fn notch() -> Wanted {
        Wanted::Profile { id: ProfileId::parse("069a79f444e94726a5befca90e38aaf5").unwrap(), unsigned: None }
    }

    fn shelf() -> Shelf {
        Shelf::new(Duration::from_secs(60), Duration::from_secs(600))
    }

    #[test]
    fn only_what_is_beyond_doubt_is_kept() {
        let (shelf, new) = (shelf(), Bytes::from_static(b"new"));
        for found in [Found::Perhaps(new.clone()), Found::Undecided, Found::Unknown(None)] {
            shelf.learn(&notch(), found, None);
            assert!(shelf.find(&notch()).is_none());
        }
        assert_eq!(shelf.learn(&notch(), Found::Surely(new.clone()), None), Answer::Found(new.clone()));
        assert!(shelf.find(&notch()).is_some_and(|kept| kept.fresh && kept.body == new));
        assert_eq!(shelf.learn(&notch(), Found::Unknown(None), Some(new)), Answer::Unknown(None));
        assert!(shelf.find(&notch()).is_none(), "a plain no ends it");
    }

    #[test]
    fn an_old_profile_gives_way_to_a_certain_one_only() {
        let (shelf, old, new) = (shelf(), Bytes::from_static(b"old"), Bytes::from_static(b"new"));
        let learn = |found| shelf.learn(&notch(), found, Some(old.clone()));
        assert_eq!(learn(Found::Perhaps(new.clone())), Answer::Found(old.clone()));
        assert_eq!(learn(Found::Undecided), Answer::Found(old.clone()));
        assert_eq!(learn(Found::Surely(new.clone())), Answer::Found(new));
    }

    #[test]
    fn the_shelf_is_bounded() {
        let shelf = shelf();
        let body = Bytes::from(vec![b' '; 64 * 1024]);
        for at in 0..1000u128 {
            let id = ProfileId::parse(&format!("{at:032x}")).unwrap();
            shelf.learn(&Wanted::Profile { id, unsigned: None }, Found::Surely(body.clone()), None);
        }
        shelf.kept.run_pending_tasks();
        assert!(shelf.kept.weighted_size() <= LARGEST);
        assert!(shelf.kept.entry_count() > 100);
    }
}
