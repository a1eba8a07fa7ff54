//! `GET /minecraft/client`: the discovery document.

use crate::web::{
    Site,
    answer::{self, Body},
};
use http::{Method, Request, Response};
use hyper::body::Incoming;

pub(in crate::web) async fn document(site: &Site, request: Request<Incoming>) -> Response<Body> {
    match *request.method() {
        Method::GET => answer::json(site.discovery.document()),
        _ => answer::method_not_allowed("GET"),
    }
}
