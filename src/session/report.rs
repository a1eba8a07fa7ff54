//! One log line per login: who answered what, and after how long.
//!
//! It names the player and the upstreams, never the serverId or an address.

use super::{Answer, Entrant};
use crate::{model::Question, upstream::Verdict};
use std::fmt::Write;
use tokio::time::Instant;

/// What has been heard, in the order it came.
pub(super) struct Report<'a> {
    started: Instant,
    entrants: &'a [Entrant],
    verdicts: String,
    enabled: bool,
}

impl<'a> Report<'a> {
    pub(super) fn new(started: Instant, entrants: &'a [Entrant]) -> Self {
        let enabled = tracing::enabled!(tracing::Level::INFO);
        Self { started, entrants, verdicts: String::new(), enabled }
    }

    pub(super) fn hear(&mut self, place: usize, verdict: &Verdict) {
        if !self.enabled {
            return;
        }
        let id = self.entrants[place].upstream.id();
        let took = self.started.elapsed().as_millis();
        let comma = if self.verdicts.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = match verdict {
            Verdict::Joined(_) => write!(self.verdicts, "{comma}{id}: yes {took}ms"),
            Verdict::NotJoined => write!(self.verdicts, "{comma}{id}: no {took}ms"),
            Verdict::Barred(barred) => write!(self.verdicts, "{comma}{id}: {barred} {took}ms"),
            Verdict::Failed(failure) => write!(self.verdicts, "{comma}{id}: {failure} {took}ms"),
        };
    }

    /// Writes the line. An upstream that is not in `verdicts` had not spoken yet.
    pub(super) fn decided(&self, question: &Question, answer: &Answer) {
        let player = question.name.as_str();
        let took_ms = self.started.elapsed().as_millis() as u64;
        let verdicts = self.verdicts.as_str();
        match answer {
            Answer::Joined(upstream, profile) => tracing::info!(
                player, outcome = "joined", %upstream, uuid = %profile.id, took_ms, verdicts, "login"
            ),
            Answer::NotJoined => tracing::info!(player, outcome = "not joined", took_ms, verdicts, "login"),
            Answer::Undecided => tracing::warn!(player, outcome = "undecided", took_ms, verdicts, "login"),
        }
    }
}
