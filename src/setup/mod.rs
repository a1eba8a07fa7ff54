//! What an operator pastes so that a game server asks this proxy, and what is easily forgotten beside it.
//!
//! Text only: which address game servers reach is decided by the caller.

mod authlib;
mod proxies;
mod spelling;

use http::Uri;
use spelling::Base;
use std::fmt::Write;

/// Software that verifies players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// The proxy of PaperMC.
    Velocity,
    /// A server of its own; Spigot and their kin read the same flags.
    Paper,
    /// The fork of BungeeCord whose session server can be chosen.
    Waterfall,
    /// GoLilyPad's proxy.
    Lilypad,
    /// Minekube's proxy.
    Gate,
    /// A server of its own; vanilla reads the same flags.
    Fabric,
}

impl Software {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Velocity, Self::Paper, Self::Waterfall, Self::Lilypad, Self::Gate, Self::Fabric];
}

/// What is said of one software.
struct Guide {
    /// Where the lines belong.
    place: &'static str,
    /// To be pasted as they are.
    lines: String,
    /// The same lines for other places, each with that place.
    elsewhere: Vec<(&'static str, String)>,
    /// What is easily forgotten.
    notes: Vec<&'static str>,
}

fn guide(software: Software, base: &Base) -> Guide {
    match software {
        Software::Velocity => proxies::velocity(base),
        Software::Waterfall => proxies::waterfall(base),
        Software::Lilypad => proxies::lilypad(base),
        Software::Gate => proxies::gate(base),
        Software::Paper => authlib::guide(base, authlib::PAPER),
        Software::Fabric => authlib::guide(base, authlib::FABRIC),
    }
}

/// The lines to paste and nothing else, without a line break at the end.
#[must_use]
pub fn in_short(software: Software, public_url: &Uri) -> String {
    guide(software, &Base::new(public_url)).lines
}

/// Where to paste which lines, and what to see to beside them. A line to paste stands alone, from the first column on.
#[must_use]
pub fn instructions(software: Software, public_url: &Uri) -> String {
    let base = Base::new(public_url);
    let guide = guide(software, &base);
    let mut text = format!("{}\n\n{}\n", guide.place, guide.lines);
    // Writing to a String cannot fail.
    for (place, lines) in guide.elsewhere {
        let _ = writeln!(text, "\n{place}\n\n{lines}");
    }
    text.push_str("\nSee to this as well:\n");
    for note in guide.notes {
        let _ = writeln!(text, "- {note}");
    }
    if base.is_local() {
        text.push_str(
            "- This address is reached from this machine only. For a game server elsewhere, set server.public_url or give --url.\n",
        );
    }
    text
}
