//! The servers that Mojang blocks: one answer for all who ask, asked for once an hour.
//!
//! Decides how old the list may be. A list that was good stays good enough while there is no newer one.

use super::Refusal;
use crate::{
    net::{Failure, Lines, Outgoing, Reply},
    upstream::Host,
};
use bytes::Bytes;
use http::{
    Method, StatusCode,
    header::{ACCEPT, HeaderValue},
};
use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

const PATH: &str = "/blockedservers";
/// The list has a few thousand lines of 41 bytes.
const LARGEST: usize = 1024 * 1024;
const FRESH: Duration = Duration::from_secs(60 * 60);
/// After a failure, nobody is asked again for this long.
const PAUSE: Duration = Duration::from_secs(30);

pub(super) struct BlockedServers {
    session: Host,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    good: Option<Bytes>,
    /// When to ask again; at once, if never asked.
    again: Option<Instant>,
    failure: Option<Failure>,
}

impl BlockedServers {
    pub(super) fn new(session: Host) -> Self {
        Self { session, known: Mutex::default() }
    }

    /// Whoever comes while it is being asked for waits for the same answer.
    pub(super) async fn list(&self) -> Result<Bytes, Refusal> {
        let mut known = self.known.lock().await;
        if known.is_due(Instant::now()) {
            let heard = self.ask().await;
            known.take(heard, Instant::now());
        }
        known.good.clone().ok_or(Refusal::Down(known.failure.unwrap_or(Failure::NotAsked)))
    }

    async fn ask(&self) -> Result<Bytes, Failure> {
        let mut headers = Host::headers();
        headers.insert(ACCEPT, HeaderValue::from_static("text/plain"));
        let request = Outgoing {
            method: Method::GET,
            target: self.session.target(PATH)?.into(),
            headers: Lines::of(headers),
            own: None,
            body: Bytes::new(),
            largest_answer: LARGEST,
            repeatable: true,
        };
        let Reply { status, body, .. } = self.session.send(&request).await?;
        match status == StatusCode::OK && is_list(&body) {
            true => Ok(body),
            // Something in front of the server has answered.
            false => Err(Failure::Reset),
        }
    }
}

impl Known {
    fn is_due(&self, now: Instant) -> bool {
        self.again.is_none_or(|again| again <= now)
    }

    fn take(&mut self, heard: Result<Bytes, Failure>, now: Instant) {
        match heard {
            Ok(list) => *self = Self { good: Some(list), again: Some(now + FRESH), failure: None },
            Err(failure) => {
                tracing::debug!(%failure, "blocked servers stay as they were");
                self.failure = Some(failure);
                self.again = Some(now + PAUSE);
            }
        }
    }
}

/// SHA-1 hashes in hexadecimal, one a line.
fn is_list(body: &[u8]) -> bool {
    let mut lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    lines.all(|line| line.len() == 40 && line.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_list_outlives_failures_and_is_renewed_by_the_hour() {
        let (mut known, now) = (Known::default(), Instant::now());
        assert!(known.is_due(now));
        known.take(Err(Failure::Refused), now);
        assert!(known.good.is_none() && !known.is_due(now) && known.is_due(now + PAUSE));
        known.take(Ok("old".into()), now);
        assert!(!known.is_due(now + FRESH - PAUSE) && known.is_due(now + FRESH));
        known.take(Err(Failure::Timeout), now + FRESH);
        assert_eq!(known.good.as_ref().unwrap(), "old");
        assert!(known.is_due(now + FRESH + PAUSE));
        known.take(Ok("new".into()), now + FRESH + PAUSE);
        assert_eq!(known.good.unwrap(), "new");
    }

    #[test]
    fn a_web_page_is_no_list() {
        let hash = "6f2520d8fb0d01b31af1ae7a6dbe8f1e2e3a5b4c";
        assert!(is_list(b""));
        assert!(is_list(format!("{hash}\r\n{hash}\n").as_bytes()));
        assert!(!is_list(b"<html></html>"));
        assert!(!is_list(format!("{hash}\n{}", &hash[1..]).as_bytes()));
    }
}
