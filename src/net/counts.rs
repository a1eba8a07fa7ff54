//! What has become of a peer's connections: plain counts, read by whoever shows them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The counts of one peer.
#[derive(Debug, Default)]
pub struct Counts {
    opened: AtomicU64,
    handshakes: AtomicU64,
    open: AtomicU64,
}

/// An open connection, until dropped.
pub(super) struct Open(Arc<Counts>);

impl Counts {
    /// A connection is ready for requests.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }

    /// TLS was agreed on.
    pub(super) fn shook_hands(&self) {
        self.handshakes.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections opened so far.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// TLS handshakes that succeeded.
    #[must_use]
    pub fn handshakes(&self) -> u64 {
        self.handshakes.load(Ordering::Relaxed)
    }

    /// Connections open now.
    #[must_use]
    pub fn open_now(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
