//! Profiles by UUID, UUIDs by name.
//!
//! An unknown profile is 204 with nothing, an unknown name 404, several of them an empty array: what clients take for a plain
//! "no". Whatever could not be found out is 503 with an empty body.

use crate::{
    lookup::{Answer, Form},
    model::{PlayerName, ProfileId},
    web::{
        Site,
        answer::{self, Body},
    },
};
use bytes::Bytes;
use http::{
    Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use std::time::Duration;
use tokio::time::timeout;

/// Far more than any client sends at a time: 2 to 10 names.
const MOST_NAMES: usize = 100;
const LARGEST_BODY: usize = 16 * 1024;
/// For a body to arrive in.
const BODY_TIMEOUT: Duration = Duration::from_secs(4);

pub(in crate::web) async fn profile(site: &Site, id: &str, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::GET {
        return answer::method_not_allowed("GET");
    }
    let Ok(id) = ProfileId::parse(id) else { return answer::empty(StatusCode::BAD_REQUEST) };
    match site.lookups.profile(id, unsigned(request.uri().query().unwrap_or_default())).await {
        Answer::Found(body) => json(StatusCode::OK, body),
        Answer::Unknown(_) => answer::empty(StatusCode::NO_CONTENT),
        Answer::Undecided => answer::empty(StatusCode::SERVICE_UNAVAILABLE),
    }
}

pub(in crate::web) async fn ids_of_names(site: &Site, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::POST {
        return answer::method_not_allowed("POST");
    }
    let form = form(&request);
    match names(request.into_body()).await {
        Some(names) => one(site.lookups.ids_of_names(names, form).await),
        None => answer::empty(StatusCode::BAD_REQUEST),
    }
}

pub(in crate::web) async fn id_of_name(site: &Site, name: &str, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::GET {
        return answer::method_not_allowed("GET");
    }
    match name_in_path(name) {
        Some(name) => one(site.lookups.id_of_name(name, form(&request)).await),
        None => answer::empty(StatusCode::BAD_REQUEST),
    }
}

pub(in crate::web) async fn name_of_id(site: &Site, id: &str, request: Request<Incoming>) -> Response<Body> {
    if request.method() != Method::GET {
        return answer::method_not_allowed("GET");
    }
    match ProfileId::parse(id) {
        Ok(id) => one(site.lookups.name_of_id(id).await),
        Err(_) => answer::empty(StatusCode::BAD_REQUEST),
    }
}

fn one(answer: Answer) -> Response<Body> {
    match answer {
        Answer::Found(body) => json(StatusCode::OK, body),
        Answer::Unknown(Some(words)) => json(StatusCode::NOT_FOUND, words),
        Answer::Unknown(None) => answer::empty(StatusCode::NOT_FOUND),
        Answer::Undecided => answer::empty(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn json(status: StatusCode, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Which generation of the route was called: `…/bulk/byname` and `…/name/{name}` are the newer one.
fn form(request: &Request<Incoming>) -> Form {
    let mut segments = request.uri().path().rsplit('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next()) {
        (Some("byname"), Some("bulk")) | (_, Some("name")) => Form::Services,
        _ => Form::Account,
    }
}

/// The one key that is passed on, with the two values that clients send.
fn unsigned(query: &str) -> Option<bool> {
    let value = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "unsigned")?.1;
    value.parse().ok()
}

/// Decoded once. The two names that mean something in a path are nobody's.
fn name_in_path(segment: &str) -> Option<PlayerName> {
    let name = percent_decode_str(segment).decode_utf8().ok().filter(|name| name != "." && name != "..")?;
    PlayerName::new(&name).ok()
}

/// A JSON array of names, or nothing when it is anything else.
async fn names(body: Incoming) -> Option<Vec<PlayerName>> {
    let whole = timeout(BODY_TIMEOUT, Limited::new(body, LARGEST_BODY).collect()).await.ok()?;
    let texts: Vec<String> = serde_json::from_slice(&whole.ok()?.to_bytes()).ok()?;
    match texts.len() > MOST_NAMES {
        true => None,
        false => texts.iter().map(|text| PlayerName::new(text).ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_once() {
        let read = |segment| name_in_path(segment).map(|name| name.as_str().to_owned());
        assert_eq!(read("No%20tch%2B%C3%A9+x").as_deref(), Some("No tch+é+x"));
        assert_eq!(read("%2541").as_deref(), Some("%41"));
        assert_eq!(read("..%2fx").as_deref(), Some("../x"), "encoded again on its way out");
        for bad in ["%ff", "%00", "..", "%2e", "%2E%2e", &"a".repeat(65)] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_the_flag_is_read() {
        for (query, flag) in [
            ("unsigned=false", Some(false)),
            ("x=1&unsigned=true", Some(true)),
            ("", None),
            ("unsigned", None),
            ("unsigned=1", None),
            ("unsigned=false%26x", None),
        ] {
            assert_eq!(unsigned(query), flag, "{query}");
        }
    }
}
