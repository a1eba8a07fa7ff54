//! How one upstream is doing, in one word and one sentence.

use super::{
    super::status::{Answer, Budget, Health, Status, Upstream},
    words,
};
use crate::upstream::Said;
use std::time::Duration;

/// From its breaker, its limits and what it said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It keeps failing and is left alone.
    Down,
    /// It kept failing, and a question is on its way to find out whether it still does.
    Tried,
    /// It may not be asked now.
    Limited,
    /// It may be asked about players it knows, and no others.
    NearlySpent,
    /// It is there, but says neither yes nor no.
    Useless,
    /// Nobody has asked it.
    New,
    /// It answers.
    Fine,
}

/// So many answers in a row that are of no use are no accident.
const NO_ACCIDENT: usize = 5;

impl State {
    pub(super) fn of(upstream: &Upstream, status: &Status) -> Self {
        match (upstream.health, upstream.paused, upstream.budget) {
            (Health::Open { .. }, _, _) => Self::Down,
            (Health::HalfOpen { .. }, _, _) => Self::Tried,
            (_, Some(_), _) | (_, _, Some(Budget { left: 0, .. })) => Self::Limited,
            (_, _, Some(Budget { left, kept, .. })) if left <= kept => Self::NearlySpent,
            _ if useless(&upstream.id, status) => Self::Useless,
            _ if upstream.totals.iter().all(|total| total.count == 0) => Self::New,
            _ => Self::Fine,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Down => "Down",
            Self::Tried => "Being tried",
            Self::Limited => "Not asked now",
            Self::NearlySpent => "Nearly spent",
            Self::Useless => "Unusable",
            Self::New => "Not asked yet",
            Self::Fine => "Answers",
        }
    }

    /// Nobody gets a "yes" or a "no" from it.
    pub(super) const fn is_silent(self) -> bool {
        matches!(self, Self::Down | Self::Tried | Self::Limited | Self::Useless)
    }

    pub(super) const fn mood(self) -> Mood {
        match self {
            Self::Down | Self::Useless => Mood::Bad,
            Self::Tried | Self::Limited | Self::NearlySpent => Mood::Warn,
            Self::New => Mood::Quiet,
            Self::Fine => Mood::Good,
        }
    }
}

/// How it is to be looked at. Each has a sign of its own, since colours are not seen by all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Good,
    Quiet,
    Warn,
    Bad,
}

impl Mood {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Quiet => "quiet",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// A tick, a ring, a triangle and a cross, on a field of 16 by 16.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Good => "<path d=\"M3 8.6 6.4 12 13 4.4\"/>",
            Self::Quiet => "<circle cx=\"8\" cy=\"8\" r=\"4.5\"/>",
            Self::Warn => "<path d=\"M8 2.2 14.6 13.6H1.4ZM8 6.4V9.6M8 11.4V11.9\"/>",
            Self::Bad => "<path d=\"M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5\"/>",
        }
    }
}

/// What this upstream said in recent logins, the newest first, with the age of each.
pub(super) fn recent_answers<'a>(id: &'a str, status: &'a Status) -> impl Iterator<Item = (&'a Answer, Duration)> {
    status.recent.iter().filter_map(move |login| {
        let answer = login.answers.iter().find(|answer| answer.upstream == id)?;
        Some((answer, login.ago))
    })
}

/// A breaker does not open for these: something is there and answers.
fn useless(id: &str, status: &Status) -> bool {
    let said = recent_answers(id, status).filter_map(|(answer, _)| words::said(answer.said));
    let last: Vec<_> = said.filter(|said| said.was_asked()).take(NO_ACCIDENT).collect();
    last.len() == NO_ACCIDENT && !last.iter().any(|said| matches!(said, Said::Positive | Said::Negative | Said::Barred))
}

/// What is wrong with it, if anything is.
pub(super) fn trouble(upstream: &Upstream, state: State) -> Option<String> {
    let last = upstream.last_failure.as_ref();
    let why = last.map(|last| format!(": {}", words::failure(last))).unwrap_or_default();
    Some(match (state, upstream.health, upstream.paused, upstream.budget) {
        (State::New | State::Fine, ..) => return None,
        (_, Health::Open { since, next_try }, ..) => {
            let next = match next_try {
                Duration::ZERO => "the next login tries it again".to_owned(),
                next_try => format!("it is tried again within {}", words::left(next_try)),
            };
            format!("Failing for {}{why}. Logins leave it out; {next}.", words::time(since))
        }
        (_, Health::HalfOpen { since }, ..) => {
            format!("Failing for {}{why}. One login is trying it now, the others leave it out.", words::time(since))
        }
        (_, _, Some(paused), _) => {
            format!("It asked for fewer questions (status 429). Logins leave it out for {}.", words::left(paused))
        }
        (State::Limited, _, _, Some(Budget { of, per, .. })) => {
            let of = words::count(of.into());
            format!(
                "Its budget of {of} per {} is spent. Logins leave it out until there is some again.",
                words::time(per)
            )
        }
        (State::NearlySpent, ..) => "The rest of its budget is kept for players it has vouched for before.".to_owned(),
        _ => format!("Its last {NO_ACCIDENT} answers were neither yes nor no{why}."),
    })
}
