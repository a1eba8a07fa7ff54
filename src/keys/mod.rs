//! The public keys that signatures of textures and of players' chat keys are believed by.
//!
//! Decides whose keys are passed on for what, and what is served while an upstream is down: its last good keys, and nothing at all
//! without Mojang's. When an upstream is asked is decided by `upstream`.

mod set;
mod spki;

use crate::{
    lifecycle::Tasks,
    upstream::{Document, Host, Kept, Upstream},
};
pub use spki::is_rsa;

use bytes::Bytes;
use set::{KeySet, Share};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// Game servers wait 5 s for keys, and some do not ask again before the next day.
const PATIENCE: Duration = Duration::from_secs(4);

/// An upstream whose keys are to be published.
pub struct Publisher {
    /// Whom to ask.
    pub upstream: Arc<Upstream>,
    /// The base URL of its services, as it is configured.
    pub services: String,
    /// Its keys come first, and nothing is served without them.
    pub is_mojang: bool,
    /// For which uses: textures, chat keys of players, tokens.
    pub publishes: [bool; 3],
}

/// The keys of all upstreams that publish some here. Clones are the same.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sources: Vec<Source>,
    served: Mutex<Served>,
}

struct Source {
    publisher: Publisher,
    kept: Kept<KeySet>,
}

/// The document and what it was made of.
#[derive(Default)]
struct Served {
    of: Vec<Option<Arc<KeySet>>>,
    document: Option<Bytes>,
}

impl Keys {
    /// Nobody's.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::default())
    }

    /// Those of these upstreams, fetched from now on; what `before` knew of one that is still where it was is not forgotten.
    #[must_use]
    pub fn new(publishers: Vec<Publisher>, before: &Self, tasks: &Tasks) -> Self {
        let sources = publishers.into_iter().filter_map(|publisher| {
            let host = publisher.upstream.hosts().services.clone()?;
            let kept = match before.source(&publisher) {
                Some(source) if Arc::ptr_eq(&source.publisher.upstream, &publisher.upstream) => source.kept.clone(),
                found => {
                    let known = found.and_then(|source| source.kept.good());
                    Kept::new(document(&publisher, host), known, tasks)
                }
            };
            Some(Source { publisher, kept })
        });
        Self(Arc::new(Inner { sources: sources.collect(), served: Mutex::default() }))
    }

    /// The document as game servers read it; `None` when Mojang's keys are not known. Waits for upstreams that have not been asked
    /// yet, but not for long.
    pub async fn document(&self) -> Option<Bytes> {
        if !self.0.sources.iter().any(|source| source.publisher.is_mojang) {
            return None;
        }
        let all_tried = async {
            for source in &self.0.sources {
                source.kept.tried().await;
            }
        };
        // Too late for some is not too late for the others.
        let _ = timeout(PATIENCE, all_tried).await;
        self.0.served()
    }

    /// Whether chat keys that Mojang signed are believed here.
    #[must_use]
    pub fn certify_chat(&self) -> bool {
        self.0.sources.iter().any(|source| source.publisher.is_mojang && source.publisher.publishes[1])
    }

    fn source(&self, publisher: &Publisher) -> Option<&Source> {
        let same = |known: &Publisher| {
            known.upstream.id() == publisher.upstream.id()
                && known.services == publisher.services
                && known.is_mojang == publisher.is_mojang
        };
        self.0.sources.iter().find(|source| same(&source.publisher))
    }
}

impl Inner {
    /// Made anew only when an upstream has other keys than before.
    fn served(&self) -> Option<Bytes> {
        let now: Vec<_> = self.sources.iter().map(|source| source.kept.good()).collect();
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(a, b): (&Option<Arc<KeySet>>, &Option<Arc<KeySet>>)| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if served.of.len() != now.len() || !served.of.iter().zip(&now).all(same) {
            let shares = self.sources.iter().zip(&now).filter_map(|(source, keys)| {
                let Publisher { publishes, is_mojang, .. } = source.publisher;
                Some(Share { keys: keys.as_deref()?, publishes, is_mojang })
            });
            served.document = set::merged(&shares.collect::<Vec<_>>());
            served.of = now;
        }
        served.document.clone()
    }
}

fn document(publisher: &Publisher, host: Host) -> Document<KeySet> {
    let (upstream, is_mojang) = (publisher.upstream.id().clone(), publisher.is_mojang);
    let name = format!("public keys of {upstream}");
    let read = move |body: &[u8]| {
        let keys = KeySet::read(body).ok_or("not a document of keys")?;
        if keys.dropped > 0 {
            tracing::warn!(%upstream, dropped = keys.dropped, "malformed public keys are left out");
        }
        match is_mojang && !keys.is_complete() {
            true => Err("not all keys that Mojang has"),
            false => Ok(keys),
        }
    };
    Document { name, host, path: "/publickeys".to_owned(), read: Box::new(read) }
}
