//! The keys over time: made at the first start, replaced by younger ones, removed.
//!
//! Decides when a key is made and from when it signs. Which one signs at a moment is decided by `ring`, how they lie in the store by
//! `seal`.

use super::{
    Algorithm, Class, Kek, Key, KeyError, Lifetimes, Phase, SealError,
    ring::{Entry, Ring},
    seal::{self, Label},
};
use crate::{
    model::Timestamp,
    store::{KeyState, SigningKey, Store, StoreError},
};
use arc_swap::ArcSwap;
use secrecy::SecretSlice;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, MutexGuard};

/// For how long a key is shown before it signs: who verifies asks for keys at least daily.
const SHOWN: Duration = Duration::from_secs(24 * 60 * 60);
/// For how long a key signs.
const SIGNS: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// The smallest step of time.
const TICK: Duration = Duration::from_millis(1);
/// How old what is known of the keys may get.
const FRESH: Duration = Duration::from_secs(5);
/// How soon an unknown key is looked for again.
const IMPATIENT: Duration = Duration::from_secs(1);

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key in the store cannot be used.
    #[error("the signing key {id} cannot be used: {fault}; `hasjoined keys remove {id}` ends all tokens it signed")]
    Unusable {
        /// Which.
        id: String,
        /// Why not.
        fault: Unusable,
    },
    /// A new one cannot be made.
    #[error("no signing key can be made: {0}")]
    NotMade(#[from] Unusable),
    /// There is none of this name.
    #[error("there is no signing key {0}")]
    NoSuch(String),
    /// It is the secret in the configuration.
    #[error("the signing key {0} is the secret of login.hs256_secret_file: put another one there instead")]
    Given(String),
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is not opened.
    #[error("{0}")]
    Seal(#[from] SealError),
    /// What was opened is none.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// A newer version of this program made it.
    #[error("it is of a class, or for an algorithm, that this version knows nothing of")]
    Unknown,
    /// Its private part is another key's.
    #[error("it is not the key it is called")]
    Misnamed,
}

/// How keys are made and kept.
#[derive(Clone)]
pub struct KeySettings {
    /// By what access tokens are signed from now on.
    pub algorithm: Algorithm,
    /// The secret of HS256, for access tokens.
    pub secret: Option<SecretSlice<u8>>,
    /// Seals private parts at rest.
    pub kek: Option<Kek>,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
}

/// The keys, shared: clones are the same.
#[derive(Clone)]
pub struct Keyring(Arc<Inner>);

struct Inner {
    store: Store,
    settings: KeySettings,
    ring: ArcSwap<Ring>,
    /// When they were read, in milliseconds.
    read_at: AtomicI64,
    /// One reads at a time: nobody puts back what another has just seen removed.
    reading: Mutex<()>,
}

/// When keys are made that were not there before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// The program starts: what is configured now holds.
    Start,
    /// It has been running. Another replica may be configured otherwise for a while: they would outdo each other without end.
    Running,
}

impl Keyring {
    /// Reads the keys, and makes those that are missing.
    ///
    /// # Errors
    /// When the store fails, or one of the keys in it cannot be used.
    pub async fn open(store: Store, settings: KeySettings, now: Timestamp) -> Result<Self, KeyringError> {
        let keyring = Self::of(store, settings);
        let faults = keyring.read(now).await?;
        if let Some((id, fault)) = faults.into_iter().next() {
            return Err(KeyringError::Unusable { id, fault });
        }
        keyring.replenish(Occasion::Start, now).await?;
        Ok(keyring)
    }

    /// Those of the store, whatever state they are in: for operators. Nothing is read or made before it is asked for.
    #[must_use]
    pub fn of(store: Store, settings: KeySettings) -> Self {
        let ring = ArcSwap::from_pointee(Ring::new(Vec::new(), settings.lifetimes));
        Self(Arc::new(Inner { store, settings, ring, read_at: AtomicI64::new(i64::MIN), reading: Mutex::default() }))
    }

    /// Reads the keys again when what is known of them is old, and makes successors of those whose time is coming.
    ///
    /// # Errors
    /// When the store fails; what was known stays.
    pub async fn refresh(&self, now: Timestamp) -> Result<(), KeyringError> {
        if !self.is_older(FRESH, now) {
            return Ok(());
        }
        for (id, fault) in self.read(now).await? {
            tracing::error!(key = id, %fault, "a signing key is left out");
        }
        self.replenish(Occasion::Running, now).await
    }

    /// Reads the keys again because a token names an unknown one: another replica may have made it just now.
    pub(super) async fn look_for_more(&self, now: Timestamp) -> Result<(), KeyringError> {
        let reading = self.0.reading.lock().await;
        // Whoever waited has what the one before has read.
        if self.is_older(IMPATIENT, now) {
            self.read_alone(&reading, now).await?;
        }
        Ok(())
    }

    pub(super) fn ring(&self) -> Arc<Ring> {
        self.0.ring.load_full()
    }

    pub(super) fn settings(&self) -> &KeySettings {
        &self.0.settings
    }

    pub(super) fn store(&self) -> &Store {
        &self.0.store
    }

    fn is_older(&self, age: Duration, now: Timestamp) -> bool {
        let read_at = Timestamp::from_millis(self.0.read_at.load(Ordering::Relaxed));
        now < read_at || now.since(read_at) >= age
    }

    /// Reads all keys; those that cannot be used are left out and returned.
    pub(super) async fn read(&self, now: Timestamp) -> Result<Vec<(String, Unusable)>, KeyringError> {
        self.read_alone(&self.0.reading.lock().await, now).await
    }

    async fn read_alone(
        &self,
        _alone: &MutexGuard<'_, ()>,
        now: Timestamp,
    ) -> Result<Vec<(String, Unusable)>, KeyringError> {
        let before = self.ring();
        let mut faults = Vec::new();
        let mut entries = Vec::new();
        for row in self.0.store.keys().await? {
            match self.opened(&row, &before) {
                Ok(key) => {
                    let (signs_from, kept_until, recorded) = (row.not_before, row.retire_at, row.state);
                    entries.push(Entry { key, signs_from, kept_until, recorded });
                }
                Err(fault) => faults.push((row.kid, fault)),
            }
        }
        self.0.ring.store(Arc::new(Ring::new(entries, self.0.settings.lifetimes)));
        self.0.read_at.store(now.millis(), Ordering::Relaxed);
        Ok(faults)
    }

    /// The key of a row. Nothing but its private part is believed, and that only for the class, algorithm and name it was sealed for.
    fn opened(&self, row: &SigningKey, before: &Ring) -> Result<Arc<Key>, Unusable> {
        let label = label(row)?;
        let is_known =
            |key: &&Arc<Key>| (key.id(), key.class(), key.algorithm()) == (label.id, label.class, label.algorithm);
        if let Some(known) = before.entries().map(|entry| &entry.key).find(is_known) {
            return Ok(Arc::clone(known));
        }
        let private = seal::unwrapped(self.0.settings.kek.as_ref(), label, &row.wrapped_private)?;
        let key = Key::of(label.class, label.algorithm, private)?;
        if key.id() == row.kid { Ok(Arc::new(key)) } else { Err(Unusable::Misnamed) }
    }

    pub(super) fn wrapped(&self, label: Label<'_>, private: &[u8]) -> Result<Vec<u8>, Unusable> {
        Ok(seal::wrapped(self.0.settings.kek.as_ref(), label, private)?)
    }

    /// Makes every key that is due, and lets go of those whose tokens are over.
    async fn replenish(&self, occasion: Occasion, now: Timestamp) -> Result<(), KeyringError> {
        for class in Class::ALL {
            if let Some(from) = self.due(class, occasion, now) {
                self.make(class, from, now).await?;
            }
        }
        self.record(now).await
    }

    /// Writes down what has changed by itself: which key signs, until when one is kept that no longer does, and which is over.
    pub(super) async fn record(&self, now: Timestamp) -> Result<(), KeyringError> {
        let ring = self.ring();
        let store = &self.0.store;
        for entry in ring.entries() {
            let id = entry.key.id();
            match ring.phase(entry, now) {
                // One that is recorded as active retires when its successor is.
                Phase::Retired if entry.recorded == KeyState::Pending => {
                    store.set_key_state(id, KeyState::Retired, ring.over_at(entry)).await?;
                }
                Phase::Active if entry.recorded == KeyState::Pending => {
                    let before = ring.recorded_active(entry.key.class());
                    let over = before.and_then(|before| ring.over_at(before)).unwrap_or(now);
                    store.activate_key(id, over).await?;
                }
                Phase::Expired => {
                    tracing::info!(key = id, "a signing key is deleted: all that it signed is over");
                    store.delete_key(id).await?;
                }
                Phase::Pending | Phase::Active | Phase::Retired => {}
            }
        }
        Ok(())
    }

    /// From when a new key of the class has to sign, if one has to be made.
    fn due(&self, class: Class, occasion: Occasion, now: Timestamp) -> Option<Timestamp> {
        let ring = self.ring();
        let algorithm = class.algorithm(self.0.settings.algorithm);
        let Some(youngest) = ring.youngest(class) else { return Some(now) };
        if let Some(given) = self.given(class) {
            return (occasion == Occasion::Start && given.id() != youngest.key.id()).then_some(now);
        }
        if occasion == Occasion::Start && youngest.key.algorithm() != algorithm {
            return Some(now.plus(shown(algorithm)));
        }
        let ends = youngest.signs_from.plus(SIGNS);
        (now.plus(SHOWN) >= ends).then(|| ends.max(now.plus(shown(algorithm))))
    }

    /// Makes a key that signs from then on, or lets the one that was given.
    pub(super) async fn make(&self, class: Class, from: Timestamp, now: Timestamp) -> Result<(), KeyringError> {
        let ring = self.ring();
        let key = match self.given(class) {
            Some(given) => {
                // What was to sign later would take over from it, and it may itself be here from before.
                let later = ring.entries().filter(|entry| entry.key.class() == class && entry.signs_from > now);
                for entry in later {
                    self.0.store.delete_key(entry.key.id()).await?;
                }
                self.0.store.delete_key(given.id()).await?;
                given
            }
            None => Key::generate(class, class.algorithm(self.0.settings.algorithm)).map_err(Unusable::from)?,
        };
        let from = self.after_active(class, from, now);
        let label = Label { id: key.id(), class, algorithm: key.algorithm() };
        let is_first = ring.youngest(class).is_none();
        let row = SigningKey {
            kid: key.id().to_owned(),
            class: class.name().to_owned(),
            alg: key.algorithm().name().to_owned(),
            state: if is_first { KeyState::Active } else { KeyState::Pending },
            wrapped_private: self.wrapped(label, key.private())?,
            public_jwk: key.public().and_then(|jwk| serde_json::to_string(jwk).ok()).unwrap_or_default(),
            not_before: from,
            retire_at: None,
        };
        if self.0.store.put_key(&row).await? {
            tracing::info!(key = row.kid, class = row.class, algorithm = row.alg, "a signing key is made");
        }
        // Another replica may have been faster: then its key is read.
        self.read(now).await?;
        Ok(())
    }

    /// From then on, but after the one that signs: of two that began at the same time, it would be left to their names.
    pub(super) fn after_active(&self, class: Class, from: Timestamp, now: Timestamp) -> Timestamp {
        self.ring().active(class, now).map_or(from, |active| from.max(active.signs_from.plus(TICK)))
    }

    /// The key that the operator gave: the secret of HS256.
    pub(super) fn given(&self, class: Class) -> Option<Key> {
        let algorithm = class.algorithm(self.0.settings.algorithm);
        let secret = self.0.settings.secret.as_ref().filter(|_| algorithm == Algorithm::Hs256)?;
        Key::of(class, algorithm, secret.clone()).ok()
    }
}

/// For how long a new key is shown before it signs. Nobody fetches a secret.
pub(super) fn shown(algorithm: Algorithm) -> Duration {
    if algorithm == Algorithm::Hs256 { Duration::ZERO } else { SHOWN }
}

pub(super) fn label(row: &SigningKey) -> Result<Label<'_>, Unusable> {
    let class = Class::named(&row.class).ok_or(Unusable::Unknown)?;
    let algorithm = Algorithm::named(&row.alg).ok_or(Unusable::Unknown)?;
    Ok(Label { id: &row.kid, class, algorithm })
}

#[cfg(test)]
mod tests;
