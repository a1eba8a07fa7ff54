//! When an upstream is well and when it is not: windows of one fault each, drawn from a seed.
//!
//! Decides what may go wrong and for how long. What an upstream then answers is written in `house`.

use std::{fmt, ops::Range, time::Duration};

pub(super) use crate::support::dice::Dice;

/// What an upstream does in place of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Fault {
    Hangs,
    Limits,
    LimitsFor,
    Fails,
    Resets,
    ResetsMidBody,
    Garbage,
    Malformed,
    /// 200 with another player's profile.
    Mistakes,
    /// An honest answer, late.
    Slow,
    /// Refuses connections.
    Down,
    /// An `own` upstream only: says yes for players of trusted ones, with their very UUIDs.
    Impersonates,
}

use Fault::*;

pub(super) const FAULTS: [Fault; 12] =
    [Hangs, Limits, LimitsFor, Fails, Resets, ResetsMidBody, Garbage, Malformed, Mistakes, Slow, Down, Impersonates];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Hangs => "hangs",
            Limits => "429",
            LimitsFor => "429 + Retry-After",
            Fails => "5xx",
            Resets => "resets",
            ResetsMidBody => "resets mid body",
            Garbage => "garbage",
            Malformed => "lies: malformed",
            Mistakes => "lies: someone else",
            Slow => "slow",
            Down => "refuses connections",
            Impersonates => "lies: impersonates",
        })
    }
}

/// Time since the start in which an upstream has one fault.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) time: Range<Duration>,
    pub(super) fault: Fault,
}

/// The windows of one upstream, in their order. None is longer than the shortest wait of a breaker, so that an outage opens it
/// once and its first probe finds the upstream well.
pub(super) fn windows(dice: &mut Dice, end: Duration, faults: &mut Vec<Fault>, own: bool) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut start = dice.ms(2_000..14_000);
    while start < end {
        // Each fault has its turn before any comes again.
        if !faults.iter().any(|fault| own || *fault != Impersonates) {
            faults.extend(FAULTS);
        }
        let fault = loop {
            let at = dice.below(faults.len());
            if own || faults[at] != Impersonates {
                break faults.swap_remove(at);
            }
        };
        let time = start..start + dice.ms(3_000..7_000);
        start = time.end + dice.ms(14_000..24_000);
        windows.push(Window { time, fault });
    }
    windows
}
