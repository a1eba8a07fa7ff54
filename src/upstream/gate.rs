//! Whether a question may leave for an upstream now: its breaker, its budget and the pauses it asked for, under one lock.
//!
//! Decides what an outcome means to each of them, and tells the log when an upstream goes and comes back. When each of them lets a
//! question through is decided by themselves.

use super::{
    Failure, Verdict,
    budget::{Allowance, Budget, Pause, Spent, retry_after},
    health::{Breaker, Change, Health, Outcome, Pass, Urgency},
};
use crate::{
    model::{PlayerName, UpstreamId},
    net,
};
use http::{HeaderMap, StatusCode};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::time::Instant;

/// More players than one upstream's servers see in a day; about 10 MB when full.
const MOST_KNOWN: u64 = 100_000;

/// How an upstream stands, for whoever shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is asked.
    pub health: Health,
    /// Requests that may still leave now; `None` when they are not limited.
    pub budget_left: Option<u32>,
    /// For how long it has asked to be left in peace.
    pub paused: Option<Duration>,
}

/// The gate of one upstream.
pub(super) struct Gate {
    id: UpstreamId,
    state: Mutex<State>,
    /// Whom it has vouched for, in lower case; only where there is a budget to be kept for them.
    known: Option<Cache<Box<str>, ()>>,
}

struct State {
    breaker: Breaker,
    budget: Option<Budget>,
    pause: Pause,
}

/// Leave for one question. Dropped without [`Passage::settle`], it frees its place, or a probe that nobody awaits would close the
/// gate for ever.
pub(super) struct Passage<'a> {
    gate: &'a Gate,
    name: &'a PlayerName,
    pass: Option<Pass>,
    spent: Option<Spent>,
}

impl Gate {
    pub(super) fn new(id: UpstreamId, allowance: Option<Allowance>, now: Instant) -> Self {
        let budget = allowance.map(|allowance| Budget::new(allowance, now));
        let memory = || Cache::builder().max_capacity(MOST_KNOWN).eviction_policy(EvictionPolicy::lru()).build();
        let known = budget.is_some().then(memory);
        let state = State { breaker: Breaker::new(now), budget, pause: Pause::default() };
        Self { id, state: Mutex::new(state), known }
    }

    /// Lets a question about `name` through, or says why not.
    pub(super) fn enter<'a>(
        &'a self,
        name: &'a PlayerName,
        urgency: Urgency,
        now: Instant,
    ) -> Result<Passage<'a>, Failure> {
        let known = self.knows(name);
        let mut state = self.state();
        state.allows(known, urgency, now)?;
        let pass = state.breaker.admit(now, urgency);
        let spent = state.budget.as_mut().map(|budget| budget.spend(now));
        Ok(Passage { gate: self, name, pass, spent })
    }

    /// Whether [`Self::enter`] would let a usual question through.
    pub(super) fn admits(&self, name: &PlayerName, now: Instant) -> bool {
        let known = self.knows(name);
        self.state().allows(known, Urgency::Usual, now).is_ok()
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        let mut state = self.state();
        Standing {
            health: state.breaker.health(now),
            budget_left: state.budget.as_mut().map(|budget| budget.left(now)),
            paused: state.pause.left(now),
        }
    }

    fn knows(&self, name: &PlayerName) -> bool {
        self.known.as_ref().is_some_and(|known| known.get(&*folded(name)).is_some())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An outage is told once, and its end.
    fn told(&self, change: Change, verdict: &Verdict) {
        let (upstream, failure) = (&self.id, verdict.failure().map(|failure| failure.to_string()).unwrap_or_default());
        match change {
            Change::Opened => {
                tracing::warn!(%upstream, %failure, "upstream keeps failing: it is left alone for a while")
            }
            Change::StaysOpen => tracing::debug!(%upstream, %failure, "upstream still fails"),
            Change::Closed => tracing::info!(%upstream, "upstream is back"),
        }
    }
}

impl State {
    fn allows(&mut self, known: bool, urgency: Urgency, now: Instant) -> Result<(), Failure> {
        if !self.breaker.admits(now, urgency) {
            return Err(Failure::Open);
        }
        let within = self.budget.as_mut().is_none_or(|budget| budget.allows(known, now));
        match within && self.pause.left(now).is_none() {
            true => Ok(()),
            false => Err(Failure::OverBudget),
        }
    }
}

impl Passage<'_> {
    /// Takes note of what became of the question; `headers` are those of the answer, if there was one.
    pub(super) fn settle(mut self, verdict: &Verdict, headers: Option<&HeaderMap>, now: Instant) {
        let gate = self.gate;
        if let (Verdict::Joined(_), Some(known)) = (verdict, &gate.known) {
            known.insert(folded(self.name), ());
        }
        let limited = matches!(verdict, Verdict::Failed(Failure::Status(429)));
        let mut state = gate.state();
        let mut paused = false;
        match headers {
            Some(headers) if limited => paused = state.pause.begin(retry_after(headers, SystemTime::now()), now),
            Some(_) => state.pause.answered(now),
            None => {}
        }
        let pause = state.pause.left(now).unwrap_or_default();
        let change = match meaning(verdict) {
            Some(outcome) => self.pass.take().and_then(|pass| state.breaker.report(pass, outcome, now, chance())),
            None => {
                // It never left: what was counted for it is given back, and dropping `self` frees its place.
                if let (Some(budget), Some(spent)) = (state.budget.as_mut(), self.spent) {
                    budget.give_back(spent, now);
                }
                None
            }
        };
        drop(state);
        if let Some(change) = change {
            gate.told(change, verdict);
        }
        if paused {
            tracing::warn!(upstream = %gate.id, seconds = pause.as_secs(), "upstream limits us: it is left in peace");
        }
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if let Some(pass) = &self.pass {
            self.gate.state().breaker.abandon(pass);
        }
    }
}

/// What a verdict says of the upstream's health; `None` when the question never reached it.
fn meaning(verdict: &Verdict) -> Option<Outcome> {
    let failure = match verdict {
        // A "no" is an answer: a thousand strangers at the door are no outage.
        Verdict::Joined(_) | Verdict::NotJoined => return Some(Outcome::Good),
        Verdict::Failed(failure) => failure,
    };
    match failure {
        // Our own cap was reached. Those who hold the connections will tell why; counted here, a rush of players would close the
        // gate of an upstream that is only slow.
        Failure::Net(net::Failure::NotAsked | net::Failure::Saturated) => None,
        Failure::Unaskable | Failure::Open | Failure::OverBudget => None,
        // Refusals below 500 come from something that is up: a limit is a matter of budget, a front end's page one of setting up.
        Failure::Status(status) if *status < StatusCode::INTERNAL_SERVER_ERROR.as_u16() => Some(Outcome::Neutral),
        Failure::Status(_) | Failure::Net(_) => Some(Outcome::Bad),
        // A 200 that is no profile of this player: it is broken, or it lies. Neither is worth waiting for.
        Failure::Malformed(_) => Some(Outcome::Bad),
    }
}

/// Names are unique without regard to the case of ASCII letters.
fn folded(name: &PlayerName) -> Box<str> {
    name.as_str().to_ascii_lowercase().into()
}

/// From 0 to 1.
fn chance() -> f64 {
    (RandomState::new().hash_one(()) % 1024) as f64 / 1023.0
}
