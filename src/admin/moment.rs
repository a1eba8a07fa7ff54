//! The live program, read into a [`Status`].

use super::{
    Admin,
    status::{Answer, Budget, Health, LastFailure, Latency, Login, Logins, Slot, Status, Total, Upstream},
};
use crate::{
    session::{self, Entrant, Heard, Memory, Outcome},
    telemetry,
    upstream::{self, Allowance, Said, Standing},
};
use std::{sync::atomic::Ordering::Relaxed, time::SystemTime};
use tokio::time::Instant;

/// Logins that are shown.
const MOST_LOGINS: usize = 20;

impl Admin {
    /// How everything stands now.
    #[must_use]
    pub fn status(&self) -> Status {
        let (now, wall) = (Instant::now(), SystemTime::now());
        let site = self.web.site();
        Status {
            at: wall,
            version: env!("CARGO_PKG_VERSION"),
            started: self.started,
            uptime: wall.duration_since(self.started).unwrap_or_default(),
            not_ready: self.unready().map(|(reason, _)| reason),
            in_flight: self.web.in_flight(),
            max_in_flight: site.max_in_flight,
            logins: logins(&self.memory),
            recent: self.memory.journal.recent().iter().take(MOST_LOGINS).map(|it| login(it, wall)).collect(),
            slot: telemetry::SLOT,
            upstreams: site.sessions.entrants().iter().map(|entrant| upstream(entrant, now)).collect(),
        }
    }
}

fn logins(memory: &Memory) -> Logins {
    let [joined, not_joined, undecided] = Outcome::ALL.map(|outcome| memory.journal.ended(outcome));
    let counts = &memory.counts;
    let [disputed, bound_elsewhere] = [&counts.disputes, &counts.bound_elsewhere].map(|count| count.load(Relaxed));
    Logins { joined, not_joined, undecided, disputed, bound_elsewhere }
}

fn login(login: &session::Login, wall: SystemTime) -> Login {
    let answers = login.calls().map(|call| Answer {
        upstream: call.upstream.to_string(),
        said: said(call.heard).label(),
        text: call.heard.to_string(),
        took: call.took,
    });
    Login {
        player: login.name.as_str().to_owned(),
        outcome: login.outcome,
        winner: login.winner.as_ref().map(|(winner, _)| winner.to_string()),
        took: login.took,
        ago: wall.duration_since(login.at).unwrap_or_default(),
        answers: answers.collect(),
    }
}

fn said(heard: Heard) -> Said {
    match heard {
        Heard::Yes => Said::Positive,
        Heard::No => Said::Negative,
        Heard::Barred(_) => Said::Barred,
        Heard::Nothing(failure) => failure.into(),
    }
}

fn upstream(entrant: &Entrant, now: Instant) -> Upstream {
    let (upstream, counts) = (&entrant.upstream, entrant.upstream.counts());
    let standing = upstream.standing(now);
    let (slots, sum) = counts.recently(now);
    let latency = |share| sum.latency(share);
    Upstream {
        id: upstream.id().to_string(),
        trusted: entrant.trusted,
        health: health(&standing),
        paused: standing.paused,
        budget: budget(upstream.allowance(), standing.budget_left),
        in_flight: counts.in_flight(),
        connections: upstream.clients().map(|client| client.counts().open_now()).sum(),
        totals: Said::ALL.map(|said| Total { said: said.label(), count: counts.said(said) }).into(),
        wins: counts.wins(),
        latency: latency(0.5).zip(latency(0.95)).map(|(p50, p95)| Latency { p50, p95 }),
        last_failure: counts.last_failure().map(|(failure, at)| LastFailure {
            said: Said::from(failure).label(),
            text: failure.to_string(),
            ago: now.saturating_duration_since(at),
        }),
        slots: slots.iter().map(slot).collect(),
    }
}

fn health(standing: &Standing) -> Health {
    let since = standing.failing.unwrap_or_default();
    match standing.health {
        upstream::Health::Closed => Health::Closed,
        upstream::Health::Open(next_try) => Health::Open { since, next_try },
        upstream::Health::HalfOpen => Health::HalfOpen { since },
    }
}

fn budget(allowance: Option<Allowance>, left: Option<u32>) -> Option<Budget> {
    let allowance = allowance?;
    let Allowance { requests: of, per } = allowance;
    Some(Budget { left: left?, of, per, kept: allowance.kept() })
}

fn slot(slot: &telemetry::Slot) -> Slot {
    let telemetry::Slot { asked, positive, failed, wins, .. } = *slot;
    Slot { asked, positive, failed, wins, latency: slot.latency(0.5) }
}
