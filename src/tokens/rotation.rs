//! What an operator does with keys: look at them, have them replaced, take one away.
//!
//! Decides that something is always left to sign with. When keys are replaced without an operator is decided by `keyring`.

use super::{
    Class, Keyring, KeyringError, Phase, SealError, Unusable, keyring::label, ring::Ring, seal, upkeep::shown,
};
use crate::{model::Timestamp, store::SigningKey};
use secrecy::ExposeSecret;

/// A key as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `kid`.
    pub id: String,
    /// What it signs, as it is stored.
    pub class: String,
    /// By what, as it is stored.
    pub algorithm: String,
    /// What it is used for now, or why it is not.
    pub phase: Result<Phase, Unusable>,
    /// When it began, or will begin, to sign.
    pub signs_from: Timestamp,
    /// When all it signed is over, of one that signs no more.
    pub over_at: Option<Timestamp>,
}

/// What [`Keyring::rotate`] is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Which tokens' keys; `None` for all.
    pub class: Option<Class>,
    /// Successors sign from now on, whether others have seen them or not.
    pub at_once: bool,
}

impl Rotation {
    fn is_of(self, class: Class) -> bool {
        self.class.is_none_or(|only| only == class)
    }
}

/// What [`Keyring::rotate`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys made, or made before, that take over, now or later.
    pub successors: Vec<Listed>,
    /// Keys that lay open in the store, and no longer do.
    pub sealed: Vec<String>,
    /// Classes that sign with the secret in the configuration: only another secret replaces it.
    pub given: Vec<Class>,
}

/// What [`Keyring::remove`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The key that signs in its place.
    pub replaced_by: Option<String>,
}

impl Keyring {
    /// All keys: those of one class together, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, now: Timestamp) -> Result<Vec<Listed>, KeyringError> {
        let faults = self.read(now).await?;
        let ring = self.ring();
        let fault = |id: &str| faults.iter().find(|(other, _)| other == id).map(|(_, fault)| *fault);
        let listed = |row: SigningKey| listed(&ring, fault(&row.kid), row, now);
        let mut list: Vec<_> = self.store().keys().await?.into_iter().map(listed).collect();
        list.sort_by(|a, b| (&a.class, a.signs_from, &a.id).cmp(&(&b.class, b.signs_from, &b.id)));
        Ok(list)
    }

    /// Makes a successor to every key that signs and has none, and seals what lies open though there is a key of keys.
    ///
    /// # Errors
    /// When the store fails, or no key can be made.
    pub async fn rotate(&self, wanted: Rotation, now: Timestamp) -> Result<Rotated, KeyringError> {
        let mut rotated = Rotated { sealed: self.seal_all(now).await?, ..Rotated::default() };
        let mut successors = Vec::new();
        for class in self.settings().classes().filter(|class| wanted.is_of(*class)) {
            if self.given(class).is_some() {
                rotated.given.push(class);
                continue;
            }
            successors.extend(self.succeed(class, wanted.at_once, now).await?);
        }
        self.record(now).await?;
        rotated.successors = self.list(now).await?;
        rotated.successors.retain(|key| successors.contains(&key.id));
        Ok(rotated)
    }

    /// The id of the key that takes over from the one that signs: one that is shown already, or a new one.
    async fn succeed(&self, class: Class, at_once: bool, now: Timestamp) -> Result<Option<String>, KeyringError> {
        let next = self.ring().next(class, now).map(|entry| entry.key.id().to_owned());
        match &next {
            Some(id) if at_once => self.hasten(class, id, now).await?,
            Some(_) => {}
            None if at_once => self.make(class, now, now).await?,
            None => {
                let from = now.plus(shown(self.settings().algorithm(class)));
                self.make(class, from, now).await?;
            }
        }
        Ok(next.or_else(|| self.ring().youngest(class).map(|entry| entry.key.id().to_owned())))
    }

    /// Lets a key that is shown sign from now on. It has signed nothing, so nothing is lost if only the first half of this happens.
    async fn hasten(&self, class: Class, id: &str, now: Timestamp) -> Result<(), KeyringError> {
        let from = self.after_active(class, now, now);
        for row in self.store().keys().await?.into_iter().filter(|row| row.kid == id) {
            self.store().delete_key(id).await?;
            self.store().put_key(&SigningKey { not_before: from, ..row }).await?;
        }
        self.read(now).await?;
        Ok(())
    }

    /// Deletes a key: all tokens it signed are void, here within 5 s. A new one takes over when it was the one that signs.
    ///
    /// # Errors
    /// When there is none of this id, when it is the secret in the configuration, or when the store fails.
    pub async fn remove(&self, id: &str, now: Timestamp) -> Result<Removed, KeyringError> {
        self.read(now).await?;
        if Class::ALL.into_iter().any(|class| self.given(class).is_some_and(|given| given.id() == id)) {
            return Err(KeyringError::Given(id.to_owned()));
        }
        let signed = Class::ALL.into_iter().find(|class| self.signing(*class, now).is_some_and(|active| active == id));
        if let Some(class) = signed {
            // First, so that there is no moment without one, nor one in which an older key signs again.
            self.make(class, now, now).await?;
        }
        if !self.store().delete_key(id).await? {
            return Err(KeyringError::NoSuch(id.to_owned()));
        }
        self.read(now).await?;
        self.record(now).await?;
        Ok(Removed { replaced_by: signed.and_then(|class| self.signing(class, now)) })
    }

    /// The id of the key that signs.
    fn signing(&self, class: Class, now: Timestamp) -> Option<String> {
        self.ring().active(class, now).map(|entry| entry.key.id().to_owned())
    }

    /// Seals what lies open.
    async fn seal_all(&self, now: Timestamp) -> Result<Vec<String>, KeyringError> {
        let mut sealed = Vec::new();
        for (id, fault) in self.read(now).await? {
            if fault != Unusable::Seal(SealError::NotSealed) {
                continue;
            }
            for row in self.store().keys().await?.into_iter().filter(|row| row.kid == id) {
                let label = label(&row)?;
                let private = seal::unwrapped(None, label, &row.wrapped_private).map_err(Unusable::from)?;
                let wrapped = self.wrapped(label, private.expose_secret())?;
                self.store().reseal_key(&id, &wrapped).await?;
                sealed.push(row.kid);
            }
        }
        self.read(now).await?;
        Ok(sealed)
    }
}

fn listed(ring: &Ring, fault: Option<Unusable>, row: SigningKey, now: Timestamp) -> Listed {
    let entry = ring.entries().find(|entry| entry.key.id() == row.kid);
    let phase = match (fault, entry) {
        (Some(fault), _) => Err(fault),
        (None, Some(entry)) => Ok(ring.phase(entry, now)),
        (None, None) => Err(Unusable::Unknown),
    };
    let over_at =
        entry.filter(|_| matches!(phase, Ok(Phase::Retired | Phase::Expired))).and_then(|it| ring.over_at(it));
    Listed { id: row.kid, class: row.class, algorithm: row.alg, phase, signs_from: row.not_before, over_at }
}
