//! A document of a host that is asked for again and again, its last good version kept.
//!
//! Decides when it is asked for and that a bad answer never takes the place of a good one. What a good one is, is decided by whoever
//! wants it.

use super::{Ask, Host};
use crate::lifecycle::{CancellationToken, Tasks};
use http::StatusCode;
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{sync::watch, time::sleep};

/// Between two good answers.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// After the first failure in a row, and twice as long after each further one.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// But never longer.
const LAST_RETRY: Duration = Duration::from_secs(5 * 60);

/// What the body of an answer of status 200 holds, or why it holds nothing of use.
pub type Read<T> = Box<dyn Fn(&[u8]) -> Result<T, &'static str> + Send + Sync>;

/// Where a document is found and how it is read.
pub struct Document<T> {
    /// What logs call it, as in "public keys of mojang".
    pub name: String,
    /// Whom to ask.
    pub host: Host,
    /// Appended to the host's base URL.
    pub path: String,
    /// Reads a whole body.
    pub read: Read<T>,
}

/// The last good version of a document. Clones are the same; with the last of them the asking ends.
pub struct Kept<T>(Arc<Shelf<T>>);

struct Shelf<T> {
    state: watch::Sender<State<T>>,
    gone: CancellationToken,
}

struct State<T> {
    tried: bool,
    good: Option<Arc<T>>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Shelf<T> {
    /// Notes an attempt; a failed one leaves what there is.
    fn put(&self, fetched: Option<T>) {
        self.state.send_modify(|state| {
            state.tried = true;
            if let Some(good) = fetched {
                state.good = Some(Arc::new(good));
            }
        });
    }
}

impl<T> Drop for Shelf<T> {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// Asks at once and from then on, on `tasks`. `known` is what there is until the first good answer.
    #[must_use]
    pub fn new(document: Document<T>, known: Option<Arc<T>>, tasks: &Tasks) -> Self {
        let gone = CancellationToken::new();
        let state = watch::Sender::new(State { tried: known.is_some(), good: known });
        let shelf = Arc::new(Shelf { state, gone: gone.clone() });
        tasks.spawn(keep(document, Arc::downgrade(&shelf), gone));
        Self(shelf)
    }

    /// The last good version, if there ever was one.
    #[must_use]
    pub fn good(&self) -> Option<Arc<T>> {
        self.0.state.borrow().good.clone()
    }

    /// Waits until it has been asked for once, with whatever outcome; not at all where something was known before.
    pub async fn tried(&self) {
        // Its sender lives as long as `self`.
        let _ = self.0.state.subscribe().wait_for(|state| state.tried).await;
    }
}

impl<T> Document<T> {
    async fn fetch(&self) -> Result<T, String> {
        let reply = self.host.ask(&Ask::get(self.path.clone())).await.map_err(|failure| failure.to_string())?;
        match reply.status {
            StatusCode::OK => (self.read)(&reply.body).map_err(str::to_owned),
            status => Err(format!("status {}", status.as_u16())),
        }
    }
}

/// Holds the shelf only to put something on it, so that nobody's leaving is held up.
async fn keep<T>(document: Document<T>, shelf: Weak<Shelf<T>>, gone: CancellationToken) {
    let mut failures = 0;
    loop {
        let fetched = document.fetch().await;
        let Some(held) = shelf.upgrade() else { return };
        let failure = match fetched {
            Ok(good) => {
                held.put(Some(good));
                None
            }
            Err(failure) => {
                held.put(None);
                Some(failure)
            }
        };
        told(&document.name, failure.as_deref(), failures);
        let pause = failure.as_ref().map_or(FRESH, |_| retry(failures));
        failures = failure.map_or(0, |_| failures.saturating_add(1));
        drop(held);
        tokio::select! {
            () = gone.cancelled() => return,
            () = sleep(spread(pause)) => {}
        }
    }
}

/// An outage is told once, and its end.
fn told(name: &str, failure: Option<&str>, before: u32) {
    match (failure, before) {
        (Some(failure), 0) => tracing::warn!(%failure, "{name}: no fresh ones, what was known stays"),
        (Some(failure), _) => tracing::debug!(%failure, "{name}: still no fresh ones"),
        (None, 0) => tracing::debug!("{name}: fresh"),
        (None, _) => tracing::info!("{name}: fresh again"),
    }
}

fn retry(failures: u32) -> Duration {
    FIRST_RETRY.saturating_mul(1 << failures.min(16)).min(LAST_RETRY)
}

/// Up to an eighth longer, so that proxies that were started together do not ask together.
fn spread(pause: Duration) -> Duration {
    let chance = RandomState::new().hash_one(()) % 1024;
    pause + pause / 8 * chance as u32 / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Client, Egress, Peer, Roots};

    fn refused() -> Document<()> {
        let peer = Peer {
            origin: "http://127.0.0.1:1".parse().unwrap(),
            ca_file: None,
            connect_timeout: Duration::from_secs(1),
            max_connections: 1,
            http2: false,
            egress: Egress::default(),
        };
        let client = Client::new(&peer, &Roots::default(), Tasks::default()).unwrap();
        let host = Host::new(&peer.origin, client, Duration::from_secs(1));
        Document { name: "nothing".to_owned(), host, path: "/".to_owned(), read: Box::new(|_| Ok(())) }
    }

    #[tokio::test]
    async fn asking_ends_with_the_last_holder() {
        let tasks = Tasks::default();
        let kept = Kept::new(refused(), None, &tasks);
        let other = kept.clone();
        kept.tried().await;
        assert!(kept.good().is_none());
        drop(kept);
        assert!(!tasks.ended(Duration::from_millis(50)).await, "somebody still holds it");
        drop(other);
        assert!(tasks.ended(Duration::from_secs(4)).await, "long before the next attempt");
    }

    #[tokio::test]
    async fn what_is_known_is_there_at_once() {
        let kept = Kept::new(refused(), Some(Arc::new(())), &Tasks::default());
        tokio::select! {
            biased;
            () = kept.tried() => assert!(kept.good().is_some()),
            () = std::future::ready(()) => panic!("waits for an answer"),
        }
    }

    #[test]
    fn failures_are_retried_ever_more_slowly_up_to_a_bound() {
        let pauses = [0, 1, 2, 5, 6, 40, u32::MAX].map(|failures| retry(failures).as_secs());
        assert_eq!(pauses, [5, 10, 20, 160, 300, 300, 300]);
    }

    #[test]
    fn pauses_differ_but_little() {
        let pauses: Vec<_> = (0..100).map(|_| spread(FRESH)).collect();
        assert!(pauses.iter().all(|pause| (FRESH..=FRESH * 9 / 8).contains(pause)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }
}
