//! Clients that mean harm: whatever they do, the next login is answered at once, and nothing of them stays.
//!
//! Decides what "nothing" is: connections and requests by the program's own count, descriptors and memory by the kernel's.

use crate::support::{
    HAS_JOINED, client, profile,
    proxy::Proxy,
    upstream::{Reply, Upstream},
    within,
};
use std::time::{Duration, Instant};

mod descriptors;
mod floods;
mod frames;
mod http2;
mod malformed;
mod overload;
mod slow;
mod vanishing;

const MIB: u64 = 1024 * 1024;

/// One upstream that knows everybody, and the program in front of it.
struct Siege {
    m: Upstream,
    proxy: Proxy,
    files: usize,
    memory: u64,
}

impl Siege {
    async fn start() -> Self {
        Self::with("").await
    }

    /// With these lines of `[server]`.
    async fn with(lines: &str) -> Self {
        let m = Upstream::start().await;
        m.answers(Reply::profile("Notch"));
        let hosts = m.as_mojang();
        let proxy = Proxy::builder().admin().server(lines).upstream("mojang", &m, &hosts).start().await;
        client::has_joined(&proxy).await.assert_profile(&profile::notch());
        let siege = Self { files: 0, memory: 0, m, proxy };
        siege.quiet().await;
        Self { files: siege.files(), memory: siege.proxy.memory(), ..siege }
    }

    /// A login while it lasts.
    async fn stands(&self) {
        let began = Instant::now();
        client::has_joined(&self.proxy).await.assert_profile(&profile::notch());
        let took = began.elapsed();
        assert!(took < Duration::from_secs(2), "a login took {took:?}");
    }

    /// Its descriptors, without those of connections to the upstream, which are kept.
    fn files(&self) -> usize {
        self.proxy.open_files().saturating_sub(self.m.open_connections())
    }

    /// How much memory has come on top since it began.
    fn grown(&self) -> u64 {
        self.proxy.memory().saturating_sub(self.memory)
    }

    /// A login after it, and nothing left of it; of memory, what an allocator keeps.
    async fn is_over(&self) {
        self.stands().await;
        self.quiet().await;
        let closed = async {
            // That of whoever has asked for the figures.
            while self.files() > self.files + 1 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        within("descriptors to be as few as before", closed).await;
        assert!(self.grown() < 96 * MIB, "grew by {} MiB", self.grown() / MIB);
    }

    async fn figure(&self, name: &str) -> f64 {
        let text = client::get(&self.proxy.admin().await, "/metrics").await.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}"));
        line.trim().parse().unwrap()
    }

    /// Waits until no client is connected and no request is being answered.
    async fn quiet(&self) {
        let quiet = async {
            while self.figure("hasjoined_connections_open ").await + self.figure("hasjoined_requests_in_flight ").await
                > 0.0
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        within("all clients to be gone", quiet).await;
    }
}

/// The statuses in what came back over HTTP/1.
fn statuses(said: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(said).into_owned();
    text.split("HTTP/1.").skip(1).filter_map(|answer| answer.get(2..5)?.parse().ok()).collect()
}
