//! Game servers that ask without a pause, and what that costs the one who is asked.

use crate::{client::Client, peer::Peer};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

/// Who ask at one time.
const CLIENTS: u64 = 16;

/// No two logins of a run are equal.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// CPU time of a login in µs.
pub(crate) fn cost(peer: &Peer, new: bool, window: Duration) -> f64 {
    let (over, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let before = peer.cpu();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut client = Client::new(peer.address, None, new);
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(client.ask(NEXT.fetch_add(1, Ordering::Relaxed)), 200);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(window);
        over.store(true, Ordering::Relaxed);
    });
    (peer.cpu() - before).as_secs_f64() * 1e6 / answered.into_inner() as f64
}
