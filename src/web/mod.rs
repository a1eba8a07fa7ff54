//! HTTP in, a question to the domain, HTTP out.
//!
//! Decides which route a request takes, what it may look like, and how an answer is written. Who is believed is decided by
//! `session`; sockets, connections and their limits by `server`.

mod answer;
mod hops;
mod load;
mod query;
mod router;

use crate::session::Sessions;
pub use answer::{Body, login};
pub use query::{Fault, question};
pub use router::{Route, route};

use arc_swap::ArcSwap;
use hops::Hops;
use http::{Method, Request, Response, StatusCode};
use load::Load;
use std::sync::Arc;

/// What requests are answered from: one configuration's worth. Replaced as a whole when the configuration changes.
pub struct Site {
    /// The upstreams.
    pub sessions: Sessions,
    /// The path of the public URL, under which every route is found as well.
    pub base_path: String,
    /// Requests answered at one time.
    pub max_in_flight: usize,
}

/// The public face of the program.
pub struct Web {
    site: ArcSwap<Site>,
    load: Load,
    hops: Hops,
}

impl Web {
    /// A face over a first configuration.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self { site: ArcSwap::from_pointee(site), load: Load::default(), hops: Hops::new() }
    }

    /// Answers from another configuration from now on; requests in flight keep the one they came in under.
    pub fn replace(&self, site: Site) {
        self.site.store(Arc::new(site));
    }

    /// Answers a request, whatever it is. Its body is not read.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Body> {
        let site = self.site.load_full();
        let Some(_place) = self.load.enter(site.max_in_flight) else {
            return answer::empty(StatusCode::SERVICE_UNAVAILABLE);
        };
        match router::route(request.uri().path(), &site.base_path, |id| site.sessions.place(id)) {
            Some(Route::HasJoined(selection)) if request.method() == Method::GET => {
                let question = match query::question(request.uri().query().unwrap_or_default()) {
                    Ok(question) => question,
                    Err(fault) => {
                        tracing::debug!(%fault, "bad question");
                        return answer::empty(StatusCode::BAD_REQUEST);
                    }
                };
                let Some(via) = self.hops.onward(request.headers()) else {
                    tracing::warn!("a question came back to this proxy: an upstream leads here");
                    return answer::empty(StatusCode::SERVICE_UNAVAILABLE);
                };
                answer::login(site.sessions.has_joined(question, selection, via).await)
            }
            Some(Route::HasJoined(_)) => answer::method_not_allowed("GET"),
            None => answer::empty(StatusCode::NOT_FOUND),
        }
    }
}
