//! What to do about what was found, in plain language: a sentence on what is wrong and one on the remedy.
//!
//! Nothing of an answer's body is repeated, nor of a proxy's credentials.

use super::{
    exam::{Answer, Contact, Finding},
    table,
};
use crate::{
    config::{ProxyKind, UpstreamSettings, spelled},
    net::{Failure, Obstacle},
    upstream::Verdict,
};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};

/// Apart by more than this, clocks are wrong.
const MOST_SKEW: u64 = 30;

/// A hint for each problem, with the upstream it is about.
pub(super) fn hints<'a>(findings: &'a [Finding<'_>]) -> Vec<(&'a str, String)> {
    let mut hints = Vec::new();
    for finding in findings {
        hints.extend(hint(finding).map(|hint| (finding.id(), hint)));
    }
    hints.extend(clocks(findings));
    hints
}

fn hint(finding: &Finding<'_>) -> Option<String> {
    let settings = finding.settings;
    match &finding.contact {
        Contact::Unaskable => Some("its url leaves no room for the question: shorten it.".to_owned()),
        Contact::Unreached(obstacle) => Some(format!("{obstacle}. {}", unreached(obstacle, settings))),
        Contact::Reached { answer: Err(failure), .. } => Some(unanswered(*failure, settings)),
        Contact::Reached { answer: Ok(answer), .. } => match answer.verdict {
            Verdict::NotJoined => None,
            Verdict::Joined(_) | Verdict::Barred(_) => Some(
                "it says \"yes\" to a login that never was, so it would let anybody in under any name. Remove it."
                    .to_owned(),
            ),
            Verdict::Failed(_) => Some(unclear(answer, settings)),
        },
    }
}

fn unreached(obstacle: &Obstacle, settings: &UpstreamSettings) -> String {
    let host = settings.url.host().unwrap_or_default();
    match obstacle {
        Obstacle::Name { name, .. } if resolved_here_for_a_proxy(name, settings) => {
            "Where the proxy knows the name and this machine does not, write socks5h:// in place of socks5://.".to_owned()
        }
        Obstacle::Name { .. } => "Look for a slip in the name, and whether DNS works on this machine.".to_owned(),
        Obstacle::Tcp { .. } => {
            "Is it running at that port, and does a firewall let this machine out? Where only a proxy gets out, set proxy."
                .to_owned()
        }
        Obstacle::NoSource { .. } => "Add an address of the other family to bind, or remove bind.".to_owned(),
        Obstacle::Source(_) => "List addresses that this machine has now.".to_owned(),
        Obstacle::ProxyCredentials { .. } => {
            "Put the right user into proxy, and the password there or into proxy_password_file.".to_owned()
        }
        Obstacle::ProxyRefusal { .. } => format!("Whoever runs the proxy has to allow {host}, or it cannot reach it."),
        Obstacle::ProxySpeech { .. } => {
            "Is it a proxy of that kind? http:// stands for CONNECT, socks5h:// for SOCKS5.".to_owned()
        }
        Obstacle::Descriptors(_) => "Raise that limit: ulimit -n, or LimitNOFILE= of its unit.".to_owned(),
        Obstacle::UnknownIssuer => match &settings.ca_file {
            None => "If an authority of your own has signed it, name its certificate: ca_file = \"ca.pem\".".to_owned(),
            Some(file) => format!("{} holds other certificates than the one that signed it.", file.display()),
        },
        Obstacle::Certificate(_) => {
            format!("Its operator has to see to that, or {host} is not the right name, or this machine's clock is wrong.")
        }
        Obstacle::Tls(_) | Obstacle::Http => "Does it speak TLS at that port? If not, its url begins with http://.".to_owned(),
        Obstacle::Late { .. } => {
            "A firewall may swallow the connection, here or there, or something else listens at that port. If the way is just long, raise connect_timeout.".to_owned()
        }
    }
}

fn resolved_here_for_a_proxy(name: &str, settings: &UpstreamSettings) -> bool {
    settings.proxy.as_ref().is_some_and(|proxy| proxy.kind == ProxyKind::Socks5 && proxy.address.host() != name)
}

fn unanswered(failure: Failure, settings: &UpstreamSettings) -> String {
    match failure {
        Failure::Timeout => {
            format!(
                "it was reached and did not answer within {}: it is overloaded, or timeout is too short.",
                spelled(settings.timeout)
            )
        }
        Failure::TooLarge => "its answer is far larger than a profile: is url its hasJoined?".to_owned(),
        Failure::Encoding => "it compresses its answer in a way that nobody asked for.".to_owned(),
        _ if settings.http2 && settings.url.scheme_str() == Some("http") => {
            "it ended the connection: over plain http, http2 = true is for servers that speak nothing else.".to_owned()
        }
        _ => "it ended the connection without an answer in HTTP: is that its port?".to_owned(),
    }
}

/// An answer that is neither "yes" nor "no".
fn unclear(answer: &Answer, settings: &UpstreamSettings) -> String {
    let status = answer.reply.status.as_u16();
    let header = |name| answer.reply.headers.text(name);
    match status {
        200 => match answer.verdict.failure() {
            Some(failure) => {
                format!("it answers 200 with what is no profile of that player, {failure}: is url its hasJoined?")
            }
            None => String::new(),
        },
        300..=399 => match header(LOCATION).filter(|location| location.len() <= 200) {
            Some(location) => format!(
                "it answers {status}, and redirects are not followed. Write where it leads to as url: {location}"
            ),
            None => format!("it answers {status}, a redirect. Is url its hasJoined?"),
        },
        429 => {
            let wait =
                header(RETRY_AFTER).filter(|wait| wait.len() <= 40).map(|wait| format!(" (Retry-After: {wait})"));
            format!(
                "it answers 429{}: this machine's address asks too often, perhaps from another program. Set a budget below its limit, or use more addresses with bind or proxy.",
                wait.unwrap_or_default()
            )
        }
        400..=499 if !plain(answer) => format!(
            "it answers {status} with a web page: something in front of it, such as a bot filter, does not let this machine through."
        ),
        408 | 425 => format!("it answers {status}: try again."),
        400..=499 => {
            let known: Vec<_> = settings.negative.iter().chain([&status]).map(ToString::to_string).collect();
            format!(
                "it answers {status}, which is not in negative. If url is right, that is how it says \"no\": add negative = [{}].",
                known.join(", ")
            )
        }
        _ => format!(
            "it answers {status}: it is out of order itself. Players it knows are told that the servers are down."
        ),
    }
}

/// Empty or JSON, as far as can be seen without reading it.
fn plain(answer: &Answer) -> bool {
    let kind = answer.reply.headers.text(CONTENT_TYPE).unwrap_or_default();
    let start = answer.reply.body.iter().find(|byte| !byte.is_ascii_whitespace());
    start.is_none_or(|byte| *byte == b'{') && !kind.contains("html")
}

/// Where all agree, it is this machine that is wrong.
fn clocks<'a>(findings: &'a [Finding<'_>]) -> Vec<(&'a str, String)> {
    let told = findings.iter().filter_map(|finding| Some((finding.id(), finding.answer()?.ahead?)));
    let told: Vec<_> = told.collect();
    let off: Vec<_> = told.iter().filter(|(_, ahead)| ahead.unsigned_abs() > MOST_SKEW).collect();
    let here = off.len() == told.len() && told.len() > 1;
    let hint = |ahead: i64| {
        let whose = if here {
            "as others do: this machine's clock is wrong. Set it by NTP"
        } else {
            "so one of the two is wrong"
        };
        format!("its clock says {} against this machine's, {whose}.", table::skew(ahead))
    };
    off.into_iter().map(|(id, ahead)| (*id, hint(*ahead))).collect()
}
