//! `GET /authlib-injector/`: what authlib-injector reads before the game server starts. Without a 200 here it ends the JVM.
//!
//! What lies under it are the other routes, as the route table maps them.

use crate::web::{
    Site,
    answer::{self, Body},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use serde_json::{Map, json};

/// Leads authlib-injector from any address of this proxy to the API root.
const LOCATION: HeaderName = HeaderName::from_static("x-authlib-injector-api-location");

/// What the metadata says of one configuration.
pub struct Injector {
    /// Domains of skins besides Mojang's.
    pub skin_domains: Vec<String>,
    /// Mojang is among the upstreams, so its players need no namespace of their own.
    pub has_mojang: bool,
}

const MOJANGS_SKIN_DOMAINS: [&str; 2] = [".minecraft.net", ".mojang.com"];

pub(in crate::web) async fn metadata(site: &Site, request: Request<Incoming>) -> Response<Body> {
    let answer = match *request.method() {
        Method::GET => answer::json(document(site)),
        _ => answer::method_not_allowed("GET"),
    };
    located(site, answer)
}

/// Says where the API root is.
pub(in crate::web) fn located(site: &Site, mut response: Response<Body>) -> Response<Body> {
    let root = format!("{}/authlib-injector/", site.public_url.path().trim_end_matches('/'));
    if let Ok(root) = HeaderValue::try_from(root) {
        response.headers_mut().insert(LOCATION, root);
    }
    response
}

/// There is no `signaturePublickey`: nothing is signed here.
fn document(site: &Site) -> Bytes {
    let Injector { skin_domains, has_mojang } = &site.injector;
    let mut meta = Map::new();
    meta.insert("serverName".to_owned(), json!(site.public_url.host().unwrap_or("hasjoined")));
    meta.insert("implementationName".to_owned(), json!("hasjoined"));
    meta.insert("implementationVersion".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    let features = [
        ("feature.no_mojang_namespace", *has_mojang),
        // Chat keys come from Mojang, through this proxy, and are believed by what `/publickeys` says.
        ("feature.enable_profile_key", site.keys.certify_chat()),
    ];
    meta.extend(features.into_iter().filter(|(_, has)| *has).map(|(name, has)| (name.to_owned(), json!(has))));
    let mut domains: Vec<&str> = MOJANGS_SKIN_DOMAINS.to_vec();
    for domain in skin_domains {
        if !domains.contains(&domain.as_str()) {
            domains.push(domain);
        }
    }
    Bytes::from(json!({ "meta": meta, "skinDomains": domains }).to_string())
}
