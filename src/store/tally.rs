//! How many challenges wait, without counting them at every join.

use crate::model::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What other processes added, and what expired, is seen after so long.
const STALE: Duration = Duration::from_secs(5);
/// While there is no room, it is looked for more often.
const STALE_WHEN_FULL: Duration = Duration::from_secs(1);

/// An upper bound of a count: exact whenever the database is asked, and raised by each addition in between. So one process never
/// goes beyond its cap, and falls short of it by what it adds during a count at most; several overshoot it by what the others add
/// within five seconds.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Bound>);

#[derive(Debug, Default)]
struct Bound {
    /// `None` until it was counted once.
    at_most: Option<u64>,
    /// Which count the bound stands on.
    epoch: u64,
    /// Additions since that count began: it may or may not have seen them.
    since: u64,
    counted_at: Timestamp,
}

/// Whether one more may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Yes, and it is reckoned with.
    Yes,
    /// No.
    No,
    /// The caller is to count, and to bring what it found to [`Tally::counted`].
    Count(Epoch),
}

/// A count that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

impl Tally {
    /// Asks for room for one more among `most`.
    pub(super) fn take(&self, most: u64, now: Timestamp) -> Room {
        let mut bound = self.bound();
        let Some(at_most) = bound.at_most else { return Room::Count(Epoch(bound.epoch)) };
        let age = now.since(bound.counted_at);
        if age >= STALE || (at_most >= most && age >= STALE_WHEN_FULL) {
            // Those who come while this caller counts go on with the old bound.
            bound.epoch += 1;
            bound.since = 0;
            bound.counted_at = now;
            return Room::Count(Epoch(bound.epoch));
        }
        bound.add(most)
    }

    /// What the caller of [`take`](Self::take) has counted. Answers its question.
    pub(super) fn counted(&self, epoch: Epoch, count: u64, most: u64, now: Timestamp) -> bool {
        let mut bound = self.bound();
        if bound.epoch == epoch.0 {
            bound.at_most = Some(count.saturating_add(bound.since));
            bound.counted_at = bound.counted_at.max(now);
        }
        bound.add(most) == Room::Yes
    }

    fn bound(&self) -> MutexGuard<'_, Bound> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bound {
    fn add(&mut self, most: u64) -> Room {
        match self.at_most {
            Some(at_most) if at_most < most => {
                self.at_most = Some(at_most + 1);
                self.since += 1;
                Room::Yes
            }
            _ => Room::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn epoch(room: Room) -> Epoch {
        let Room::Count(epoch) = room else { panic!("{room:?}") };
        epoch
    }

    #[test]
    fn counts_once_and_then_reckons() {
        let tally = Tally::default();
        let first = epoch(tally.take(3, at(0)));
        assert!(tally.counted(first, 1, 3, at(0)));
        assert_eq!(tally.take(3, at(1)), Room::Yes);
        assert_eq!(tally.take(3, at(2)), Room::No);
        assert_eq!(tally.take(3, at(999)), Room::No);
        let again = epoch(tally.take(3, at(1000)));
        assert_eq!(tally.take(3, at(1001)), Room::No, "one counts, the others go on with what is known");
        assert!(tally.counted(again, 2, 3, at(1002)));
        assert!(matches!(tally.take(100, at(5999)), Room::Yes));
        epoch(tally.take(100, at(6002)));
    }

    #[test]
    fn what_is_added_during_a_count_is_not_forgotten() {
        let tally = Tally::default();
        let (one, other) = (epoch(tally.take(2, at(0))), epoch(tally.take(2, at(0))));
        assert!(tally.counted(one, 0, 2, at(0)));
        assert!(tally.counted(other, 0, 2, at(0)), "its count may have missed the first");
        assert_eq!(tally.take(2, at(1)), Room::No);
    }

    #[test]
    fn a_count_that_came_late_changes_nothing() {
        let tally = Tally::default();
        let first = epoch(tally.take(2, at(0)));
        assert!(tally.counted(first, 1, 2, at(0)));
        let slow = epoch(tally.take(2, at(1000)));
        let fast = epoch(tally.take(2, at(2000)));
        assert!(!tally.counted(fast, 2, 2, at(2000)));
        assert!(!tally.counted(slow, 0, 2, at(2001)));
    }
}
