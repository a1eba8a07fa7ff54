//! A log line for eyes: time, level, message, and every field with its name.
//!
//! The form that `tracing_subscriber` has without colours, written straight into the line: a login has a line, and formatting one
//! costs as much as reading a profile. Nothing in a value can begin a line of its own.

use std::{
    fmt::{self, Debug, Write},
    time::SystemTime,
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// Writes plain lines.
pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::with_capacity(512);
        push_time(&mut line, SystemTime::now());
        let level = event.metadata().level().as_str();
        line.push_str(if level.len() == 4 { "  " } else { " " });
        line.push_str(level);
        event.record(&mut Fields(&mut line));
        line.push('\n');
        writer.write_str(&line)
    }
}

/// `2026-11-21T14:26:24.550962Z`, by the calendar of civil days.
fn push_time(line: &mut String, now: SystemTime) {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    push_digits(line, year, 2, '-');
    push_digits(line, month, 1, '-');
    push_digits(line, day, 1, 'T');
    push_digits(line, second / 3_600, 1, ':');
    push_digits(line, second / 60 % 60, 1, ':');
    push_digits(line, second % 60, 1, '.');
    push_digits(line, since.subsec_micros().into(), 3, 'Z');
}

/// Year, month and day, so many days after 1970 began. Counted from a 1st of March, so that the leap day is a year's last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// Pairs of digits.
fn push_digits(line: &mut String, number: u64, pairs: u32, end: char) {
    if pairs > 1 {
        push_digits(line, number / 100, pairs - 1, char::from(b'0' + (number / 10 % 10) as u8));
    } else {
        line.push(char::from(b'0' + (number / 10 % 10) as u8));
    }
    line.push(char::from(b'0' + (number % 10) as u8));
    line.push(end);
}

struct Fields<'a>(&'a mut String);

impl Fields<'_> {
    fn name(&mut self, field: &Field) {
        self.0.push(' ');
        let name = field.name();
        if name != "message" {
            self.0.push_str(name.strip_prefix("r#").unwrap_or(name));
            self.0.push('=');
        }
    }

    /// What stands from `start` on may come from anywhere.
    fn tame(&mut self, start: usize) {
        if !is_plain(&self.0[start..]) && self.0[start..].chars().any(char::is_control) {
            let wild = self.0.split_off(start);
            for letter in wild.chars() {
                match letter.is_control() {
                    true => self.0.extend(letter.escape_default()),
                    false => self.0.push(letter),
                }
            }
        }
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.name(field);
        let digits = value.checked_ilog10().unwrap_or(0);
        for place in (0..=digits).rev() {
            self.0.push(char::from(b'0' + (value / 10_u64.pow(place) % 10) as u8));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            return self.record_debug(field, &format_args!("{value}"));
        }
        self.name(field);
        push_quoted(self.0, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.name(field);
        let start = self.0.len();
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value:?}");
        self.tame(start);
    }
}

/// As `Debug` writes it, which for most texts is as they are.
fn push_quoted(line: &mut String, text: &str) {
    if is_plain(text) {
        line.push('"');
        line.push_str(text);
        line.push('"');
    } else {
        let _ = write!(line, "{text:?}");
    }
}

/// Whether `Debug` would write it as it is. Looks at every byte, which is quicker than to stop early.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte) & (byte != b'"') & (byte != b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_time_is_that_of_the_calendar() {
        for (seconds, written) in [
            (0, "1970-01-01T00:00:00.000007Z"),
            (951_782_399, "2000-02-28T23:59:59.000007Z"),
            (951_782_400, "2000-02-29T00:00:00.000007Z"),
            (951_868_800, "2000-03-01T00:00:00.000007Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000007Z"),
        ] {
            let mut line = String::new();
            push_time(&mut line, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_micros(7));
            assert_eq!(line, written);
        }
    }

    #[test]
    fn texts_are_quoted_as_debug_quotes_them() {
        for text in ["", "Notch", "a b", "\"", "\\", "\n", "é", "\u{7f}", "\u{1b}[31m"] {
            let mut line = String::new();
            push_quoted(&mut line, text);
            assert_eq!(line, format!("{text:?}"));
        }
    }
}
