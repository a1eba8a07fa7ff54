//! What is counted and sampled, the table of it, and the verdict.

use super::{Order, say};
use crate::support::proxy::Proxy;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const MIB: u64 = 1024 * 1024;
/// Of the last program's life, the first part is its warm-up; the next quarter is compared with the last quarter.
const WARM_UP: f64 = 0.25;
/// Growth of the median from one quarter to the other that is no leak: a twentieth, and what an allocator keeps back.
const SPARE: u64 = 3 * MIB;
/// The same of descriptors: an upstream that hangs holds as many as its 64 connections, another time none does.
const SPARE_FILES: usize = 64 + 24;
/// Samples that say anything.
const FEWEST: usize = 8;

/// What became of one question.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Joined,
    Refused,
    Down,
    HungUp,
    Account,
}

/// The counts.
#[derive(Default)]
pub(super) struct Figures {
    kinds: [AtomicUsize; 5],
    wrong: AtomicUsize,
    /// The first of them, in words.
    told: Mutex<Vec<String>>,
}

impl Figures {
    pub(super) fn count(&self, outcome: Result<Kind, String>) {
        match outcome {
            Ok(kind) => _ = self.kinds[kind as usize].fetch_add(1, Ordering::Relaxed),
            Err(why) => {
                self.wrong.fetch_add(1, Ordering::Relaxed);
                let mut told = self.told.lock().unwrap();
                if told.len() < 20 {
                    say!("WRONG: {why}");
                    told.push(why);
                }
            }
        }
    }

    fn counts(&self) -> [usize; 6] {
        let [joined, refused, down, gone, accounts] = &self.kinds;
        [joined, refused, down, gone, accounts, &self.wrong].map(|count| count.load(Ordering::Relaxed))
    }
}

/// One look at the program.
pub(super) struct Sample {
    at: Duration,
    generation: u32,
    resident: u64,
    proportional: u64,
    files: usize,
    counts: [usize; 6],
}

impl Sample {
    pub(super) fn of(proxy: &Proxy, generation: u32, at: Duration, figures: &Figures) -> Self {
        let (resident, proportional) = (proxy.memory(), proxy.proportional_memory());
        Self { at, generation, resident, proportional, files: proxy.open_files(), counts: figures.counts() }
    }
}

fn median(samples: &[&Sample], of: impl Fn(&Sample) -> u64) -> u64 {
    let mut values: Vec<_> = samples.iter().map(|sample| of(sample)).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// A line for each minute: its medians, and the counts so far.
fn table(order: &Order, samples: &[Sample]) {
    say!("minute program  RSS MiB  PSS MiB  files   joined  refused     down  hung up accounts  wrong");
    let minutes = order.time.as_secs().div_ceil(60);
    for minute in 0..minutes {
        let within: Vec<_> = samples.iter().filter(|sample| sample.at.as_secs() / 60 == minute).collect();
        let Some(last) = within.last() else { continue };
        let mib = |of: fn(&Sample) -> u64| median(&within, of) as f64 / MIB as f64;
        let (resident, proportional) = (mib(|sample| sample.resident), mib(|sample| sample.proportional));
        let files = median(&within, |sample| sample.files as u64);
        let [joined, refused, down, gone, accounts, wrong] = last.counts;
        say!(
            "{:>6} {:>7} {resident:>8.1} {proportional:>8.1} {files:>6} {joined:>8} {refused:>8} {down:>8} {gone:>8} {accounts:>8} {wrong:>6}",
            minute + 1,
            last.generation + 1
        );
    }
}

/// Prints the table and says whether all was well; panics when it was not.
pub(super) fn verdict(order: &Order, samples: &[Sample], figures: &Figures) {
    table(order, samples);
    let last = samples.last().unwrap().generation;
    let life: Vec<_> = samples.iter().filter(|sample| sample.generation == last).collect();
    let warm = &life[(life.len() as f64 * WARM_UP) as usize..];
    assert!(warm.len() >= FEWEST, "{} samples of the last program say nothing: run it longer", warm.len());
    let quarter = (life.len() / 4).max(1);
    let (early, late) = (&warm[..quarter], &warm[warm.len() - quarter..]);
    let memory = |samples: &[&Sample]| median(samples, |sample| sample.proportional);
    let files = |samples: &[&Sample]| median(samples, |sample| sample.files as u64) as usize;
    let (before, after, most) = (memory(early), memory(late), memory(early) * 21 / 20 + SPARE);
    say!(
        "flat: of program {}, after a quarter of its life, PSS {:.1} MiB and {} files; in its last quarter {:.1} MiB (at most {:.1}) and \
         {} files (at most {})",
        last + 1,
        before as f64 / MIB as f64,
        files(early),
        after as f64 / MIB as f64,
        most as f64 / MIB as f64,
        files(late),
        files(early) + SPARE_FILES
    );
    let [joined, refused, .., accounts, wrong] = figures.counts();
    let mut faults = Vec::new();
    for (is_so, fault) in [
        (wrong > 0, format!("{wrong} answers were wrong")),
        (after > most, "memory has grown".to_owned()),
        (files(late) > files(early) + SPARE_FILES, "descriptors have grown".to_owned()),
        (joined == 0 || refused == 0 || accounts == 0, "not every kind of client was there".to_owned()),
    ] {
        if is_so {
            faults.push(fault);
        }
    }
    say!("verdict: {}", if faults.is_empty() { "well".to_owned() } else { faults.join(", ") });
    assert!(faults.is_empty(), "{} (seed {}): {}", "the soak has failed", order.seed, faults.join(", "));
}
