//! `GET /`: the page with this deployment's lines to paste. The only answer of this listener that is HTML.
//!
//! Decides its headers; what a browser may do with it, the page says itself.

use crate::web::{
    Site,
    answer::{self, Body},
    pages::index,
};
use http::{
    Method, Request, Response,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};
use hyper::body::Incoming;
use std::sync::LazyLock;

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| index::DOCUMENT.policy());

pub(in crate::web) async fn page(site: &Site, request: Request<Incoming>) -> Response<Body> {
    // HTTP leaves the body of an answer to HEAD out by itself.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::method_not_allowed("GET, HEAD");
    }
    let page = site.index.get_or_init(|| index::page(&site.public_url).into()).clone();
    let mut response = Response::new(Body::new(page));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
