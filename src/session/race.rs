//! One question on its way through all upstreams.
//!
//! The race is a task that owns its calls. It tells the answer as soon as it is decided and then sees every call that has left
//! through to its own end, since an HTTP/1.1 connection is lost with the call that is dropped on it.

use super::{
    Answer, Entrant,
    flight::{Key, Landing},
    policy::{Decision, Policy, Rank, Step, Tally},
    report::Report,
};
use crate::lifecycle::CancellationToken;
use crate::{
    model::Question,
    upstream::{Urgency, Verdict},
};
use futures::stream::{FuturesUnordered, StreamExt};
use http::HeaderValue;
use tokio::time::{Instant, sleep_until};

/// A race that has not started.
pub(super) struct Race {
    entrants: Vec<Entrant>,
    policy: Policy,
    question: Question,
    via: HeaderValue,
    /// Cancelled when it is decided, so that calls which still wait for a connection do not leave.
    decided: CancellationToken,
}

impl Race {
    pub(super) fn new(entrants: Vec<Entrant>, policy: Policy, question: Question, via: HeaderValue) -> Self {
        Self { entrants, policy, question, via, decided: CancellationToken::new() }
    }

    /// Runs to the end of the last call; `landing` is told long before that.
    pub(super) async fn run(self, landing: Landing<Key, Answer>) {
        let started = Instant::now();
        let mut report = Report::new(started, &self.entrants);
        let urgency = self.urgency(started);
        let entrants = self.entrants.iter().enumerate();
        let mut calls: FuturesUnordered<_> =
            entrants.map(|(place, entrant)| self.call(place, entrant, urgency)).collect();
        let decision = self.decide(started, &mut calls, &mut report).await;
        let answer = match decision {
            Decision::Joined(place, profile) => Answer::Joined(self.entrants[place].upstream.id().clone(), profile),
            Decision::NotJoined => Answer::NotJoined,
            Decision::Undecided => Answer::Undecided,
        };
        report.decided(&self.question, &answer);
        landing.land(answer);
        self.decided.cancel();
        while calls.next().await.is_some() {}
    }

    /// Where nobody at all would be asked, those who keep failing may be tried before their time.
    fn urgency(&self, now: Instant) -> Urgency {
        match self.entrants.iter().any(|entrant| entrant.upstream.admits(&self.question.name, now)) {
            true => Urgency::Usual,
            false => Urgency::LastHope,
        }
    }

    async fn call(&self, place: usize, entrant: &Entrant, urgency: Urgency) -> (usize, Verdict) {
        (place, entrant.upstream.ask(&self.question, &self.via, &self.decided, urgency).await)
    }

    async fn decide<C>(&self, started: Instant, calls: &mut FuturesUnordered<C>, report: &mut Report<'_>) -> Decision
    where
        C: Future<Output = (usize, Verdict)>,
    {
        let rank = |entrant: &Entrant| if entrant.trusted { Rank::Trusted } else { Rank::Own };
        let mut tally = Tally::new(self.entrants.iter().map(rank).collect());
        let deadline = started + self.policy.deadline;
        let mut time_is_up = std::pin::pin!(sleep_until(deadline));
        loop {
            let (place, verdict) = tokio::select! {
                biased;
                Some(heard) = calls.next() => heard,
                () = &mut time_is_up => return tally.conclude(),
                else => return tally.conclude(),
            };
            report.hear(place, &verdict);
            match tally.hear(place, verdict) {
                Step::Wait => {}
                Step::StartGrace => {
                    let grace_over = Instant::now() + self.policy.trust_grace;
                    time_is_up.as_mut().reset(deadline.min(grace_over));
                }
                Step::Decide(decision) => return decision,
            }
        }
    }
}
