//! Variables that stand over the file: what an operator keeps out of it, above all secrets.

use std::{fmt, fs};

/// The value of a variable by its name.
type LookUp<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Where variables are looked up.
pub struct Environment<'a>(Box<LookUp<'a>>);

/// A variable that was set.
pub(super) struct Found {
    /// The name it was set by: with `_FILE` at the end, its value names a file that holds the value.
    pub(super) name: String,
    /// The value, or why there is none.
    pub(super) value: Result<String, String>,
}

impl<'a> Environment<'a> {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Environment<'static> {
        Environment::of(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    /// No variable is set.
    #[must_use]
    pub fn empty() -> Environment<'static> {
        Environment::of(|_| None)
    }

    /// Variables as `look_up` knows them.
    #[must_use]
    pub fn of(look_up: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self(Box::new(look_up))
    }

    /// The variable, or the content of the file that the same name with `_FILE` names. An empty one is not set.
    pub(super) fn find(&self, name: &str) -> Option<Found> {
        let set = |name: &str| (self.0)(name).filter(|value| !value.is_empty());
        let in_file = format!("{name}_FILE");
        match (set(name), set(&in_file)) {
            (None, None) => None,
            (Some(_), Some(_)) => Some(Found { value: Err(format!("stands beside {in_file}")), name: name.to_owned() }),
            (Some(value), None) => Some(Found { name: name.to_owned(), value: Ok(value) }),
            (None, Some(file)) => {
                let read = fs::read_to_string(&file).map_err(|error| format!("{file} cannot be read: {error}"));
                Some(Found { name: in_file, value: read.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()) })
            }
        }
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
