//! HTTP in, a question to the domain, HTTP out.
//!
//! Decides which route a request takes, what it may look like, and how an answer is written. Who is believed is decided by
//! `session`; sockets, connections and their limits by `server`.

mod answer;
mod counts;
mod crowd;
pub mod edge;
mod hops;
mod load;
pub(crate) mod pages;
mod query;
mod router;
mod routes;

use crate::{discovery::Discovery, keys::Keys, lookup::Lookups, model::Network, relay::Relay, session::Sessions};
pub use answer::{Body, login};
pub use counts::{Counts, Kind};
pub use query::{Fault, question};
pub use router::{Route, route};

use arc_swap::ArcSwap;
use bytes::Bytes;
use crowd::Crowd;
use hops::Hops;
use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use load::Load;
pub use routes::{injector::Injector, login::LoginApi};
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};

/// What requests are answered from: one configuration's worth. Replaced as a whole when the configuration changes.
pub struct Site {
    /// The upstreams.
    pub sessions: Sessions,
    /// Profiles by UUID, UUIDs by name.
    pub lookups: Lookups,
    /// Public keys.
    pub keys: Keys,
    /// The discovery document.
    pub discovery: Discovery,
    /// Where a player's token may go.
    pub relay: Relay,
    /// What authlib-injector is told.
    pub injector: Injector,
    /// How game servers reach this proxy.
    pub public_url: Uri,
    /// The page at `/`, once somebody has asked for it: it is the same for all.
    pub index: OnceLock<Bytes>,
    /// The path of the public URL, under which every route is found as well.
    pub base_path: String,
    /// The login API, if there is one.
    pub login: Option<LoginApi>,
    /// Requests answered at one time.
    pub max_in_flight: usize,
    /// Proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// Their connections begin with a PROXY header.
    pub proxy_protocol: bool,
    /// How often one client may ask whether a player has joined. `None`: as often as it likes.
    pub client_limit: Option<edge::Rate>,
}

impl Site {
    /// Whether this is a proxy whose word on a client's address is taken.
    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }
}

/// The public face of the program.
pub struct Web {
    site: ArcSwap<Site>,
    load: Load,
    crowd: Crowd,
    counts: Counts,
    hops: Hops,
}

impl Web {
    /// A face over a first configuration.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self {
            site: ArcSwap::from_pointee(site),
            load: Load::default(),
            crowd: Crowd::new(),
            counts: Counts::default(),
            hops: Hops::new(),
        }
    }

    /// Answers from another configuration from now on; requests in flight keep the one they came in under.
    pub fn replace(&self, site: Site) {
        self.site.store(Arc::new(site));
    }

    /// What requests are answered from now.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.site.load_full()
    }

    /// What was asked and answered so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether a peer has to say by a PROXY header whom its connections are from.
    #[must_use]
    pub fn announces(&self, peer: IpAddr) -> bool {
        let site = self.site.load();
        site.proxy_protocol && site.trusts(peer)
    }

    /// Requests that are being answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.load.taken()
    }

    /// Answers a request, whatever it is.
    pub async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let site = self.site.load_full();
        let Some(_place) = self.load.enter(site.max_in_flight) else {
            self.counts.shed();
            return answer::empty(StatusCode::SERVICE_UNAVAILABLE);
        };
        if let Some(login) = &site.login
            && let Some(endpoint) = login.edge.find(request.uri().path())
        {
            let response = Box::pin(routes::login::answer(login, endpoint, request, peer)).await;
            self.counts.answer(Kind::Login, response.status());
            self.counts.login(endpoint, response.extensions().get());
            return response;
        }
        let uri = request.uri().clone();
        let route = router::route(uri.path(), &site.base_path, |id| site.sessions.place(id));
        let kind = Kind::from(route.as_ref());
        let response = match route {
            Some(route) => self.routed(&site, route, &uri, (request, peer)).await,
            None => nothing_here(&site, &request),
        };
        self.counts.answer(kind, response.status());
        response
    }

    /// All but logins in boxes of their own: room for every way that a request can take would be held for each login.
    async fn routed(
        &self,
        site: &Site,
        route: Route<'_>,
        uri: &Uri,
        (request, peer): (Request<Incoming>, IpAddr),
    ) -> Response<Body> {
        match route {
            Route::HasJoined(_) if self.crowd.is_too_much(site, peer, request.headers()) => {
                self.counts.crowded();
                answer::empty(StatusCode::SERVICE_UNAVAILABLE)
            }
            Route::HasJoined(selection) => {
                let head = (request.method(), uri, request.headers());
                routes::session::has_joined(site, &self.hops, selection, head).await
            }
            Route::Join => Box::pin(routes::relay::join(site, &self.hops, request)).await,
            Route::Profile(id) => Box::pin(routes::lookup::profile(site, id, request)).await,
            Route::BlockedServers => Box::pin(routes::relay::blocked_servers(site, request)).await,
            Route::PublicKeys => Box::pin(routes::keys::keys(site, request)).await,
            Route::IdsOfNames => Box::pin(routes::lookup::ids_of_names(site, request)).await,
            Route::IdOfName(name) => Box::pin(routes::lookup::id_of_name(site, name, request)).await,
            Route::NameOfId(id) => Box::pin(routes::lookup::name_of_id(site, id, request)).await,
            Route::Discovery => Box::pin(routes::discovery::document(site, request)).await,
            Route::InjectorRoot => Box::pin(routes::injector::metadata(site, request)).await,
            Route::Index => routes::injector::located(site, Box::pin(routes::index::page(site, request)).await),
            Route::Services => Box::pin(routes::relay::services(site, &self.hops, request)).await,
            Route::Account => Box::pin(routes::relay::account(site, &self.hops, request)).await,
        }
    }
}

/// An application that has missed an endpoint is told so as one.
fn nothing_here(site: &Site, request: &Request<Incoming>) -> Response<Body> {
    let near = site.login.as_ref().and_then(|login| login.edge.nothing_here(request));
    near.unwrap_or_else(|| answer::empty(StatusCode::NOT_FOUND))
}
