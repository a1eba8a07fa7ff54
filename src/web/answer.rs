//! Answers as game servers read them.
//!
//! Only three have the same meaning for every client there is: 200 with a whole profile, 204 with nothing, 503 with an empty body.
//! A body on any other status turns "the servers are down" into "not verified" for some of them.

use crate::{
    relay::{Broken, Relayed},
    session::Answer,
};
use bytes::Bytes;
use http::{
    Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderValue},
};
use http_body_util::Full;
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// The body of an answer: in memory, so its length is known, except where it passes through.
pub enum Body {
    /// Ours, or checked by us.
    Whole(Full<Bytes>),
    /// An upstream's, on its way; boxed, since nearly all are whole.
    Relayed(Box<Relayed>),
}

impl Body {
    pub(super) fn new(whole: impl Into<Bytes>) -> Self {
        Self::Whole(Full::new(whole.into()))
    }

    pub(super) fn relayed(passing: Relayed) -> Self {
        Self::Relayed(Box::new(passing))
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(context).map_err(|never| match never {}),
            Self::Relayed(passing) => Pin::new(passing).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Relayed(passing) => passing.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Relayed(passing) => passing.size_hint(),
        }
    }
}

pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response
}

pub(super) fn json(body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
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
        Answer::Joined(_, profile) => json(profile.body),
        Answer::NotJoined => empty(StatusCode::NO_CONTENT),
        Answer::Undecided => empty(StatusCode::SERVICE_UNAVAILABLE),
    }
}
