//! The calls of one race: those under way, and those that may follow.
//!
//! Decides when a planned call leaves. What an answer means for the race is decided by `race`.

use super::plan::Plan;
use crate::upstream::Verdict;
use futures::stream::{FuturesUnordered, StreamExt};
use std::pin::Pin;
use tokio::time::{Instant, sleep_until};

/// Calls made by `C`, each a future `F`.
pub(super) struct Calls<C, F> {
    call: C,
    /// Each in a box of its own: the set has room for one more than there are.
    under_way: FuturesUnordered<Pin<Box<F>>>,
    later: Vec<usize>,
    later_at: Instant,
    guess: Option<usize>,
}

impl<C, F> Calls<C, F>
where
    C: Fn(usize) -> F,
    F: Future<Output = (usize, Verdict)>,
{
    /// Makes the first calls of the plan.
    pub(super) fn start(plan: Plan, started: Instant, call: C) -> Self {
        let Plan { first, later, guess, delay } = plan;
        let under_way = first.into_iter().map(|place| Box::pin(call(place))).collect();
        Self { call, under_way, later, later_at: started + delay, guess }
    }

    /// The next verdict; `None` when all have spoken. Dropped while it waits, it loses nothing.
    pub(super) async fn next(&mut self) -> Option<(usize, Verdict)> {
        while !self.later.is_empty() {
            tokio::select! {
                biased;
                heard = self.under_way.next() => match heard {
                    Some((place, verdict)) => {
                        if Some(place) == self.guess && !verdict.joined() {
                            self.go_on();
                        }
                        return Some((place, verdict));
                    }
                    None => self.go_on(),
                },
                () = sleep_until(self.later_at) => self.go_on(),
            }
        }
        self.under_way.next().await
    }

    /// Makes no more calls: only those under way are waited for.
    pub(super) fn no_more(&mut self) {
        self.later.clear();
    }

    fn go_on(&mut self) {
        self.under_way.extend(self.later.drain(..).map(|place| Box::pin((self.call)(place))));
    }
}
