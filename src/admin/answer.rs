//! Answers of the admin listener: never kept by anybody, never taken for anything else than they are.

use crate::telemetry::Form;
use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, GetAll, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use http_body_util::Full;
use serde_json::Value;

/// No script, no style, nobody asked: what holds where a page has nothing of its own to allow.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn typed(content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING));
    response
}

pub(super) fn text(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    typed("text/plain; charset=utf-8", body)
}

pub(super) fn json(value: &Value) -> Response<Full<Bytes>> {
    typed("application/json", value.to_string())
}

pub(super) fn html(body: String) -> Response<Full<Bytes>> {
    typed("text/html; charset=utf-8", body)
}

pub(super) fn with_status(status: StatusCode, mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    *response.status_mut() = status;
    response
}

/// OpenMetrics for whoever names it, as Prometheus does, unless to say that it is not wanted.
pub(super) fn form(accepted: GetAll<'_, HeaderValue>) -> Form {
    let named = accepted.into_iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let wanted = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/openmetrics-text"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_named && weight.is_none_or(|weight| weight > 0.0)
    };
    match named.into_iter().any(wanted) {
        true => Form::OpenMetrics,
        false => Form::Prometheus,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, header::ACCEPT};

    #[test]
    fn openmetrics_is_for_those_who_name_it() {
        for (accept, wanted) in [
            ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.4,*/*;q=0.3", true),
            ("text/plain, Application/OpenMetrics-Text", true),
            ("application/openmetrics-text;q=0, text/plain", false),
            ("text/plain;version=0.0.4", false),
            ("*/*", false),
        ] {
            let headers: HeaderMap = [(ACCEPT, HeaderValue::from_static(accept))].into_iter().collect();
            assert_eq!(form(headers.get_all(ACCEPT)) == Form::OpenMetrics, wanted, "{accept}");
        }
        assert_eq!(form(HeaderMap::new().get_all(ACCEPT)), Form::Prometheus);
    }
}
