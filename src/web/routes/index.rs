//! `GET /`: the page with this deployment's lines to paste. The only answer of this listener that is HTML.
//!
//! Decides its headers: a browser shows nothing, runs nothing and asks nobody that is not in the page itself.

use crate::web::{
    Site,
    answer::{self, Body},
    pages::index,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    Method, Request, Response,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};
use hyper::body::Incoming;
use std::sync::LazyLock;

/// The page's own style and script are known by their hashes, so that nothing that got into it would run.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    let (style, script) = (hash(index::STYLE), hash(index::SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

pub(in crate::web) async fn page(site: &Site, request: Request<Incoming>) -> Response<Body> {
    // HTTP leaves the body of an answer to HEAD out by itself.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::method_not_allowed("GET, HEAD");
    }
    let mut response = Response::new(Body::new(index::page(&site.public_url)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
