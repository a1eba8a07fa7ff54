//! What a login leaves behind: one log line, and its entry in the journal.
//!
//! Both name the player and the upstreams, with what each said and after how long; never the serverId or an address.

use super::{
    Answer, Entrant,
    journal::{Call, Journal, Login, Outcome},
    policy::Heard,
};
use crate::{model::Question, telemetry::Structured, upstream::Verdict};
use serde::{Serialize, Serializer};
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::SystemTime,
};
use tokio::time::Instant;

/// What has been heard, in the order it came.
pub(super) struct Report<'a> {
    started: Instant,
    entrants: &'a [Entrant],
    journal: &'a Journal,
    heard: Vec<Call>,
    /// Once it is decided.
    login: Option<Arc<Login>>,
}

impl<'a> Report<'a> {
    pub(super) fn new(started: Instant, entrants: &'a [Entrant], journal: &'a Journal) -> Self {
        Self { started, entrants, journal, heard: Vec::with_capacity(entrants.len()), login: None }
    }

    /// Takes note of a verdict, before the decision or after it.
    pub(super) fn hear(&mut self, place: usize, verdict: &Verdict) {
        let upstream = self.entrants[place].upstream.id().clone();
        self.heard.push(Call { upstream, heard: verdict.into(), took: self.started.elapsed() });
    }

    /// Writes the line and the entry. An upstream that is not among the verdicts had not spoken yet.
    pub(super) fn decided(&mut self, question: &Question, answer: &Answer) {
        let (outcome, winner) = match answer {
            Answer::Joined(upstream, profile) => (Outcome::Joined, Some((upstream.clone(), profile.id))),
            Answer::NotJoined => (Outcome::NotJoined, None),
            Answer::Undecided => (Outcome::Undecided, None),
        };
        if let Some((winner, _)) = &winner
            && let Some(entrant) = self.entrants.iter().find(|entrant| entrant.upstream.id() == winner)
        {
            entrant.upstream.counts().won(Instant::now());
        }
        let login = Arc::new(Login {
            name: question.name.clone(),
            at: SystemTime::now(),
            outcome,
            winner,
            took: self.started.elapsed(),
            heard: std::mem::take(&mut self.heard),
            late: OnceLock::new(),
        });
        log(&login);
        self.journal.write(login.clone());
        self.login = Some(login);
    }

    /// Everybody has spoken: the entry gets what came after the decision.
    pub(super) fn ended(self) {
        if let Some(login) = self.login {
            // Nobody else sets it.
            let _ = login.late.set(self.heard);
        }
    }
}

fn log(login: &Login) {
    let player = login.name.as_str();
    let took_ms = login.took.as_millis() as u64;
    let verdicts = Structured(Verdicts(&login.heard));
    match (login.outcome, &login.winner) {
        (_, Some((upstream, uuid))) => {
            tracing::info!(player, outcome = "joined", %upstream, %uuid, took_ms, ?verdicts, "login");
        }
        (Outcome::Undecided, None) => tracing::warn!(player, outcome = "undecided", took_ms, ?verdicts, "login"),
        (_, None) => tracing::info!(player, outcome = "not joined", took_ms, ?verdicts, "login"),
    }
}

/// What was said, as a log line shows it.
struct Verdicts<'a>(&'a [Call]);

#[derive(Serialize)]
struct Spoken<'a> {
    upstream: &'a str,
    verdict: String,
    took_ms: u64,
}

impl<'a> From<&'a Call> for Spoken<'a> {
    fn from(call: &'a Call) -> Self {
        Self {
            upstream: call.upstream.as_str(),
            verdict: call.heard.to_string(),
            took_ms: call.took.as_millis() as u64,
        }
    }
}

impl fmt::Display for Verdicts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Call { upstream, heard, took }) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { ", " })?;
            f.write_str(upstream.as_str())?;
            match heard {
                Heard::Yes => f.write_str(": yes ")?,
                Heard::No => f.write_str(": no ")?,
                other => write!(f, ": {other} ")?,
            }
            (took.as_millis() as u64).fmt(f)?;
            f.write_str("ms")?;
        }
        Ok(())
    }
}

impl Serialize for Verdicts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Spoken::from))
    }
}

impl From<&Verdict> for Heard {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Joined(_) => Self::Yes,
            Verdict::NotJoined => Self::No,
            Verdict::Barred(barred) => Self::Barred(*barred),
            Verdict::Failed(failure) => Self::Nothing(*failure),
        }
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::No => f.write_str("no"),
            Self::Barred(barred) => barred.fmt(f),
            Self::Nothing(failure) => failure.fmt(f),
        }
    }
}
