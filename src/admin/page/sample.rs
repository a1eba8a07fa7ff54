//! Statuses to try the page with.

use super::super::status::{
    Answer, Budget, Health, LastFailure, Latency, Login, Logins, Outcome, Slot, Status, Total, Upstream,
};
use crate::upstream::Said;
use std::time::{Duration, SystemTime};

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A proxy that has just been started.
pub(super) fn fresh(ids: &[&str]) -> Status {
    let at = SystemTime::UNIX_EPOCH + seconds(1_795_253_890);
    Status {
        at,
        version: "0.1.0",
        started: at - seconds(15_124),
        uptime: seconds(15_124),
        not_ready: None,
        in_flight: 0,
        max_in_flight: 10_000,
        logins: Logins::default(),
        recent: Vec::new(),
        slot: seconds(10),
        upstreams: ids.iter().map(|id| upstream(id)).collect(),
    }
}

pub(super) fn upstream(id: &str) -> Upstream {
    Upstream {
        id: id.to_owned(),
        trusted: true,
        health: Health::Closed,
        paused: None,
        budget: None,
        in_flight: 0,
        connections: 0,
        totals: Said::ALL.map(|said| Total { said: said.label(), count: 0 }).into(),
        wins: 0,
        latency: None,
        last_failure: None,
        slots: vec![Slot::default(); 30],
    }
}

/// The same after a busy while. The first upstream wins most.
pub(super) fn busy(ids: &[&str]) -> Status {
    let mut status = fresh(ids);
    status.logins = Logins { joined: 12_804, not_joined: 331, undecided: 2, disputed: 3, bound_elsewhere: 0 };
    status.in_flight = 3;
    for (place, upstream) in status.upstreams.iter_mut().enumerate() {
        work(upstream, place as u64);
    }
    status.recent = (0..20).map(|at| login(at, ids)).collect();
    status
}

fn work(upstream: &mut Upstream, place: u64) {
    let wave = |at: u64| (at * (7 + place) * 13 % 17) + (at * (3 + place) % 5);
    for (at, slot) in upstream.slots.iter_mut().enumerate() {
        let at = at as u64;
        let asked = (wave(at) + 4) as u32;
        *slot = Slot {
            asked,
            positive: asked / (place as u32 + 2),
            failed: u32::from(place == 1 && at.is_multiple_of(9)),
            wins: asked / (place as u32 * 2 + 2),
            latency: (at % 11 != 5 || place == 0).then(|| millis(38 + place * 60 + wave(at) * 4)),
        };
    }
    upstream.connections = 4 + place;
    upstream.in_flight = place % 3;
    upstream.wins = 10_000 / (place + 1);
    upstream.latency = Some(Latency { p50: millis(42 + place * 60), p95: millis(120 + place * 90) });
    for (total, count) in upstream.totals.iter_mut().zip([11_020 / (place + 1), 2_117, 4 * place, 0, 1, 3 * place]) {
        total.count = count;
    }
}

fn login(at: usize, ids: &[&str]) -> Login {
    let winner = ids.get(at % 7).or(ids.first());
    let outcome = if at % 6 == 5 { Outcome::NotJoined } else { Outcome::Joined };
    let answers = ids.iter().take(3).enumerate().map(|(place, id)| {
        let yes = outcome == Outcome::Joined && Some(id) == winner;
        let said = if yes { Said::Positive } else { Said::Negative };
        answer(id, said, if yes { "yes" } else { "no" }, millis(38 + (at * 7 % 20 + place * 55) as u64))
    });
    let players = ["Notch", "jeb_", "Dinnerbone", "a_very_long_name", "Grumm"];
    Login {
        player: players[at % players.len()].to_owned(),
        outcome,
        winner: winner.filter(|_| outcome == Outcome::Joined).map(|id| (*id).to_owned()),
        took: millis(44 + at as u64 * 9 % 31),
        ago: seconds(2 + (at * at) as u64),
        answers: answers.collect(),
    }
}

pub(super) fn answer(id: &str, said: Said, text: &str, took: Duration) -> Answer {
    Answer { upstream: id.to_owned(), said: said.label(), text: text.to_owned(), took }
}

/// The upstream at this place fails, and has for a while.
pub(super) fn down(status: &mut Status, place: usize) {
    let upstream = &mut status.upstreams[place];
    upstream.health = Health::Open { since: seconds(134), next_try: millis(6_200) };
    upstream.last_failure =
        Some(LastFailure { said: Said::Timeout.label(), text: "timeout".to_owned(), ago: seconds(12) });
    upstream.connections = 0;
    let length = upstream.slots.len();
    for (at, slot) in upstream.slots.iter_mut().enumerate().skip(length - 13) {
        let failed = if at == length - 13 { 5 } else { (at % 3 == 0).into() };
        *slot = Slot { asked: failed, failed, ..Slot::default() };
    }
    let id = upstream.id.clone();
    for (at, login) in status.recent.iter_mut().enumerate() {
        for answer in login.answers.iter_mut().filter(|answer| answer.upstream == id) {
            let said = if at % 4 == 3 { Said::Timeout } else { Said::Open };
            (answer.said, answer.text) = (said.label(), said.label().to_owned());
        }
        if login.winner.as_ref() == Some(&id) {
            (login.winner, login.outcome) = (None, Outcome::Undecided);
        }
    }
}

/// It may be asked so many times, and so much of that is left.
pub(super) fn limit(status: &mut Status, place: usize, left: u32) {
    status.upstreams[place].budget = Some(Budget { left, of: 600, per: seconds(600), kept: 120 });
}
