//! A log line as one JSON object: time, level, the message and every field, all at the top.
//!
//! A value that is [`Structured`] stands in it as JSON and not as text, so that no machine has to take a sentence apart.

use super::text::is_plain;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::{self, Debug, Display, Write};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// A value with two faces: a sentence for eyes, JSON for machines. To be recorded as a field by `?`.
pub struct Structured<T>(pub T);

/// What stands around the JSON of a [`Structured`] while it passes through `Debug`, which is the only way for a field: signs that
/// no text of ours begins with.
const MARK: &str = "\u{1}json:";

impl<T: Display + Serialize> Debug for Structured<T> {
    /// The alternate form, which only lines of JSON ask for, is the JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => write!(f, "{MARK}{}", serde_json::to_string(&self.0).map_err(|_| fmt::Error)?),
            false => {
                let mut text = String::with_capacity(128);
                write!(text, "{}", self.0)?;
                match is_plain(&text) {
                    true => f.write_str("\"").and_then(|()| f.write_str(&text)).and_then(|()| f.write_str("\"")),
                    false => Debug::fmt(&text, f),
                }
            }
        }
    }
}

/// Writes lines of JSON.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), time.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        event.record(&mut Fields(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let structured = format!("{value:#?}");
        let parsed = structured.strip_prefix(MARK).and_then(|json| serde_json::from_str::<Value>(json).ok());
        match parsed {
            Some(json) => self.put(field, json),
            None => self.put(field, format!("{value:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex, PoisonError};

    #[derive(Serialize)]
    struct Pair(u8, &'static str);

    impl Display for Pair {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} of {}", self.0, self.1)
        }
    }

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(json: bool) -> String {
        let page = Page::default();
        let writer = page.clone();
        let lines = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_target(false).with_ansi(false);
        let say = || {
            let pair = Structured(Pair(2, "a \"b\""));
            let error = std::io::Error::other("no {luck}");
            tracing::warn!(?pair, %error, count = 3, sure = true, part = 0.5, below = -1, name = "x\n", "said");
        };
        match json {
            true => tracing::subscriber::with_default(lines.event_format(Json).finish(), say),
            false => tracing::subscriber::with_default(lines.finish(), say),
        }
        let bytes = page.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn every_field_keeps_its_kind() {
        let text = lines(true);
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
        for (field, value) in [
            ("level", Value::from("WARN")),
            ("message", "said".into()),
            ("pair", serde_json::json!([2, "a \"b\""])),
            ("error", "no {luck}".into()),
            ("count", 3.into()),
            ("sure", true.into()),
            ("part", 0.5.into()),
            ("below", (-1).into()),
            ("name", "x\n".into()),
        ] {
            assert_eq!(line[field], value, "{field}");
        }
    }

    #[test]
    fn eyes_see_a_sentence() {
        assert!(lines(false).contains(r#"pair="2 of a \"b\"" error=no {luck}"#), "{}", lines(false));
    }
}
