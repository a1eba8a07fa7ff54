//! Who a UUID or a name belongs to, over all upstreams that can know it.
//!
//! Decides who is asked and in which order, who is believed, and for how long an answer is kept. How an upstream is reached and
//! what it presents is decided by `upstream`; what a client gets to see by `web`.

mod answer;
mod batch;
mod names;
mod place;
mod search;
mod shelf;

pub use answer::Answer;
pub use place::Form;
pub use shelf::Counts;

use crate::{
    lifecycle::Tasks,
    model::{PlayerName, ProfileId},
    session::{Entrant, Flights, Landing},
};
use answer::Found;
use names::Names;
use place::Wanted;
use search::Search;
use shelf::Shelf;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// From the question to the answer.
    pub deadline: Duration,
    /// A profile is not asked for again for this long.
    pub fresh: Duration,
    /// An older one is given out for this long, while no upstream can say better.
    pub stale: Duration,
}

impl Terms {
    /// Those of the program, but for the deadline.
    #[must_use]
    pub fn within(deadline: Duration) -> Self {
        Self { deadline, fresh: Duration::from_secs(10 * 60), stale: Duration::from_secs(24 * 60 * 60) }
    }
}

/// What makes two look-ups one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    One(Wanted),
    Many(Form, Vec<PlayerName>),
}

/// Profiles by UUID and UUIDs by name. Clones share all they know.
#[derive(Clone)]
pub struct Lookups {
    entrants: Arc<[Entrant]>,
    terms: Terms,
    flights: Arc<Flights<Key, Answer>>,
    profiles: Shelf,
    tasks: Tasks,
}

impl Lookups {
    /// Over these upstreams, in the order of the file. Calls run on `tasks`, each to its end.
    #[must_use]
    pub fn new(entrants: Vec<Entrant>, terms: Terms, tasks: Tasks) -> Self {
        let profiles = Shelf::new(terms.fresh, terms.stale);
        Self { entrants: entrants.into(), terms, flights: Arc::default(), profiles, tasks }
    }

    /// The same, for a configuration whose upstreams have not changed, so that what is known stays so.
    #[must_use]
    pub fn with(&self, terms: Terms) -> Self {
        Self { terms, ..self.clone() }
    }

    /// How often a profile was known already.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        self.profiles.counts()
    }

    /// The profile of a player. `unsigned` is passed on: whether signatures may be left out.
    pub async fn profile(&self, id: ProfileId, unsigned: Option<bool>) -> Answer {
        let wanted = Wanted::Profile { id, unsigned };
        let kept = self.profiles.find(&wanted);
        if let Some(kept) = &kept
            && kept.fresh
        {
            return Answer::Found(kept.body.clone());
        }
        let old = kept.map(|kept| kept.body);
        let key = Key::One(wanted.clone());
        let (last_word, profiles) = (old.clone(), self.profiles.clone());
        let answer = self.share(&key, |landing| {
            let search = Search::new(self.concerned(id), wanted);
            self.tasks.spawn(search.run(move |wanted, found| landing.land(profiles.learn(wanted, found, last_word))));
        });
        match (answer.await, old) {
            // Nobody spoke in time.
            (Answer::Undecided, Some(old)) => Answer::Found(old),
            (answer, _) => answer,
        }
    }

    /// The UUID of a name, asked for in this form where an upstream has both.
    pub async fn id_of_name(&self, name: PlayerName, form: Form) -> Answer {
        self.one(self.entrants.to_vec(), Wanted::Id { name, form }).await
    }

    /// The name of a UUID.
    pub async fn name_of_id(&self, id: ProfileId) -> Answer {
        self.one(self.concerned(id), Wanted::Name { id }).await
    }

    /// The UUIDs of several names: a JSON array, without those that nobody knows.
    pub async fn ids_of_names(&self, names: Vec<PlayerName>, form: Form) -> Answer {
        let key = Key::Many(form, names.clone());
        let start = |landing: Landing<_, _>| {
            let names = Names::new(self.entrants.to_vec(), names, form);
            self.tasks.spawn(names.run(move |answer| landing.land(answer)));
        };
        self.share(&key, start).await
    }

    async fn one(&self, entrants: Vec<Entrant>, wanted: Wanted) -> Answer {
        let key = Key::One(wanted.clone());
        let start = |landing: Landing<_, _>| {
            self.tasks.spawn(Search::new(entrants, wanted).run(move |_, found: Found| landing.land(found.into())));
        };
        self.share(&key, start).await
    }

    /// Waits with those who have just asked the same, but no longer than the deadline.
    async fn share(&self, key: &Key, start: impl FnOnce(Landing<Key, Answer>)) -> Answer {
        let waiting = self.flights.join(key, start);
        match timeout(self.terms.deadline, waiting).await {
            Ok(Ok(answer)) => answer,
            // Time is up; or the task has panicked.
            Ok(Err(_)) | Err(_) => Answer::Undecided,
        }
    }

    /// Those who can know a UUID: only its own upstream, where this proxy made it. One that was made before the last start is
    /// nobody's until its player logs in again.
    fn concerned(&self, id: ProfileId) -> Vec<Entrant> {
        match self.entrants.iter().find(|entrant| entrant.upstream.made(id)) {
            Some(owner) => vec![owner.clone()],
            None => self.entrants.to_vec(),
        }
    }
}
