//! Whom a namespaced upstream has vouched for here: the way back from the ids that clients see to those it knows.
//!
//! The way there is a hash, so an id can be turned back only while it is remembered; one that is not is nobody's. Holds no
//! opinion on who may be asked: that is `lookup`'s.

use super::Upstream;
use super::profile::{self, Presented, Properties};
use crate::model::ProfileId;
use bytes::Bytes;
use moka::{policy::EvictionPolicy, sync::Cache};

/// More players than one upstream's servers see in a day; about 10 MB when full.
const MOST: u64 = 100_000;

/// From the ids that clients see to the upstream's own.
pub(super) struct Vouched(Cache<ProfileId, ProfileId>);

impl Vouched {
    /// Nobody yet. The least recently seen is forgotten first: who has just logged in is asked about next.
    pub(super) fn nobody() -> Self {
        Self(Cache::builder().max_capacity(MOST).eviction_policy(EvictionPolicy::lru()).build())
    }
}

impl Upstream {
    /// Whether `id` is one that this proxy made for a player of this upstream, so that nobody else can know it.
    #[must_use]
    pub fn made(&self, id: ProfileId) -> bool {
        self.vouched.as_ref().is_some_and(|vouched| vouched.0.contains_key(&id))
    }

    /// The id to ask this upstream about when a client asks about `id`; `None` when it cannot know it.
    #[must_use]
    pub fn own_id(&self, id: ProfileId) -> Option<ProfileId> {
        match &self.vouched {
            Some(vouched) => vouched.0.get(&id),
            None => Some(id),
        }
    }

    /// Reads an answer that tells of a player: checked, repaired and namespaced as a login's is.
    ///
    /// # Errors
    /// Why it tells of nobody, without repeating anything of the body.
    pub fn present(&self, body: &Bytes, properties: Properties) -> Result<Presented, &'static str> {
        let presented = profile::read(body, self.dialect.namespaced.then_some(&self.id), properties)?;
        if presented.name.is_empty() {
            return Err("no name");
        }
        self.learn(&presented);
        Ok(presented)
    }

    pub(super) fn learn(&self, presented: &Presented) {
        if let Some(vouched) = &self.vouched {
            vouched.0.insert(presented.profile.id, presented.own);
        }
    }
}
