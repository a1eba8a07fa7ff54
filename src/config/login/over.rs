//! Keys that a variable of the environment stands over.

use crate::config::{environment::Environment, section::Section};
use std::fmt::Display;

/// One table, and what stands over it.
#[derive(Clone, Copy)]
pub(super) struct Over<'a> {
    pub(super) section: &'a Section<'a>,
    pub(super) environment: &'a Environment<'a>,
}

impl Over<'_> {
    /// The variable, or else the key, as `read` reads either.
    pub(super) fn text<T, E: Display>(
        &self,
        key: &'static str,
        variable: &str,
        remedy: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let written = self.section.text(key);
        if let Some(value) = self.variable(variable, remedy) {
            return read(&value).map_err(|what| self.section.faults().note_variable(variable, what, remedy)).ok();
        }
        let text = written?;
        read(text.value).map_err(|what| self.section.note(key, text.span, what, remedy)).ok()
    }

    /// The words of the variable, or else the items of the key, as `read` reads all of either.
    pub(super) fn words<T, E: Display>(
        &self,
        (key, variable, apart): (&'static str, &str, fn(char) -> bool),
        remedy: &str,
        read: impl Fn(&[&str]) -> Result<T, E>,
    ) -> Option<T> {
        let words = |text: &str| {
            text.split(apart).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        let written: Option<Vec<String>> = self.section.list(key, remedy);
        let (found, is_variable) = match self.variable(variable, remedy) {
            Some(value) => (words(&value), true),
            None => (written?.iter().flat_map(|item| words(item)).collect(), false),
        };
        let noted = |what| match is_variable {
            true => self.section.faults().note_variable(variable, what, remedy),
            false => self.section.note(key, self.section.span_of(key).unwrap_or_default(), what, remedy),
        };
        read(&found.iter().map(String::as_str).collect::<Vec<_>>()).map_err(noted).ok()
    }

    /// A variable without a key in the file.
    pub(super) fn variable(&self, name: &str, remedy: &str) -> Option<String> {
        let found = self.environment.find(name)?;
        let noted = |what| self.section.faults().note_variable(&found.name, what, remedy);
        found.value.map_err(noted).ok()
    }
}
