//! The discovery document of Minecraft 26.3 and later: where a game server finds everything else.
//!
//! Decides that it is Mojang's own, the freshest that is usable, with this proxy's addresses in the places that are this proxy's.

mod document;

use crate::{
    lifecycle::Tasks,
    upstream::{self, Host, Kept, Upstream},
};
pub use document::Document;

use bytes::Bytes;
use http::Uri;
use std::sync::{Arc, Mutex, PoisonError};

/// Mojang, where its document is asked for.
pub struct Origin {
    /// Whom to ask.
    pub upstream: Arc<Upstream>,
    /// The address of the document, as it is configured.
    pub url: String,
}

/// The document, with this proxy's addresses in it. Clones are the same.
#[derive(Clone)]
pub struct Discovery(Arc<Inner>);

struct Inner {
    /// The public URL, without a slash at its end.
    base: String,
    embedded: Arc<Document>,
    source: Option<Source>,
    served: Mutex<Option<(Arc<Document>, Bytes)>>,
}

struct Source {
    origin: Origin,
    kept: Kept<Document>,
}

impl Discovery {
    /// For game servers that reach this proxy at `public_url`: the embedded document until `origin` has given a fresher one, now or
    /// to the one `before`.
    #[must_use]
    pub fn new(origin: Option<Origin>, public_url: &Uri, before: Option<&Self>, tasks: &Tasks) -> Self {
        let embedded = Arc::new(Document::embedded());
        let source = origin.and_then(|origin| {
            let host = origin.upstream.hosts().discovery.clone()?;
            let known =
                before.and_then(|before| before.0.source.as_ref()).filter(|known| known.origin.url == origin.url);
            let kept = match known {
                Some(known) if Arc::ptr_eq(&known.origin.upstream, &origin.upstream) => known.kept.clone(),
                known => Kept::new(fetched(host), known.and_then(|known| known.kept.good()), tasks),
            };
            Some(Source { origin, kept })
        });
        let base = public_url.to_string().trim_end_matches('/').to_owned();
        Self(Arc::new(Inner { base, embedded, source, served: Mutex::default() }))
    }

    /// As game servers are to read it. Waits for nobody.
    #[must_use]
    pub fn document(&self) -> Bytes {
        let Inner { base, embedded, source, served } = &*self.0;
        let now = source.as_ref().and_then(|source| source.kept.good()).unwrap_or_else(|| embedded.clone());
        let mut served = served.lock().unwrap_or_else(PoisonError::into_inner);
        match &*served {
            Some((of, body)) if Arc::ptr_eq(of, &now) => body.clone(),
            _ => {
                let body = now.at(base);
                *served = Some((now, body.clone()));
                body
            }
        }
    }
}

fn fetched(host: Host) -> upstream::Document<Document> {
    upstream::Document {
        name: "discovery document".to_owned(),
        host,
        path: String::new(),
        read: Box::new(Document::read),
    }
}
