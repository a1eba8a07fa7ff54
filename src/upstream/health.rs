//! When an upstream that keeps failing is left alone, and when it is tried again: a breaker, pure and without a clock of its own.
//!
//! Decides whether a question may leave, from what became of the earlier ones. What counts as a failure is decided by whoever
//! reports; who else may be asked instead, by `session`.

use std::time::Duration;
use tokio::time::Instant;

/// So many failures one after the other open it.
const FAILURES_IN_A_ROW: u32 = 5;
/// The share of failures is taken over the last so many seconds.
const WINDOW: usize = 30;
/// A share of fewer answers says nothing.
const FEWEST_ANSWERS: u32 = 10;
/// From the opening to the first probe, twice as long after each failed one.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// But never longer.
const LAST_WAIT: Duration = Duration::from_secs(60);
/// Between two probes while there is nobody else to ask.
const LAST_HOPE: Duration = Duration::from_secs(1);

/// How much a question depends on this upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Others are asked as well.
    Usual,
    /// Every upstream that could know is left alone. To refuse all players until the wait is over would make an outage of
    /// seconds longer than it is, so one question a second may try.
    LastHope,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer, "yes" or "no".
    Good,
    /// It is there, but said nothing of use: no failure, and no proof of health either.
    Neutral,
    /// No answer, or one that only a broken upstream gives.
    Bad,
}

/// What a report has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// From now on it is not asked.
    Opened,
    /// A probe has failed.
    StaysOpen,
    /// It is asked again.
    Closed,
}

/// Leave for one question; to be handed back with what became of it.
#[derive(Debug)]
pub(super) struct Pass(u64);

/// How an upstream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is asked.
    Closed,
    /// It is not asked before so much time has passed; none, when the next question will be the probe.
    Open(Duration),
    /// One question is on its way to find out.
    HalfOpen,
}

/// The breaker of one upstream.
#[derive(Debug)]
pub(super) struct Breaker {
    open: Option<Open>,
    in_a_row: u32,
    recent: Recent,
    /// Grows with every change, so that what left before it is not heard after it.
    epoch: u64,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    since: Instant,
    until: Instant,
    wait: Duration,
    /// When there was last reason to believe it broken.
    tried: Instant,
    probing: bool,
}

impl Breaker {
    /// Closed, knowing nothing. No later call may name a time before `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self { open: None, in_a_row: 0, recent: Recent::new(now), epoch: 0 }
    }

    /// Whether [`Self::admit`] would let a question through.
    pub(super) fn admits(&self, now: Instant, urgency: Urgency) -> bool {
        self.open.is_none_or(|open| {
            let due = now >= open.until || (urgency == Urgency::LastHope && now >= open.tried + LAST_HOPE);
            due && !open.probing
        })
    }

    /// Lets a question through, or not. While it is half open that is one at a time.
    pub(super) fn admit(&mut self, now: Instant, urgency: Urgency) -> Option<Pass> {
        if !self.admits(now, urgency) {
            return None;
        }
        if let Some(open) = &mut self.open {
            open.probing = true;
            self.epoch += 1;
        }
        Some(Pass(self.epoch))
    }

    /// Takes note of what became of a question. `chance`, from 0 to 1, spreads the wait, so that proxies that saw one outage do
    /// not all probe at one moment.
    pub(super) fn report(&mut self, pass: Pass, outcome: Outcome, now: Instant, chance: f64) -> Option<Change> {
        if pass.0 != self.epoch {
            return None;
        }
        match (self.open, outcome) {
            (Some(open), Outcome::Bad) => {
                // A probe before its time does not make the wait longer: there may be many.
                let early = now < open.until;
                let wait = if early { open.wait } else { (open.wait * 2).min(LAST_WAIT) };
                let until = if early { open.until } else { now + spread(wait, chance) };
                self.change(Some(Open { until, wait, tried: now, probing: false, ..open }));
                Some(Change::StaysOpen)
            }
            // Whatever it said, it is there.
            (Some(_), Outcome::Good | Outcome::Neutral) => {
                self.change(None);
                (self.in_a_row, self.recent) = (0, Recent::new(now));
                Some(Change::Closed)
            }
            (None, Outcome::Good) => {
                self.in_a_row = 0;
                self.recent.count(now).good += 1;
                None
            }
            (None, Outcome::Neutral) => None,
            (None, Outcome::Bad) => {
                self.in_a_row += 1;
                self.recent.count(now).bad += 1;
                let opens = self.in_a_row >= FAILURES_IN_A_ROW || self.recent.mostly_bad();
                opens.then(|| {
                    let until = now + spread(FIRST_WAIT, chance);
                    self.change(Some(Open { since: now, until, wait: FIRST_WAIT, tried: now, probing: false }));
                    Change::Opened
                })
            }
        }
    }

    /// The question ended without telling anything: it was never sent, or nobody waited. If it was the probe, another may go.
    pub(super) fn abandon(&mut self, pass: &Pass) {
        if let Some(open) = self.open.as_mut().filter(|_| pass.0 == self.epoch) {
            open.probing = false;
        }
    }

    /// How it is.
    pub(super) fn health(&self, now: Instant) -> Health {
        match self.open {
            None => Health::Closed,
            Some(Open { probing: true, .. }) => Health::HalfOpen,
            Some(open) => Health::Open(open.until.saturating_duration_since(now)),
        }
    }

    /// For how long it has been anything but closed.
    pub(super) fn failing(&self, now: Instant) -> Option<Duration> {
        self.open.map(|open| now.saturating_duration_since(open.since))
    }

    fn change(&mut self, open: Option<Open>) {
        self.open = open;
        self.epoch += 1;
    }
}

/// A fifth shorter to a fifth longer.
fn spread(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0))
}

/// Answers of the last seconds, one place for each.
#[derive(Debug)]
struct Recent {
    since: Instant,
    newest: u64,
    seconds: [Second; WINDOW],
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    good: u32,
    bad: u32,
}

impl Recent {
    fn new(now: Instant) -> Self {
        Self { since: now, newest: 0, seconds: [Second::default(); WINDOW] }
    }

    /// The place of this second; those that it has left behind are cleared.
    fn count(&mut self, now: Instant) -> &mut Second {
        let second = now.saturating_duration_since(self.since).as_secs().max(self.newest);
        let passed = (second - self.newest).min(WINDOW as u64);
        for gone in 1..=passed {
            self.seconds[((second - passed + gone) % WINDOW as u64) as usize] = Second::default();
        }
        self.newest = second;
        &mut self.seconds[(second % WINDOW as u64) as usize]
    }

    fn mostly_bad(&self) -> bool {
        let bad: u32 = self.seconds.iter().map(|second| second.bad).sum();
        let good: u32 = self.seconds.iter().map(|second| second.good).sum();
        bad + good >= FEWEST_ANSWERS && bad > good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{Bad, Good, Neutral};
    use Urgency::{LastHope, Usual};
    use proptest::prelude::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// Asks and reports at once.
    fn said(breaker: &mut Breaker, outcome: Outcome, now: Instant) -> Option<Change> {
        let pass = breaker.admit(now, Usual).expect("it is asked");
        breaker.report(pass, outcome, now, 0.5)
    }

    /// One that has failed five times at `now`.
    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(now);
        let changes: Vec<_> = (0..5).map(|_| said(&mut breaker, Bad, now)).collect();
        assert_eq!(changes, [None, None, None, None, Some(Change::Opened)]);
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it_for_ten_seconds() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert_eq!(breaker.health(now + seconds(4)), Health::Open(seconds(6)));
        assert!(breaker.admit(now + seconds(9), Usual).is_none());
        let probe = breaker.admit(now + seconds(10), Usual).unwrap();
        assert_eq!(breaker.health(now + seconds(10)), Health::HalfOpen);
        assert!(breaker.admit(now + seconds(60), Usual).is_none(), "one probe at a time");
        assert_eq!(breaker.report(probe, Good, now + seconds(11), 0.5), Some(Change::Closed));
        assert_eq!(breaker.health(now + seconds(11)), Health::Closed);
        assert_eq!(said(&mut breaker, Bad, now + seconds(11)), None, "it starts afresh");
    }

    #[test]
    fn a_no_between_failures_keeps_it_closed_until_failures_prevail() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        for n in 0..5 {
            assert_eq!(said(&mut breaker, Bad, now + seconds(n)), None);
            assert_eq!(said(&mut breaker, Good, now + seconds(n)), None);
        }
        assert_eq!(said(&mut breaker, Bad, now + seconds(5)), Some(Change::Opened), "6 of 11");
    }

    #[test]
    fn failures_older_than_the_window_do_not_count() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        for n in 0..1000 {
            // A failure and an answer a second for 30 s, then the answers alone.
            let at = now + seconds(n);
            assert_eq!(said(&mut breaker, Good, at), None);
            if n < 30 {
                assert_eq!(said(&mut breaker, Bad, at), None);
            }
        }
        for n in 0..4 {
            assert_eq!(said(&mut breaker, Bad, now + seconds(1000 + n)), None);
        }
    }

    #[test]
    fn a_failed_probe_doubles_the_wait_up_to_a_minute() {
        let start = Instant::now();
        let (mut breaker, mut now) = (opened(start), start);
        for wait in [10, 20, 40, 60, 60] {
            assert!(breaker.admit(now + seconds(wait) - Duration::from_millis(1), Usual).is_none());
            now += seconds(wait);
            assert_eq!(said(&mut breaker, Bad, now), Some(Change::StaysOpen));
        }
    }

    #[test]
    fn the_wait_is_spread_by_a_fifth() {
        for (chance, wait) in [(0.0, 8), (1.0, 12), (7.0, 12)] {
            let now = Instant::now();
            let mut breaker = Breaker::new(now);
            for _ in 0..5 {
                let pass = breaker.admit(now, Usual).unwrap();
                breaker.report(pass, Bad, now, chance);
            }
            assert_eq!(breaker.health(now), Health::Open(seconds(wait)));
        }
    }

    #[test]
    fn an_abandoned_probe_makes_room_for_another() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + seconds(10);
        let first = breaker.admit(later, Usual).unwrap();
        breaker.abandon(&first);
        let second = breaker.admit(later, Usual).expect("the place is free");
        breaker.abandon(&first);
        assert!(breaker.admit(later, Usual).is_none(), "only the probe itself frees its place");
        assert_eq!(breaker.report(first, Good, later, 0.5), None, "it is not heard any more");
        assert_eq!(breaker.report(second, Neutral, later, 0.5), Some(Change::Closed), "it is there");
    }

    #[test]
    fn what_left_before_the_change_is_not_heard_after_it() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        let passes: Vec<_> = (0..20).map(|_| breaker.admit(now, Usual).unwrap()).collect();
        let changes = passes.into_iter().filter_map(|pass| breaker.report(pass, Bad, now, 0.5));
        assert_eq!(changes.collect::<Vec<_>>(), [Change::Opened], "one outage, told once");
        assert_eq!(breaker.health(now), Health::Open(seconds(10)));
    }

    #[test]
    fn a_last_hope_is_tried_each_second_and_does_not_make_the_wait_longer() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert!(breaker.admit(now + Duration::from_millis(999), LastHope).is_none());
        for n in 1..=3 {
            let probe = breaker.admit(now + seconds(n), LastHope).unwrap();
            assert!(breaker.admit(now + seconds(n), LastHope).is_none());
            assert_eq!(breaker.report(probe, Bad, now + seconds(n), 0.5), Some(Change::StaysOpen));
            assert_eq!(breaker.health(now + seconds(n)), Health::Open(seconds(10 - n)));
        }
        let probe = breaker.admit(now + seconds(4), LastHope).unwrap();
        assert_eq!(breaker.report(probe, Good, now + seconds(4), 0.5), Some(Change::Closed));
    }

    proptest! {
        /// Plain answers, however many and mixed with unclear ones, never open it.
        #[test]
        fn plain_answers_never_open_it(said in prop::collection::vec((any::<bool>(), 0u64..5_000), 0..300)) {
            let mut now = Instant::now();
            let mut breaker = Breaker::new(now);
            for (good, pause) in said {
                now += Duration::from_millis(pause);
                let pass = breaker.admit(now, Usual).unwrap();
                prop_assert_eq!(breaker.report(pass, if good { Good } else { Neutral }, now, 0.5), None);
            }
            prop_assert_eq!(breaker.health(now), Health::Closed);
        }

        /// Whatever happens in whatever order: never two probes at once, never asked before the wait is over, never stuck.
        #[test]
        fn it_is_never_asked_too_early_and_never_stuck(
            steps in prop::collection::vec((0u64..4_000, 0..5u8, any::<prop::sample::Index>(), 0.0..1.0f64), 1..300),
        ) {
            let mut now = Instant::now();
            let mut breaker = Breaker::new(now);
            let mut under_way: Vec<(Pass, bool)> = Vec::new();
            let mut opened_at = None;
            for (pause, step, which, chance) in steps {
                now += Duration::from_millis(pause);
                if step < 2 || under_way.is_empty() {
                    let open = breaker.health(now) != Health::Closed;
                    if let Some(pass) = breaker.admit(now, Usual) {
                        if let (true, Some(opened_at)) = (open, opened_at) {
                            prop_assert!(now >= opened_at + seconds(8));
                        }
                        prop_assert!(!open || breaker.health(now) == Health::HalfOpen);
                        under_way.push((pass, open));
                    }
                    continue;
                }
                let (pass, _) = under_way.swap_remove(which.index(under_way.len()));
                let change = match step {
                    2 => breaker.report(pass, Good, now, chance),
                    3 => breaker.report(pass, Bad, now, chance),
                    _ => { breaker.abandon(&pass); None }
                };
                match change {
                    Some(Change::Opened | Change::StaysOpen) => opened_at = Some(now),
                    Some(Change::Closed) => opened_at = None,
                    None => {}
                }
                let probes = under_way.iter().filter(|(pass, probe)| *probe && pass.0 == breaker.epoch).count();
                prop_assert!(probes <= 1);
            }
            for (pass, _) in under_way {
                breaker.abandon(&pass);
            }
            let pass = breaker.admit(now + seconds(80), Usual);
            prop_assert!(pass.is_some(), "stuck: {breaker:?}");
        }
    }
}
