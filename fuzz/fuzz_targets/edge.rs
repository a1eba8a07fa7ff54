//! Requests to the login API: whatever is sent, what comes in can be read in one way only, and what does not is told so properly.
#![no_main]

use bytes::Bytes;
use hasjoined::web::edge::{Admitted, Code, Edge, Endpoint, Limiter, Object, Parameters, Terms};
use hasjoined_fuzz::form;
use http::{HeaderMap, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Full, StreamBody};
use httparse::{EMPTY_HEADER, Status};
use hyper::body::Frame;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, LazyLock},
    time::Instant,
};
use tokio::runtime::{Builder, Runtime};

const MAX_BODY: usize = 256;
const BASE: &str = "/base";
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const COOKIE: &str = "uebliche_token";

static EDGE: LazyLock<Edge> = LazyLock::new(|| {
    let terms = Terms {
        host: "login.example".to_owned(),
        base_path: BASE.to_owned(),
        trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
        max_body: MAX_BODY,
        origins: vec!["https://app.example".to_owned()],
        limits: None,
        closed: Vec::new(),
    };
    Edge::new(terms, Arc::new(Limiter::new(Instant::now())))
});

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

fuzz_target!(|bytes: &[u8]| {
    let Some((parts, body)) = request(bytes) else { return };
    let Some(endpoint) = EDGE.find(parts.uri.path()) else {
        if let Some(response) = EDGE.nothing_here(&Request::from_parts(parts.clone(), ())) {
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            is_refusal(&parts, response);
        }
        return;
    };
    let path = parts.uri.path();
    let below = path.strip_prefix(BASE).unwrap_or(path);
    let is_issuers = endpoint == Endpoint::Metadata && path == "/.well-known/oauth-authorization-server/base";
    assert!(is_issuers || endpoint.paths().iter().any(|known| is_of(known, below)), "{path}");
    let peer = if body.len() % 2 == 0 { PROXY } else { STRANGER };
    let answer = match parts.headers.contains_key(header::TRANSFER_ENCODING) {
        false => RUNTIME.block_on(EDGE.admit(endpoint, with(&parts, Full::new(body.clone())), peer)),
        true => {
            let pieces = body.chunks(16).map(|piece| Ok::<_, Infallible>(Frame::data(body.slice_ref(piece))));
            let stream = StreamBody::new(futures::stream::iter(pieces.collect::<Vec<_>>()));
            RUNTIME.block_on(EDGE.admit(endpoint, with(&parts, stream), peer))
        }
    };
    match answer {
        Ok(admitted) => is_admitted(&admitted, &parts, &body, peer),
        Err(response) if parts.method == Method::OPTIONS && response.status() == StatusCode::NO_CONTENT => {
            assert!(response.headers().contains_key(header::ALLOW));
        }
        Err(response) => is_refusal(&parts, response),
    }
});

/// Whether a path is of this form: the same, with one segment of any text in place of one in braces.
fn is_of(form: &str, path: &str) -> bool {
    let (known, found): (Vec<_>, Vec<_>) = (form.split('/').collect(), path.split('/').collect());
    let fits = |(known, found): (&&str, &&str)| known == found || (known.starts_with('{') && !found.is_empty());
    known.len() == found.len() && known.iter().zip(&found).all(fits)
}

/// The head as the library in front reads it, and what follows as the body.
fn request(bytes: &[u8]) -> Option<(Parts, Bytes)> {
    let mut headers = [EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let Ok(Status::Complete(end)) = head.parse(bytes) else { return None };
    let version = if head.version? == 0 { http::Version::HTTP_10 } else { http::Version::HTTP_11 };
    let mut request = Request::builder().method(head.method?).uri(head.path?).version(version);
    for header in head.headers {
        request = request.header(header.name, header.value);
    }
    let (parts, ()) = request.body(()).ok()?.into_parts();
    Some((parts, Bytes::copy_from_slice(&bytes[end..])))
}

fn with<B>(parts: &Parts, body: B) -> Request<B> {
    Request::from_parts(parts.clone(), body)
}

fn is_admitted(admitted: &Admitted, parts: &Parts, body: &Bytes, peer: IpAddr) {
    let headers = &parts.headers;
    let count = |name| headers.get_all(name).iter().count();
    assert!(admitted.endpoint.methods().contains(&parts.method));
    assert!(body.len() <= MAX_BODY, "a larger body");
    assert!(count(header::HOST) == 1 || (parts.version == http::Version::HTTP_10 && count(header::HOST) == 0));
    assert!(count(header::AUTHORIZATION) <= 1 && count(header::CONTENT_TYPE) <= 1);
    assert_eq!(Ok(&admitted.query), Parameters::read(parts.uri.query().unwrap_or_default().as_bytes()).as_ref());

    let says = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    assert!(admitted.client == peer || (peer == PROXY && says), "{} is believed", admitted.client);
    assert_eq!(admitted.client, admitted.client.to_canonical());

    match (headers.get(header::AUTHORIZATION), admitted.bearer()) {
        (None, token) => assert_eq!(token, Ok(None)),
        (Some(value), Ok(token)) => {
            let token = token.expect("a header that counts");
            let (scheme, rest) = value.as_bytes().split_at(7);
            assert!(scheme.eq_ignore_ascii_case(b"bearer ") && rest == token.as_bytes());
            is_token(token);
        }
        (Some(_), Err(refusal)) => assert_eq!(refusal.code, Code::InvalidToken),
    }
    if let Some(cookie) = admitted.cookie(COOKIE) {
        is_token(cookie);
        let crumbs =
            headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
        let named = crumbs.filter_map(|crumb| crumb.trim_ascii().strip_prefix(b"uebliche_token="));
        assert!(named.into_iter().all(|value| value == cookie.as_bytes()), "another site's cookie");
    }
    if let Some(agent) = admitted.user_agent() {
        assert!(agent.len() <= 256 && agent.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    }
    if admitted.endpoint.methods().contains(&Method::POST) {
        has_body(admitted, headers, body);
    }
}

fn is_token(text: &str) {
    assert!(
        (1..=8192).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
    );
}

fn has_body(admitted: &Admitted, headers: &HeaderMap, body: &Bytes) {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    let is = |essence: &[u8]| {
        content_type.as_ref().is_some_and(|text| {
            text.split(|byte| *byte == b';').next().is_some_and(|first| first.trim_ascii() == essence)
        })
    };
    let is_form = is(b"application/x-www-form-urlencoded");
    match admitted.object() {
        Ok(object) if content_type.is_none() => assert!(body.is_empty() && object == Object::default()),
        Ok(object) => assert!(is(b"application/json") && Object::read(body) == Ok(object)),
        Err(refusal) if refusal.code == Code::UnsupportedMediaType => assert!(content_type.is_none() || is_form),
        Err(refusal) => assert_eq!(Object::read(body).map_err(|refusal| refusal.code), Err(refusal.code)),
    }
    if let (true, Ok(token)) = (is_form, admitted.text("token")) {
        let pairs = form::pairs(body);
        let values = form::values(&pairs, "token");
        assert_eq!((values.len() <= 1, values.first().copied()), (true, token.as_ref().map(String::as_bytes)));
    }
}

/// Whether the answer is one that an application can count on (§ error bodies of the API's description).
fn is_refusal(parts: &Parts, response: Response<hasjoined::web::Body>) {
    let (head, body) = response.into_parts();
    let body = RUNTIME.block_on(body.collect()).expect("a body in memory").to_bytes();
    let value = |name: &str| head.headers.get(name).map(|value| value.to_str().expect("text"));
    assert_eq!((value("content-type"), value("cache-control")), (Some("application/json"), Some("no-store")));
    assert_eq!(value("x-content-type-options"), Some("nosniff"));
    let status = head.status.as_u16();
    assert_eq!(value("www-authenticate").is_some(), status == 401);
    assert_eq!(value("retry-after").is_some(), [429, 503].contains(&status));
    assert_eq!(value("allow").is_some(), status == 405);
    if parts.method == Method::HEAD {
        assert!(body.is_empty());
        return;
    }
    assert_eq!(value("content-length"), Some(body.len().to_string().as_str()));
    let body: Map<String, Value> = serde_json::from_slice(&body).expect("an object");
    let code = Code::ALL.into_iter().find(|code| body["error"] == code.name()).expect("a known code");
    assert_eq!((code.status(), &body["error_description"]), (head.status, &Value::from(code.text())));
    assert_eq!(body["requestId"].as_str(), value("x-request-id"));
    assert!(!body.contains_key("field") || code == Code::InvalidRequest);
    let known = ["error", "error_description", "field", "requestId"];
    assert!(body.keys().all(|key| known.contains(&key.as_str())));
}
