//! Whether a token that is good by itself was revoked since.
//!
//! Decides for how long an answer of the store is believed: 5 s, and not at all when something was revoked here since it was asked.

use super::Flaw;
use crate::{
    model::{Timestamp, UserId},
    store::{Store, StoreError, TokenStanding},
};
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How late another replica's revocation may be noticed.
const LAG: Duration = Duration::from_secs(5);
/// Tokens that are remembered.
const MOST: u64 = 50_000;

/// What is known of tokens' standing. Clones are the same.
#[derive(Clone)]
pub(super) struct Standings {
    store: Store,
    known: Cache<String, Known>,
    /// Counts what was revoked here: an answer of before is not believed after.
    revocations: Arc<AtomicU64>,
}

#[derive(Clone)]
struct Known {
    standing: TokenStanding,
    asked_at: Timestamp,
    revocations: u64,
}

impl Standings {
    pub(super) fn new(store: Store) -> Self {
        Self { store, known: Cache::new(MOST), revocations: Arc::default() }
    }

    /// What is wrong with the standing of a token, perhaps of one that a service has, if anything is.
    pub(super) async fn flaw(
        &self,
        (user, jti, service): (&UserId, &str, Option<&str>),
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Flaw>, StoreError> {
        let standing = self.standing((user, jti, service), now).await?;
        Ok(match standing {
            TokenStanding { gone: true, .. } => Some(Flaw::Nobody),
            TokenStanding { revoked: true, .. } => Some(Flaw::Revoked),
            TokenStanding { disabled: true, .. } => Some(Flaw::Disabled),
            // Tokens know seconds only: where nobody knows better, one of the same second may be from before.
            TokenStanding { valid_after, begun_at, .. } if begun_at.unwrap_or(issued_at) < valid_after => {
                Some(Flaw::Voided)
            }
            _ => None,
        })
    }

    /// Forgets all that was known before: call it when something was revoked.
    pub(super) fn forget(&self) {
        self.revocations.fetch_add(1, Ordering::SeqCst);
    }

    async fn standing(
        &self,
        (user, jti, service): (&UserId, &str, Option<&str>),
        now: Timestamp,
    ) -> Result<TokenStanding, StoreError> {
        // Counted before the question, so that what is revoked meanwhile makes the answer an old one.
        let revocations = self.revocations.load(Ordering::SeqCst);
        let is_fresh = |known: &Known| {
            known.revocations == revocations && known.asked_at <= now && now.since(known.asked_at) < LAG
        };
        if let Some(known) = self.known.get(jti).filter(is_fresh) {
            return Ok(known.standing);
        }
        let standing = match service {
            None => self.store.standing(user, jti).await?,
            Some(service) => self.store.service_standing(user, jti, service).await?,
        };
        self.known.insert(jti.to_owned(), Known { standing, asked_at: now, revocations });
        Ok(standing)
    }
}
