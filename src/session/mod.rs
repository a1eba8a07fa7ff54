//! The question "who joined?", put to all upstreams at once.
//!
//! Decides who is asked, who is believed and when waiting ends. What a single answer means is decided by `upstream`; what the game
//! server gets to see is decided by `web`.

mod bindings;
mod calls;
mod dispute;
mod explain;
mod flight;
mod journal;
mod plan;
mod policy;
mod race;
mod report;

pub use bindings::{Bindings, Change};
pub use explain::{Asked, Explanation};
pub use flight::{Flights, Landing, Waiting};
pub use journal::{Call, Journal, Login, Outcome};
pub use plan::Affinity;
pub use policy::{Conflict, Heard, Policy, Strategy};

use crate::lifecycle::Tasks;
use crate::{
    model::{Profile, Question, UpstreamId},
    upstream::Upstream,
};
use flight::Key;
use http::HeaderValue;
use race::Race;
use std::sync::{Arc, atomic::AtomicU64};

/// What the game server is to be told.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This upstream vouches for the player.
    Joined(UpstreamId, Profile),
    /// Every upstream said no.
    NotJoined,
    /// Nobody said yes and somebody said nothing: the servers are down, as far as the player is concerned.
    Undecided,
}

/// An upstream and how far it is trusted.
#[derive(Clone)]
pub struct Entrant {
    /// Whom to ask.
    pub upstream: Arc<Upstream>,
    /// Whether its "yes" wins at once (it attests Mojang's accounts) or waits for those whose does.
    pub trusted: bool,
}

/// A choice among the upstreams of one configuration, one bit each in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Selection(u64);

impl Selection {
    /// The most upstreams that can be told apart.
    pub const MOST: usize = 64;

    /// Everybody.
    pub const ALL: Self = Self(u64::MAX);

    /// Those at these places; places beyond [`Self::MOST`] do not exist.
    #[must_use]
    pub fn of(places: impl IntoIterator<Item = usize>) -> Self {
        Self(places.into_iter().filter(|place| *place < Self::MOST).fold(0, |bits, place| bits | 1 << place))
    }

    fn has(self, place: usize) -> bool {
        place < Self::MOST && self.0 & (1 << place) != 0
    }
}

/// What is remembered from login to login, and from one configuration to the next.
#[derive(Debug, Default)]
pub struct Memory {
    /// Whose player a name is.
    pub bindings: Bindings,
    /// Who vouched for a name last.
    pub affinity: Affinity,
    /// What happened that should not.
    pub counts: Counts,
    /// What became of recent logins.
    pub journal: Journal,
}

/// Since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Logins for which two upstreams vouched differently.
    pub disputes: AtomicU64,
    /// Times that a less trusted upstream vouched for a name that is bound to another.
    pub bound_elsewhere: AtomicU64,
}

/// All upstreams of one configuration and the questions that are being put to them.
pub struct Sessions {
    entrants: Vec<Entrant>,
    policy: Policy,
    memory: Arc<Memory>,
    flights: Arc<Flights<Key, Answer>>,
    races: Tasks,
}

impl Sessions {
    /// Upstreams in the order of the file. Races run on `races`, each to the end of its last call.
    #[must_use]
    pub fn new(entrants: Vec<Entrant>, policy: Policy, memory: Arc<Memory>, races: Tasks) -> Self {
        Self { entrants, policy, memory, flights: Arc::default(), races }
    }

    /// The place of an upstream, for a [`Selection`].
    #[must_use]
    pub fn place(&self, id: &str) -> Option<usize> {
        self.entrants.iter().position(|entrant| entrant.upstream.id().as_str() == id)
    }

    /// The upstreams, in the order of the file.
    #[must_use]
    pub fn entrants(&self) -> &[Entrant] {
        &self.entrants
    }

    /// What is remembered of players.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Asks the selected upstreams, or waits with those who have just asked the same. Answers by the deadline at the latest.
    ///
    /// A positive answer is never kept: it goes to those who were waiting when it came, and is forgotten.
    pub async fn has_joined(&self, question: Question, selection: Selection, via: HeaderValue) -> Answer {
        let key = Key { question: Arc::new(question), selection };
        let mut shared = true;
        let waiting = self.flights.join(&key, |landing| {
            shared = false;
            let entrants = self.entrants.iter().enumerate().filter(|(place, _)| selection.has(*place));
            let entrants: Vec<_> = entrants.map(|(_, entrant)| entrant.clone()).collect();
            let race = Race::new(entrants, self.policy, self.memory.clone(), key.question.clone(), via);
            self.races.spawn(race.run(landing));
        });
        if shared {
            self.memory.journal.share();
        }
        // A race that ends without an answer has panicked.
        waiting.await.unwrap_or(Answer::Undecided)
    }
}
