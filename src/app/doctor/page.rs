//! The whole page: the table, what to do, and what cannot be seen from here.

use super::{advice, exam::Finding, table};
use crate::config::Loaded;
use std::fmt::Write;

const WIDTH: usize = 80;

/// Ready to print.
pub(super) fn text(loaded: &Loaded, findings: &[Finding<'_>]) -> String {
    let mut text = format!("configured by {}\n", loaded.source);
    text.push_str("each upstream was asked once about a login that never was\n\n");
    text.push_str(&table::text(findings));
    section(&mut text, "what to do", advice::hints(findings).iter().map(|(id, hint)| format!("{id}: {hint}")));
    let disabled: Vec<_> = loaded.settings.disabled.iter().map(|id| id.as_str()).collect();
    section(&mut text, "not enabled, so not asked", (!disabled.is_empty()).then(|| disabled.join(", ")));
    section(&mut text, "risky in the configuration", loaded.warnings.iter().cloned());
    section(&mut text, "not seen from here", [
        "whether game servers can be reached around the proxy in front of them (Velocity, BungeeCord): whoever connects to one directly is verified by nobody. Let a firewall admit the proxy alone, and use Velocity's modern forwarding.".to_owned(),
    ]);
    text
}

/// A heading and what stands under it; nothing, when nothing does.
fn section(text: &mut String, heading: &str, items: impl IntoIterator<Item = String>) {
    for (at, item) in items.into_iter().enumerate() {
        if at == 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\n{heading}");
        }
        text.push_str(&folded(&item));
    }
}

/// A list item in lines of at most [`WIDTH`]; a longer word stays whole, so that it can be copied.
fn folded(item: &str) -> String {
    let mut text = String::new();
    let mut line = "  -".to_owned();
    for word in item.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > 3 {
            text.push_str(&line);
            text.push('\n');
            line = "   ".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    text + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_folded_between_words() {
        assert_eq!(folded("short"), "  - short\n");
        let long = folded(&"word ".repeat(40));
        assert!(long.lines().count() > 2 && long.lines().all(|line| line.len() <= WIDTH), "{long}");
        assert!(long.lines().skip(1).all(|line| line.starts_with("    word")), "{long}");
        let url = "x".repeat(100);
        assert!(folded(&format!("see {url}")).lines().any(|line| line.trim() == url));
    }
}
