//! Signing in with Microsoft: from the code that a browser brings back to the player it belongs to.
//!
//! Decides what is said to Microsoft, Xbox Live and Minecraft's services, what their answers mean, and that nothing of theirs is kept:
//! every token is wiped when the chain ends. Which browser may start and end a sign-in, and what a player gets for one, is decided by the
//! login API.

mod chain;
mod error;
mod minecraft;
mod oauth;
mod pkce;
mod random;
mod state;
mod token;
mod xbox;

pub use error::{Concern, SignInError};
pub use pkce::{Verifier, challenge_of};
pub use random::NoRandomness;
pub use state::{FlowSecret, Stored};

use crate::{
    lifecycle::Tasks,
    model::ProfileId,
    net::{Client, PeerError, Roots},
};
use chain::{Failed, Places};
use http::Uri;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

/// What the operator has registered with Microsoft, and where all of them are.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The application.
    pub client_id: String,
    /// How it proves itself. `None`: it is a public one, and PKCE is its only proof.
    pub client_secret: Option<SecretString>,
    /// Where the browser comes back to, byte by byte as it is registered.
    pub redirect_uri: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where to ask.
    pub endpoints: Endpoints,
    /// How much time there is.
    pub limits: Limits,
}

/// Where each step is asked.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Where the browser is sent.
    pub authorize: Uri,
    /// Code to Microsoft token.
    pub token: Uri,
    /// Microsoft token to Xbox Live token.
    pub xbl: Uri,
    /// Xbox Live token to one for Minecraft.
    pub xsts: Uri,
    /// The base address of Minecraft's services.
    pub mc_services: Uri,
}

/// How long a sign-in may take, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one request, a second attempt to connect included.
    pub step: Duration,
    /// For all of them, the wait for a turn included.
    pub chain: Duration,
    /// Sign-ins under way at one time; more wait for their turn.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { step: Duration::from_secs(8), chain: Duration::from_secs(25), at_once: 64 }
    }
}

/// Who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// The UUID of the Minecraft profile.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
}

/// The way from a code to a player. Cheap to clone.
#[derive(Clone)]
pub struct Microsoft(Arc<Inner>);

struct Inner {
    setup: Setup,
    places: Places,
    turns: Semaphore,
}

impl Microsoft {
    /// Prepares the connections; connects to nobody.
    ///
    /// # Errors
    /// When an endpoint is no http(s) address, or the platform's certificates cannot be read.
    pub fn new(setup: Setup, roots: &Roots, tasks: &Tasks) -> Result<Self, PeerError> {
        let places = Places::new(&setup, roots, tasks)?;
        let turns = Semaphore::new(setup.limits.at_once);
        Ok(Self(Arc::new(Inner { setup, places, turns })))
    }

    /// Its connections, whose [`sweep`](Client::sweep) somebody should run.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.0.places.clients()
    }

    /// Where a browser is sent to sign in. It comes back with `state` and a code that only the verifier of `challenge` opens.
    #[must_use]
    pub fn authorize_url(&self, state: &str, challenge: &str) -> String {
        oauth::authorize_url(&self.0.setup, state, challenge)
    }

    /// Who the code belongs to. Let it end: dropping it closes a connection. Failures are logged here, and nowhere else.
    ///
    /// # Errors
    /// With the reason, in words that a player may read.
    pub async fn sign_in(&self, code: &str, verifier: &str) -> Result<Player, SignInError> {
        let deadline = Instant::now() + self.0.setup.limits.chain;
        let done = match timeout_at(deadline, self.0.turns.acquire()).await {
            Ok(Ok(_turn)) => chain::run(&self.0.setup, &self.0.places, (code, verifier), deadline).await,
            _ => Err(Failed::of(SignInError::Busy)),
        };
        done.map_err(|failed| failed.logged())
    }

    /// What it means that the browser came back with `error` in place of a code. Logged here, and nowhere else.
    #[must_use]
    pub fn declined(&self, error: &str) -> SignInError {
        let meaning = oauth::declined(error);
        // Whoever holds a state can write any error beside it: nobody is woken up for it.
        tracing::info!(code = meaning.code(), "a browser came back from Microsoft without a code");
        meaning
    }
}

impl std::fmt::Debug for Microsoft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Microsoft").field(&self.0.setup).finish()
    }
}
