//! `/status.json`: the same as the page, for machines.
//!
//! Times are numbers, with their unit in the name.

use super::{Budget, Health, Latency, Login, NotReady, Slot, Status, Upstream};
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime};

impl Status {
    /// All of it as one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let total: u64 = self.upstreams.iter().map(|upstream| upstream.wins).sum();
        let upstreams: Vec<_> = self.upstreams.iter().map(|each| upstream(each, total)).collect();
        let status = json!({
            "at_unix_seconds": unix_seconds(self.at),
            "version": self.version,
            "started_unix_seconds": unix_seconds(self.started),
            "uptime_seconds": self.uptime.as_secs(),
            "ready": self.not_ready.is_none(),
            "not_ready": self.not_ready.map(NotReady::label),
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "logins": {
                "joined": self.logins.joined,
                "not_joined": self.logins.not_joined,
                "undecided": self.logins.undecided,
                "disputed": self.logins.disputed,
                "bound_elsewhere": self.logins.bound_elsewhere,
            },
            "upstreams": upstreams,
            "slot_seconds": seconds(self.slot),
            "recent_logins": self.recent.iter().map(login).collect::<Vec<_>>(),
        });
        status.to_string()
    }
}

impl NotReady {
    /// As it stands in JSON.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::NobodyToAsk => "nobody_to_ask",
        }
    }
}

fn upstream(upstream: &Upstream, all_wins: u64) -> Value {
    let totals: Map<_, _> = upstream.totals.iter().map(|total| (total.said.to_owned(), total.count.into())).collect();
    json!({
        "id": upstream.id,
        "attests": if upstream.trusted { "mojang" } else { "own" },
        "health": health(upstream.health),
        "paused_seconds": upstream.paused.map(seconds),
        "budget": upstream.budget.map(|Budget { left, of, per, kept }| json!({
            "left": left,
            "of": of,
            "per_seconds": seconds(per),
            "kept_for_known_players": kept,
        })),
        "in_flight": upstream.in_flight,
        "connections": upstream.connections,
        "totals": totals,
        "wins": upstream.wins,
        "win_share": (all_wins > 0).then(|| upstream.wins as f64 / all_wins as f64),
        "latency_ms": upstream.latency.map(|Latency { p50, p95 }| json!({"p50": millis(p50), "p95": millis(p95)})),
        "last_failure": upstream.last_failure.as_ref().map(|failure| json!({
            "said": failure.said,
            "text": failure.text,
            "seconds_ago": seconds(failure.ago),
        })),
        "slots": upstream.slots.iter().map(slot).collect::<Vec<_>>(),
    })
}

fn health(health: Health) -> Value {
    match health {
        Health::Closed => json!({"breaker": "closed"}),
        Health::HalfOpen { since } => json!({"breaker": "half_open", "failing_for_seconds": seconds(since)}),
        Health::Open { since, next_try } => json!({
            "breaker": "open",
            "failing_for_seconds": seconds(since),
            "next_try_in_seconds": seconds(next_try),
        }),
    }
}

fn slot(slot: &Slot) -> Value {
    json!({
        "asked": slot.asked,
        "positive": slot.positive,
        "failed": slot.failed,
        "wins": slot.wins,
        "latency_ms": slot.latency.map(millis),
    })
}

fn login(login: &Login) -> Value {
    let answers = login.answers.iter().map(|answer| {
        json!({
            "upstream": answer.upstream,
            "said": answer.said,
            "text": answer.text,
            "took_ms": millis(answer.took),
        })
    });
    json!({
        "player": login.player,
        "outcome": login.outcome.label(),
        "winner": login.winner,
        "took_ms": millis(login.took),
        "seconds_ago": seconds(login.ago),
        "answers": answers.collect::<Vec<_>>(),
    })
}

fn unix_seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// To the millisecond.
fn seconds(time: Duration) -> f64 {
    time.as_millis() as f64 / 1_000.0
}

/// To the hundredth of one.
fn millis(time: Duration) -> f64 {
    (time.as_micros() as f64 / 10.0).round() / 100.0
}
