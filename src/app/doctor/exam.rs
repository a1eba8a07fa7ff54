//! One upstream, asked once.
//!
//! The question is about a login that never was: its serverId is made of 160 random bits, so no join can be waiting under it and
//! none is used up, and the name is made anew each time, so nobody's. It goes past the upstream's budget and breaker, and past the
//! sessions of a program that serves: nobody counts it as a login.

use crate::{
    config::UpstreamSettings,
    model::{PlayerName, Question, ServerId},
    net::{self, Headers, Lines, Obstacle, Outgoing, Probe, Reply},
    upstream::{Host, Upstream, Verdict},
};
use bytes::Bytes;
use http::{Method, Version, header::DATE};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use uuid::Uuid;

/// More than any refusal has.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What was found of one upstream.
pub(super) struct Finding<'a> {
    pub(super) settings: &'a UpstreamSettings,
    pub(super) contact: Contact,
}

/// How far the question got.
pub(super) enum Contact {
    /// It cannot be written as a URL of this upstream.
    Unaskable,
    /// There was no connection.
    Unreached(Obstacle),
    /// There was one.
    Reached {
        connecting: Duration,
        answering: Duration,
        tls: Option<&'static str>,
        answer: Result<Box<Answer>, net::Failure>,
    },
}

/// What it answered.
pub(super) struct Answer {
    pub(super) version: Version,
    pub(super) reply: Reply,
    pub(super) verdict: Verdict,
    /// Seconds that its clock is ahead of this machine's.
    pub(super) ahead: Option<i64>,
}

impl Finding<'_> {
    pub(super) fn id(&self) -> &str {
        self.settings.id.as_str()
    }

    /// It has said "no", as it should.
    pub(super) fn usable(&self) -> bool {
        self.answer().is_some_and(|answer| matches!(answer.verdict, Verdict::NotJoined))
    }

    pub(super) fn answer(&self) -> Option<&Answer> {
        match &self.contact {
            Contact::Reached { answer, .. } => answer.as_deref().ok(),
            Contact::Unaskable | Contact::Unreached(_) => None,
        }
    }
}

/// Asks, within the upstream's own timeout.
pub(super) async fn examine<'a>(settings: &'a UpstreamSettings, upstream: &Upstream) -> Finding<'a> {
    Finding { settings, contact: contact(settings, upstream).await }
}

async fn contact(settings: &UpstreamSettings, upstream: &Upstream) -> Contact {
    let Some(question) = question() else { return Contact::Unaskable };
    let Some(target) = upstream.target(&question) else { return Contact::Unaskable };
    let request = Outgoing {
        method: Method::GET,
        target,
        headers: Lines::of(Host::headers()),
        own: None,
        body: Bytes::new(),
        largest_answer: LARGEST_ANSWER,
        repeatable: false,
    };
    let probe = match upstream.client().probe(&request, Instant::now() + settings.timeout).await {
        Ok(probe) => probe,
        Err(obstacle) => return Contact::Unreached(obstacle),
    };
    let Probe { connecting, tls, answering, answer } = probe;
    // Its clock was read somewhere between the question and the end of the answer.
    let asked = SystemTime::now().checked_sub(answering / 2);
    let answer = answer.map(|(version, reply)| {
        let (verdict, ahead) =
            (upstream.judge(&question, &reply), asked.and_then(|asked| ahead(&reply.headers, asked)));
        Box::new(Answer { version, reply, verdict, ahead })
    });
    Contact::Reached { connecting, answering, tls, answer }
}

/// In the form that game servers ask in, or an upstream might answer otherwise than it does to them.
fn question() -> Option<Question> {
    let random = || Uuid::new_v4().simple().to_string();
    let name = format!("doctor_{}", &random()[..9]);
    let server_id = format!("{}{}", random(), &random()[..8]);
    Some(Question { name: PlayerName::new(&name).ok()?, server_id: ServerId::new(&server_id).ok()?, ip: None })
}

/// `Date` is in whole seconds, rounded down.
fn ahead(headers: &Headers, here: SystemTime) -> Option<i64> {
    let there = httpdate::parse_http_date(&headers.text(DATE)?).ok()?;
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Some(match there.duration_since(here) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn nobody_has_the_name_and_no_join_the_server_id() {
        let (one, other) = (question().unwrap(), question().unwrap());
        for question in [&one, &other] {
            let name = question.name.as_str();
            assert!(
                name.len() == 16 && name.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_'),
                "{name}"
            );
            let server_id = question.server_id.as_str();
            assert!(server_id.len() == 40 && server_id.bytes().all(|sign| sign.is_ascii_hexdigit()));
        }
        assert!(one.name != other.name && one.server_id != other.server_id);
    }

    #[test]
    fn clocks_are_compared_in_whole_seconds() {
        let here = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (date, wanted) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 07:49:37 GMT", Some(-3600)),
            ("yesterday", None),
        ] {
            let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]).into();
            assert_eq!(ahead(&headers, here), wanted, "{date}");
            // The second that has begun is not told.
            if wanted == Some(0) {
                assert_eq!(ahead(&headers, here + Duration::from_millis(900)), Some(0));
            }
        }
        assert_eq!(ahead(&HeaderMap::new().into(), here), None);
    }
}
