//! Figures as people read them, and outcomes in their words.

use super::super::status::{Answer, LastFailure};
use crate::upstream::Said;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Between a figure and its unit no line is broken.
const NBSP: char = '\u{a0}';

/// `1,204`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `3 upstreams`, `1 upstream`.
pub(super) fn several(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `83 %`. What is not nothing is never shown as nothing, nor is what is not all shown as all.
pub(super) fn share(part: u64, whole: u64) -> Option<String> {
    let percent = (whole > 0).then(|| part as f64 / whole as f64 * 100.0)?;
    Some(match percent.round() {
        0.0 if part > 0 => format!("<{NBSP}1{NBSP}%"),
        100.0 if part < whole => format!(">{NBSP}99{NBSP}%"),
        rounded => format!("{rounded}{NBSP}%"),
    })
}

/// A latency: `0.8 ms`, `42 ms`, `1.2 s`.
pub(super) fn latency(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1_000.0;
    if millis < 9.95 {
        format!("{millis:.1}{NBSP}ms")
    } else if millis < 999.5 {
        format!("{millis:.0}{NBSP}ms")
    } else {
        format!("{:.1}{NBSP}s", millis / 1_000.0)
    }
}

/// A time that passes: `42 s`, `1 min 5 s`, `3 h 12 min`, `4 d 2 h`.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (large, small) = match seconds {
        0..60 => return format!("{seconds}{NBSP}s"),
        60..3_600 => ((60, "min"), (1, "s")),
        3_600..86_400 => ((3_600, "h"), (60, "min")),
        _ => ((86_400, "d"), (3_600, "h")),
    };
    let (whole, rest) = (seconds / large.0, seconds % large.0 / small.0);
    match rest {
        0 => format!("{whole}{NBSP}{}", large.1),
        rest => format!("{whole}{NBSP}{} {rest}{NBSP}{}", large.1, small.1),
    }
}

/// What is left of a time: the second that has begun counts.
pub(super) fn left(left: Duration) -> String {
    time(Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
}

/// `3 s ago`.
pub(super) fn ago(age: Duration) -> String {
    match age.as_secs() {
        0 => "just now".to_owned(),
        _ => format!("{} ago", time(age)),
    }
}

/// `Sat, 21 Nov 2026 09:38:10 GMT`, or only the time of day in it.
pub(super) fn clock(at: SystemTime, with_date: bool) -> String {
    // Years that an HTTP date cannot be written in, a clock that is set wrongly may show.
    let known = at.duration_since(UNIX_EPOCH).is_ok_and(|since| since.as_secs() < 253_402_300_800);
    let text = if known { httpdate::fmt_http_date(at) } else { "at an unknown time".to_owned() };
    match with_date {
        true => text,
        false => text.split(' ').nth(4).unwrap_or(&text).to_owned() + " GMT",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a label of metrics says.
pub(super) fn said(label: &str) -> Option<Said> {
    Said::ALL.into_iter().find(|said| said.label() == label)
}

/// An outcome in few words.
pub(super) fn outcome(said: Said) -> &'static str {
    match said {
        Said::Positive => "yes",
        Said::Negative => "no",
        Said::Barred => "a yes that does not count",
        Said::Timeout => "no answer in time",
        Said::Refused => "connection refused",
        Said::Reset => "connection broken off",
        Said::Status => "unusable status",
        Said::Malformed => "unusable profile",
        Said::Open => "left out (kept failing)",
        Said::OverBudget => "left out (budget or pause)",
        Said::Saturated => "left out (connections busy)",
        Said::NotAsked => "left out (decided before)",
        Said::Other => "other failure",
    }
}

/// What an upstream said in one login.
pub(super) fn answer(answer: &Answer) -> &str {
    exact(answer.said, &answer.text)
}

/// Why it said nothing of use.
pub(super) fn failure(failure: &LastFailure) -> &str {
    exact(failure.said, &failure.text)
}

/// The log's own words where they say more.
fn exact<'a>(label: &'a str, text: &'a str) -> &'a str {
    match said(label) {
        Some(Said::Status | Said::Malformed | Said::Other) => text,
        Some(said) => outcome(said),
        None => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: String) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn figures_read_well() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        for ((part, whole), text) in
            [((0, 9), "0 %"), ((1, 3), "33 %"), ((1, 1_000), "< 1 %"), ((999, 1_000), "> 99 %")]
        {
            assert_eq!(share(part, whole).map(plain).as_deref(), Some(text));
        }
        assert_eq!(share(0, 0), None);
        for (micros, text) in
            [(40, "0.0 ms"), (9_949, "9.9 ms"), (9_951, "10 ms"), (999_499, "999 ms"), (999_501, "1.0 s")]
        {
            assert_eq!(plain(latency(Duration::from_micros(micros))), text);
        }
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (65, "1 min 5 s"), (11_520, "3 h 12 min"), (352_800, "4 d 2 h")]
        {
            assert_eq!(plain(time(Duration::from_secs(seconds))), text);
        }
        assert_eq!(plain(left(Duration::from_millis(59_001))), "1 min");
        assert_eq!(ago(Duration::from_millis(999)), "just now");
        assert_eq!(plain(ago(Duration::from_secs(3))), "3 s ago");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_clock_that_is_set_wrongly_breaks_nothing() {
        let at = UNIX_EPOCH + Duration::from_secs(1_795_253_890);
        assert_eq!(clock(at, true), "Sat, 21 Nov 2026 09:38:10 GMT");
        assert_eq!(clock(at, false), "09:38:10 GMT");
        for at in [UNIX_EPOCH - Duration::from_secs(9), UNIX_EPOCH + Duration::from_secs(1 << 40)] {
            assert_eq!(clock(at, true), "at an unknown time");
        }
    }
}
