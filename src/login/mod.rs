//! Logins of applications: a challenge, a join at the session server, a token.
//!
//! Decides who gets a token, and for what. What a token looks like and whether one is believed is decided by `tokens`; what is one
//! step and what survives a crash, by `store`; what an upstream's answer means, by `upstream`. Never asks the race: whoever may
//! vouch for a player here stands in a list of its own, and is asked one after the other.

mod browser;
mod challenge;
mod code;
mod consent;
mod denied;
mod destinations;
mod feather;
mod history;
mod join;
mod scope;
mod services;
mod sign_in;
mod upkeep;
mod verify;
mod vouch;

pub use challenge::{bound, is_ours, secret_hash};
pub use code::{ClientProof, CodeProof, client_secret_hash, fresh_client_secret};
pub use consent::{PendingConsent, ServiceToken, TokenWish};
pub use denied::Denied;
pub use destinations::{Destinations, Landing, Platform, Resume};
pub use feather::FeatherLogin;
pub use history::AddressKept;
pub use join::{Bound, Joining, Wish};
pub use services::{Ask, ConsentAsked, ServiceDenied};
pub use sign_in::{Begun, Ended, Failed, Refused as SignInRefused, Returned};
pub use verify::{Claim, LoggedIn, Proof};

use crate::{
    lifecycle::{Clock, Tasks},
    microsoft::Microsoft,
    store::{Retention, Store, StoreError},
    tokens::Tokens,
    upstream::Upstream,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// What one configuration says of logins.
#[derive(Clone, Debug)]
pub struct Terms {
    /// All that a token may allow.
    pub allowed_scopes: Vec<String>,
    /// What a token allows when nothing was asked for.
    pub default_scopes: Vec<String>,
    /// What clients of bound mode know this service as.
    pub audience: String,
    /// How long an access token is good for.
    pub access_ttl: Duration,
    /// How long a browser stays signed in without signing in again, and at most a service's token of that sign-in.
    pub max_session: Duration,
    /// Whether a service's token needs a request that began in a browser.
    pub require_consent_request: bool,
    /// Challenges that may wait at one time.
    pub max_pending: u64,
    /// Whether a "no" of the session server uses the join token up.
    pub burn_on_failure: bool,
    /// Whether the session server is to compare the address of who joined with that of who verifies.
    pub ip_binding: bool,
    /// How much of a client's address is kept.
    pub address_kept: AddressKept,
    /// How long a challenge of Feather's flow is good for.
    pub join_ttl: Duration,
    /// What Feather's services allow players.
    pub feather_permissions: BTreeMap<String, i64>,
    /// For how long what is over is kept.
    pub retention: Retention,
}

impl Terms {
    /// Whether anything of a client is kept.
    fn keeps_clients(&self) -> bool {
        !self.retention.addresses.is_zero()
    }
}

/// The logins of one configuration. Clones are the same.
#[derive(Clone)]
pub struct Logins(Arc<Inner>);

struct Inner {
    terms: Terms,
    /// In the order they are asked. Theirs are own connections, budgets and breakers.
    upstreams: Vec<Arc<Upstream>>,
    /// Where players sign in who do not join.
    microsoft: Option<Microsoft>,
    store: Store,
    tokens: Tokens,
    clock: Clock,
    store_silent: AtomicBool,
    /// Where a login goes on whose client has gone.
    running: Tasks,
}

impl Logins {
    /// Logins that these upstreams vouch for.
    #[must_use]
    pub fn new(
        terms: Terms,
        (upstreams, microsoft): (Vec<Arc<Upstream>>, Option<Microsoft>),
        (store, tokens): (Store, Tokens),
        (clock, running): (Clock, Tasks),
    ) -> Self {
        Self(Arc::new(Inner {
            terms,
            upstreams,
            microsoft,
            store,
            tokens,
            clock,
            running,
            store_silent: AtomicBool::new(false),
        }))
    }

    /// What issues and reads its tokens.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// The present, as all that is decided here has it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whether this serverId is one of a challenge: a game server that asks about it is none.
    ///
    /// # Errors
    /// When the store cannot tell.
    pub async fn has_made(&self, server_id: &str) -> Result<bool, StoreError> {
        Ok(is_ours(server_id) && self.0.store.pending(server_id).await?)
    }

    /// Whether the store answered when it was last asked for the keys, every few seconds.
    #[must_use]
    pub fn store_answers(&self) -> bool {
        !self.0.store_silent.load(Ordering::Relaxed)
    }
}
