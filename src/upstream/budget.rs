//! How many questions an upstream may be asked, by its own rules: a count within a sliding window, and pauses that it asks for.
//!
//! Pure and without a clock of its own. Decides whether another request would be too many; who is a known player, and what becomes
//! of a question that may not be asked, is decided by whoever holds it.

use crate::net::Headers;
use http::header::{DATE, RETRY_AFTER};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// The window is counted in so many parts; a request is forgotten up to one part late, never early.
const PARTS: usize = 60;
/// Of every budget the fifth part is kept for known players.
const KEPT: u32 = 5;
/// A pause without a length of its own, twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// No pause is shorter: a "retry after 0 s" is no leave to ask at once.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// And none is longer, whatever an upstream asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// At most so many requests in any stretch of time of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How many.
    pub requests: u32,
    /// In how long a time.
    pub per: Duration,
}

impl Allowance {
    /// How many of the requests are kept for known players.
    #[must_use]
    pub fn kept(self) -> u32 {
        self.requests / KEPT
    }
}

/// What is spent of an allowance.
#[derive(Debug)]
pub(super) struct Budget {
    allowance: Allowance,
    since: Instant,
    /// The part of time that counts now, from `since`.
    part: u128,
    /// One more than the window has: its oldest part is only partly within it.
    spent: [u32; PARTS + 1],
}

/// A request that has been counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent(u128);

impl Budget {
    /// Nothing spent. No later call may name a time before `now`.
    pub(super) fn new(allowance: Allowance, now: Instant) -> Self {
        Self { allowance, since: now, part: 0, spent: [0; PARTS + 1] }
    }

    /// How many requests may still leave now.
    pub(super) fn left(&mut self, now: Instant) -> u32 {
        self.advance(now);
        self.allowance.requests.saturating_sub(self.spent.iter().sum())
    }

    /// Whether another may leave: for a player who is not known, only while there is more than what is kept for those who are.
    pub(super) fn allows(&mut self, known: bool, now: Instant) -> bool {
        let kept = if known { 0 } else { self.allowance.kept() };
        self.left(now) > kept
    }

    /// Counts a request, allowed or not.
    pub(super) fn spend(&mut self, now: Instant) -> Spent {
        self.advance(now);
        self.spent[place(self.part)] += 1;
        Spent(self.part)
    }

    /// The request was never sent.
    pub(super) fn give_back(&mut self, Spent(part): Spent, now: Instant) {
        self.advance(now);
        if self.part - part <= PARTS as u128 {
            let count = &mut self.spent[place(part)];
            *count = count.saturating_sub(1);
        }
    }

    fn advance(&mut self, now: Instant) {
        let length = (self.allowance.per.as_nanos() / PARTS as u128).max(1);
        // Rounded up, so that the parts together are no shorter than the window.
        let length = if length * (PARTS as u128) < self.allowance.per.as_nanos() { length + 1 } else { length };
        let part = (now.saturating_duration_since(self.since).as_nanos() / length).max(self.part);
        let passed = (part - self.part).min(PARTS as u128 + 1);
        for gone in 0..passed {
            self.spent[place(part - gone)] = 0;
        }
        self.part = part;
    }
}

fn place(part: u128) -> usize {
    (part % (PARTS as u128 + 1)) as usize
}

/// Pauses that an upstream has asked for by status 429.
#[derive(Debug, Default)]
pub(super) struct Pause {
    until: Option<Instant>,
    in_a_row: u32,
}

impl Pause {
    /// How long it lasts from now, if there is one.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    /// It was asked for, with or without a length. Says whether this is the first one of a row.
    pub(super) fn begin(&mut self, asked: Option<Duration>, now: Instant) -> bool {
        // Questions that left together are refused together: that is one refusal, not many.
        let goes_on = self.left(now).is_some();
        let length = match asked {
            Some(asked) => asked.clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
            None if goes_on => return false,
            None => FIRST_PAUSE.saturating_mul(1 << self.in_a_row.min(8)).min(LONGEST_PAUSE),
        };
        if !goes_on {
            self.in_a_row = self.in_a_row.saturating_add(1);
        }
        self.until = self.until.max(Some(now + length));
        self.in_a_row == 1 && !goes_on
    }

    /// It has answered something else.
    pub(super) fn answered(&mut self, now: Instant) {
        if self.left(now).is_none() {
            *self = Self::default();
        }
    }
}

/// What `Retry-After` says: seconds, or a date, which is read by the upstream's own clock if it tells it.
pub(super) fn retry_after(headers: &Headers, wall: SystemTime) -> Option<Duration> {
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let text = headers.text(RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST_PAUSE, Duration::from_secs));
    }
    let until = date(&text)?;
    let told = headers.text(DATE).and_then(|text| date(&text));
    Some(until.duration_since(told.unwrap_or(wall)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};
    use proptest::prelude::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn budget(requests: u32, per: u64, now: Instant) -> Budget {
        Budget::new(Allowance { requests, per: seconds(per) }, now)
    }

    #[test]
    fn a_spent_budget_comes_back_when_its_window_has_passed() {
        let now = Instant::now();
        let mut budget = budget(3, 60, now);
        for left in [3, 2, 1] {
            assert!(budget.allows(false, now));
            assert_eq!(budget.left(now), left);
            budget.spend(now);
        }
        assert!(!budget.allows(true, now + seconds(59)));
        assert!(!budget.allows(true, now + seconds(60)), "the very window is not over");
        assert!(budget.allows(false, now + seconds(61)));
        assert_eq!(budget.left(now + seconds(61)), 3);
    }

    #[test]
    fn a_fifth_is_kept_for_known_players() {
        let now = Instant::now();
        let mut budget = budget(10, 60, now);
        for _ in 0..8 {
            assert!(budget.allows(false, now));
            budget.spend(now);
        }
        assert!(!budget.allows(false, now));
        for _ in 0..2 {
            assert!(budget.allows(true, now));
            budget.spend(now);
        }
        assert!(!budget.allows(true, now));
    }

    #[test]
    fn what_was_never_sent_is_given_back() {
        let now = Instant::now();
        let mut budget = budget(2, 60, now);
        let (old, _) = (budget.spend(now), budget.spend(now));
        budget.give_back(old, now + seconds(30));
        assert_eq!(budget.left(now + seconds(30)), 1);
        let forgotten = budget.spend(now + seconds(30));
        budget.spend(now + seconds(91));
        budget.give_back(forgotten, now + seconds(91));
        assert_eq!(budget.left(now + seconds(91)), 1, "what is forgotten cannot be given back");
    }

    #[test]
    fn pauses_are_bounded_and_grow_only_one_after_the_other() {
        let mut now = Instant::now();
        let mut pause = Pause::default();
        for (asked, length) in [(0, 1), (2, 2), (300, 300), (u64::MAX, 300)] {
            let mut pause = Pause::default();
            assert!(pause.begin(Some(seconds(asked)), now));
            assert_eq!(pause.left(now), Some(seconds(length)));
            assert_eq!(pause.left(now + seconds(length)), None);
        }
        for length in [10, 20, 40, 80, 160, 300, 300] {
            for refused in 0..50 {
                let first = pause.begin(None, now);
                assert_eq!(first, length == 10 && refused == 0, "told once");
            }
            assert_eq!(pause.left(now), Some(seconds(length)));
            pause.answered(now);
            assert!(pause.left(now).is_some(), "an answer to an older question does not end it");
            now += seconds(length);
        }
        pause.answered(now);
        pause.begin(None, now);
        assert_eq!(pause.left(now), Some(seconds(10)), "an answer ends the row");
        pause.begin(Some(seconds(3)), now);
        assert_eq!(pause.left(now), Some(seconds(10)), "never made shorter");
    }

    #[test]
    fn retry_after_is_read_in_both_its_forms() {
        let wall = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |lines: &[(http::HeaderName, &'static str)]| {
            let lines = lines.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            retry_after(&lines.collect::<HeaderMap>().into(), wall)
        };
        for (text, wanted) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(300)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-7", None),
            ("", None),
        ] {
            assert_eq!(read(&[(RETRY_AFTER, text)]), wanted.map(seconds), "{text}");
        }
        assert_eq!(read(&[]), None);
        let date = (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT");
        let its_clock = (DATE, "Sun, 06 Nov 1994 08:50:27 GMT");
        assert_eq!(read(&[date, its_clock]), Some(seconds(10)), "its own clock counts");
    }

    proptest! {
        /// However requests come: no window has more than the allowance, and after a quiet one all of it is there.
        #[test]
        fn no_window_has_too_many(
            (requests, per) in (1..20u32, 1..100_000u64),
            pauses in prop::collection::vec(0..3_000u64, 1..300),
        ) {
            let allowance = Allowance { requests, per: Duration::from_millis(per) };
            let mut now = Instant::now();
            let mut budget = Budget::new(allowance, now);
            let mut sent: Vec<Instant> = Vec::new();
            for pause in pauses {
                now += Duration::from_millis(pause * per / 10_000) + Duration::from_nanos(pause);
                if budget.allows(true, now) {
                    budget.spend(now);
                    sent.push(now);
                }
            }
            for first in &sent {
                let within = sent.iter().filter(|at| *at >= first && **at < *first + allowance.per).count();
                prop_assert!(within <= requests as usize, "{within} of {requests}");
            }
            prop_assert_eq!(budget.left(now + allowance.per + allowance.per / 30 + Duration::from_micros(1)), requests);
        }
    }
}
