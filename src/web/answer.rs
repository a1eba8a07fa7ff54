//! Answers as game servers read them.
//!
//! Only three have the same meaning for every client there is: 200 with a whole profile, 204 with nothing, 503 with an empty body.
//! A body on any other status turns "the servers are down" into "not verified" for some of them.

use crate::session::Answer;
use bytes::Bytes;
use http::{
    Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderValue},
};
use http_body_util::Full;

/// The body of every answer: in memory, so its length is known.
pub type Body = Full<Bytes>;

pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response
}

pub(super) fn method_not_allowed(allowed: &'static str) -> Response<Body> {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The answer to a hasJoined question.
#[must_use]
pub fn login(answer: Answer) -> Response<Body> {
    match answer {
        Answer::Joined(_, profile) => {
            let mut response = Response::new(Body::new(profile.body));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Answer::NotJoined => empty(StatusCode::NO_CONTENT),
        Answer::Undecided => empty(StatusCode::SERVICE_UNAVAILABLE),
    }
}
