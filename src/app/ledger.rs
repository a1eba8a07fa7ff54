//! Names that stay bound over a restart, where there is a store: read at the start, and written as they change.
//!
//! A login never waits for this. Where several processes share the store, what it says counts: a name that another process has bound
//! meanwhile is taken over from it.

use crate::{
    lifecycle::{CancellationToken, Clock},
    model::UpstreamId,
    session::{Change, Memory},
    store::{Store, StoreError},
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Changes that wait to be written; far more than come in the time one takes.
const MOST_WAITING: usize = 10_000;
const PAGE: u32 = 1_000;

/// The names of the store and those in memory.
pub(super) struct Ledger {
    store: Store,
    memory: Arc<Memory>,
    clock: Clock,
    told: mpsc::Receiver<Change>,
}

impl Ledger {
    /// Takes over all that is bound. Hears of every change from now on, also of those that come before [`keep`](Self::keep).
    pub(super) async fn open(store: Store, memory: Arc<Memory>, clock: Clock) -> Result<Self, StoreError> {
        let (tell, told) = mpsc::channel(MOST_WAITING);
        memory.bindings.tell(tell);
        let ledger = Self { store, memory, clock, told };
        ledger.restore().await?;
        Ok(ledger)
    }

    async fn restore(&self) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let page = self.store.bindings(&after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            for (name, holder) in page {
                self.memory.bindings.adopt(name.into(), &holder);
            }
        }
    }

    /// Writes changes until it is to stop, and then those that wait.
    pub(super) async fn keep(mut self, stop: CancellationToken) {
        loop {
            let change = tokio::select! {
                biased;
                change = self.told.recv() => change,
                () = stop.cancelled() => None,
            };
            let Some(change) = change else { return };
            let written = match &change {
                Change::Bound(name, upstream) => self.bound(name, upstream).await,
                Change::Released(name) => self.store.release_name(name).await.map(|_| ()),
            };
            if let Err(error) = written {
                tracing::warn!(%error, "what a name is bound to is not written");
            }
        }
    }

    async fn bound(&self, name: &str, upstream: &UpstreamId) -> Result<(), StoreError> {
        let holder = self.store.bind_name(name, upstream, self.clock.now()).await?;
        if holder != *upstream {
            self.memory.bindings.adopt(name.into(), &holder);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::PlayerName, store::Location};

    #[tokio::test]
    async fn what_changes_before_anybody_writes_and_while_it_ends_is_written() {
        let (store, memory) = (Store::open(&Location::Memory).await.unwrap(), Arc::<Memory>::default());
        let ledger = Ledger::open(store.clone(), memory.clone(), Clock::system()).await.unwrap();
        let (mojang, stop) = (UpstreamId::new("mojang").unwrap(), CancellationToken::new());
        for name in ["Notch", "Steve"] {
            memory.bindings.claim(&PlayerName::new(name).unwrap(), &mojang).unwrap();
        }
        memory.bindings.release(&PlayerName::new("Steve").unwrap());
        stop.cancel();
        ledger.keep(stop).await;
        assert_eq!(store.bindings("", 9).await, Ok(vec![("notch".to_owned(), mojang)]));
    }
}
