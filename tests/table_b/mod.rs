//! What every game server relies on, one test a row: the numbers are those of the client contract's Table B.
//!
//! `M`, `H` and `C` are the upstreams mojang, minehut and connect, faked, but over real sockets.

mod answers;
mod edge;
mod keys;
mod load;
mod lookups;
mod malformed;
mod questions;
mod relay;

use crate::support::{
    profile,
    proxy::Proxy,
    upstream::{Reply, Upstream},
};
use std::time::Duration;

/// Mojang and Minehut, one as trusted as the other.
async fn mojang_and_minehut(mojang: Reply, minehut: Reply) -> (Proxy, Upstream, Upstream) {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.answers(mojang);
    h.answers(minehut);
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h)]).await;
    (proxy, m, h)
}

fn yes() -> Reply {
    Reply::profile("Notch")
}

fn no() -> Reply {
    Reply::no()
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
