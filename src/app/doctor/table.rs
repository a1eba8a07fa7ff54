//! The table: one line an upstream, within 80 columns.

use super::exam::{Answer, Contact, Finding};
use crate::{
    net::{Failure, Obstacle},
    upstream::Verdict,
};
use http::Version;
use std::{fmt::Write, time::Duration};

/// A longer name gets a line of its own.
const WIDEST_NAME: usize = 20;

/// All of it, a head first.
pub(super) fn text(findings: &[Finding<'_>]) -> String {
    let longest = findings.iter().map(|finding| finding.id().len()).filter(|length| *length <= WIDEST_NAME).max();
    let width = longest.unwrap_or_default().max("upstream".len());
    let mut text =
        line(width, "upstream", &cells(["usable", "connect", "answer", "TLS", "HTTP", "\"no\" by", "clock"]));
    for finding in findings {
        text.push_str(&line(width, finding.id(), &row(finding)));
    }
    text
}

fn line(width: usize, name: &str, rest: &str) -> String {
    match name.len() <= width {
        true => format!("{name:width$}  {rest}\n"),
        false => format!("{name}\n{:width$}  {rest}\n", ""),
    }
}

fn row(finding: &Finding<'_>) -> String {
    let usable = if finding.usable() { "yes" } else { "no" };
    match &finding.contact {
        Contact::Unaskable => format!("{usable:6}  its url is too long"),
        Contact::Unreached(obstacle) => format!("{usable:6}  {}", unreached(obstacle)),
        Contact::Reached { connecting, answering, tls, answer } => {
            let (connecting, tls) = (milliseconds(*connecting), tls.unwrap_or("-"));
            match answer {
                Err(failure) => format!("{usable:6}  {connecting:>7}  {}", unanswered(*failure)),
                Ok(answer) => cells([
                    usable,
                    &connecting,
                    &milliseconds(*answering),
                    tls,
                    version(answer.version),
                    &means_no(answer),
                    &answer.ahead.map_or("-".to_owned(), skew),
                ]),
            }
        }
    }
}

fn cells([usable, connect, answer, tls, http, no, clock]: [&str; 7]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{usable:6}  {connect:>7}  {answer:>7}  {tls:3}  {http:4}  {no:7}  {clock:>7}");
    text.trim_end().to_owned()
}

fn milliseconds(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_11 => "1.1",
        _ => "1.0",
    }
}

fn means_no(answer: &Answer) -> String {
    let status = answer.reply.status.as_u16();
    match answer.verdict {
        Verdict::NotJoined => status.to_string(),
        Verdict::Joined(_) | Verdict::Barred(_) => "never".to_owned(),
        Verdict::Failed(_) => format!("{status}?"),
    }
}

/// Seconds, or what is larger when there are many.
pub(super) fn skew(ahead: i64) -> String {
    let (unit, length) = match ahead.unsigned_abs() {
        0..1_000 => ("s", 1),
        1_000..60_000 => ("min", 60),
        60_000..3_600_000 => ("h", 3_600),
        _ => ("d", 86_400),
    };
    format!("{:+} {unit}", ahead / length)
}

/// In a few words; the whole story stands beneath the table.
fn unreached(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Name { .. } => "its name has no address",
        Obstacle::Tcp { .. } => "it cannot be connected to",
        Obstacle::NoSource { .. } | Obstacle::Source(_) => "no address in bind can be used",
        Obstacle::ProxyCredentials { .. } => "the proxy does not accept the credentials",
        Obstacle::ProxyRefusal { .. } => "the proxy refuses to lead there",
        Obstacle::ProxySpeech { .. } => "the proxy cannot be understood",
        Obstacle::Descriptors(_) => "too many files are open here",
        Obstacle::UnknownIssuer | Obstacle::Certificate(_) => "its certificate is not trusted",
        Obstacle::Tls(_) => "TLS failed",
        Obstacle::Http => "HTTP failed",
        Obstacle::Late { .. } => "it took too long to connect",
    }
}

fn unanswered(failure: Failure) -> &'static str {
    match failure {
        Failure::Timeout => "no answer in time",
        Failure::TooLarge => "an answer without end",
        Failure::Encoding => "an answer that cannot be read",
        _ => "it ended the connection unanswered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skew_is_told_in_seven_columns() {
        for (ahead, told) in [
            (0, "+0 s"),
            (-31, "-31 s"),
            (3_600, "+60 min"),
            (86_400, "+24 h"),
            (-86_400 * 400, "-400 d"),
            (999, "+999 s"),
        ] {
            assert_eq!(skew(ahead), told);
        }
    }

    #[test]
    fn the_widest_line_fits() {
        let widest = cells(["usable", "4400 ms", "4400 ms", "1.3", "1.1", "never", "+99 min"]);
        assert!(line(WIDEST_NAME, &"x".repeat(WIDEST_NAME), &widest).trim_end().len() <= 80);
        let reason = unreached(&Obstacle::ProxyCredentials { proxy: String::new(), said: String::new() });
        assert!(WIDEST_NAME + 2 + 8 + reason.len() <= 80);
    }
}
