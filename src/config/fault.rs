//! What is wrong with a file, and where: every message names file, line, column and key, shows the line and says what to write.

use std::{fmt, ops::Range};

/// One fault, as found.
#[derive(Debug)]
pub(super) struct Fault {
    /// Bytes of the file; `None` for a variable of the environment.
    pub(super) span: Option<Range<usize>>,
    /// The key, dotted from the top: `upstreams.mojang.timeout`, or the variable. Empty for faults of syntax.
    pub(super) key: String,
    /// What is wrong.
    pub(super) what: String,
    /// What to do about it.
    pub(super) remedy: String,
}

/// A file that cannot be used: all its faults, in the order of the file, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    /// A file that could not even be read.
    pub(super) fn unreadable(file: &str, fault: &std::io::Error) -> Self {
        let remedy = match fault.kind() {
            std::io::ErrorKind::PermissionDenied => "run this as root, or as a user who may read it",
            _ => "name a readable text file with --config",
        };
        Self(format!("{file}: cannot be read: {fault}\n     = {remedy}\n"))
    }

    pub(super) fn of(file: &str, text: &str, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| fault.span.as_ref().map(|span| (span.start, span.end)));
        let shown: Vec<_> = faults.iter().map(|fault| fault.shown(file, text)).collect();
        Self(shown.join("\n"))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Fault {
    fn shown(&self, file: &str, text: &str) -> String {
        let Some(span) = &self.span else {
            return format!("{}: {}\n     = {}\n", self.key, self.what, self.remedy);
        };
        let start = floor(text, span.start);
        let before = &text[..start];
        let number = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let shown = masked(line);
        let column = text[line_start..start].chars().count();
        // A table's span covers what lies in it: only the first line is pointed at.
        let end = floor(text, span.end.clamp(start, line_start + line.len()).max(start));
        let width = text[start..end].chars().count().max(1);
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        let gutter = number.to_string().len().max(4);
        format!(
            "{file}:{number}:{}: {key}{}\n{number:>gutter$} | {shown}\n{:gutter$} | {:column$}{}\n{:gutter$} = {}\n",
            column + 1,
            self.what,
            "",
            "",
            "^".repeat(width),
            "",
            self.remedy
        )
    }
}

/// The line with credentials struck out, sign by sign: the message may end up in a log. A tab becomes a space, so that the marks
/// below stand where they should.
fn masked(line: &str) -> String {
    let line = match secret(line) {
        Some(range) => {
            let stars = "*".repeat(line[range.clone()].chars().count());
            format!("{}{stars}{}", &line[..range.start], &line[range.end..])
        }
        None => line.to_owned(),
    };
    line.replace('\t', " ")
}

/// Where a line holds a password: before the last `@` of a value, whatever signs it has, or the whole value of a key named so.
fn secret(line: &str) -> Option<Range<usize>> {
    let (key, _) = line.split_once('=')?;
    let after_key = key.len() + 1;
    let named = ["password", "secret", "token"].iter().any(|word| key.contains(word)) && !key.trim().ends_with("_file");
    let value = match line[after_key..].find(['"', '\'']) {
        Some(at) => {
            let (open, start) = (&line[after_key + at..][..1], after_key + at + 1);
            // Several values may stand on a line, and one may lack its end: the last quote is an end for sure.
            start..line[start..].rfind(open).map_or(line.len(), |end| start + end)
        }
        None => after_key..line.len(),
    };
    if named {
        return Some(value);
    }
    let end = value.start + line[value.clone()].rfind('@')?;
    let start = line[value.start..end].find("://").map_or(value.start, |at| value.start + at + 3);
    Some(start..end)
}

/// The nearest place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown_however_it_is_written() {
        for (line, shown) in [
            (r#"url = "https://me:pw@h/x""#, r#"url = "https://*****@h/x""#),
            (r#"proxy = "http://u:p/w?d#@h:1""#, r#"proxy = "http://********@h:1""#),
            (r#"proxy = "http://u:it's@h:1""#, r#"proxy = "http://******@h:1""#),
            (r#"proxy = "u:p@h:1""#, r#"proxy = "***@h:1""#),
            (r"proxy = http://u:p@h:1", r"proxy = http://***@h:1"),
            (r#"proxy = "http://u:p@h:1"#, r#"proxy = "http://***@h:1"#),
            (r"proxy = 'http://u:p@h:1'", r"proxy = 'http://***@h:1'"),
            (r#"a = { proxy = "socks5://u:p@h:1" }"#, r#"a = { proxy = "socks5://***@h:1" }"#),
            (r#"proxy_password = "p""#, r#"proxy_password = "*""#),
            (r#"proxy_password_file = "p.txt""#, r#"proxy_password_file = "p.txt""#),
            (r#"proxy = "socks5://h""#, r#"proxy = "socks5://h""#),
            ("\turl = 1", " url = 1"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }
}
