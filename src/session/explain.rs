//! What would become of a player's next login, said beforehand.
//!
//! Asks nobody. Rests on the same plan and the same memory as a race.

use super::{Policy, Sessions, Strategy, plan::Plan};
use crate::{
    model::{PlayerName, UpstreamId},
    upstream::Verdict,
};
use std::time::Duration;
use tokio::time::Instant;

/// Who would be asked about a player, and whose player the name is.
#[derive(Debug)]
pub struct Explanation {
    /// In the order of asking.
    pub asked: Vec<Asked>,
    /// The upstream that the name is bound to.
    pub bound: Option<UpstreamId>,
    /// The upstream that vouched for the name last; only known with [`Strategy::Affinity`].
    pub last: Option<UpstreamId>,
    /// How the race would be run.
    pub policy: Policy,
}

/// One upstream's part.
#[derive(Debug)]
pub struct Asked {
    /// Who.
    pub upstream: UpstreamId,
    /// Whether its "yes" wins at once.
    pub trusted: bool,
    /// How long after the question; sooner where the first one does not say yes.
    pub after: Duration,
    /// What holds without asking it, if so.
    pub unasked: Option<Verdict>,
    /// Whether its "yes" would count for nothing, because the name is another's.
    pub bound_elsewhere: bool,
}

impl Sessions {
    /// What would become of the next login of this player, were it now.
    #[must_use]
    pub fn explain(&self, name: &PlayerName, now: Instant) -> Explanation {
        let bound = self.memory.bindings.holder(name);
        let last = match self.policy.strategy {
            Strategy::Race => None,
            Strategy::Affinity => self.memory.affinity.last(name),
        };
        let plan = match &last {
            None => Plan::all(&self.entrants),
            Some(_) => Plan::by_affinity(&self.entrants, last.clone(), name, now),
        };
        let first = plan.first.into_iter().map(|place| (place, Duration::ZERO));
        let order = first.chain(plan.later.into_iter().map(|place| (place, plan.delay)));
        let asked = order.map(|(place, after)| {
            let entrant = &self.entrants[place];
            let upstream = entrant.upstream.id();
            Asked {
                upstream: upstream.clone(),
                trusted: entrant.trusted,
                after,
                unasked: entrant.upstream.unasked(name, now),
                bound_elsewhere: !entrant.trusted && bound.as_ref().is_some_and(|holder| holder != upstream),
            }
        });
        Explanation { asked: asked.collect(), bound, last, policy: self.policy }
    }
}
