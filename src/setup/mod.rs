//! What an operator pastes so that a game server asks this proxy, and what is easily forgotten beside it.
//!
//! Text only: which address game servers reach is decided by the caller.

mod agent;
mod authlib;
mod guide;
mod proxies;
mod pumpkin;
mod software;
mod spelling;

pub use guide::{Guide, Note, Snippet, only_here};
pub use software::Software;

use http::Uri;
use spelling::Base;
use std::fmt::Write;

/// What there is to say of a software when this proxy is reached at `public_url`.
#[must_use]
pub fn guide(software: Software, public_url: &Uri) -> Guide {
    let base = Base::new(public_url);
    match software {
        Software::Velocity => proxies::velocity(&base),
        Software::Waterfall => proxies::waterfall(&base),
        Software::BungeeCord => agent::bungeecord(&base),
        Software::Lilypad => proxies::lilypad(&base),
        Software::Gate => proxies::gate(&base),
        Software::Paper => authlib::paper(&base),
        Software::Fabric => authlib::fabric(&base),
        Software::Pumpkin => pumpkin::guide(&base),
        Software::AuthlibInjector => agent::any(&base),
    }
}

/// The lines to paste and nothing else, without a line break at the end.
#[must_use]
pub fn in_short(software: Software, public_url: &Uri) -> String {
    guide(software, public_url).snippets.into_iter().next().map(|snippet| snippet.lines).unwrap_or_default()
}

/// Where to paste which lines, and what to see to beside them. A line to paste stands alone, from the first column on.
#[must_use]
pub fn instructions(software: Software, public_url: &Uri) -> String {
    let guide = guide(software, public_url);
    let mut text = format!("{}: ", software.title());
    // Writing to a String cannot fail.
    for Snippet { place, lines } in &guide.snippets {
        let _ = writeln!(text, "{place}\n\n{lines}\n");
    }
    text.push_str("See to this as well:\n");
    for note in &guide.notes {
        let _ = match note {
            Note::Setting { file, line, otherwise: None } => writeln!(text, "- {file}: {line}"),
            Note::Setting { file, line, otherwise: Some(otherwise) } => {
                writeln!(text, "- {file}: {line}\n  or {otherwise}")
            }
            Note::Remark(remark) => writeln!(text, "- {}", remark.replace('`', "")),
        };
    }
    if let Some(warning) = only_here(public_url) {
        let _ = writeln!(text, "- {warning}");
    }
    text
}
