//! Names to addresses, without waiting for what was known a moment ago.
//!
//! In front of the system's `getaddrinfo`, so that hosts files and every other local arrangement hold. An answer is fresh for a
//! minute; then it is still given while a new one is fetched behind it, and it stays when that fetch fails.

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Instant;
use tower_service::Service;

const FRESH: Duration = Duration::from_secs(60);
/// A resolver that does not answer is asked again no sooner than this.
const REFRESHING: Duration = Duration::from_secs(5);

/// What is known of one peer's name. A client speaks to one host, so there is nothing to key by.
#[derive(Default)]
pub(super) struct CachedDns {
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    addresses: Arc<[SocketAddr]>,
    fresh_until: Instant,
}

impl CachedDns {
    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, addresses: Arc<[SocketAddr]>, fresh: Duration) {
        let known = Known { addresses, fresh_until: Instant::now() + fresh };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    async fn ask(&self, name: Name) -> io::Result<Arc<[SocketAddr]>> {
        let found: Arc<[SocketAddr]> = GaiResolver::new().call(name).await?.collect();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        self.learn(found.clone(), FRESH);
        Ok(found)
    }

    /// The addresses of a host, each with port 0.
    pub(super) async fn addresses(&self, host: &str) -> io::Result<Arc<[SocketAddr]>> {
        self.resolve(host.parse().map_err(io::Error::other)?).await
    }

    async fn resolve(&self, name: Name) -> io::Result<Arc<[SocketAddr]>> {
        let Some(known) = self.known() else { return self.ask(name).await };
        if known.fresh_until > Instant::now() {
            return Ok(known.addresses);
        }
        // This dial pays for the refresh, but for no longer than a moment; others go on with what is known meanwhile.
        self.learn(known.addresses.clone(), REFRESHING);
        match tokio::time::timeout(Duration::from_millis(50), self.ask(name)).await {
            Ok(Ok(found)) => Ok(found),
            _ => Ok(known.addresses),
        }
    }
}

/// [`CachedDns`] in the form that hyper's connector takes.
#[derive(Clone)]
pub(super) struct Resolver(pub(super) Arc<CachedDns>);

/// Told apart from all else that may go wrong with a connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unresolved(io::Error);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unresolved>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let dns = self.0.clone();
        Box::pin(async move { Ok(dns.resolve(name).await.map_err(Unresolved)?.to_vec().into_iter()) })
    }
}
