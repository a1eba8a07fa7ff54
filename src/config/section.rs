//! Reads one table of the file key by key, and notes what is wrong instead of stopping: an operator sees all faults at once.

use super::{fault::Fault, login::RateSettings, settings::BudgetSettings, units};
use std::{
    cell::RefCell, collections::BTreeSet, fmt::Display, ops::Range, ops::RangeInclusive, str::FromStr, time::Duration,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// All faults of a file, found by whoever reads a part of it.
#[derive(Debug, Default)]
pub(super) struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    pub(super) fn note(&self, span: Range<usize>, key: &str, what: impl Display, remedy: impl Display) {
        let fault = Fault { span: Some(span), key: key.to_owned(), what: what.to_string(), remedy: remedy.to_string() };
        self.0.borrow_mut().push(fault);
    }

    /// Notes a fault of a variable of the environment, whose value is shown to nobody.
    pub(super) fn note_variable(&self, name: &str, what: impl Display, remedy: impl Display) {
        let fault = Fault { span: None, key: name.to_owned(), what: what.to_string(), remedy: remedy.to_string() };
        self.0.borrow_mut().push(fault);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(super) fn take(&self) -> Vec<Fault> {
        self.0.take()
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// One table, while it is being read.
pub(super) struct Section<'a> {
    path: String,
    table: Option<&'a DeTable<'a>>,
    /// The table's head, for faults of the table as a whole.
    pub(super) span: Range<usize>,
    faults: &'a Faults,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Section<'a> {
    pub(super) fn new(path: &str, table: Option<&'a DeTable<'a>>, span: Range<usize>, faults: &'a Faults) -> Self {
        Self { path: path.to_owned(), table, span, faults, known: RefCell::default() }
    }

    /// The full name of a key in this table.
    pub(super) fn key(&self, key: &str) -> String {
        match self.path.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.path),
        }
    }

    /// Notes a fault of a key's value.
    pub(super) fn note(&self, key: &str, span: Range<usize>, what: impl Display, remedy: impl Display) {
        self.faults.note(span, &self.key(key), what, remedy);
    }

    /// Whether there is no such table.
    pub(super) fn is_missing(&self) -> bool {
        self.table.is_none()
    }

    /// A table within this one.
    pub(super) fn section(&self, key: &'static str) -> Section<'a> {
        let found = self.get(key);
        let table = found.and_then(|value| match value.get_ref() {
            DeValue::Table(table) => Some(table),
            other => {
                let what = format!("is {}, not a table", article(other.type_str()));
                let remedy = match key {
                    "upstreams" => "give each upstream a table of its own, as in [upstreams.mojang]".to_owned(),
                    _ => format!("write [{}] on a line of its own", self.key(key)),
                };
                self.note(key, value.span(), what, remedy);
                None
            }
        });
        let span = found.map_or(0..0, Spanned::span);
        Section::new(&self.key(key), table, span, self.faults)
    }

    /// The tables of a list of them, in the order of the file.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let remedy = format!("write [[{}]] on a line of its own in front of each", self.key(key));
        let DeValue::Array(items) = value.get_ref() else {
            let what = format!("is {}, not a list of tables", article(value.get_ref().type_str()));
            self.note(key, value.span(), what, remedy);
            return Vec::new();
        };
        let table = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::Table(table) => Some(Section::new(&self.key(key), Some(table), item.span(), self.faults)),
            other => self.wrong(key, item.span(), other, &remedy),
        };
        items.iter().filter_map(table).collect()
    }

    /// Keys and values, for a table whose keys are names of the user's own.
    pub(super) fn entries(&self) -> impl Iterator<Item = (At<&'a str>, &'a Spanned<DeValue<'a>>)> {
        self.table
            .into_iter()
            .flatten()
            .map(|(key, value)| (At { value: key.get_ref().as_ref(), span: key.span() }, value))
    }

    pub(super) fn text(&self, key: &'static str) -> Option<At<&'a str>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(At { value: text.as_ref(), span: value.span() }),
            other => self.wrong(key, value.span(), other, "put the value in quotes"),
        }
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong(key, value.span(), other, "write true or false, without quotes"),
        }
    }

    /// A value read by `FromStr`, or `false` in its place: `None` in the inner option.
    pub(super) fn unless_false<T: FromStr>(&self, key: &'static str, remedy: &str) -> Option<At<Option<T>>> {
        let value = self.get(key)?;
        let read = match value.get_ref() {
            DeValue::Boolean(false) => None,
            _ => Some(self.item(key, value, remedy)?),
        };
        Some(At { value: read, span: value.span() })
    }

    pub(super) fn duration(&self, key: &'static str) -> Option<At<Duration>> {
        let value = self.get(key)?;
        let span = value.span();
        let text = match value.get_ref() {
            DeValue::String(text) => text,
            other => return self.wrong(key, span, other, units::DURATION_REMEDY),
        };
        match units::duration(text) {
            Ok(value) => Some(At { value, span }),
            Err(what) => {
                self.note(key, span, format!("\"{text}\" {what}"), units::DURATION_REMEDY);
                None
            }
        }
    }

    pub(super) fn budget(&self, key: &'static str) -> Option<BudgetSettings> {
        let text = self.text(key)?;
        let noted =
            |what| self.note(key, text.span.clone(), format!("\"{}\" {what}", text.value), units::BUDGET_REMEDY);
        units::budget(text.value).map_err(noted).ok()
    }

    /// A duration that may be days.
    pub(super) fn span_of_time(&self, key: &'static str, range: RangeInclusive<Duration>) -> Option<Duration> {
        let text = self.text(key)?;
        let (shortest, longest) = (units::spelled_long(*range.start()), units::spelled_long(*range.end()));
        let remedy =
            format!("write a number and a unit, as in \"60s\", \"12h\" or \"30d\", from {shortest} to {longest}");
        let noted = |what| self.note(key, text.span.clone(), format!("\"{}\" {what}", text.value), remedy);
        match units::long(text.value) {
            Ok(read) if range.contains(&read) => Some(read),
            Ok(_) => {
                noted("is out of range");
                None
            }
            Err(what) => {
                noted(what);
                None
            }
        }
    }

    pub(super) fn rate(&self, key: &'static str) -> Option<RateSettings> {
        let text = self.text(key)?;
        let noted = |what| self.note(key, text.span.clone(), format!("\"{}\" {what}", text.value), units::RATE_REMEDY);
        units::rate(text.value).map_err(noted).ok()
    }

    /// A rate, or `false` for none: which is also what is not said.
    pub(super) fn rate_unless_false(&self, key: &'static str) -> Option<RateSettings> {
        match self.get(key)?.get_ref() {
            DeValue::Boolean(false) => None,
            _ => self.rate(key),
        }
    }

    pub(super) fn count(&self, key: &'static str, range: RangeInclusive<usize>) -> Option<usize> {
        let value = self.get(key)?;
        let remedy = format!("write a whole number from {} to {}", range.start(), range.end());
        match value.get_ref() {
            DeValue::Integer(number) => match usize::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) if range.contains(&number) => Some(number),
                _ => {
                    self.note(key, value.span(), format!("{number} is out of range"), remedy);
                    None
                }
            },
            other => self.wrong(key, value.span(), other, &remedy),
        }
    }

    /// One value or a list of them, each read by `FromStr`.
    pub(super) fn list<T: FromStr>(&self, key: &'static str, remedy: &str) -> Option<Vec<T>> {
        let value = self.get(key)?;
        let single = std::slice::from_ref(value);
        let items: Vec<_> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => single.iter().collect(),
        };
        // All of them are read before the first fault ends it.
        let read: Vec<_> = items.into_iter().map(|item| self.item(key, item, remedy)).collect();
        read.into_iter().collect()
    }

    fn item<T: FromStr>(&self, key: &'static str, item: &Spanned<DeValue<'_>>, remedy: &str) -> Option<T> {
        let text = match item.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            other => return self.wrong(key, item.span(), other, remedy),
        };
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.note(key, item.span(), format!("\"{text}\" cannot be used"), remedy);
        }
        parsed
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<At<T>> {
        let text = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(At { value: *value, span: text.span });
        }
        let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        self.note(key, text.span, format!("\"{}\" is not known", text.value), suggestion(text.value, &all));
        None
    }

    /// Whether the key is there, with whatever value; and where.
    pub(super) fn span_of(&self, key: &'static str) -> Option<Range<usize>> {
        self.get(key).map(Spanned::span)
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in self.entries().filter(|(key, _)| !known.contains(key.value)) {
            let known: Vec<_> = known.iter().copied().collect();
            self.note(key.value, key.span, "is not a key of this table", suggestion(key.value, &known));
        }
    }

    /// Where all faults of this file go.
    pub(super) fn faults(&self) -> &'a Faults {
        self.faults
    }

    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().insert(key);
        self.table?.get(key)
    }

    fn wrong<T>(&self, key: &str, span: Range<usize>, value: &DeValue<'_>, remedy: &str) -> Option<T> {
        self.note(key, span, format!("is {}", article(value.type_str())), remedy);
        None
    }
}

fn article(kind: &str) -> String {
    match kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an {kind}"),
        false => format!("a {kind}"),
    }
}

fn suggestion(written: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|word| (strsim::damerau_levenshtein(written, word), *word)).min();
    match nearest {
        Some((distance, word)) if distance <= 3 && distance < word.len() => format!("did you mean \"{word}\"?"),
        _ => format!("known are: {}", known.join(", ")),
    }
}
