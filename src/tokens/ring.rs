//! The keys at one moment.
//!
//! Decides which key signs and which still verify, from the times they carry: nothing has to happen for a key to take over from
//! another, so all replicas do it at once. How keys come and go is decided by `keyring`.

use super::{Algorithm, Class, Key};
use crate::{model::Timestamp, store::KeyState};
use jsonwebtoken::jwk::Jwk;
use std::{fmt, sync::Arc, time::Duration};

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Others are shown it, so that they know it once it signs.
    Pending,
    /// It signs.
    Active,
    /// It verifies what it once signed.
    Retired,
    /// All that it signed is over.
    Expired,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Expired => "expired",
        })
    }
}

/// How long tokens live that are issued from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of join tokens.
    pub join: Duration,
    /// Of access tokens, a service's too.
    pub access: Duration,
    /// Of Feather's.
    pub feather: Duration,
}

/// How much longer than its last token a key is kept: clocks differ.
const MARGIN: Duration = Duration::from_secs(60 * 60);

impl Lifetimes {
    pub(super) fn of(self, class: Class) -> Duration {
        match class {
            Class::Join => self.join,
            Class::Access | Class::Service => self.access,
            Class::FeatherSession | Class::FeatherFull => self.feather,
        }
    }

    /// How long a key is kept after it signed last.
    pub(super) fn of_key(self, class: Class) -> Duration {
        self.of(class).saturating_add(MARGIN)
    }
}

/// A key and its time.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Arc<Key>,
    /// It signs from then on, until a younger one does.
    pub(super) signs_from: Timestamp,
    /// Tokens it signed are over by then, if that was noted: they may have lived longer than those of today.
    pub(super) kept_until: Option<Timestamp>,
    /// What the store says it is used for. It may lag behind.
    pub(super) recorded: KeyState,
}

/// All keys.
#[derive(Debug)]
pub(super) struct Ring {
    /// The oldest first.
    entries: Vec<Entry>,
    lifetimes: Lifetimes,
}

impl Ring {
    pub(super) fn new(mut entries: Vec<Entry>, lifetimes: Lifetimes) -> Self {
        entries.sort_by(|a, b| (a.signs_from, a.key.id()).cmp(&(b.signs_from, b.key.id())));
        Self { entries, lifetimes }
    }

    /// The key of this id, unless its time is over. One that is yet to sign may already do so where the clock is ahead.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<&Key> {
        let entry = self.entries.iter().find(|entry| entry.key.id() == id)?;
        (self.phase(entry, now) != Phase::Expired).then_some(&*entry.key)
    }

    /// The key that signs.
    pub(super) fn active(&self, class: Class, now: Timestamp) -> Option<&Entry> {
        self.of(class).rev().find(|entry| entry.signs_from <= now)
    }

    /// The key that takes over from the one that signs, if there is one yet.
    pub(super) fn next(&self, class: Class, now: Timestamp) -> Option<&Entry> {
        self.of(class).find(|entry| entry.signs_from > now)
    }

    /// The youngest key: it signs, or will.
    pub(super) fn youngest(&self, class: Class) -> Option<&Entry> {
        self.of(class).next_back()
    }

    /// The secret that signs, if it is one: tokens of the older form do not name it.
    pub(super) fn shared_secret(&self, class: Class, now: Timestamp) -> Option<&Key> {
        self.active(class, now).map(|entry| &*entry.key).filter(|key| key.algorithm() == Algorithm::Hs256)
    }

    /// The key that signs as far as the store knows.
    pub(super) fn recorded_active(&self, class: Class) -> Option<&Entry> {
        self.of(class).find(|entry| entry.recorded == KeyState::Active)
    }

    pub(super) fn phase(&self, entry: &Entry, now: Timestamp) -> Phase {
        if entry.signs_from > now {
            return Phase::Pending;
        }
        let Some(next) = self.successor(entry).filter(|next| next.signs_from <= now) else { return Phase::Active };
        if self.over(entry, next) > now { Phase::Retired } else { Phase::Expired }
    }

    /// When all that it signed is over, if there is a key that takes over from it.
    pub(super) fn over_at(&self, entry: &Entry) -> Option<Timestamp> {
        self.successor(entry).map(|next| self.over(entry, next))
    }

    fn over(&self, entry: &Entry, next: &Entry) -> Timestamp {
        let over = next.signs_from.plus(self.lifetimes.of_key(entry.key.class()));
        entry.kept_until.unwrap_or_default().max(over)
    }

    fn successor(&self, entry: &Entry) -> Option<&Entry> {
        self.of(entry.key.class()).skip_while(|other| other.key.id() != entry.key.id()).nth(1)
    }

    /// All keys, the oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The public keys that others verify with.
    pub(super) fn published(&self, now: Timestamp) -> Vec<&Jwk> {
        let published = self
            .entries
            .iter()
            .filter(|entry| entry.key.class().is_published() && self.phase(entry, now) != Phase::Expired);
        published.filter_map(|entry| entry.key.public()).collect()
    }

    fn of(&self, class: Class) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.key.class() == class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);
    const LIFETIMES: Lifetimes = Lifetimes {
        join: Duration::from_secs(60),
        access: Duration::from_secs(10 * 60 * 60),
        feather: Duration::from_secs(64 * 3_600),
    };

    fn hour(number: i64) -> Timestamp {
        Timestamp::from_seconds(number * 3600)
    }

    fn entry(class: Class, from: i64) -> Entry {
        let key = Arc::new(Key::generate(class, Algorithm::Es256).unwrap());
        Entry { key, signs_from: hour(from), kept_until: None, recorded: KeyState::Active }
    }

    fn phases(ring: &Ring, now: Timestamp) -> Vec<Phase> {
        ring.entries().map(|entry| ring.phase(entry, now)).collect()
    }

    #[test]
    fn a_key_takes_over_at_its_time_and_the_one_before_verifies_until_its_tokens_are_over() {
        let ring = Ring::new(vec![entry(Class::Access, 24), entry(Class::Access, 0)], LIFETIMES);
        let (old, new) = (ring.entries[0].key.id(), ring.entries[1].key.id());
        let active = |now| ring.active(Class::Access, now).map(|entry| entry.key.id());
        assert_eq!(phases(&ring, hour(23)), [Phase::Active, Phase::Pending]);
        assert_eq!(active(hour(23)), Some(old));
        assert_eq!(phases(&ring, hour(24)), [Phase::Retired, Phase::Active]);
        assert_eq!(active(hour(24)), Some(new));
        // Ten hours of its last token and one more.
        let last = hour(35).minus(Duration::from_millis(1));
        assert_eq!(phases(&ring, last), [Phase::Retired, Phase::Active]);
        assert!(ring.find(old, last).is_some() && ring.published(last).len() == 2);
        assert_eq!(phases(&ring, hour(35)), [Phase::Expired, Phase::Active]);
        assert!(ring.find(old, hour(35)).is_none() && ring.published(hour(35)).len() == 1);
        assert!(ring.find(new, hour(0)).is_some(), "where the clock is behind");
    }

    #[test]
    fn tokens_that_lived_longer_than_those_of_today_are_waited_for() {
        let old = Entry { kept_until: Some(hour(90)), ..entry(Class::Access, 0) };
        let ring = Ring::new(vec![old, entry(Class::Access, 24)], LIFETIMES);
        assert_eq!(phases(&ring, hour(90).minus(HOUR)), [Phase::Retired, Phase::Active]);
        assert_eq!(phases(&ring, hour(90)), [Phase::Expired, Phase::Active]);
    }

    #[test]
    fn a_key_of_another_class_takes_nothing_over_and_join_keys_are_not_shown() {
        let ring = Ring::new(vec![entry(Class::Access, 0), entry(Class::Join, 1)], LIFETIMES);
        assert_eq!(phases(&ring, hour(2)), [Phase::Active, Phase::Active]);
        assert_eq!(ring.published(hour(2)).len(), 1);
        assert!(ring.active(Class::Join, hour(0)).is_none());
        assert!(ring.shared_secret(Class::Access, hour(2)).is_none());
    }
}
