//! What is said of one software: lines to paste, and what is easily forgotten beside them.
//!
//! Decides the shape only, so that a terminal and a page can show the same.

use super::spelling::{Base, batch, shell};
use http::Uri;

/// What is said of one software.
#[derive(Clone, Debug)]
pub struct Guide {
    /// To be pasted as they are. The first always does; others are the same for other places.
    pub snippets: Vec<Snippet>,
    /// What is easily forgotten.
    pub notes: Vec<Note>,
}

/// Lines to paste.
#[derive(Clone, Debug)]
pub struct Snippet {
    /// Where they belong: goes on after the name of the software.
    pub place: String,
    /// The lines, without a line break at the end.
    pub lines: String,
}

impl Snippet {
    pub(super) fn new(place: impl Into<String>, lines: impl Into<String>) -> Self {
        Self { place: place.into(), lines: lines.into() }
    }
}

/// Something to see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A line of one of the software's own files.
    Setting {
        /// The file.
        file: &'static str,
        /// The line.
        line: &'static str,
        /// What happens without it.
        otherwise: Option<&'static str>,
    },
    /// Anything else. What stands between backticks is code.
    Remark(&'static str),
}

impl Note {
    pub(super) const fn setting(file: &'static str, line: &'static str) -> Self {
        Self::Setting { file, line, otherwise: None }
    }

    pub(super) const fn setting_or(file: &'static str, line: &'static str, otherwise: &'static str) -> Self {
        Self::Setting { file, line, otherwise: Some(otherwise) }
    }
}

/// What befalls players of a network such as Minehut when the game server is stricter than it may be.
pub(super) const OTHER_ADDRESS: &str =
    "players who come through a network may be refused: they joined from another address";
pub(super) const OTHER_KEY: &str = "players of 1.19 to 1.19.2 who come through a network are refused";
pub(super) const UNSIGNED: &str =
    "players who come through a network such as Minehut may be unable to join or to chat: their chat cannot be signed";

/// Flags of a java command. Where a shell, a batch file and a panel read them differently, each has its own line.
pub(super) fn java_flags(what: &str, flags: &[String]) -> Vec<Snippet> {
    let line = |spelled: &dyn Fn(&str) -> String| flags.iter().map(|flag| spelled(flag)).collect::<Vec<_>>().join(" ");
    let in_shell = line(&|flag| shell(flag).into_owned());
    let bare = flags.join(" ");
    // It splits a bare word that begins with a dash at its first dot.
    let in_powershell = line(&|flag| format!("'{}'", flag.replace('\'', "''")));
    let powershell = Snippet::new("In PowerShell:", in_powershell);
    if in_shell == bare && !bare.contains('%') {
        return vec![Snippet::new(what, bare), powershell];
    }
    vec![
        Snippet::new(format!("{what} In a shell:"), in_shell),
        Snippet::new("In a Windows .bat file:", line(&|flag| batch(flag))),
        powershell,
        Snippet::new("In a panel that is no shell:", bare),
    ]
}

/// What to say of an address that no other machine can reach.
#[must_use]
pub fn only_here(public_url: &Uri) -> Option<&'static str> {
    Base::new(public_url).is_local().then_some(
        "This address is reached from this machine only. For a game server elsewhere, set server.public_url or give --url.",
    )
}
