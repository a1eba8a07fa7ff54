//! Names that stay bound over a restart, where there is a store: read at the start, and written as they change.
//!
//! A login never waits for this. Where several processes share the store, what it says counts: a name that another process has bound
//! meanwhile is taken over from it.

use crate::{
    lifecycle::Clock,
    session::{Change, Memory},
    store::{Store, StoreError},
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Changes that wait to be written; far more than come in the time one takes.
const MOST_WAITING: usize = 10_000;
const PAGE: u32 = 1_000;

/// Takes over all that is bound, and how many names that is.
pub(super) async fn restore(store: &Store, memory: &Memory) -> Result<usize, StoreError> {
    let (mut after, mut restored) = (String::new(), 0);
    loop {
        let page = store.bindings(&after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(restored) };
        after.clone_from(last);
        restored += page.len();
        for (name, holder) in page {
            memory.bindings.adopt(name.into(), &holder);
        }
    }
}

/// Writes changes until nobody can make any.
pub(super) async fn keep(store: Store, memory: Arc<Memory>, clock: Clock) {
    let (tell, mut told) = mpsc::channel(MOST_WAITING);
    memory.bindings.tell(tell);
    while let Some(change) = told.recv().await {
        let written = match &change {
            Change::Bound(name, upstream) => bound(&store, &memory, (name, upstream), &clock).await,
            Change::Released(name) => store.release_name(name).await.map(|_| ()),
        };
        if let Err(error) = written {
            tracing::warn!(%error, "what a name is bound to is not written");
        }
    }
}

async fn bound(
    store: &Store,
    memory: &Memory,
    (name, upstream): (&str, &crate::model::UpstreamId),
    clock: &Clock,
) -> Result<(), StoreError> {
    let holder = store.bind_name(name, upstream, clock.now()).await?;
    if holder != *upstream {
        memory.bindings.adopt(name.into(), &holder);
    }
    Ok(())
}
