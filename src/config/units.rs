//! Durations and budgets as people write them.

use super::{login::RateSettings, settings::BudgetSettings};
use std::time::Duration;

pub(super) const DURATION_REMEDY: &str = "write a number and a unit, as in \"250ms\", \"3s\" or \"2m\"";

pub(super) const BUDGET_REMEDY: &str = "write how many requests in how long a time, as in \"600/10m\"";

pub(super) const RATE_REMEDY: &str =
    "write how many requests in how long a time, and how many of them may come at once, as in \"20/1m burst 10\"";

/// Timers count in these.
const SHORTEST: Duration = Duration::from_millis(1);

/// No setting of this program is sensibly longer.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Reads `250ms`, `3s`, `1.5s` or `2m`: at least a millisecond, at most an hour.
pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_ms = match text[digits.len()..].trim() {
        "ms" => 1.0,
        "s" => 1_000.0,
        "m" => 60_000.0,
        _ => return Err("is not a duration"),
    };
    let plain =
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number: f64 = digits.parse().ok().filter(|_| plain).ok_or("is not a duration")?;
    let read = Duration::try_from_secs_f64(number * unit_ms / 1_000.0).map_err(|_| "is longer than an hour")?;
    match read {
        Duration::ZERO => Err("is no time at all"),
        _ if read < SHORTEST => Err("is shorter than 1ms"),
        _ if read > LONGEST => Err("is longer than an hour"),
        _ => Ok(read),
    }
}

/// No upstream is asked more often than this without having a limit of its own kind.
const MOST_REQUESTS: u32 = 1_000_000;

/// Reads `600/10m`: 1 to 1,000,000 requests in a duration of at least a second.
pub(super) fn budget(text: &str) -> Result<BudgetSettings, &'static str> {
    let (requests, per) = text.split_once('/').ok_or("does not say in how long a time")?;
    let (requests, per) = (requests.trim(), per.trim());
    if requests.is_empty() || !requests.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err("does not begin with a number of requests");
    }
    let requests = match requests.parse() {
        Ok(0) => return Err("allows no request at all"),
        Ok(requests @ 1..=MOST_REQUESTS) => requests,
        _ => return Err("allows more than a million requests"),
    };
    match duration(per) {
        Ok(per) if per >= Duration::from_secs(1) => Ok(BudgetSettings { requests, per }),
        Ok(_) => Err("counts in less than a second"),
        Err("is longer than an hour") => Err("counts in more than an hour"),
        Err(_) => Err("does not end in a duration"),
    }
}

/// Reads `20/1m burst 10`: a budget, and how much of it may be spent at once; all of it, when that is not said.
pub(super) fn rate(text: &str) -> Result<RateSettings, &'static str> {
    let (whole, burst) = match text.split_once(" burst ") {
        Some((whole, burst)) => (whole, Some(burst.trim())),
        None => (text, None),
    };
    let BudgetSettings { requests, per } = budget(whole)?;
    let burst = match burst {
        None => requests,
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => match digits.parse() {
            Ok(burst) if (1..=requests).contains(&burst) => burst,
            _ => return Err("lets none, or more than all, come at once"),
        },
        Some(_) => return Err("does not end in a number of requests"),
    };
    Ok(RateSettings { requests, per, burst })
}

/// Reads `60s`, `5m`, `12h` or `30d`: whole numbers.
pub(super) fn long(text: &str) -> Result<Duration, &'static str> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match text[digits.len()..].trim() {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err("is not a duration"),
    };
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err("is not a duration");
    }
    let number: u64 = digits.parse().map_err(|_| "is not a duration")?;
    Ok(Duration::from_secs(number * seconds))
}

/// The shortest of the spellings that [`long`] reads.
pub(super) fn spelled_long(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
    match units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit)) {
        Some((unit, letter)) => format!("{}{letter}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

/// The shortest of the spellings that [`duration`] reads.
pub(super) fn spelled(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_as_written() {
        for (text, requests, seconds) in [("600/10m", 600, 600), ("1/1s", 1, 1), (" 180 / 60m ", 180, 3_600)] {
            assert_eq!(budget(text), Ok(BudgetSettings { requests, per: Duration::from_secs(seconds) }), "{text}");
        }
        for text in [
            "",
            "/",
            "600",
            "600/",
            "/10m",
            "600/10",
            "0/10m",
            "-1/10m",
            "+1/10m",
            "1.5/10m",
            "600/0s",
            "600/999ms",
            "600/61m",
            "1000001/10m",
            "99999999999999999999/10m",
            "600/10m/2",
            "６/10m",
        ] {
            assert!(budget(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_are_read_as_written() {
        for (text, requests, seconds, burst) in
            [("20/1m burst 10", 20, 60, 10), ("600/1m", 600, 60, 600), (" 1/1s  burst 1 ", 1, 1, 1)]
        {
            let per = Duration::from_secs(seconds);
            assert_eq!(rate(text), Ok(RateSettings { requests, per, burst }), "{text}");
        }
        for text in
            ["20/1m burst 0", "20/1m burst 21", "20/1m burst", "20/1m burst x", "20/1m burst 1 burst 2", "burst 1"]
        {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn long_durations_are_read_as_written() {
        for (text, seconds) in [("0s", 0), ("60s", 60), ("90m", 5_400), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(long(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(long(&spelled_long(Duration::from_secs(seconds))), long(text));
        }
        assert_eq!(spelled_long(Duration::from_secs(60)), "1m");
        for text in ["", "30", "d", "1.5d", "-1d", "30 days", "9999999999s", "1ms"] {
            assert!(long(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_read_as_written() {
        for (text, ms) in [("250ms", 250), ("3s", 3_000), ("1.5s", 1_500), ("2m", 120_000), ("60m", 3_600_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
            if text != "1.5s" {
                assert_eq!(duration(&spelled(Duration::from_millis(ms))), duration(text));
            }
        }
        for text in [
            "",
            "3",
            "s",
            "ms",
            "3 seconds",
            "-3s",
            "0s",
            "0.0ms",
            "0.5ms",
            "NaNs",
            "infs",
            "1e3s",
            "61m",
            "99999999999999999999m",
            "3ß",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
