//! What a fake upstream has seen so far and what it is to answer: shared by the test and all connections.
//!
//! Decides the counting. Every change wakes those who wait, so no test polls.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use tokio::sync::watch;

use super::{Recorded, Reply};

/// Chooses the answer to a request.
pub(super) type Script = dyn Fn(&Recorded) -> Reply + Send + Sync;

/// The counts of one upstream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Requests that have arrived completely, in their order.
    pub(crate) requests: Vec<Recorded>,
    /// Connections accepted so far.
    pub(crate) connections: usize,
    /// Where they came from.
    pub(crate) peers: Vec<IpAddr>,
    /// Connections open now.
    pub(crate) open: usize,
    /// The most connections that were ever open at once.
    pub(crate) peak: usize,
    /// TLS handshakes that succeeded.
    pub(crate) handshakes: usize,
    /// Requests not yet answered or given up.
    pub(crate) answering: usize,
    /// Requests whose asker left, or that were cut by `stop`, before the answer was out.
    pub(crate) abandoned: usize,
}

pub(super) struct Board {
    tally: watch::Sender<Tally>,
    script: Mutex<Arc<Script>>,
}

impl Board {
    pub(super) fn new() -> Arc<Self> {
        let no = Arc::new(|_: &Recorded| Reply::no());
        Arc::new(Self { tally: watch::Sender::new(Tally::default()), script: Mutex::new(no) })
    }

    pub(super) fn script(&self, script: Arc<Script>) {
        *self.script.lock().unwrap() = script;
    }

    pub(super) fn tally(&self) -> watch::Ref<'_, Tally> {
        self.tally.borrow()
    }

    pub(super) async fn until(&self, predicate: impl Fn(&Tally) -> bool) {
        self.tally.subscribe().wait_for(predicate).await.unwrap();
    }

    pub(super) fn forget(&self) {
        self.tally.send_modify(|tally| {
            tally.requests = Vec::new();
            tally.peers = Vec::new();
        });
    }

    pub(super) fn handshake(&self) {
        self.tally.send_modify(|tally| tally.handshakes += 1);
    }

    /// Counts a connection until the returned guard goes.
    pub(super) fn connected(self: &Arc<Self>, peer: IpAddr) -> Connected {
        let mut number = 0;
        self.tally.send_modify(|tally| {
            tally.connections += 1;
            tally.peers.push(peer);
            tally.open += 1;
            tally.peak = tally.peak.max(tally.open);
            number = tally.connections;
        });
        Connected { board: Arc::clone(self), number }
    }

    /// Notes a request and chooses its answer; it counts as being answered until the guard goes.
    pub(super) fn arrived(self: &Arc<Self>, mut request: Recorded) -> (Reply, Answering) {
        self.tally.send_modify(|tally| {
            tally.answering += 1;
            request.number = tally.requests.len() + 1;
            tally.requests.push(request.clone());
        });
        let answering = Answering { board: Arc::clone(self), done: false };
        let script = Arc::clone(&self.script.lock().unwrap());
        (script(&request), answering)
    }
}

/// An open connection.
pub(super) struct Connected {
    pub(super) board: Arc<Board>,
    pub(super) number: usize,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.board.tally.send_modify(|tally| tally.open -= 1);
    }
}

/// A request that waits for its answer.
pub(super) struct Answering {
    board: Arc<Board>,
    done: bool,
}

impl Answering {
    /// The answer went as its `Reply` said.
    pub(super) fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.board.tally.send_modify(|tally| {
            tally.answering -= 1;
            tally.abandoned += usize::from(!self.done);
        });
    }
}
