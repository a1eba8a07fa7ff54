//! The keys of the store, as this process knows them.
//!
//! Decides when they are read again and which of them are believed. Which one signs at a moment is decided by `ring`, how they lie in
//! the store by `seal`, when one is made by `upkeep`.

use super::{
    Algorithm, Class, Kek, Key, KeyError, Lifetimes, SealError,
    ring::{Entry, Ring},
    seal::{self, Label},
    upkeep::Occasion,
};
use crate::{
    model::Timestamp,
    store::{SigningKey, Store, StoreError},
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
    /// How Feather's tokens are signed; `None` where there are none.
    pub feather: Option<FeatherKeys>,
    /// Whether there are tokens for services.
    pub services: bool,
    /// Seals private parts at rest.
    pub kek: Option<Kek>,
    /// How long tokens live.
    pub lifetimes: Lifetimes,
}

/// How Feather's tokens are signed.
#[derive(Clone)]
pub struct FeatherKeys {
    /// By what, from now on.
    pub algorithm: Algorithm,
    /// The secret of HS256, for those that Feather's services read.
    pub secret: Option<SecretSlice<u8>>,
}

impl KeySettings {
    /// The classes there are keys of.
    pub(super) fn classes(&self) -> impl Iterator<Item = Class> + use<> {
        let (feather, services) = (self.feather.is_some(), self.services);
        Class::ALL.into_iter().filter(move |class| match class {
            Class::Join | Class::Access => true,
            Class::Service => services,
            Class::FeatherSession | Class::FeatherFull => feather,
        })
    }

    /// How the tokens of a class are signed. What nobody else reads needs no other algorithm than the best, and who reads the tokens of
    /// a service cannot be told the secret of others.
    pub(super) fn algorithm(&self, class: Class) -> Algorithm {
        match class {
            Class::Join => Algorithm::Es256,
            Class::Access => self.algorithm,
            Class::Service if self.algorithm == Algorithm::Hs256 => Algorithm::Es256,
            Class::Service => self.algorithm,
            Class::FeatherSession | Class::FeatherFull => {
                self.feather.as_ref().map_or(Algorithm::Es256, |feather| feather.algorithm)
            }
        }
    }

    /// The secret that the operator gave for a class. A session token of Feather's is read here alone, so it has another one.
    pub(super) fn secret(&self, class: Class) -> Option<&SecretSlice<u8>> {
        match class {
            Class::Access => self.secret.as_ref(),
            Class::FeatherFull => self.feather.as_ref().and_then(|feather| feather.secret.as_ref()),
            Class::Join | Class::Service | Class::FeatherSession => None,
        }
    }
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
}

pub(super) fn label(row: &SigningKey) -> Result<Label<'_>, Unusable> {
    let class = Class::named(&row.class).ok_or(Unusable::Unknown)?;
    let algorithm = Algorithm::named(&row.alg).ok_or(Unusable::Unknown)?;
    Ok(Label { id: &row.kid, class, algorithm })
}

#[cfg(test)]
mod tests;
