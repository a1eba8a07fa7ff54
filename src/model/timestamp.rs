//! A point in time, as it is stored and signed.

use std::{fmt, time::Duration};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since 1970 in UTC. Printed as RFC 3339 in whole seconds, `2026-01-18T12:34:56Z`.
///
/// It knows no clock: who needs the present asks `lifecycle::Clock`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write.
const LAST: i64 = 253_402_300_799;

impl Timestamp {
    /// From milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since 1970, as a token has it.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// As it is stored.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// As a token has it: whole seconds, what is left over cut off.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// As RFC 3339 with three digits of a second, for who expects them: `2026-01-18T12:34:56.044Z`.
    #[must_use]
    pub fn with_millis(self) -> String {
        let mut text = self.to_string();
        text.truncate(text.len() - 1);
        format!("{text}.{:03}Z", self.0.rem_euclid(1000))
    }

    /// So much later. Stops at the end of time instead of wrapping around.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(in_millis(span)))
    }

    /// So much earlier. Stops at the beginning of time.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(in_millis(span)))
    }

    /// How long after `earlier` this is; nothing when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

fn in_millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = OffsetDateTime::from_unix_timestamp(self.seconds().clamp(0, LAST)).map_err(|_| fmt::Error)?;
        f.write_str(&date.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_whole_seconds_in_utc() {
        assert_eq!(Timestamp::from_millis(1_768_739_696_999).to_string(), "2026-01-18T12:34:56Z");
        assert_eq!(Timestamp::default().to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_millis(1_768_739_696_007).with_millis(), "2026-01-18T12:34:56.007Z");
    }

    #[test]
    fn the_ends_of_time_can_be_reached_and_printed() {
        let end = Timestamp::from_millis(1).plus(Duration::MAX);
        assert_eq!(end.millis(), i64::MAX);
        assert_eq!(end.plus(Duration::MAX), end);
        assert_eq!(end.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_seconds(i64::MIN).minus(Duration::MAX).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn counts_from_one_to_the_other() {
        let noon = Timestamp::from_seconds(43_200);
        let later = noon.plus(Duration::from_millis(1_999));
        assert_eq!((later.millis(), later.seconds()), (43_201_999, 43_201));
        assert_eq!(later.since(noon), Duration::from_millis(1_999));
        assert_eq!(noon.since(later), Duration::ZERO);
        assert_eq!(later.minus(Duration::from_millis(1_999)), noon);
        assert_eq!(Timestamp::from_millis(-1).seconds(), -1);
    }
}
