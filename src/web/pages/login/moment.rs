//! Times as people read them. A page without a script does not know where its reader is, so all are in UTC and say so.

use super::super::Html;
use crate::model::Timestamp;
use std::time::Duration;
use time::OffsetDateTime;

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

/// `21 Nov 2026`, or `21 Nov 2026, 09:38 UTC`.
fn words(at: Timestamp, with_time: bool) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds().clamp(0, LAST)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = at.month().to_string();
    let date = format!("{} {} {}", at.day(), month.get(..3).unwrap_or(&month), at.year());
    if with_time { format!("{date}, {:02}:{:02} UTC", at.hour(), at.minute()) } else { date }
}

/// The day.
pub(super) fn day(html: &mut Html, at: Timestamp) {
    time_tag(html, at, &words(at, false));
}

/// The day and the minute.
pub(super) fn minute(html: &mut Html, at: Timestamp) {
    time_tag(html, at, &words(at, true));
}

fn time_tag(html: &mut Html, at: Timestamp, words: &str) {
    html.markup("<time datetime=\"").text(&at.to_string()).markup("\">").text(words).markup("</time>");
}

/// `30 days`, `90 minutes`, `1 hour`: in the largest unit that says it without a rest.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let fits = |(unit, _): &(u64, &str)| seconds >= *unit && seconds.is_multiple_of(*unit);
    let (unit, name) = units.into_iter().find(fits).unwrap_or((1, "second"));
    let count = seconds / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        let at = Timestamp::from_seconds(1_795_253_890);
        assert_eq!(words(at, false), "21 Nov 2026");
        assert_eq!(words(at, true), "21 Nov 2026, 09:38 UTC");
        assert_eq!(words(Timestamp::from_millis(i64::MAX), false), "31 Dec 9999");
        assert_eq!(words(Timestamp::from_millis(-1), true), "1 Jan 1970, 00:00 UTC");
        let mut html = Html::default();
        day(&mut html, at);
        assert_eq!(html.done(), "<time datetime=\"2026-11-21T09:38:10Z\">21 Nov 2026</time>");
    }

    #[test]
    fn spans_read_well() {
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (60, "1 minute"),
            (5_400, "90 minutes"),
            (230_400, "64 hours"),
            (86_400, "1 day"),
            (2_592_000, "30 days"),
            (2_592_001, "2592001 seconds"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
