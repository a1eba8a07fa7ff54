//! One question on its way through the upstreams.
//!
//! The race is a task that owns its calls. It tells the answer as soon as it is decided and then sees every call that has left
//! through to its own end, since an HTTP/1.1 connection is lost with the call that is dropped on it, and a second "yes" that
//! comes late is worth knowing of.

use super::{
    Answer, Entrant, Memory,
    calls::Calls,
    dispute::Dispute,
    flight::{Key, Landing},
    plan::Plan,
    policy::{Decision, Policy, Rank, Step, Strategy, Tally},
    report::Report,
};
use crate::lifecycle::CancellationToken;
use crate::{
    model::{ProfileId, Question},
    upstream::{Barred, Urgency, Verdict},
};
use http::HeaderValue;
use std::sync::{Arc, atomic::Ordering::Relaxed};
use tokio::time::{Instant, sleep_until};

/// A race that has not started.
pub(super) struct Race {
    entrants: Vec<Entrant>,
    policy: Policy,
    memory: Arc<Memory>,
    question: Arc<Question>,
    via: HeaderValue,
    /// Cancelled when it is decided, so that calls which still wait for a connection do not leave.
    decided: CancellationToken,
}

/// What has been heard of a race, for the log and for what it shows of the upstreams.
struct Heard<'a> {
    report: Report<'a>,
    dispute: Dispute,
}

impl Race {
    pub(super) fn new(
        entrants: Vec<Entrant>,
        policy: Policy,
        memory: Arc<Memory>,
        question: Arc<Question>,
        via: HeaderValue,
    ) -> Self {
        Self { entrants, policy, memory, question, via, decided: CancellationToken::new() }
    }

    /// Runs to the end of the last call; `landing` is told long before that.
    pub(super) async fn run(self, landing: Landing<Key, Answer>) {
        let started = Instant::now();
        let report = Report::new(started, &self.entrants, &self.memory.journal);
        let mut heard = Heard { report, dispute: Dispute::default() };
        let urgency = self.urgency(started);
        let mut calls = Calls::start(self.plan(started), started, |place| self.call(place, urgency));
        let decision = self.decide(started, &mut calls, &mut heard).await;
        let answer = match decision {
            Decision::Joined(place, profile) => Answer::Joined(self.entrants[place].upstream.id().clone(), profile),
            Decision::NotJoined => Answer::NotJoined,
            Decision::Undecided => Answer::Undecided,
        };
        heard.report.decided(&self.question, &answer);
        landing.land(answer);
        self.decided.cancel();
        calls.no_more();
        while let Some((place, verdict)) = calls.next().await {
            self.hear(place, verdict, &mut heard);
        }
        heard.report.ended();
    }

    fn plan(&self, now: Instant) -> Plan {
        match self.policy.strategy {
            Strategy::Race => Plan::all(&self.entrants),
            Strategy::Affinity => {
                let last = self.memory.affinity.last(&self.question.name);
                Plan::by_affinity(&self.entrants, last, &self.question.name, now)
            }
        }
    }

    /// Where nobody at all would be asked, those who keep failing may be tried before their time.
    fn urgency(&self, now: Instant) -> Urgency {
        match self.entrants.iter().any(|entrant| entrant.upstream.admits(&self.question.name, now)) {
            true => Urgency::Usual,
            false => Urgency::LastHope,
        }
    }

    async fn call(&self, place: usize, urgency: Urgency) -> (usize, Verdict) {
        (place, self.entrants[place].upstream.ask(&self.question, &self.via, &self.decided, urgency).await)
    }

    async fn decide<C, F>(&self, started: Instant, calls: &mut Calls<C, F>, heard: &mut Heard<'_>) -> Decision
    where
        C: Fn(usize) -> F,
        F: Future<Output = (usize, Verdict)>,
    {
        let rank = |entrant: &Entrant| if entrant.trusted { Rank::Trusted } else { Rank::Own };
        let mut tally = Tally::new(self.entrants.iter().map(rank).collect(), self.policy.conflict);
        let deadline = started + self.policy.deadline;
        let mut time_is_up = std::pin::pin!(sleep_until(deadline));
        loop {
            let (place, verdict) = tokio::select! {
                biased;
                Some(verdict) = calls.next() => verdict,
                () = &mut time_is_up => return self.grant(tally.conclude(), &mut tally),
                else => return self.grant(tally.conclude(), &mut tally),
            };
            let verdict = self.hear(place, verdict, heard);
            match tally.hear(place, verdict) {
                Step::Wait => {}
                Step::StartGrace => {
                    let grace_over = Instant::now() + self.policy.trust_grace;
                    time_is_up.as_mut().reset(deadline.min(grace_over));
                }
                Step::Decide(decision) => return self.grant(decision, &mut tally),
            }
        }
    }

    /// Takes note of a verdict, and returns what it counts for: a less trusted upstream may not vouch for another's player.
    fn hear(&self, place: usize, verdict: Verdict, heard: &mut Heard<'_>) -> Verdict {
        let entrant = &self.entrants[place];
        if let Verdict::Joined(profile) = &verdict
            && let Some(first) = heard.dispute.hear(place, profile.id)
        {
            self.disputed(first, (place, profile.id));
        }
        let holder = || self.memory.bindings.holder(&self.question.name);
        let counts = match verdict {
            Verdict::Joined(_)
                if !entrant.trusted && holder().is_some_and(|holder| holder != *entrant.upstream.id()) =>
            {
                self.memory.counts.bound_elsewhere.fetch_add(1, Relaxed);
                Verdict::Barred(Barred::BoundElsewhere)
            }
            verdict => verdict,
        };
        heard.report.hear(place, &counts);
        counts
    }

    /// Binds the winner's name to the upstream that vouched for it. A name that was bound while the less trusted one waited for
    /// the others bars it even now.
    fn grant(&self, decision: Decision, tally: &mut Tally) -> Decision {
        let Decision::Joined(place, _) = &decision else { return decision };
        let (name, winner) = (&self.question.name, &self.entrants[*place]);
        if let Err(holder) = self.memory.bindings.claim(name, winner.upstream.id()) {
            if !winner.trusted {
                return tally.bar(*place);
            }
            let less_trusted = |entrant: &Entrant| !entrant.trusted && *entrant.upstream.id() == holder;
            if self.entrants.iter().any(less_trusted) {
                let (player, upstream) = (name.as_str(), winner.upstream.id());
                tracing::warn!(player, %upstream, %holder, "let in under a name bound to another upstream, which is trusted less");
            }
        }
        if self.policy.strategy == Strategy::Affinity {
            self.memory.affinity.learn(name, winner.upstream.id());
        }
        decision
    }

    fn disputed(&self, first: (usize, ProfileId), second: (usize, ProfileId)) {
        self.memory.counts.disputes.fetch_add(1, Relaxed);
        let id = |place: usize| self.entrants[place].upstream.id();
        tracing::warn!(
            player = self.question.name.as_str(),
            first = %id(first.0), first_uuid = %first.1, second = %id(second.0), second_uuid = %second.1,
            "two upstreams vouch for one login"
        );
    }
}
