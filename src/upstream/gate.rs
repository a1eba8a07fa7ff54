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
    net::{self, Headers},
};
use http::StatusCode;
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
    /// For how long it has not been asked as usual; `None` when it is.
    pub failing: Option<Duration>,
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
    pub(super) fn admits(&self, name: &PlayerName, now: Instant) -> Result<(), Failure> {
        let known = self.knows(name);
        self.state().allows(known, Urgency::Usual, now)
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        let mut state = self.state();
        Standing {
            health: state.breaker.health(now),
            failing: state.breaker.failing(now),
            budget_left: state.budget.as_mut().map(|budget| budget.left(now)),
            paused: state.pause.left(now),
        }
    }

    fn knows(&self, name: &PlayerName) -> bool {
        self.known.as_ref().is_some_and(|known| known.get(&*name.folded()).is_some())
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
    pub(super) fn settle(mut self, verdict: &Verdict, headers: Option<&Headers>, now: Instant) {
        let gate = self.gate;
        if let (Verdict::Joined(_), Some(known)) = (verdict, &gate.known) {
            known.insert(self.name.folded(), ());
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
        Verdict::Joined(_) | Verdict::NotJoined | Verdict::Barred(_) => return Some(Outcome::Good),
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

/// From 0 to 1.
fn chance() -> f64 {
    (RandomState::new().hash_one(()) % 1024) as f64 / 1023.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Profile, ProfileId};
    use http::{HeaderMap, HeaderValue, header::RETRY_AFTER};

    const ID: &str = "069a79f444e94726a5befca90e38aaf5";

    fn gate(requests: Option<u32>, now: Instant) -> Gate {
        let allowance = requests.map(|requests| Allowance { requests, per: Duration::from_secs(60) });
        Gate::new(UpstreamId::new("mojang").unwrap(), allowance, now)
    }

    fn failed(failure: Failure) -> Verdict {
        Verdict::Failed(failure)
    }

    fn name(text: &str) -> PlayerName {
        PlayerName::new(text).unwrap()
    }

    /// Lets a question through and settles it; `false` when it may not leave.
    fn said(gate: &Gate, player: &str, verdict: &Verdict, now: Instant) -> bool {
        let name = name(player);
        let headers = matches!(verdict, Verdict::Failed(Failure::Status(_))).then(|| HeaderMap::new().into());
        gate.enter(&name, Urgency::Usual, now).map(|passage| passage.settle(verdict, headers.as_ref(), now)).is_ok()
    }

    #[test]
    fn what_is_a_failure_and_what_is_not() {
        for (failure, opens) in [
            (Failure::Net(net::Failure::Refused), true),
            (Failure::Net(net::Failure::Timeout), true),
            (Failure::Net(net::Failure::Reset), true),
            (Failure::Net(net::Failure::TooLarge), true),
            (Failure::Net(net::Failure::Encoding), true),
            (Failure::Net(net::Failure::Saturated), false),
            (Failure::Net(net::Failure::NotAsked), false),
            (Failure::Status(500), true),
            (Failure::Status(599), true),
            (Failure::Status(301), false),
            (Failure::Status(404), false),
            (Failure::Malformed("not JSON"), true),
        ] {
            let now = Instant::now();
            let gate = gate(None, now);
            let admitted = (0..20).filter(|_| said(&gate, "Notch", &failed(failure), now)).count();
            assert_eq!(admitted, if opens { 5 } else { 20 }, "{failure}");
            assert_eq!(gate.standing(now).health == Health::Closed, !opens, "{failure}");
        }
    }

    #[test]
    fn a_probe_that_nobody_awaits_frees_its_place() {
        let now = Instant::now();
        let gate = gate(None, now);
        while said(&gate, "Notch", &failed(Failure::Status(500)), now) {}
        let (later, notch) = (now + Duration::from_secs(12), name("Notch"));
        for _ in 0..3 {
            let probe = gate.enter(&notch, Urgency::Usual, later).ok().unwrap();
            assert!(gate.enter(&notch, Urgency::Usual, later).is_err());
            assert_eq!(gate.standing(later).health, Health::HalfOpen);
            assert_eq!(gate.standing(later).failing, Some(later - now));
            drop(probe);
            assert!(said(&gate, "Notch", &failed(Failure::Net(net::Failure::NotAsked)), later));
        }
        assert!(said(&gate, "Notch", &Verdict::NotJoined, later));
        assert_eq!(gate.standing(later).health, Health::Closed);
        assert_eq!(gate.standing(later).failing, None);
    }

    #[test]
    fn what_never_left_costs_nothing_and_what_is_refused_neither() {
        let now = Instant::now();
        let gate = gate(Some(5), now);
        for _ in 0..20 {
            assert!(said(&gate, "Notch", &failed(Failure::Net(net::Failure::NotAsked)), now));
        }
        assert_eq!(gate.standing(now).budget_left, Some(5));
        for player in ["a", "b", "c", "d"] {
            assert!(said(&gate, player, &Verdict::NotJoined, now));
        }
        assert!(gate.admits(&name("e"), now).is_err());
        assert!(!said(&gate, "e", &Verdict::NotJoined, now));
        assert_eq!(gate.standing(now).budget_left, Some(1), "the rest is kept");
    }

    #[test]
    fn who_was_vouched_for_is_known_in_any_spelling() {
        let now = Instant::now();
        let gate = gate(Some(5), now);
        let yes = Verdict::Joined(Profile { id: ProfileId::parse(ID).unwrap(), body: bytes::Bytes::new() });
        assert!(said(&gate, "Notch", &yes, now));
        for player in ["a", "b", "c"] {
            assert!(said(&gate, player, &Verdict::NotJoined, now));
        }
        assert!(gate.admits(&name("a"), now).is_err(), "a \"no\" makes nobody known");
        assert!(gate.admits(&name("nOTCH"), now).is_ok());
    }

    #[test]
    fn a_pause_holds_for_everyone_and_shows() {
        let now = Instant::now();
        let gate = gate(None, now);
        let notch = name("Notch");
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("7"))]).into();
        let passage = gate.enter(&notch, Urgency::Usual, now).ok().unwrap();
        passage.settle(&failed(Failure::Status(429)), Some(&headers), now);
        let paused = Some(Duration::from_secs(7));
        assert_eq!(gate.standing(now), Standing { health: Health::Closed, failing: None, budget_left: None, paused });
        assert_eq!(gate.enter(&notch, Urgency::LastHope, now).err(), Some(Failure::OverBudget));
        assert!(gate.admits(&notch, now + Duration::from_secs(7)).is_ok());
    }
}
