//! What every answer of a login route carries, whatever it says: the one place that writes its headers.

use super::{
    endpoint::{Challenge, Endpoint},
    refusal::{Code, Refusal},
};
use crate::web::answer::Body;
use bytes::Bytes;
use http::{
    HeaderMap, Method, Response, StatusCode, Version,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName,
        HeaderValue, LOCATION, PRAGMA, REFERRER_POLICY, RETRY_AFTER, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    },
};
use serde::Serialize;
use std::{fmt::Write, time::Duration};
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// How long a browser need not ask again whether it may ask.
const PREFLIGHT_MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// What answers to one request have in common.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Names this request in the answer and in the log.
    pub request_id: Uuid,
    endpoint: Option<Endpoint>,
    realm: HeaderRealm,
    cors: Cors,
    /// The answer has no body, but the headers of one.
    head: bool,
    /// Connections of HTTP/2 are not ended by a header.
    can_close: bool,
}

/// The host of this API, as it may stand in a quoted string.
type HeaderRealm = std::sync::Arc<str>;

/// Whether a script may read the answer.
#[derive(Clone, Debug)]
enum Cors {
    /// No origin is configured, or the endpoint is not for scripts.
    Off,
    /// The answer depends on the origin, and this request has none that is known.
    Unknown,
    /// This origin may.
    Allowed(HeaderValue),
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'static str,
    error_description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(rename = "requestId")]
    request_id: &'a str,
}

impl Envelope {
    pub(super) fn new(
        endpoint: Option<Endpoint>,
        realm: HeaderRealm,
        origins: &[String],
        (method, version, headers): (&Method, Version, &HeaderMap),
    ) -> Self {
        let mut sent = headers.get_all("origin").iter();
        let origin = sent.next().filter(|_| sent.next().is_none());
        let cors = match origin {
            _ if origins.is_empty() || !endpoint.is_some_and(Endpoint::is_for_scripts) => Cors::Off,
            Some(origin) if origins.iter().any(|known| known.as_bytes() == origin.as_bytes()) => {
                Cors::Allowed(origin.clone())
            }
            _ => Cors::Unknown,
        };
        let (head, can_close) = (method == Method::HEAD, version < Version::HTTP_2);
        Self { request_id: Uuid::now_v7(), endpoint, realm, cors, head, can_close }
    }

    /// 200 with what serializes to JSON. It is for whoever asked, so nobody keeps a copy.
    #[must_use]
    pub fn json(&self, value: &impl Serialize) -> Response<Body> {
        match serde_json::to_vec(value) {
            Ok(body) => {
                let mut response = self.whole(StatusCode::OK, body.into());
                response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
                response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
                response
            }
            Err(error) => {
                tracing::error!(%error, "an answer that cannot be written as JSON");
                self.refuse(Code::InternalError.into())
            }
        }
    }

    /// The same with a status of success.
    #[must_use]
    pub fn json_with(&self, status: StatusCode, value: &impl Serialize) -> Response<Body> {
        let mut response = self.json(value);
        if response.status() == StatusCode::OK {
            *response.status_mut() = status;
        }
        response
    }

    /// 200 with JSON that is the same for everybody, and may be kept for this long.
    #[must_use]
    pub fn public_json(&self, body: Bytes, max_age: Duration) -> Response<Body> {
        let mut response = self.whole(StatusCode::OK, body);
        let kept = HeaderValue::try_from(format!("public, max-age={}", max_age.as_secs())).unwrap_or(NO_STORE);
        response.headers_mut().insert(CACHE_CONTROL, kept);
        response
    }

    /// The same status without a body.
    #[must_use]
    pub fn empty(&self, status: StatusCode) -> Response<Body> {
        let mut response = Response::new(Body::default());
        *response.status_mut() = status;
        response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        self.sealed(response)
    }

    /// A page: with what every answer carries, besides what pages do.
    #[must_use]
    pub fn page(&self, page: Response<Body>) -> Response<Body> {
        self.sealed(page)
    }

    /// 302 to another place, which is not told from where. What is in its address stands in no log of ours.
    #[must_use]
    pub fn found(&self, location: &str) -> Response<Body> {
        let Ok(location) = HeaderValue::try_from(location) else {
            tracing::error!("an address that cannot be written into a header");
            return self.refuse(Code::InternalError.into());
        };
        let mut response = self.empty(StatusCode::FOUND);
        response.headers_mut().insert(LOCATION, location);
        response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }

    /// A no.
    #[must_use]
    pub fn refuse(&self, refusal: Refusal) -> Response<Body> {
        let code = refusal.code;
        tracing::debug!(request = %self.request_id, error = code.name(), field = refusal.field, "refused");
        let mut id = Uuid::encode_buffer();
        let body = ErrorBody {
            error: code.name(),
            error_description: code.text(),
            field: refusal.field,
            request_id: self.request_id.hyphenated().encode_lower(&mut id),
        };
        let mut response = self.whole(code.status(), serde_json::to_vec(&body).unwrap_or_default().into());
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, NO_STORE);
        if matches!(code.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            self.challenge(refusal, headers);
        }
        if let Some(wait) = refusal.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        if code == Code::MethodNotAllowed {
            headers.insert(ALLOW, self.allowed());
        }
        if refusal.closes && self.can_close {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer to OPTIONS: what may be asked, and whether a script may.
    pub(super) fn options(&self) -> Response<Body> {
        let mut response = self.empty(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        headers.insert(ALLOW, self.allowed());
        if let Cors::Allowed(_) = self.cors {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.allowed());
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
            headers.insert(ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
        }
        response
    }

    fn whole(&self, status: StatusCode, body: Bytes) -> Response<Body> {
        let length = body.len();
        let mut response = Response::new(if self.head { Body::default() } else { Body::new(body) });
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        self.sealed(response)
    }

    fn sealed(&self, mut response: Response<Body>) -> Response<Body> {
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(id) = HeaderValue::try_from(self.request_id.hyphenated().to_string()) {
            headers.insert(REQUEST_ID, id);
        }
        match &self.cors {
            Cors::Off => {}
            Cors::Unknown => {
                headers.insert(VARY, HeaderValue::from_static("Origin"));
            }
            Cors::Allowed(origin) => {
                headers.insert(VARY, HeaderValue::from_static("Origin"));
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            }
        }
        response
    }

    /// With every 401 (RFC 9110 §15.5.2), and with a 403 that another token would change (RFC 6750 §3.1).
    fn challenge(&self, refusal: Refusal, headers: &mut HeaderMap) {
        let realm = &self.realm;
        let asked = match refusal.code {
            // Who has tried to prove to be a service is asked for that (RFC 6749 §5.2).
            Code::InvalidClient => Challenge::Basic,
            _ => self.endpoint.map_or(Challenge::Bearer, Endpoint::challenge),
        };
        let mut value = match asked {
            Challenge::MinecraftJoin => format!("Minecraft-Join realm=\"{realm}\""),
            Challenge::Basic => format!("Basic realm=\"{realm}\""),
            Challenge::Bearer => format!("Bearer realm=\"{realm}\""),
        };
        // Writing to a String cannot fail.
        match refusal.code {
            Code::InvalidToken if !refusal.no_token => value.push_str(", error=\"invalid_token\""),
            Code::InsufficientScope => {
                value.push_str(", error=\"insufficient_scope\"");
                if let Some(scope) = refusal.scope {
                    let _ = write!(value, ", scope=\"{scope}\"");
                }
            }
            code if code.status() == StatusCode::FORBIDDEN => return,
            _ => {}
        }
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
    }

    fn allowed(&self) -> HeaderValue {
        let methods = self.endpoint.map_or(&[][..], Endpoint::methods);
        let names: String = methods.iter().map(|method| format!("{method}, ")).collect();
        HeaderValue::try_from(names + "OPTIONS").unwrap_or(HeaderValue::from_static("OPTIONS"))
    }
}

/// Whole seconds, at least one: who comes back a moment too early is refused again.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0 || wait.is_zero())
}
