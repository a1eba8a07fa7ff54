//! The program behind a session, in the words of people: what a browser sends names half a dozen browsers.

/// In the order they are looked for: each of them also names those below it.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Likewise.
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Windows`, or what was sent where that is not known.
pub(super) fn words(user_agent: &str) -> String {
    let named = |table: [(&str, &'static str); 6]| {
        let found = table.into_iter().find(|(part, _)| user_agent.contains(part));
        found.map(|(_, name)| name)
    };
    match (user_agent.starts_with("Mozilla/"), named(BROWSERS), named(SYSTEMS)) {
        (true, Some(browser), Some(system)) => format!("{browser} on {system}"),
        _ => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn browsers_are_told_apart_and_all_else_is_shown() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
        for (user_agent, wanted) in [
            (chrome, "Chrome on Windows"),
            (&format!("{chrome} Edg/148.0.0.0"), "Edge on Windows"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("TotemMod/1.0", "TotemMod/1.0"),
            ("my Chrome/1 Windows", "my Chrome/1 Windows"),
            ("Mozilla/5.0 (something)", "Mozilla/5.0 (something)"),
        ] {
            assert_eq!(words(user_agent), wanted);
        }
    }
}
