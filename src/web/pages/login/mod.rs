//! The pages of the login API: what a player is asked, told and shown.
//!
//! Decides how they look and what a browser may do with them. Each is made of data alone: who may see it, what its forms do and
//! where its links lead is decided by the routes. They run no script, and what is not written in this program is escaped.

mod account;
mod avatar;
mod consent;
mod error;
mod form;
mod frame;
mod moment;
mod permission;
mod problem;
mod program;
mod redirecting;
#[cfg(test)]
mod sample;
mod service;
mod signed_out;
mod target;
#[cfg(test)]
mod tests;
mod token;

pub(in crate::web) use account::{Access, Account, Done, SignIn};
pub(in crate::web) use avatar::Player;
pub(in crate::web) use consent::Consent;
pub(in crate::web) use error::Failure;
pub(in crate::web) use form::field;
pub(in crate::web) use problem::Problem;
pub(in crate::web) use redirecting::{Purpose, Redirecting};
pub(in crate::web) use service::Service;
pub(in crate::web) use signed_out::{SignedOut, Why};
pub(in crate::web) use target::Target;
pub(in crate::web) use token::Token;

use super::Document;
use crate::web::answer::Body;
use http::{
    Response, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        X_FRAME_OPTIONS,
    },
};
use std::sync::LazyLock;

const DOCUMENT: Document = Document {
    style: concat!(include_str!("../base.css"), "\n", include_str!("login.css")),
    script: None,
    renewed: false,
    forms: true,
};

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| DOCUMENT.policy());

/// A page as it is sent: for this player only, in no frame, and without telling the next site where they came from.
///
/// Forms may be sent to this site only, and Chromium holds every redirect that follows to the same rule. So the answer to a form
/// never redirects to another site: it is [`Redirecting`], which leads there by itself.
pub(in crate::web) fn response(status: StatusCode, html: String) -> Response<Body> {
    let mut response = Response::new(Body::new(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
