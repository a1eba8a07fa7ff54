//! Whether logins can be answered.
//!
//! Decides what traffic may be routed by: not while draining, and not while no upstream would be asked. One whose wait is over
//! counts as usable: the next login finds out, and it could not if none were routed here.

use super::{Admin, NotReady};
use crate::{
    session::Entrant,
    upstream::{Health, Standing},
};
use std::time::Duration;
use tokio::time::Instant;

impl Admin {
    /// Why no login should be sent here now, in short and in words; `None` when they can be.
    pub(super) fn unready(&self) -> Option<(NotReady, String)> {
        if self.stop.is_cancelled() {
            return Some((NotReady::Draining, "draining".to_owned()));
        }
        let now = Instant::now();
        let site = self.web.site();
        let reasons: Option<Vec<_>> = site.sessions.entrants().iter().map(|entrant| unusable(entrant, now)).collect();
        reasons.map(|reasons| (NotReady::NobodyToAsk, format!("no upstream is usable: {}", reasons.join(", "))))
    }
}

/// Why an upstream would not be asked; `None` when it would be.
fn unusable(entrant: &Entrant, now: Instant) -> Option<String> {
    let id = entrant.upstream.id();
    let Standing { health, budget_left, paused, .. } = entrant.upstream.standing(now);
    match (health, paused, budget_left) {
        (Health::Open(wait), _, _) if !wait.is_zero() => {
            Some(format!("{id} keeps failing, next try within {}", seconds(wait)))
        }
        (Health::HalfOpen, _, _) => Some(format!("{id} keeps failing, it is being tried")),
        (_, Some(pause), _) => Some(format!("{id} asked to be left in peace, for {}", seconds(pause))),
        (_, _, Some(0)) => Some(format!("{id} has spent its budget")),
        _ => None,
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64().ceil())
}
