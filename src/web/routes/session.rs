//! `GET …/session/minecraft/hasJoined`: the race.

use crate::{
    session::Selection,
    web::{
        Site,
        answer::{self, Body},
        hops::Hops,
        query,
    },
};
use http::{HeaderMap, Method, Response, StatusCode, Uri};

pub(in crate::web) async fn has_joined(
    site: &Site,
    hops: &Hops,
    selection: Selection,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
) -> Response<Body> {
    if method != Method::GET {
        return answer::method_not_allowed("GET");
    }
    let question = match query::question(uri.query().unwrap_or_default()) {
        Ok(question) => question,
        Err(fault) => {
            tracing::debug!(%fault, "bad question");
            return answer::empty(StatusCode::BAD_REQUEST);
        }
    };
    let Some(via) = hops.onward(headers) else {
        tracing::warn!("a question came back to this proxy: an upstream leads here");
        return answer::empty(StatusCode::SERVICE_UNAVAILABLE);
    };
    answer::login(site.sessions.has_joined(question, selection, via).await)
}
