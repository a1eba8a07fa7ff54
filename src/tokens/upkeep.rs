//! The keys over time: made at the first start, replaced by younger ones, let go.
//!
//! Decides when a key is made and from when it signs. Which one signs at a moment is decided by `ring`, what an operator may do to it
//! by `rotation`.

use super::{Algorithm, Class, Key, Keyring, KeyringError, Phase, Unusable, seal::Label};
use crate::{
    model::Timestamp,
    store::{KeyState, SigningKey},
};
use std::time::Duration;

/// For how long a key is shown before it signs: who verifies asks for keys at least daily.
const SHOWN: Duration = Duration::from_secs(24 * 60 * 60);
/// For how long a key signs.
const SIGNS: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// The smallest step of time.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// When keys are made that were not there before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The program starts: what is configured now holds.
    Start,
    /// It has been running. Another replica may be configured otherwise for a while: they would outdo each other without end.
    Running,
}

impl Keyring {
    /// Makes every key that is due, and lets go of those whose tokens are over.
    pub(super) async fn replenish(&self, occasion: Occasion, now: Timestamp) -> Result<(), KeyringError> {
        for class in self.settings().classes() {
            if let Some(from) = self.due(class, occasion, now) {
                self.make(class, from, now).await?;
            }
        }
        self.record(now).await
    }

    /// Writes down what has changed by itself: which key signs, until when one is kept that no longer does, and which is over.
    pub(super) async fn record(&self, now: Timestamp) -> Result<(), KeyringError> {
        let ring = self.ring();
        let store = self.store();
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
        let algorithm = self.settings().algorithm(class);
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
                    self.store().delete_key(entry.key.id()).await?;
                }
                self.store().delete_key(given.id()).await?;
                given
            }
            None => Key::generate(class, self.settings().algorithm(class)).map_err(Unusable::from)?,
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
        if self.store().put_key(&row).await? {
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
        let algorithm = self.settings().algorithm(class);
        let secret = self.settings().secret(class).filter(|_| algorithm == Algorithm::Hs256)?;
        Key::of(class, algorithm, secret.clone()).ok()
    }
}

/// For how long a new key is shown before it signs. Nobody fetches a secret.
pub(super) fn shown(algorithm: Algorithm) -> Duration {
    if algorithm == Algorithm::Hs256 { Duration::ZERO } else { SHOWN }
}
