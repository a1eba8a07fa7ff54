//! Answers for people: pages, and what went wrong told as one.
//!
//! Decides who wants a page, and which forms are those of this site. What pages look like is decided by `pages`.

use super::{LoginApi, bearer::cookie_session};
use crate::{
    login::Resume,
    tokens::{AccessClaims, Read},
    web::{
        answer::Body,
        edge::{Admitted, Code, Endpoint, Refusal},
        pages::login::{Failure, Problem, SignedOut, Why, field, response},
    },
};
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{ACCEPT, ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, RETRY_AFTER},
};
use std::time::Duration;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whether JSON is wanted, and not a page.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let lists: Vec<_> = headers.get_all(ACCEPT).iter().map(|value| value.as_bytes().to_ascii_lowercase()).collect();
    let names = |kind: &[u8]| lists.iter().any(|list| list.windows(kind.len()).any(|part| part == kind));
    names(b"application/json") && !names(b"text/html")
}

/// A refusal as a page; anything else as it is.
pub(super) fn told(api: &LoginApi, endpoint: Endpoint, refused: Response<Body>) -> Response<Body> {
    let is_json = refused.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let Some(code) = refused.extensions().get::<Code>().copied().filter(|_| is_json) else { return refused };
    let headers = refused.headers();
    let wait = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let again = again(api, endpoint);
    let failure = Failure {
        site: api.edge.site(),
        problem: Problem::named(code.name()).unwrap_or(Problem::InvalidRequest),
        again: again.as_deref(),
        retry_after: wait,
        request_id: headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default(),
    };
    let mut page = failure.response();
    *page.status_mut() = code.status();
    for name in [REQUEST_ID, ALLOW, CONNECTION, RETRY_AFTER] {
        if let Some(value) = headers.get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page.extensions_mut().insert(code);
    page
}

/// What went wrong at Microsoft, for a player who came from nowhere else.
pub(super) fn failed(
    api: &LoginApi,
    admitted: &Admitted,
    (code, status): (&str, StatusCode),
    again: &str,
) -> Response<Body> {
    let failure = Failure {
        site: api.edge.site(),
        problem: Problem::named(code).unwrap_or(Problem::InternalError),
        again: Some(again),
        retry_after: None,
        request_id: &admitted.envelope.request_id.to_string(),
    };
    let mut page = failure.response();
    *page.status_mut() = status;
    page.extensions_mut().insert(Code::SignInFailed);
    admitted.envelope.page(page)
}

/// A page of this site.
pub(super) fn page(admitted: &Admitted, html: String) -> Response<Body> {
    admitted.envelope.page(response(StatusCode::OK, html))
}

/// The page of a browser that nobody is signed in with; what they were about to do goes on afterwards.
pub(super) fn signed_out(api: &LoginApi, admitted: &Admitted, why: Why, resume: &Resume) -> Response<Body> {
    let sign_in = sign_in(api, resume);
    page(admitted, SignedOut { site: api.edge.site(), why, sign_in: &sign_in }.page())
}

/// Where a player signs in and goes on with this.
pub(super) fn sign_in(api: &LoginApi, resume: &Resume) -> String {
    // Made of signs that stand in a query as they are.
    format!("{}?resume={}", api.edge.path(Endpoint::MicrosoftLogin), resume.written())
}

/// Who has sent a form of one of these pages. `None`: nobody is signed in any more.
///
/// # Errors
/// `forbidden`, when it is a form of another site, or of another session.
pub(super) async fn sender<'a>(
    api: &LoginApi,
    admitted: &'a Admitted,
) -> Result<Option<(&'a str, Read<AccessClaims>)>, Refusal> {
    let site = admitted.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return Err(Code::Forbidden.into());
    }
    let csrf = admitted.text(field::CSRF)?.ok_or(Refusal::from(Code::Forbidden))?;
    let Some((token, read)) = cookie_session(api, admitted).await? else { return Ok(None) };
    match api.logins.is_form_token(&csrf, token) {
        true => Ok(Some((token, read))),
        false => Err(Code::Forbidden.into()),
    }
}

/// Where a player tries again what did not work.
fn again(api: &LoginApi, endpoint: Endpoint) -> Option<String> {
    match endpoint {
        Endpoint::Account | Endpoint::AccountSignOut | Endpoint::AccountSignOutEverywhere | Endpoint::AccountRevoke => {
            Some(api.edge.path(Endpoint::Account))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microsoft::SignInError;

    #[test]
    fn every_way_to_fail_has_its_page() {
        for error in SignInError::ALL {
            assert!(Problem::named(error.code()).is_some(), "{error:?}");
        }
    }

    #[test]
    fn who_can_show_a_page_gets_one() {
        for (accept, json) in [
            (&["application/json"][..], true),
            (&["application/json, text/plain"], true),
            (&["Application/JSON"], true),
            (&["text/html,application/json"], false),
            (&["application/json", "text/html"], false),
            (&["*/*"], false),
            (&[], false),
        ] {
            let headers = accept.iter().map(|value| (ACCEPT, HeaderValue::from_static(value))).collect();
            assert_eq!(wants_json(&headers), json, "{accept:?}");
        }
    }
}
