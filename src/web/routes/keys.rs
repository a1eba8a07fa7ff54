//! `GET /publickeys`: the merged public keys.

use crate::web::{
    Site,
    answer::{self, Body},
};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

pub(in crate::web) async fn keys(site: &Site, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::GET {
        return answer::method_not_allowed("GET");
    }
    match site.keys.document().await {
        Some(document) => answer::json(document),
        None => answer::empty(StatusCode::SERVICE_UNAVAILABLE),
    }
}
