//! Requests that carry a player's access token, and what else only Mojang answers.
//!
//! Where nobody is configured who could answer, the route is not there: 404. A failure is 503 without a body, as everywhere.

use crate::{
    relay::{Joined, Refusal, Relayed},
    web::{
        Site,
        answer::{self, Body},
        hops::Hops,
        router,
    },
};
use bytes::Bytes;
use http::{
    Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use std::time::Duration;
use tokio::time::timeout;

/// A join has three short members.
const LARGEST_JOIN: usize = 8 * 1024;
/// A client writes it in one go.
const JOIN_TIMEOUT: Duration = Duration::from_secs(5);

/// What is relayed; anything else is nothing that Mojang's hosts are asked.
const RELAYED: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];

pub(in crate::web) async fn join(site: &Site, hops: &Hops, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::POST {
        return answer::method_not_allowed("POST");
    }
    let Some(via) = hops.onward(request.headers()) else { return looped() };
    let (head, body) = request.into_parts();
    let body = match whole(body).await {
        Ok(body) => body,
        Err(status) => return answer::empty(status),
    };
    match site.relay.join(head.headers.get(CONTENT_TYPE), body, via).await {
        Ok(joined) => said(joined),
        Err(refusal) => refused(refusal),
    }
}

pub(in crate::web) async fn blocked_servers(site: &Site, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::GET {
        return answer::method_not_allowed("GET");
    }
    match site.relay.blocked_servers().await {
        Ok(list) => {
            let mut response = Response::new(Body::new(list));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            response
        }
        Err(refusal) => refused(refusal),
    }
}

pub(in crate::web) async fn services(site: &Site, hops: &Hops, request: Request<Incoming>) -> Response<Body> {
    if !RELAYED.contains(request.method()) {
        return answer::method_not_allowed("GET, POST, PUT, DELETE, PATCH");
    }
    let Some(via) = hops.onward(request.headers()) else { return looped() };
    let uri = request.uri().clone();
    relayed(site.relay.services(&router::below(uri.path(), &site.base_path), request, via).await)
}

pub(in crate::web) async fn account(site: &Site, hops: &Hops, request: Request<Incoming>) -> Response<Body> {
    if !RELAYED.contains(request.method()) {
        return answer::method_not_allowed("GET, POST, PUT, DELETE, PATCH");
    }
    let Some(via) = hops.onward(request.headers()) else { return looped() };
    let uri = request.uri().clone();
    relayed(site.relay.account(&router::below(uri.path(), &site.base_path), request, via).await)
}

/// A body that has to be there before anything is sent on: a join that breaks off must not reach anyone.
async fn whole(body: Incoming) -> Result<Bytes, StatusCode> {
    match timeout(JOIN_TIMEOUT, Limited::new(body, LARGEST_JOIN).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn said(Joined { status, content_type, body }: Joined) -> Response<Body> {
    let mut response = answer::empty(status);
    if !body.is_empty() {
        response.headers_mut().extend(content_type.map(|kind| (CONTENT_TYPE, kind)));
        *response.body_mut() = Body::new(body);
    }
    response
}

fn relayed(answer: Result<Response<Relayed>, Refusal>) -> Response<Body> {
    answer.map_or_else(refused, |response| response.map(Body::relayed))
}

fn refused(refusal: Refusal) -> Response<Body> {
    answer::empty(match refusal {
        Refusal::NotServed => StatusCode::NOT_FOUND,
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Down(failure) => {
            tracing::debug!(%failure, "nothing to relay");
            StatusCode::SERVICE_UNAVAILABLE
        }
    })
}

fn looped() -> Response<Body> {
    tracing::warn!("a request came back to this proxy: an upstream leads here");
    answer::empty(StatusCode::SERVICE_UNAVAILABLE)
}
