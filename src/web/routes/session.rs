//! `GET …/session/minecraft/hasJoined`: the race.

use crate::{
    login,
    model::Question,
    session::Selection,
    web::{
        Site,
        answer::{self, Body},
        hops::Hops,
        query, routes,
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
    if let Some(refused) = belongs_to_a_login(site, &question).await {
        return refused;
    }
    let Some(via) = hops.onward(headers) else {
        tracing::warn!("a question came back to this proxy: an upstream leads here");
        return answer::empty(StatusCode::SERVICE_UNAVAILABLE);
    };
    answer::login(site.sessions.has_joined(question, selection, via).await)
}

/// What the login API tells players to join is no login to a game: nobody is asked about it, since an upstream may forget a join
/// by telling of it. Told apart by its form first, so other questions cost no look.
async fn belongs_to_a_login(site: &Site, question: &Question) -> Option<Response<Body>> {
    let login = site.login.as_ref().filter(|_| login::is_ours(question.server_id.as_str()))?;
    match Box::pin(routes::login::has_made(login, question.server_id.as_str())).await {
        Ok(true) => Some(answer::empty(StatusCode::NO_CONTENT)),
        Ok(false) => None,
        Err(_) => Some(answer::empty(StatusCode::SERVICE_UNAVAILABLE)),
    }
}
