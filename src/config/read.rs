//! The file as a whole.

use super::{
    environment::Environment,
    fault::{ConfigError, Fault},
    login, risks,
    section::{Faults, Section},
    server,
    settings::{Settings, UpstreamSettings},
    upstream::{self, Read},
    url,
};
use crate::model::UpstreamId;
use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};
use toml::de::{DeTable, DeValue};

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "upstreams.toml";

/// What holds when there is no file: Mojang and Minehut, on loopback.
const BUILT_IN: &str = "[upstreams.mojang]\npreset = \"mojang\"\n[upstreams.minehut]\npreset = \"minehut\"\n";

/// As many as one race can tell apart.
const MOST_UPSTREAMS: usize = 64;

/// Where settings come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Nowhere: there is no `upstreams.toml` here.
    BuiltIn,
}

impl Source {
    /// The file to watch for changes.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::BuiltIn => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::BuiltIn => f.write_str("its defaults (there is no upstreams.toml here)"),
        }
    }
}

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub settings: Settings,
    /// What may not be meant, a sentence each.
    pub warnings: Vec<String>,
    /// Where it stands.
    pub source: Source,
}

/// Reads `file`; without one, [`DEFAULT_FILE`] if it is there, and the built-in settings otherwise.
///
/// # Errors
/// When the file cannot be read, or has faults: all of them, with file, line, column, key and remedy.
pub fn load(file: Option<&Path>) -> Result<Loaded, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let environment = Environment::of_process();
    match std::fs::read_to_string(path) {
        Ok(text) => parse_with(&text, path, &environment),
        Err(error) if file.is_none() && error.kind() == io::ErrorKind::NotFound => {
            let built_in = parse_with(BUILT_IN, Path::new("built-in"), &environment)?;
            Ok(Loaded { source: Source::BuiltIn, ..built_in })
        }
        Err(error) => Err(ConfigError::unreadable(&path.display().to_string(), &error)),
    }
}

/// Reads the text of `file`, whose folder relative paths start from.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, file: &Path) -> Result<Loaded, ConfigError> {
    parse_with(text, file, &Environment::empty())
}

/// As [`parse`], with the variables that stand over the file's `[login]`.
///
/// # Errors
/// As [`load`]; a fault of a variable names it, and shows nothing of its value.
pub fn parse_with(text: &str, file: &Path, environment: &Environment<'_>) -> Result<Loaded, ConfigError> {
    let name = file.display().to_string();
    let table = DeTable::parse(text).map_err(|error| {
        let fault = Fault {
            span: Some(error.span().unwrap_or_default()),
            key: String::new(),
            what: error.message().lines().collect::<Vec<_>>().join(", "),
            remedy: "see https://toml.io for how the format is written".to_owned(),
        };
        ConfigError::of(&name, text, vec![fault])
    })?;
    let faults = Faults::default();
    let root = Section::new("", Some(table.get_ref()), 0..0, &faults);
    let folder = file.parent().unwrap_or(Path::new(""));
    let race = server::race(&root.section("race"));
    let (upstreams, disabled) = upstreams(&root.section("upstreams"), &faults, folder, race.deadline);
    let server_section = root.section("server");
    let server = server::server(&server_section, &upstreams, folder);
    let login = login::login(&root.section("login"), (&server_section, &server), &upstreams, (folder, environment));
    root.finish();
    let found = faults.take();
    if !found.is_empty() {
        return Err(ConfigError::of(&name, text, found));
    }
    let settings = Settings { server, race, upstreams, disabled, login };
    Ok(Loaded { warnings: risks::of(&settings), settings, source: Source::File(file.to_owned()) })
}

/// All of `[upstreams.*]`: the enabled ones in the order of the file, and the ids of the others.
fn upstreams(
    section: &Section<'_>,
    faults: &Faults,
    folder: &Path,
    deadline: Duration,
) -> (Vec<UpstreamSettings>, Vec<UpstreamId>) {
    let mut tables: Vec<_> = section.entries().collect();
    tables.sort_by_key(|(key, _)| key.span.start);
    let mut read = Vec::new();
    let mut disabled = Vec::new();
    for (key, value) in tables {
        let path = section.key(key.value);
        let DeValue::Table(table) = value.get_ref() else {
            faults.note(key.span, &path, "is not a table", format!("write [{path}] on a line of its own"));
            continue;
        };
        let id = match UpstreamId::new(key.value) {
            Ok(id) => id,
            Err(invalid) => {
                faults.note(
                    key.span,
                    &path,
                    invalid,
                    "choose a name of 1 to 32 of a-z, 0-9, _ and -, as in [upstreams.my-server]",
                );
                continue;
            }
        };
        match upstream::upstream(id.clone(), &Section::new(&path, Some(table), key.span, faults), folder, deadline) {
            Some(upstream) => read.push(upstream),
            None => disabled.push(id),
        }
    }
    let fewer = format!("enable no more than {MOST_UPSTREAMS}");
    match read.len() {
        0 if faults.is_empty() => {
            faults.note(
                section.span.clone(),
                "upstreams",
                "none is enabled",
                "add [upstreams.mojang] with preset = \"mojang\"",
            );
        }
        0..=MOST_UPSTREAMS => {}
        _ => faults.note(section.span.clone(), "upstreams", "are too many", fewer),
    }
    refuse_twins(&read, faults);
    (read.into_iter().map(|upstream| upstream.settings).collect(), disabled)
}

/// Two tables with one URL would ask it twice for every login.
fn refuse_twins(upstreams: &[Read], faults: &Faults) {
    let mut seen = HashMap::new();
    for Read { settings, url_span } in upstreams {
        if let Some(first) = seen.insert(url::identity(&settings.url), &settings.id) {
            let key = format!("upstreams.{}.url", settings.id);
            faults.note(url_span.clone(), &key, format!("is also that of {first}"), "remove one of the two tables");
        }
    }
}
